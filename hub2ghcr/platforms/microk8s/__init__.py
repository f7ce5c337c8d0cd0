"""MicroK8s: its registry add-on, and registries without TLS that nodes pull from."""
