"""``hub2ghcr job``: print the Kubernetes Job that copies a lock file's images in many pods."""

from __future__ import annotations

from pathlib import Path

import click

from . import completing


@click.command("job")
@click.option("--lock", required=True, metavar="FILE", shell_complete=completing.files, help="The lock file.")
@click.option("--image", required=True, metavar="IMAGE", help="An image with hub2ghcr in it, which the pods run.")
@click.option("--shards", type=click.IntRange(1), required=True, metavar="N", help="Parts, and so pods.")
@click.option("--parallel", type=click.IntRange(1), default=4, show_default=True, help="Pods at the same time.")
@click.option("--secret", required=True, metavar="NAME", help="A Secret (dockerconfigjson) for both registries.")
@click.option("--claim", default="", metavar="NAME", help="A volume claim with images.lock.yaml, if it is over 1 MiB.")
@click.option("--name", default="hub2ghcr-copy", show_default=True, help="The Job's name.")
@click.option("--namespace", default="default", show_default=True)
@click.option("--any-user", is_flag=True, help="Let the cluster choose the user, as OpenShift does.")
def command(
    lock: str,
    image: str,
    shards: int,
    parallel: int,
    secret: str,
    claim: str,
    name: str,
    namespace: str,
    any_user: bool,
) -> None:
    """Print the Job, and a ConfigMap with the lock, as YAML for `kubectl apply -f -`.

    Each pod copies the images of its part (`copy --shard`), waits for pulls where none are left, and does nothing twice
    when it is run again.

    \b
    Example:
      hub2ghcr job --lock images.lock.yaml --image ghcr.io/acme/hub2ghcr:1 --shards 8 --secret pulls > job.yaml
    """  # noqa: D301 click reads this very character
    from .. import sharding
    from ..errors import LockError
    from ..lock import Lock

    Lock.load(Path(lock), lock)  # a lock that cannot be read is told here, not by every pod
    try:
        text = Path(lock).read_text(encoding="utf-8")
    except OSError as error:
        raise LockError(f"cannot be read: {error.strerror}", lock, remedy="`hub2ghcr lock` writes it") from None
    job = sharding.CopyJob(image, shards, secret, name, namespace, parallel, claim, any_user)
    try:
        click.echo(sharding.manifest(job, text), nl=False)
    except LockError as error:
        raise error.at(lock) from None
