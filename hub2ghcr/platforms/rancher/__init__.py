"""Rancher: registry credentials of a project, in one Secret that Rancher copies to every namespace of it.

Source of what is said of Rancher here: its documentation («Secrets», «Kubernetes Registry and Docker Registry») and
`rancher/rancher`, ``pkg/controllers/managementuser/secret/project_scoped_secrets.go``.
"""
