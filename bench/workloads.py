"""The set that is rewritten: workload documents in the shapes that clusters and repositories hold."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final, Literal

from bench import repository

Style = Literal["", "shapes", "flow", "repository"]

IMAGES: Final = 232
_HOSTS: Final = ("", "docker.io/", "docker.io/acme/", "acme/", "bitnami/", "index.docker.io/acme/")

_WORKLOAD: Final = """\
apiVersion: {version}
kind: {kind}
metadata:
  name: app-{number}
  namespace: team-{team}
  labels:
    app.kubernetes.io/name: app-{number}
spec:{schedule}
{pad}template:
{pad}  metadata:
{pad}    labels:
{pad}      app.kubernetes.io/name: app-{number}
{pad}  spec:
{pad}    containers:
{pad}    - name: main
{pad}      image: {image}
{pad}      env:
{pad}      - name: PORT
{pad}        value: "{port}"
"""
_SIDE: Final = "{pad}    - name: side\n{pad}      image: {image}\n"
_OPTIONAL: Final = (
    "{pad}      imagePullPolicy: IfNotPresent\n",
    "{pad}      args:\n{pad}      - --verbose\n",
    "{pad}      ports:\n{pad}      - containerPort: {port}\n{pad}        name: http\n",
    "{pad}      workingDir: /srv\n",
    '{pad}      command: ["/bin/app", "serve"]\n',
    "{pad}      resources:\n{pad}        limits:\n{pad}          memory: 128Mi\n",
    "{pad}      tty: false\n",
    "{pad}      stdin: false\n",
    "{pad}      readinessProbe:\n{pad}        httpGet:\n{pad}          path: /ready\n{pad}          port: {port}\n",
    "{pad}      securityContext:\n{pad}        runAsNonRoot: true\n",
    "{pad}      terminationMessagePath: /dev/termination-log\n",
    "{pad}      volumeMounts:\n{pad}      - mountPath: /data\n{pad}        name: data\n",
)
_KINDS: Final = (
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "CronJob"),
)


def images() -> list[str]:
    """Return the images' names with tags: Docker Hub's, in its spellings."""
    return [f"{_HOSTS[n % len(_HOSTS)]}service-{n}:{1 + n % 9}.{n % 17}" for n in range(IMAGES)]


def documents(count: int, style: Style = "") -> list[str]:
    """Return that many documents, always the same.

    In style ``shapes`` each has its own choice of fields, so that hardly two have the same lines; in ``flow``, each
    holds a mapping in flow style, too. In style ``repository`` they are of many kinds (`bench.repository`).
    """
    if style == "repository":
        return repository.documents(count, images())
    chance = random.Random(count)
    names = images()
    made = []
    for number in range(count):
        version, kind = chance.choice(_KINDS)
        cron = kind == "CronJob"
        pad = "      " if cron else "  "
        schedule = '\n  schedule: "0 * * * *"\n  jobTemplate:\n    spec:' if cron else ""
        values = {"version": version, "kind": kind, "number": number, "team": number % 40, "pad": pad}
        text = _WORKLOAD.format(**values, schedule=schedule, port=8000 + number % 100, image=chance.choice(names))
        if style:
            options = {**values, "port": 8000 + number % 100}
            text += "".join(each.format(**options) for each in _OPTIONAL if chance.random() < 0.5)
        if style == "flow":
            text = text.replace(
                f"  labels:\n    app.kubernetes.io/name: app-{number}\n", f"  labels: {{app: app-{number}}}\n", 1
            )
        if chance.random() < 0.15:
            text += _SIDE.format(pad=pad, image=chance.choice(names))
        made.append(text)
    return made


def one_file(path: Path, count: int, style: Style = "") -> Path:
    """Write the documents into one file."""
    path.write_text("---\n".join(documents(count, style)))
    return path


def many_files(folder: Path, count: int, files: int) -> Path:
    """Write the documents into that many files of a folder."""
    folder.mkdir(parents=True)
    made = documents(count)
    for number in range(files):
        (folder / f"app-{number:05}.yaml").write_text("---\n".join(made[number::files]))
    return folder
