"""What lies between two plans of one stack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import yaml

from hub2ghcr.plan import Plan, build
from hub2ghcr.preview import Change, ImageMove, StackPreview, compare
from hub2ghcr.preview.comparing import places

from ..conftest import DIGEST, NEW, SHOP, Config, Project, entry

NGINX = f"ghcr.io/acme/mirror/nginx:1.27@{DIGEST}"
OTHER = "sha256:" + "2" * 64


def planned(project: Project) -> Plan:
    return build(project.settings(), project.lock, project.root)


def after(project: Project, change: Callable[[Config], object]) -> StackPreview:
    """Plan, change the settings, plan again, and compare."""
    before = planned(project)
    return compare(before, planned(project.change(change)))


def shop(**keys: Any) -> Callable[[Config], None]:
    return lambda config: config["clusters"][0]["namespaces"]["shop"].update(keys)


def test_nothing_changes_between_a_plan_and_itself(project: Project) -> None:
    plan = planned(project)
    found = compare(plan, plan)
    assert not found.changes
    assert (found.stack, found.mode, found.known_warnings) == ("test", "plan", plan.warnings)


def test_without_a_base_all_is_new_and_images_move_from_what_their_manifests_say(project: Project) -> None:
    found = compare(None, planned(project))
    assert ImageMove("one", "shop", "Deployment web", WEB, "nginx:1.27", NGINX) in found.images
    assert [each.source for each in found.copies] == ["docker.io/acme/shop:1.4.2", "docker.io/library/nginx:1.27"]
    assert (found.bytes, found.pulls) == (2, 2)
    assert {each.action for each in (*found.secrets, *found.workloads, *found.github)} == {"added"}


WEB = "spec.template.spec.containers[0].image"


def test_a_phase_moves_the_images_and_names_no_field_twice(project: Project) -> None:
    project.change(lambda config: config.update(phase="prepare"))
    found = after(project, lambda config: config.update(phase="cutover"))
    assert ImageMove("one", "shop", "Deployment web", WEB, "nginx:1.27", NGINX) in found.images
    assert not found.copies, "they were copied in phase prepare"
    assert Change("stack", "test", "changed", "phase prepare → cutover") in found.workloads
    assert Change("namespace", "one/shop", "changed", "phase prepare → cutover") in found.workloads
    web = next(each for each in found.workloads if each.name == "one/shop/web")
    assert "containers" not in web.detail and "imagePullSecrets" in web.detail
    # what prepare warns of is gone, and going is no warning
    assert not found.warnings


def test_a_new_digest_is_an_image_that_changes_and_a_copy(project: Project) -> None:
    before = planned(project)
    changed = replace(
        entry("docker.io/library/nginx:1.27", "ghcr.io/acme/mirror/nginx:1.27", OTHER), manifests=9, size=7
    )
    project.lock = project.lock.merged([changed])
    found = compare(before, planned(project))
    assert found.images == (ImageMove("one", "shop", "Deployment web", WEB, NGINX, NGINX.replace(DIGEST, OTHER)),)
    assert [(each.source, each.digest) for each in found.copies] == [("docker.io/library/nginx:1.27", OTHER)]
    assert (found.bytes, found.pulls) == (7, 9)
    assert not found.workloads, "an image that changes is told once"


def test_what_other_stacks_of_the_base_copied_is_not_copied_again(project: Project) -> None:
    plan = planned(project)
    assert not compare(None, plan, places(plan)).copies


def test_a_source_that_is_not_docker_hub_takes_no_pulls(project: Project) -> None:
    project.write("new.yaml", NEW.replace("acme/shop:1.4.2", "quay.io/acme/shop:1"))
    project.lock = project.lock.merged([entry("quay.io/acme/shop:1", "ghcr.io/acme/quay/shop:1")])
    found = after(project, lambda config: config["mapping"]["rules"].append(QUAY))
    assert [(each.source, each.pulls) for each in found.copies] == [("quay.io/acme/shop:1", 0)]


QUAY = {"from": "quay.io/acme/*", "to": "ghcr.io/acme/quay/*"}


def test_images_that_are_required_are_copied_by_hand(project: Project) -> None:
    project.change(lambda config: config.update(images={"mirror": "require"}))
    assert all(each.required for each in compare(None, planned(project)).copies)


def test_a_namespace_that_leaves_stays_in_the_cluster_and_the_preview_says_so(project: Project) -> None:
    found = after(project, lambda config: config["clusters"][0]["namespaces"].pop("shop"))
    details = {(each.kind, each.name): each.detail for each in found.workloads if each.action == "removed"}
    assert details["Deployment", "one/shop/web"] == "leaves the stack and stays in the cluster as it is"
    assert details["namespace", "one/shop"] == "stays"
    assert Change("pull Secret", "one/shop/hub2ghcr-ghcr", "removed", "stays, for what was switched pulls with it") in (
        found.secrets
    )


def test_another_credential_of_a_pull_secret_is_told_by_its_name(project: Project) -> None:
    def other(config: Config) -> None:
        config["credentials"]["second"] = {"username": "second", "secretKey": "pullToken"}
        config["clusters"][0]["pull"] = "second"

    found = after(project, other)
    change = "opens ghcr.io as puller → ghcr.io as second, its credentials"
    assert Change("pull Secret", "one/shop/hub2ghcr-ghcr", "changed", change) in found.secrets


def test_a_field_of_a_manifest_is_named_and_its_value_is_not(project: Project) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"password": "hunter1"}}
    own = shop(delivery="own", adopt=True)
    project.change(own).write("shop.yaml", SHOP + "---\n" + yaml.safe_dump(secret))
    before = planned(project)
    project.write("shop.yaml", SHOP + "---\n" + yaml.safe_dump({**secret, "stringData": {"password": "hunter2"}}))
    found = compare(before, planned(project))
    assert found.workloads == (Change("Secret", "one/shop/db", "changed", "stringData.password"),)
    assert "hunter" not in repr(found)


def test_a_long_list_of_fields_is_counted(project: Project) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "many"}}
    project.change(shop(delivery="own", adopt=True))
    both = []
    for value in ("1", "2"):
        data = {f"key{number}": value for number in range(10)}
        project.write("shop.yaml", SHOP + "---\n" + yaml.safe_dump({**config, "data": data}))
        both.append(planned(project))
    (change,) = compare(both[0], both[1]).workloads
    assert change.detail.endswith("data.key7, and 2 fields more")


def test_github_is_compared_by_names_and_origins(project: Project) -> None:
    def change(config: Config) -> None:
        shop = config["github"]["repositories"]["shop"]
        shop["secrets"] = {"CR_PAT": "push"}
        shop["workflow"]["path"] = ".github/workflows/other.yml"
        config["github"]["packages"]["mirror/nginx"]["visibility"] = "private"

    found = {(each.kind, each.name, each.action): each.detail for each in after(project, change).github}
    assert found["Actions secret", "Acme/shop/CR_PAT", "changed"] == "from publish → push, credential"
    assert ("workflow", "Acme/shop/.github/workflows/docker-publish.yml", "removed") in found
    assert ("workflow", "Acme/shop/.github/workflows/other.yml", "added") in found
    assert found["package", "ghcr.io/acme/mirror/nginx", "changed"] == "visibility public → private"


def test_a_stack_whose_file_is_gone_undoes_nothing_by_that(project: Project) -> None:
    found = compare(planned(project), None)
    assert found.stack == "test" and not found.workloads
    assert found.warnings == (
        "the stack's file is gone: that alone undoes nothing; what it made stays until `pulumi destroy`",
    )


def test_a_warning_that_the_base_has_is_counted_and_not_told(project: Project) -> None:
    project.change(lambda config: config.update(phase="prepare"))
    found = after(project, lambda config: config.update(rollback="forced"))
    assert found.known_warnings and not any("prepare" in each for each in found.warnings)
