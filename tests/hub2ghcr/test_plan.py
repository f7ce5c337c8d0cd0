"""The plan: everything that a stack will do, or every reason why it cannot."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hub2ghcr.errors import Problems
from hub2ghcr.lock import Lock, Narrowed
from hub2ghcr.plan import REQUIRE_ABOVE, Plan, Workload, build, decide

from .conftest import DIGEST, LOCK, NEW, SHOP, Config, Project, entry

WEB = f"ghcr.io/acme/mirror/nginx:1.27@{DIGEST}"
OTHER = "sha256:" + "2" * 64


def planned(project: Project) -> Plan:
    return build(project.settings(), project.lock, project.root)


def problems(project: Project) -> tuple[str, ...]:
    with pytest.raises(Problems) as caught:
        planned(project)
    return caught.value.lines


def workloads(plan: Plan, namespace: str) -> dict[str, Workload]:
    (found,) = (each for each in plan.clusters[0].namespaces if each.name == namespace)
    return {each.name: each for each in found.workloads}


def test_a_workload_is_switched_to_the_locked_digest_and_waits_for_its_copy(project: Project) -> None:
    web = workloads(planned(project), "shop")["web"]
    assert [(each.before, each.after, each.reason) for each in web.images] == [
        ("nginx:1.27", WEB, ""),
        ("quay.io/x/side:1", "quay.io/x/side:1", "lives on quay.io, which no rule claims"),
    ]
    assert web.copies == ("ghcr.io/acme/mirror/nginx:1.27",)
    assert web.delivery == "patch"
    assert web.document == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "template": {
                "spec": {
                    "containers": [{"name": "web", "image": WEB}],
                    "imagePullSecrets": [{"name": "hub2ghcr-ghcr"}],
                }
            }
        },
    }


def test_an_own_document_is_whole_and_in_its_namespace(project: Project) -> None:
    smoke = workloads(planned(project), "new")["smoke"]
    assert smoke.delivery == "own"
    assert smoke.document["metadata"] == {"name": "smoke", "namespace": "new"}
    assert smoke.document["spec"] == {
        "containers": [{"name": "shop", "image": f"ghcr.io/acme/shop:1.4.2@{DIGEST}"}],
        "imagePullSecrets": [{"name": "hub2ghcr-ghcr"}],
    }


def test_what_nothing_changes_in_is_left_alone_and_shown_with_its_reason(project: Project) -> None:
    plan = planned(project)
    shop = next(each for each in plan.clusters[0].namespaces if each.name == "shop")
    assert [each.name for each in shop.workloads] == ["web"]
    assert [(each.kind, each.name, each.images[0].reason) for each in shop.untouched] == [
        ("CronJob", "elsewhere", "already on GHCR")
    ]


def test_phase_prepare_copies_and_gives_access_and_switches_nothing(project: Project) -> None:
    plan = planned(project.change(lambda config: config.update(phase="prepare")))
    assert len(plan.copies) == 2
    for namespace in plan.clusters[0].namespaces:
        assert namespace.pull_secret is not None and not any(each.switched for each in namespace.workloads)
    assert plan.warnings == (
        "cluster one, namespace new: phase prepare: images are copied, no workload is switched",
        "cluster one, namespace shop: phase prepare: images are copied, no workload is switched",
    )


def test_many_namespaces_are_warned_of_the_same_in_one_line(project: Project) -> None:
    def many(config: Config) -> None:
        config["phase"] = "prepare"
        del config["clusters"][0]["namespaces"]["shop"]
        for index in range(300):
            config["clusters"][0]["namespaces"][f"app-{index:03}"] = {"manifests": ["new.yaml"], "recreate": True}

    assert planned(project.change(many)).warnings == (
        "cluster one: 301 namespaces (app-000 … new): phase prepare: images are copied, no workload is switched",
    )


def test_a_namespace_may_be_in_another_phase_than_its_stack(project: Project) -> None:
    plan = planned(project.change(lambda config: config["clusters"][0]["namespaces"]["shop"].update(phase="prepare")))
    assert not workloads(plan, "shop")["web"].switched and workloads(plan, "new")["smoke"].switched


def test_an_image_that_many_workloads_name_is_copied_once(project: Project) -> None:
    project.write("new.yaml", NEW + "---" + NEW.replace("smoke", "more").replace("acme/", "docker.io/acme/"))
    plan = planned(project)
    assert [each.target for each in plan.copies] == ["ghcr.io/acme/mirror/nginx:1.27", "ghcr.io/acme/shop:1.4.2"]


def test_an_image_without_a_tag_is_written_without_one(project: Project) -> None:
    project.write("new.yaml", NEW.replace("acme/shop:1.4.2", f"redis@{OTHER}"))
    project.lock = project.lock.merged([entry(f"docker.io/library/redis@{OTHER}", "ghcr.io/acme/mirror/redis", OTHER)])
    plan = planned(project)
    assert workloads(plan, "new")["smoke"].images[0].after == f"ghcr.io/acme/mirror/redis@{OTHER}"
    assert workloads(plan, "new")["smoke"].copies == (f"ghcr.io/acme/mirror/redis@{OTHER}",)
    assert plan.copies[1].target == f"ghcr.io/acme/mirror/redis@{OTHER}"


def test_the_github_side_is_lower_case_where_ghcr_demands_it(project: Project) -> None:
    github = planned(project).github
    assert github is not None
    assert github.repositories[0].secrets["CR_PAT"].secret_key == "publishToken"
    assert "            ghcr.io/acme/shop\n" in (github.repositories[0].workflow or "")
    assert "username: 'publisher'" in (github.repositories[0].workflow or "")
    assert github.packages[0].settings_url == (
        "https://github.com/orgs/Acme/packages/container/mirror%2Fnginx/settings"
    )  # fmt: skip


def test_what_is_wanted_of_a_package_is_in_the_plan(project: Project) -> None:
    wanted = {"repository": "shop", "access": {"z": "read", "a": "admin"}, "enforce": "fail"}
    github = planned(project.change(lambda config: config["github"]["packages"].update(web=wanted))).github
    assert github is not None
    web = github.packages[-1]
    assert (web.name, web.visibility, web.repository, web.enforce) == ("web", None, "Acme/shop", "fail")
    assert list(web.access) == ["a", "z"] and web.place == "acme/web" and web.registry == "ghcr.io"


def test_the_same_input_gives_an_equal_plan_in_any_order_of_namespaces(project: Project) -> None:
    plan = planned(project)

    def turn(config: Config) -> None:
        cluster = config["clusters"][0]
        cluster["namespaces"] = dict(reversed(cluster["namespaces"].items()))

    assert planned(project.change(turn)) == plan


def test_a_shared_pull_credential_is_a_warning(project: Project) -> None:
    def second(config: Config) -> None:
        config["clusters"].append({**config["clusters"][0], "name": "two"})

    assert planned(project.change(second)).warnings == (
        "clusters one, two share the pull credential pull: revoking it stops them all",
    )


def test_without_a_pull_credential_nothing_is_added_and_a_warning_says_so(project: Project) -> None:
    plan = planned(project.change(lambda config: config["clusters"][0].pop("pull")))
    assert "imagePullSecrets" not in str(workloads(plan, "shop")["web"].document)
    assert plan.warnings == (
        "cluster one, namespace new: no pull credential: only public packages can be pulled",
        "cluster one, namespace shop: no pull credential: only public packages can be pulled",
    )


def test_what_should_be_public_is_said_by_a_rule_or_by_its_package(project: Project) -> None:
    def public() -> dict[str, bool]:
        return {each.target: each.public for each in planned(project).copies}

    shop, nginx = "ghcr.io/acme/shop:1.4.2", "ghcr.io/acme/mirror/nginx:1.27"
    assert public() == {nginx: True, shop: False}
    project.change(lambda config: config["mapping"]["rules"][1].update(public=True))
    assert public() == {nginx: True, shop: True}
    project.change(lambda config: config["github"]["packages"].update(shop={"visibility": "private"}))
    assert problems(project) == (
        "github.packages.shop.visibility: its mapping rule says `public: true`: 'private'; make it public, or take"
        " `public` from the rule",
    )


def test_up_to_a_number_images_are_copied_and_more_are_required(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert REQUIRE_ABOVE == 50
    monkeypatch.setattr(decide, "REQUIRE_ABOVE", 2)
    plan = planned(project)
    assert (plan.mirror, {each.mode for each in plan.copies}) == ("copy", {"copy"})
    monkeypatch.setattr(decide, "REQUIRE_ABOVE", 1)
    plan = planned(project)
    assert (plan.mirror, {each.mode for each in plan.copies}) == ("require", {"require"})
    assert planned(project.change(lambda config: config.update(images={"mirror": "copy"}))).mirror == "copy"


def test_an_image_that_was_published_on_ghcr_is_pinned_and_required_and_never_copied(project: Project) -> None:
    project.write("new.yaml", NEW.replace("acme/shop:1.4.2", "ghcr.io/acme/shop:1.4.3"))
    project.lock = project.lock.merged([entry("", "ghcr.io/acme/shop:1.4.3", OTHER)])
    plan = planned(project)
    smoke = workloads(plan, "new")["smoke"]
    assert [(each.before, each.after) for each in smoke.images] == [
        ("ghcr.io/acme/shop:1.4.3", f"ghcr.io/acme/shop:1.4.3@{OTHER}")
    ]
    assert smoke.copies == ("ghcr.io/acme/shop:1.4.3",)
    assert [(each.target, each.mode) for each in plan.copies] == [
        ("ghcr.io/acme/mirror/nginx:1.27", "copy"),
        ("ghcr.io/acme/shop:1.4.3", "require"),
    ]
    project.lock = LOCK
    plan = planned(project)
    assert workloads(plan, "new")["smoke"].images[0].reason == "already on GHCR"
    assert len(plan.copies) == 1


def test_a_workload_runs_the_narrowed_index(project: Project) -> None:
    before = project.lock.entries[1]
    project.lock = project.lock.merged([replace(before, narrowed=Narrowed(OTHER, ("linux/amd64",)))])
    plan = planned(project)
    assert workloads(plan, "shop")["web"].images[0].after.endswith(f"nginx:1.27@{OTHER}")
    assert plan.copies[0].digest == OTHER


@pytest.mark.parametrize("phase", ["prepare", "cutover"])
def test_a_namespace_knows_what_it_will_pull_whatever_its_phase(project: Project, phase: str) -> None:
    plan = planned(project.change(lambda config: config.update(phase=phase)))
    assert {each.name: tuple(pull.target for pull in each.pulls) for each in plan.clusters[0].namespaces} == {
        "new": ("ghcr.io/acme/shop:1.4.2",),
        "shop": ("ghcr.io/acme/mirror/nginx:1.27",),
    }


def test_images_move_to_the_registry_of_a_github_enterprise(project: Project) -> None:
    home = "containers.git.acme.example"

    def change(config: Config) -> None:
        config["registries"][home] = {"github": True, "push": "push"}
        for rule in config["mapping"]["rules"]:
            rule["to"] = rule["to"].replace("ghcr.io", home)

    project.lock = Lock(tuple(replace(each, target=each.target.replace("ghcr.io", home)) for each in LOCK.entries))
    plan = planned(project.change(change))
    new, _ = plan.clusters[0].namespaces
    assert workloads(plan, "shop")["web"].images[0].after == f"{home}/acme/mirror/nginx:1.27@{DIGEST}"
    assert new.pull_secret is not None and list(new.pull_secret.credentials) == [home]
    assert plan.github is not None
    assert f"            {home}/acme/shop\n" in (plan.github.repositories[0].workflow or "")
    assert f"registry: {home}\n" in (plan.github.repositories[0].workflow or "")
    assert plan.github.packages[0].settings_url.startswith("https://git.acme.example/orgs/Acme/packages/")
    assert plan.copies[0].public

    project.change(lambda config: config["mapping"]["rules"][0].update(to="ghcr.io/acme/mirror/*"))
    assert problems(project) == (
        f"stacks/Pulumi.test.yaml: mapping.rules: lead to several registries: '{home} and ghcr.io'; use a stack for"
        " each: a namespace pulls with one credential",
    )
    project.change(lambda config: config["registries"][home].pop("github"))
    assert "set `registries.HOST.github`" in problems(project)[0]


def test_images_in_kinds_that_are_not_known_are_a_warning(project: Project) -> None:
    project.write("new.yaml", "{apiVersion: a/v1, kind: Rollout, metadata: {name: r}, spec: {image: 'nginx:1.27'}}")
    assert planned(project).warnings == (
        "new.yaml: Rollout r: spec.image: nginx:1.27: looks like a Docker Hub image, and no rule covers this place:"
        " declare it in hub2ghcr:places",
    )


def release(values: str) -> str:
    return f"{{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {{name: r}}, spec: {values}}}"


def test_helm_values_of_a_release_are_switched_as_a_pod_is(project: Project) -> None:
    project.write("new.yaml", release("{values: {image: {repository: nginx, tag: '1.27', digest: ''}}}"))
    found = workloads(planned(project), "new")["r"]
    (image,) = found.images
    assert (image.field, image.before, image.after) == ("spec.values.image.repository", "nginx:1.27", WEB)
    image_values = {"repository": "ghcr.io/acme/mirror/nginx", "tag": "1.27", "digest": DIGEST}
    assert found.document["spec"] == {"values": {"image": image_values}}
    assert found.copies == ("ghcr.io/acme/mirror/nginx:1.27",)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ("{values: {image: {repository: nginx}}}", "its tag is said elsewhere"),
        ("{values: {global: {imageRegistry: docker.io}, image: {repository: library/nginx, tag: '1.27'}}}", "global"),
        ("{postRenderers: [{kustomize: {images: [{name: nginx, newTag: '1.27'}]}}]}", "manifests that are elsewhere"),
    ],
)
def test_an_image_that_moves_and_cannot_be_rewritten_is_a_problem(project: Project, values: str, why: str) -> None:
    project.write("new.yaml", release(values))
    (problem,) = problems(project)
    assert problem.startswith("new.yaml: HelmRelease r: spec.")
    assert "cannot be rewritten" in problem and why in problem and "exclude it" in problem


def test_a_variable_is_a_problem_where_nobody_fills_it_in_and_left_where_a_controller_does(project: Project) -> None:
    project.write("new.yaml", NEW.replace("acme/shop:1.4.2", "${IMAGE}"))
    (problem,) = problems(project)
    assert "${IMAGE}" in problem
    project.write("new.yaml", release("{values: {image: {repository: '${REPOSITORY}', tag: '1'}}}"))
    (image,) = workloads(planned(project), "new")["r"].images
    assert (image.before, image.after) == ("${REPOSITORY}", "${REPOSITORY}")
    assert image.reason.startswith("templated")


def test_a_service_account_that_is_not_among_the_manifests_is_a_warning(project: Project) -> None:
    project.write("new.yaml", NEW.replace("containers:", "serviceAccountName: bot, containers:"))
    assert planned(project).warnings == (
        "new.yaml: Pod smoke: ServiceAccount bot is not among the manifests of new:"
        " pull Secrets that it may have are not kept",
    )


REMEDY = "run `hub2ghcr lock -s test`"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            lambda project: setattr(project, "lock", Lock(project.lock.entries[:1])),
            "shop.yaml: Deployment web: spec.template.spec.containers[0].image: the image has no lock entry:"
            f" 'nginx:1.27'; {REMEDY}",
        ),
        (
            lambda project: setattr(project, "lock", Lock((replace(project.lock.entries[0], target="ghcr.io/a/b:1"),))),
            "new.yaml: Pod smoke: spec.containers[0].image: the lock sends the image to ghcr.io/a/b:1, the mapping to"
            f" ghcr.io/acme/shop:1.4.2: 'acme/shop:1.4.2'; {REMEDY}",
        ),
        (
            lambda project: project.write("shop.yaml", SHOP.replace("nginx:1.27", f"nginx:1.27@{OTHER}")),
            "shop.yaml: Deployment web: spec.template.spec.containers[0].image: the image names a digest and its tag is"
            f" locked at {DIGEST}: 'nginx:1.27@{OTHER}'; correct the image's digest, or `hub2ghcr lock --update`",
        ),
        (
            lambda project: project.write("shop.yaml", SHOP.replace("nginx:1.27", "Nginx:")),
            "shop.yaml: Deployment web: spec.template.spec.containers[0].image: the repository name must be lower case:"
            " 'Nginx:'; write nginx",
        ),
        (
            lambda project: project.write("shop.yaml", SHOP.replace("nginx:1.27", "other/x:1")),
            "shop.yaml: Deployment web: spec.template.spec.containers[0].image: no mapping rule names this Docker Hub"
            " image: 'other/x:1'; add a rule to mapping.rules, or an exclusion with its reason",
        ),
        (
            lambda project: project.write("shop.yaml", SHOP + "\n  x: ["),
            "shop.yaml:19:3: not valid YAML: did not find expected key; correct the file",
        ),
        (
            lambda project: (project.root / "shop.yaml").unlink(),
            "shop.yaml: no such file; paths start at the project's folder",
        ),
        (
            lambda project: project.write("new.yaml", NEW.replace("name: smoke", "name: smoke, namespace: shop")),
            "new.yaml: Pod smoke: names another namespace: 'shop';"
            " list its file under that namespace, or correct it: it is listed under new",
        ),
        (
            lambda project: project.write("new.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: new}}"),
            "new.yaml: Namespace new: not an object of a namespace; leave it out: it belongs to no namespace",
        ),
        (
            lambda project: project.write("new.yaml", NEW + "---" + NEW),
            "new.yaml: Pod smoke: stands twice; keep one in namespace new",
        ),
        (
            lambda project: project.change(
                lambda config: config["clusters"][0]["namespaces"]["new"].update(delivery="patch")
            ),
            "new.yaml: Pod smoke: the pull Secrets of a Pod cannot be changed once it exists;"
            " set `recreate: true` of its namespace to have it deleted and made anew, or leave it out",
        ),
        (
            lambda project: project.change(
                lambda config: config["mapping"].update(
                    rules=[{"from": f"docker.io/{each}/*", "to": "ghcr.io/acme/*"} for each in ("library", "acme")]
                )
            ).write("shop.yaml", SHOP.replace("nginx:1.27", "shop:1")),
            "mapping.rules: two sources would share one target:"
            " 'docker.io/acme/shop and docker.io/library/shop -> ghcr.io/acme/shop';"
            " give one of them a rule of its own",
        ),
        (
            lambda project: project.change(lambda config: config["github"]["repositories"]["shop"].pop("secrets")),
            "github.repositories.shop.workflow.flavour: pat needs the secret CR_PAT: 'pat';"
            " add secrets.CR_PAT, or use flavour token",
        ),
    ],
)
def test_what_cannot_be_done_has_its_line(project: Project, change: Callable[[Project], Any], line: str) -> None:
    change(project)
    assert line in problems(project)


def test_all_problems_of_a_run_are_reported_together(project: Project) -> None:
    project.lock = Lock()
    project.write("new.yaml", NEW.replace("acme/shop:1.4.2", "A//b"))
    assert len(problems(project)) == 2


def test_the_work_of_a_plan_grows_with_its_workloads_and_no_faster(project: Project) -> None:
    """Every call is counted, steps of generators among them: twice the workloads are not four times the calls."""

    def calls(count: int) -> int:
        project.write("new.yaml", "---".join(NEW.replace("smoke", f"smoke-{index:03}") for index in range(count)))
        settings, counted = project.settings(), [0]

        def count_one(_frame: object, event: str, _argument: object) -> None:
            counted[0] += event in ("call", "c_call")

        sys.setprofile(count_one)
        try:
            plan = build(settings, project.lock, project.root)
        finally:
            sys.setprofile(None)
        assert len(workloads(plan, "new")) == count
        return counted[0]

    calls(1)  # what is cached for good is not counted
    few, many = calls(50), calls(100)
    assert many < 2.1 * few, (few, many)
