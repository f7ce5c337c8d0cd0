"""What is copied, as the plain values that the engine keeps of a resource, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hub2ghcr.attached import Attached
from hub2ghcr.copying import Job


def properties(job: Job) -> dict[str, Any]:
    """Return the properties of a job, but for those that say nothing."""
    every = {
        "source": job.source,
        "target": job.target,
        "digest": job.digest,
        "attached": [asdict(each) for each in job.attached],
        "platforms": list(job.platforms),
        "narrowed": job.narrowed,
        "archive": job.archive,
    }
    return {name: value for name, value in every.items() if value}


def job(properties: Mapping[str, Any]) -> Job:
    """Return the job of these properties."""
    return Job(
        properties.get("source") or "",
        properties["target"],
        properties["digest"],
        # the engine's numbers are floats
        tuple(Attached(**{**each, "size": int(each.get("size", 0))}) for each in properties.get("attached") or ()),
        platforms=tuple(properties.get("platforms") or ()),
        narrowed=properties.get("narrowed") or "",
        archive=properties.get("archive") or "",
    )
