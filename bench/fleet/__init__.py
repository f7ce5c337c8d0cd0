"""``make bench-fleet``: a fleet of stacks beside a shell loop of ``pulumi`` and ``xargs``, and what more would cost."""
