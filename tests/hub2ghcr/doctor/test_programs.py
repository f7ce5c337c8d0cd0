from __future__ import annotations

import json
from pathlib import Path

from hub2ghcr.doctor.finding import Finding
from hub2ghcr.doctor.programs import logins, renderers


def program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o700)


def test_programs_that_render_say_their_version_or_are_missing(tmp_path: Path) -> None:
    program(tmp_path, "helm", "echo v3.19.0+g; echo more")
    environ = {"PATH": str(tmp_path)}
    assert renderers(["helm", "kustomize", "helm"], environ) == [
        Finding("ok", "program", "helm", "v3.19.0+g"),
        Finding("failure", "program", "kustomize", "is not on PATH", "install kustomize, or render beforehand"),
    ]
    program(tmp_path, "kustomize", "exit 1")
    assert renderers(["kustomize"], environ) == [Finding("warning", "program", "kustomize", "does not say its version")]
    (tmp_path / "kustomize").write_bytes(b"\x7fELF")
    assert renderers(["kustomize"], environ)[0].state == "warning"


def test_a_login_that_is_stored_is_told_and_a_helper_that_is_missing_fails(tmp_path: Path) -> None:
    config = {
        "auths": {"quay.io": {"auth": "cm9ib3Q6c2VjcmV0LXZhbHVl"}},
        "credHelpers": {"ghcr.io": "no-such-helper-of-ours"},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    environ = {"DOCKER_CONFIG": str(tmp_path), "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    found = logins(["quay.io", "ghcr.io", "other.example"], environ)
    assert [(each.state, each.name) for each in found] == [("failure", "login of ghcr.io"), ("ok", "login of quay.io")]
    assert found[1].text == "robot is logged in on this machine"
    assert "secret-value" not in repr(found)
