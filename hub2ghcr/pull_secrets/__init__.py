"""Pull Secrets: what one holds, what it opens, who lists it, and whether it pulls, as a kubelet sees all of it."""
