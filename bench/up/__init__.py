"""``make bench-up``: what a large cluster costs, beside a bare Pulumi program and beside kubectl."""
