"""Many images copied by many processes: which of them copies what, and the Kubernetes Job that runs them.

The images of one target repository belong to one shard, so that no two shards upload the same tag, the same index or,
within a repository, the same layer.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import Final, Self

from .errors import LockError, SettingsError
from .reference import Reference

CONFIG_MAP: Final = 1024 * 1024
"""Bytes that a ConfigMap holds at most (Kubernetes, "ConfigMaps": 1 MiB)."""

_SHARD = re.compile(r"(\d{1,9})/(\d{1,9})")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_TEMPLATE: Final = "copy-job.yaml"
_USER: Final = "\n        ".join(f"{key}: 65532" for key in ("runAsUser", "runAsGroup", "fsGroup"))


@dataclass(frozen=True, slots=True)
class Shard:
    """One of ``count`` parts, by its ``index`` from 0, as Kubernetes counts the pods of an Indexed Job."""

    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``I/N``, such as ``$JOB_COMPLETION_INDEX/16``.

        Raises:
            SettingsError: it is none, or I is not less than N.

        >>> Shard.parse("0/16")
        Shard(index=0, count=16)
        """
        found = _SHARD.fullmatch(text)
        if found is None or int(found[1]) >= int(found[2]):
            raise SettingsError("no shard", value=text, remedy="write I/N, with I from 0 to N-1")
        return cls(int(found[1]), int(found[2]))

    def holds(self, target: str) -> bool:
        """Tell whether a target reference belongs to this shard: each one to exactly one of N."""
        name = hashlib.sha256(Reference.parse(target).name.encode()).digest()
        return int.from_bytes(name[:8], "big") % self.count == self.index


@dataclass(frozen=True, slots=True)
class CopyJob:
    """What a Job is to run: an ``image`` of this program, in ``shards`` pods, ``parallel`` at a time.

    ``secret`` is a Secret of type kubernetes.io/dockerconfigjson with the credentials of both registries. ``claim`` is
    a PersistentVolumeClaim with ``images.lock.yaml`` in it; without one the lock stands in a ConfigMap. With
    ``any_user`` the cluster gives the pods their user, as OpenShift's restricted security context constraints want it.
    """

    image: str
    shards: int
    secret: str
    name: str = "hub2ghcr-copy"
    namespace: str = "default"
    parallel: int = 4
    claim: str = ""
    any_user: bool = False


def manifest(job: CopyJob, lock: str) -> str:
    """Return the Job, and the ConfigMap with the text of the ``lock`` where it needs one, as YAML.

    The pods' manifests of sources last as long as they; each reads by itself how many pulls are left.

    Raises:
        SettingsError: a name that Kubernetes does not take.
        LockError: the lock is too large for a ConfigMap.
    """
    names = {"name": job.name, "namespace": job.namespace, "secret": job.secret, "claim": job.claim or "x"}
    for option, name in names.items():
        if not _NAME.fullmatch(name):
            raise SettingsError("no name of Kubernetes", option, name, "lower-case letters, digits and '-'")
    if not job.claim and len(lock.encode()) > CONFIG_MAP - 1024:
        raise LockError("larger than a ConfigMap", remedy="put it into a PersistentVolumeClaim and name that")
    indented = "".join(f"    {line}\n" if line else "\n" for line in lock.splitlines())
    config_map = f"""\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {job.name}
  namespace: {job.namespace}
data:
  images.lock.yaml: |
{indented}---
"""
    volume = f"persistentVolumeClaim: {{claimName: {job.claim}, readOnly: true}}"
    text = files(__package__).joinpath("templates", _TEMPLATE).read_text(encoding="utf-8")
    if job.any_user:
        text = text.replace("        $user\n", "")
    filled = Template(text).substitute(
        name=job.name,
        namespace=job.namespace,
        image=json.dumps(job.image),
        secret=job.secret,
        shards=job.shards,
        user=_USER,
        parallel=min(job.parallel, job.shards),
        lock=volume if job.claim else f"configMap: {{name: {job.name}}}",
    )
    return filled if job.claim else config_map + filled
