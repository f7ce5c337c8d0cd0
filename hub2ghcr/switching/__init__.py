"""The switch of what lives in a cluster, and the way back.

`patching` applies the fields that move, `recreating` replaces what cannot be changed, `rollout` and `watching` tell
when all of it runs or why it cannot, `returning` whether it could go back.
"""
