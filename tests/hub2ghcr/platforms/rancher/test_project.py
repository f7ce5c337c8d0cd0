"""Projects by their IDs, and the marks of copies."""

from __future__ import annotations

import pytest

from hub2ghcr.platforms.rancher.project import Project, is_copy, is_copy_of
from hub2ghcr.platforms.rancher.registries import Rancher, projects_of
from hub2ghcr.reach import Kubeconfig

from .pretending import SECRET, SHOPS, copy, secret


def test_a_project_is_its_cluster_and_its_name() -> None:
    assert Project.parse("c-abc12:p-xyz34") == SHOPS
    assert str(SHOPS) == "c-abc12:p-xyz34"


@pytest.mark.parametrize("text", ["", "p-xyz34", "c-abc12:", ":p", "C:p", "c:p:q", "c/p", "c:-p"])
def test_what_is_no_project_s_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="such as c-abc12:p-xyz34"):
        Project.parse(text)


def test_a_copy_is_known_by_its_annotation_and_whose_by_its_label() -> None:
    assert is_copy(copy("shop"))
    assert not is_copy(secret("shop"))
    assert is_copy_of(copy("shop"), SHOPS)
    assert not is_copy_of(copy("shop"), Project("c-abc12", "p-other"))
    assert not is_copy_of(secret("shop"), SHOPS)


def test_secrets_of_projects_come_back_from_their_text() -> None:
    found = Rancher((SECRET,), Kubeconfig("/kube/config", "rancher"))
    assert projects_of(found.text) == (SECRET,)
    assert found.secret_of("shop") == SECRET
    assert found.secret_of("new") is None
    assert found.creates("shop") is None
