"""Pulumi components of a migration: each declares finished values of a plan and holds no rule of the migration.

::

    Migration       ─► all of these, for programs in other languages (docs/adr/0013)
    GitHubMigration ─► ExpectedRepositories ─► RepositoryMigration (secrets ─► DeliveredFiles
                        ─► SealNotice ─► RemovedSecrets)
                    ─► PackageSettings
    ImageMirror     ─► ImageCopy
    ClusterMigration ─► ExpectedObjects ─► NodeRegistryMirror, ProjectRegistries, OpenShiftRegistries (GlobalPullSecret)
                        ─► namespaces ─► PullAccess (ServiceAccountEntry) ─► KanikoBuild, PullCheck
                        ─► MigratedWorkloads (WayBack, WorkloadPatch, RollOut) ─► Guard, MirrorSets

`ImageCopy`, `PackageCheck`, of repositories all but secrets, and of a cluster all but namespaces, Secrets and owned
objects are resources of our own: dynamic providers that the state names by module and class alone (docs/adr/0002). The
wheel ships this folder as ``hub2ghcr_components``; imports are relative.
"""
