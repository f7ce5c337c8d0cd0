"""Base files: what several stacks share, and which file an error names."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from hub2ghcr import plan, rules, stack_value
from hub2ghcr.errors import Hub2GhcrError, Problems
from hub2ghcr.settings import from_config, merged, partial

from .conftest import Project

BASE = "stacks/base.yaml"
STACK = "stacks/Pulumi.test.yaml"


def base(project: Project, text: str, name: str = BASE) -> None:
    """Write a base file, whose keys are given without their namespace."""
    config = {f"hub2ghcr:{key}": value for key, value in yaml.safe_load(text).items()}
    project.write(name, yaml.safe_dump({"config": config}, sort_keys=False))


def extend(project: Project, *names: str) -> Project:
    return project.change(lambda config: config.update(extends=list(names) if len(names) != 1 else names[0]))


def moved(project: Project, *sections: str) -> Project:
    """Move sections of the stack file into its base."""
    own = {key.partition(":")[2]: value for key, value in project.config.items()}
    base(project, yaml.safe_dump({name: own[name] for name in sections}))
    return extend(project.change(lambda config: [config.pop(name) for name in sections]), BASE)


def lines(project: Project) -> list[str]:
    with pytest.raises(Hub2GhcrError) as caught:
        project.settings()
    return list(caught.value.lines)


def test_a_section_means_the_same_in_a_base(project: Project) -> None:
    before = project.settings()
    moved(project, "registries", "mapping", "credentials", "github", "clusters", "phase")
    assert project.settings() == before


def test_the_plan_is_the_same_bytes_wherever_a_section_stands(project: Project) -> None:
    before = repr(plan.of_stack("test", project.save().root).plan)
    moved(project, "registries", "mapping", "github", "clusters")
    assert repr(plan.of_stack("test", project.save().root).plan) == before


def test_the_engine_and_the_file_give_equal_settings_over_a_base(project: Project) -> None:
    moved(project, "registries", "mapping")
    base(project, "clusterDefaults: {rollOutSeconds: 60, namespaces: {shop: {live: true, phase: prepare}}}", "b.yaml")
    extend(project, BASE, "b.yaml").change(lambda config: config.update(github=None))
    engine = {
        key: "" if value is None else value if isinstance(value, str) or "secure" in value else json.dumps(value)
        for key, value in project.config.items()
    }
    found = project.settings()
    assert from_config("test", engine, project.root, {}) == found
    assert found.clusters[0].rollOutSeconds == 60 and found.clusters[0].namespaces["shop"].live
    assert found.github is None


def test_a_stack_says_otherwise_by_key_and_null_removes(project: Project) -> None:
    base(
        project,
        """
        phase: prepare
        images: {mirror: require, pullBudget: 5}
        registries: {quay.io: {endpoint: "https://q"}, docker.io: {endpoint: "https://h", aliases: [hub.test]}}
        """,
    )
    extend(project, BASE).change(lambda config: config.update(images={"pullBudget": None, "mirror": "copy"}))
    project.config["hub2ghcr:registries"]["docker.io"]["aliases"] = []
    found = project.settings({"HUB_URL": "https://own"})
    assert (found.phase, found.images.mirror, found.images.pullBudget) == ("cutover", "copy", None)
    assert set(found.registries) == {"docker.io", "ghcr.io", "quay.io"}
    assert (found.registries["docker.io"].endpoint, found.registries["docker.io"].aliases) == ("https://own", ())


def test_defaults_lie_beneath_each_cluster(project: Project) -> None:
    base(project, "clusterDefaults: {onUnready: skip, rollOutSeconds: 9, namespaces: {blog: {live: true}}}")
    extend(project, BASE)
    second = {"name": "two", "kubeconfig": "k", "context": "c", "pull": "pull", "onUnready": None, "rollOutSeconds": 7}
    project.change(lambda config: config["clusters"].append(second))
    one, two = project.settings().clusters
    assert (one.onUnready, one.rollOutSeconds, sorted(one.namespaces)) == ("skip", 9, ["blog", "new", "shop"])
    assert (two.onUnready, two.rollOutSeconds, sorted(two.namespaces)) == ("hold", 7, ["blog"])


def test_defaults_in_the_stack_file_need_no_base(project: Project) -> None:
    project.change(lambda config: config.update(clusterDefaults={"rollOutSeconds": 9}))
    assert project.settings().clusters[0].rollOutSeconds == 9


def test_a_later_base_lies_over_an_earlier_and_what_they_share_beneath_both(project: Project) -> None:
    base(project, "images: {mirror: copy, pullBudget: 1, lock: low.yaml}", "stacks/low.yaml")
    base(project, "{extends: stacks/low.yaml, images: {pullBudget: 2, mirror: require}}", "stacks/one.yaml")
    base(project, "{extends: ./stacks/low.yaml, images: {pullBudget: 3}}", "stacks/two.yaml")
    extend(project, "stacks/one.yaml", "stacks/two.yaml").change(lambda config: config.pop("images", None))
    found = project.settings().images
    assert (found.mirror, found.pullBudget, found.lock) == ("require", 3, "low.yaml")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("config: [", f"{BASE}:2:1: not valid YAML: did not find expected node content; correct the file"),
        ("a: b", f"{BASE}: a stack file has the key `config`; see stacks/Pulumi.demo.yaml"),
        ("[]", f"{BASE}: must hold one mapping; see stacks/Pulumi.demo.yaml"),
        (
            "config: {hub2ghcr:pushToken: {secure: v1:a:b}}",
            f"{BASE}: hub2ghcr:pushToken: a base file holds no secrets; a value is encrypted for one stack: set it "
            "there",
        ),
        (
            "config: {pulumi:disable-default-providers: [github]}",
            f"{BASE}: pulumi:disable-default-providers: is no key of hub2ghcr; the engine reads it from the stack's "
            "own file: write it there",
        ),
        ("config: {hub2ghcr:clusers: []}", f"{BASE}: hub2ghcr:clusers: unknown key: 'clusers'; did you mean clusters?"),
        (
            "config: {hub2ghcr:clusterDefaults: [a]}",
            f"{BASE}: clusterDefaults: must be a mapping; write a cluster's keys",
        ),
        (
            f"config: {{hub2ghcr:extends: {STACK}}}",
            f"{BASE}: extends: extends itself: '{STACK} → {BASE} → {STACK}'; remove one of them",
        ),
        (
            "config: {hub2ghcr:extends: [no.yaml]}",
            f"{BASE}: extends[0]: no such base file: 'no.yaml'; paths are relative to the project's folder",
        ),
        (
            "config: {hub2ghcr:extends: [../x.yaml]}",
            f"{BASE}: extends[0]: must be a path inside the project's folder: '../x.yaml'; write such as "
            "stacks/base.yaml",
        ),
        (
            "config: {hub2ghcr:extends: [1]}",
            f"{BASE}: extends[0]: must be the path of a base file; write such as stacks/base.yaml, or a list of such",
        ),
    ],
)
def test_what_is_wrong_with_a_base_is_said_of_it(project: Project, text: str, line: str) -> None:
    project.write(BASE, text)
    assert lines(extend(project, BASE)) == [line]


def test_a_token_in_plain_text_is_refused_in_a_base_too(project: Project) -> None:
    base(project, f"credentials: {{push: {{username: ghp_{'x' * 36}, secretKey: pushToken}}}}")
    (line,) = lines(extend(project, BASE))
    assert line.startswith(f"{BASE}: hub2ghcr:credentials.push.username: a token in plain text; revoke it")
    assert "xxx" not in line


def test_without_a_base_that_can_be_read_nothing_is_said_of_what_hangs_on_it(project: Project) -> None:
    moved(project, "credentials")
    (project.root / BASE).unlink()
    assert lines(project) == [
        f"{STACK}: extends: no such base file: '{BASE}'; paths are relative to the project's folder"
    ]


def test_an_error_names_the_file_that_its_value_stands_in(project: Project) -> None:
    base(
        project,
        """
        images: {mirror: both, pullBudget: -1}
        mapping: {rules: [{from: docker.io/b/*, to: ghcr.io/b/*, color: red}]}
        registries: {quay.io: {pull: nobody}, docker.io: {pull: nobody}}
        clusterDefaults:
          pull: nobody
          delivery: magic
          namespaces: {shop: {create: 1}, blog: {manifest: []}}
        """,
    )
    extend(project, BASE)
    project.change(
        lambda config: (
            config.pop("mapping"),
            config.update(images={"pullBudget": -2}),
            config["registries"]["docker.io"].update(pull=None),
            config["registries"].update({"ghcr.io": {"push": "none"}}),
            config["clusters"][0].update(rollOutSeconds=0, delivery="wizard"),
        )
    )
    found = [line.partition(": ")[0::2] for line in lines(project)]
    assert [(place, rest.split(":")[0]) for place, rest in found] == [
        (STACK, "clusters[0].delivery"),
        (STACK, "clusters[0].rollOutSeconds"),
        (STACK, "images.pullBudget"),
        (STACK, "registries.ghcr.io.push"),
        (BASE, "clusterDefaults.namespaces.blog.manifest"),
        (BASE, "clusterDefaults.namespaces.shop.create"),
        (BASE, "images.mirror"),
        (BASE, "mapping.rules[0].color"),
        (BASE, "registries.quay.io.pull"),
    ]


def test_what_a_stack_replaced_is_not_said_of_its_base(project: Project) -> None:
    base(project, "clusters: [{name: a, namespaces: {shop: {create: 1}}}, {name: b}]")
    extend(project, BASE).change(lambda config: config["clusters"][0].pop("context"))
    (line,) = lines(project)
    assert line.startswith(f"{STACK}: clusters[0].context")


def test_a_missing_secret_is_said_of_the_credential_wherever_it_is_declared(project: Project) -> None:
    moved(project, "credentials").change(lambda config: config.pop("pullToken"))
    (line,) = lines(project)
    assert line == (
        f"{BASE}: credentials.pull.secretKey: missing secret: 'hub2ghcr:pullToken'; "
        "set it: pulumi config set --secret hub2ghcr:pullToken -s test"
    )


@pytest.mark.parametrize("key", ["extends", "clusterDefaults", "phase"])
def test_a_secret_cannot_have_the_name_of_a_section(project: Project, key: str) -> None:
    project.change(lambda config: config["credentials"]["push"].update(secretKey=key))
    assert any("names a key that is no secret" in line for line in lines(project))


def test_some_sections_alone_are_read_over_their_base(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    moved(project, "mapping", "credentials").save()
    monkeypatch.chdir(project.root)
    assert [str(rule.source) for rule in partial(STACK, project.root, ["mapping"]).mapping.rules] == [
        "docker.io/library/*", "docker.io/acme/*",
    ]  # fmt: skip
    assert len(rules.load([], stack="test").mapping.rules) == 2
    assert len(rules.load([], STACK).mapping.rules) == 2
    assert stack_value.declared("test", "pull", project.root).username == "puller"


def test_some_sections_alone_name_the_file_of_a_problem(project: Project) -> None:
    moved(project, "mapping").save()
    base(project, "mapping: {rules: [{from: docker.io/b/*, to: 3}]}")
    with pytest.raises(Problems, match=rf"^{BASE}: mapping\.rules\[0\]\.to: must be a string"):
        partial(STACK, project.root, ["mapping"])


def test_what_is_written_is_given_as_it_is_written(project: Project) -> None:
    base(project, "{phase: seal, clusterDefaults: {namespaces: {blog: {phase: prepare}}}}")
    extend(project.change(lambda config: config.pop("phase")), BASE).save()
    found: Any = merged("test", project.root)
    assert found["phase"] == "seal" and "clusterDefaults" not in found
    assert sorted(found["clusters"][0]["namespaces"]) == ["blog", "new", "shop"]
    assert found["pushToken"] == {"secure": "v1:a:b"}
