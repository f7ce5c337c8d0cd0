"""The Secret of a project is written where Rancher finds it, and nobody's is taken over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import ClusterError
from hub2ghcr.platforms.rancher.project import SCOPED
from hub2ghcr.platforms.rancher.writing import AGAIN, lost, remove, stands, write
from hub2ghcr.pull_secrets import secret as pull_secret

from .pretending import BACKING, MANAGER, ROBOT, SECRET, Clustered, copy, secret

KEY = ("v1", "Secret", BACKING, SECRET.name)
WANTED = {"ghcr.io": ROBOT}


def test_it_has_the_label_by_which_rancher_copies_it_and_opens_what_it_should() -> None:
    found = Clustered()
    assert write(found, BACKING, SECRET, WANTED, MANAGER) == "uid-1/1"
    live = found.objects[KEY]
    assert live["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "hub2ghcr", SCOPED: "p-xyz34"}
    assert live["metadata"].get("annotations") is None
    assert pull_secret.read(live, "").entries["ghcr.io"].username == "robot"
    assert stands(found, BACKING, SECRET, WANTED, MANAGER)


def test_it_is_copied_again_by_an_annotation_that_stays() -> None:
    found = Clustered()
    write(found, BACKING, SECRET, WANTED, MANAGER)
    write(found, BACKING, SECRET, WANTED, MANAGER, again=True)
    said = found.objects[KEY]["metadata"]["annotations"][AGAIN]
    assert said
    write(found, BACKING, SECRET, WANTED, MANAGER)
    assert found.objects[KEY]["metadata"]["annotations"][AGAIN] == said


def test_somebody_s_secret_is_neither_written_nor_removed() -> None:
    found = Clustered(secret(BACKING))
    with pytest.raises(ClusterError, match="already exists, managed by kubectl"):
        write(found, BACKING, SECRET, WANTED, MANAGER)
    remove(found, BACKING, SECRET, MANAGER)
    assert found.written == []


def test_ours_is_removed_and_what_is_gone_already_is_left_at_that() -> None:
    found = Clustered(secret(BACKING, MANAGER))
    remove(found, BACKING, SECRET, MANAGER)
    remove(found, BACKING, SECRET, MANAGER)
    assert found.written == ["delete Secret/hub2ghcr-project"]


def test_what_opens_nothing_any_more_is_removed_and_somebody_s_is_not() -> None:
    found = Clustered(secret(BACKING, MANAGER))
    assert not stands(found, BACKING, SECRET, {}, MANAGER)
    assert write(found, BACKING, SECRET, {}, MANAGER) == ""
    assert KEY not in found.objects
    assert stands(found, BACKING, SECRET, {}, MANAGER)
    theirs = Clustered(secret(BACKING))
    assert write(theirs, BACKING, SECRET, {}, MANAGER) == ""
    assert KEY in theirs.objects and stands(theirs, BACKING, SECRET, {}, MANAGER)


def test_another_token_label_or_writer_and_what_cannot_be_read_does_not_stand() -> None:
    there = Clustered(secret(BACKING, MANAGER))
    assert stands(there, BACKING, SECRET, WANTED, MANAGER)
    assert not stands(there, BACKING, SECRET, {"ghcr.io": Credential("robot", "renewed")}, MANAGER)
    other = replace(SECRET, project=replace(SECRET.project, name="p-other"))
    assert not stands(there, BACKING, other, WANTED, MANAGER)
    assert not stands(Clustered(secret(BACKING)), BACKING, SECRET, WANTED, MANAGER)
    assert not stands(Clustered(secret(BACKING, MANAGER, type="Opaque")), BACKING, SECRET, WANTED, MANAGER)
    assert not stands(Clustered(), BACKING, SECRET, WANTED, MANAGER)


def test_a_copy_that_is_missing_or_somebody_s_own_is_lost() -> None:
    assert lost(Clustered(copy("shop"), copy("jobs")), SECRET) == ()
    assert lost(Clustered(copy("shop")), SECRET) == ("jobs",)
    assert lost(Clustered(secret("shop"), copy("jobs")), SECRET) == ("shop",)
