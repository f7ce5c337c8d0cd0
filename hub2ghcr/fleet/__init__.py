"""Many clusters: waves of stacks, a gate after each, a ledger of what ran."""
