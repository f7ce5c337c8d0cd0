"""Whatever stands in a manifest is planned, or refused in lines: never an error of another kind."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.plan import build

from .conftest import NEW, SHOP, Project
from .test_settings_fuzz import ANY, places

ACCOUNT = {
    "apiVersion": "v1",
    "kind": "ServiceAccount",
    "metadata": {"name": "default"},
    "imagePullSecrets": [{"name": "quay"}],
}
SOUND: list[Any] = [*yaml.safe_load_all(SHOP), ACCOUNT]
POD: list[Any] = [yaml.safe_load(NEW), ACCOUNT]
POD[0]["spec"]["imagePullSecrets"] = [{"name": "hub"}]
POD[0]["spec"]["volumes"] = [{"name": "model", "image": {"reference": "nginx:1.27"}}]


@given(st.sampled_from([("shop.yaml", SOUND), ("new.yaml", POD)]), st.data())
def test_one_value_replaced_by_anything_is_planned_or_refused_in_lines(
    case: tuple[str, list[Any]], data: st.DataObject
) -> None:
    file, sound = case
    documents = copy.deepcopy(sound)
    path = data.draw(st.sampled_from(places(sound)))
    holder: Any = documents
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = data.draw(ANY)
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.write(file, yaml.safe_dump_all(documents))
        try:
            assert build(project.settings(), project.lock, project.root).clusters
        except Hub2GhcrError as error:
            assert error.lines and all("\n" not in line for line in error.lines)
