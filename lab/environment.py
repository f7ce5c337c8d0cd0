"""What a program's environment needs so that it uses this lab and nothing else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lab import accounts, cluster, github, registries
from lab.toolchain import Toolchain, plugins

COMMAND_SECRETS = {
    "HUB2GHCR_SECRET_GHCR_PUSH_TOKEN": accounts.MIGRATION.token,
    "HUB2GHCR_SECRET_HUB_PULL_TOKEN": accounts.HUB_READER.token,
}
"""What the demo's commands `lock` and `copy` read in place of the stack's secrets, which only the engine decrypts."""


def environment(state: Path, toolchain: Toolchain) -> dict[str, str]:
    """The variables to add to an environment, sorted by name.

    PATH starts with the virtual environment (the Python language host runs the first ``python`` on it), then the
    toolchain. The engine keeps its state and its plugins' settings below ``state``. Raises ``LabError``.
    """
    state = state.absolute()
    backend = state / "pulumi"
    backend.mkdir(parents=True, exist_ok=True)
    folders = [Path(sys.executable).parent, *plugins.folders(toolchain)]
    urls = registries.endpoints(state)
    variables = {
        **COMMAND_SECRETS,
        "KUBECACHEDIR": str(state / "kube-cache"),
        "KUBECONFIG": str(cluster.kubeconfig(state)),
        "LAB_GHCR_URL": urls["ghcr"],
        "LAB_GITHUB_URL": github.endpoint(state),
        "LAB_HUB_URL": urls["hub"],
        "PATH": os.pathsep.join([*map(str, folders), _inherited(folders)]),
        "PULUMI_BACKEND_URL": f"file://{backend}",
        "PULUMI_CONFIG_PASSPHRASE": accounts.PULUMI_PASSPHRASE,
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_HOME": str(plugins.home(state, toolchain)),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_SUPPRESS_NEO_LINK": "true",
        "VIRTUAL_ENV": sys.prefix,
    }
    return dict(sorted(variables.items()))


def _inherited(folders: list[Path]) -> str:
    known = set(map(str, folders))
    return os.pathsep.join(part for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if part not in known)
