"""A runner of GitHub Actions for the lab: runs a workflow of the stand-in as GitHub would, for one event.

The workflow itself (``if``, expressions, ``with``, outputs, ``run`` steps) is evaluated by ``nektos/act``, a program
that people run their workflows with. The actions that build and push images cannot be fetched here: small programs do
in their place what their documentation says, as far as a publish workflow uses it, with tiny images.
"""
