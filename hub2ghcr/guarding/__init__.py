"""What keeps Docker Hub images out of migrated namespaces: the admission policy, when it may deny, how it is lifted."""
