"""Settings: typed, every problem of a run with path, value and remedy, and never a secret's value."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.errors import Hub2GhcrError, NoSuchStack, Problems
from hub2ghcr.mapping import Mapped, RuleOptions
from hub2ghcr.places import Place, Places
from hub2ghcr.reference import Reference
from hub2ghcr.settings import HelmSettings, KustomizeSettings, Settings, from_config, load, stacks

from .conftest import Config, Project

TOKEN = "ghp_" + "x" * 36


def problems(project: Project) -> list[str]:
    """Return the lines without the stack file's name."""
    with pytest.raises(Problems) as caught:
        project.settings()
    prefix = "stacks/Pulumi.test.yaml: "
    assert all(line.startswith(prefix) for line in caught.value.lines)
    return [line.removeprefix(prefix) for line in caught.value.lines]


def test_a_sound_stack_is_read_with_its_defaults(project: Project) -> None:
    found = project.settings()
    assert (found.stack, found.phase, found.images.mirror, found.images.lock) == (
        "test", "cutover", None, "images.lock.yaml"
    )  # fmt: skip
    assert found.clusters[0].pullSecretName == "hub2ghcr-ghcr"
    assert found.clusters[0].delivery == "patch"
    assert found.github is not None and found.github.endpoint == "https://api.github.com/"


def test_the_stack_file_and_the_engine_give_equal_settings(project: Project) -> None:
    engine = {
        key: value if isinstance(value, str) or "secure" in value else json.dumps(value)
        for key, value in project.config.items()
    }
    assert from_config("test", engine, project.root, {}) == project.settings()
    assert Settings.from_config("test", engine, project.root, {"HUB_URL": "http://h"}) != project.settings()


def test_settings_cannot_be_changed(project: Project) -> None:
    with pytest.raises(ValueError, match="frozen"):
        project.settings().phase = "prepare"


def test_names_of_variables_are_read_in_endpoints_and_kubeconfigs_alone(project: Project) -> None:
    project.change(lambda config: config["clusters"][0].update(context="${HUB_URL}"))
    found = project.settings({"HUB_URL": "http://127.0.0.1:1", "KUBECONFIG": "/k"})
    assert found.registries["docker.io"].endpoint == "http://127.0.0.1:1"
    assert (found.clusters[0].kubeconfig, found.clusters[0].context) == ("/k", "${HUB_URL}")
    assert project.settings({}).registries["docker.io"].endpoint == "${HUB_URL}"


def test_a_missing_stack_is_answered_with_those_there_are(project: Project) -> None:
    project.save()
    project.write("stacks/Pulumi.other.yaml", "config: {}")
    assert stacks(project.root) == ("other", "test")
    with pytest.raises(NoSuchStack) as caught:
        load("nope", project.root, {})
    assert str(caught.value) == "stacks/Pulumi.nope.yaml: no such stack: 'nope'; the stacks there are: other, test"


@pytest.mark.parametrize("name", ["../test", "a/b", ""])
def test_a_stack_name_cannot_leave_the_folder(project: Project, name: str) -> None:
    with pytest.raises(NoSuchStack):
        load(name, project.save().root, {})


def test_a_folder_without_stacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoSuchStack, match=r"none: is .* the project's folder"):
        load("test", tmp_path, {})


@pytest.mark.parametrize("text", ["config: [", "- a", "config: []", ""])
def test_a_stack_file_that_is_none_is_refused_in_one_line(project: Project, text: str) -> None:
    project.write("stacks/Pulumi.test.yaml", text)
    with pytest.raises(Hub2GhcrError, match=r"^stacks/Pulumi\.test\.yaml"):
        load("test", project.root, {})


def _set(*path: str | int, value: Any) -> Callable[[Config], object]:
    def change(config: Config) -> None:
        holder: Any = config
        for part in path[:-1]:
            holder = holder[part]
        holder[path[-1]] = value

    return change


KEYS = "the keys here are admin, publish, pull, push"
RULE_HINT = "write such as ghcr.io/acme/*; for GitHub Enterprise set `registries.HOST.github`"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (_set("clusers", value=[]), "hub2ghcr:clusers: unknown key: 'clusers'; did you mean clusters?"),
        (
            _set("clusters", 0, "namespaces", "shop", "manifest", value=[]),
            "clusters[0].namespaces.shop.manifest: unknown key: 'manifest'; did you mean manifests?",
        ),
        (
            _set("mapping", "rules", 0, "form", value="x"),
            "mapping.rules[0].form: unknown key: 'form'; did you mean from?",
        ),
        (
            _set("images", value={"zzz": 1}),
            "images.zzz: unknown key: 'zzz'; the keys here are archives, lock, mirror, pullBudget",
        ),
        (
            _set("clusters", 0, "namespaces", "shop", "manifests", 0, value=5),
            "clusters[0].namespaces.shop.manifests[0]: must be a string: '5'",
        ),
        (
            _set("clusters", 0, "namespaces", "shop", "manifests", value="a.yaml"),
            "clusters[0].namespaces.shop.manifests: must be a list: 'a.yaml'",
        ),
        (
            _set("clusters", 0, "namespaces", "new", "create", value="yes"),
            "clusters[0].namespaces.new.create: must be true or false: 'yes'",
        ),
        (_set("clusters", value={"a": 1}), "clusters: must be a list"),
        (_set("phase", value="cutoff"), "phase: must be prepare, cutover or seal: 'cutoff'"),
        (_set("rollback", value="now"), "rollback: must be checked or forced: 'now'"),
        (
            _set("clusters", 0, "namespaces", "shop", "manifests", value=["../a.yaml"]),
            "clusters[0].namespaces.shop.manifests[0]: must be a path inside the project's folder: '../a.yaml'",
        ),
        (
            _set("registries", "ghcr.io", "endpoint", value="ghcr.io"),
            "registries.ghcr.io.endpoint: must be a URL such as https://ghcr.io, without user or password: 'ghcr.io'",
        ),
        (
            _set("clusters", 0, "namespaces", "Shop", value={}),
            "clusters[0].namespaces.Shop: must be a namespace's name: lower case, digits and '-', at most 63: 'Shop'",
        ),
        (
            _set("clusters", 0, "pull", value="pul"),
            "clusters[0].pull: no such credential: 'pul'; did you mean pull?",
        ),
        (
            _set("github", "repositories", "shop", "secrets", "CR_PAT", value="nobody"),
            f"github.repositories.shop.secrets.CR_PAT: no such credential: 'nobody'; {KEYS}",
        ),
        (
            _set("mapping", "rules", 0, "to", value="quay.io/acme/*"),
            f"mapping.rules[0]: a target is ghcr.io/owner/package: 'quay.io/acme/*'; {RULE_HINT}",
        ),
        (
            _set("mapping", "exclude", value=[{"match": "nginx:1", "reason": "x"}]),
            "mapping.exclude[0].match: a pattern names no tag and no digest: 'nginx:1'; leave them out",
        ),
        (
            lambda config: config["mapping"]["rules"].append({"from": "nginx", "to": "ghcr.io/acme/nginx"}),
            "mapping: rules[2]: never applies: the rule for docker.io/library/* comes first: 'docker.io/library/nginx'",
        ),
        (
            _set("registries", "ghcr.io", "aliases", value=["docker.io"]),
            "registries.ghcr.io.aliases[0]: has a meaning of its own: 'docker.io'; remove it",
        ),
        (
            _set("registries", value={"a.io": {"aliases": ["b.io"]}, "b.io": {}}),
            "registries.a.io.aliases[0]: is a registry of its own: 'b.io'; keep one: the alias or the registry",
        ),
        (
            _set("registries", value={"a.io": {"aliases": ["c.io"]}, "b.io": {"aliases": ["c.io"]}}),
            "registries.b.io.aliases[0]: is an alias of a.io already: 'c.io'; keep one",
        ),
        (
            _set("mapping", "rules", 0, "platforms", value=["amd64"]),
            "mapping.rules[0].platforms[0]: must be a platform such as linux/amd64 or linux/arm/v7: 'amd64'",
        ),
        (
            lambda config: config["clusters"].append(dict(config["clusters"][0])),
            "clusters[1].name: two clusters have this name: 'one'; rename one",
        ),
        (lambda config: config["clusters"][0].pop("context"), "clusters[0].context: is missing; add it"),
        (
            _set("clusters", 0, "server", value="https://api:6443"),
            "clusters[0]: is reached in two ways: 'one'; keep kubeconfig and context, or server and token",
        ),
        (
            _set("clusters", 0, value={"name": "one", "server": "https://api:6443"}),
            "clusters[0].token: is missing; add it",
        ),
        (
            _set("clusters", 0, value={"name": "one", "server": "http://api", "token": "pull"}),
            "clusters[0].server: must be a URL such as https://api.example.org:6443, without user or password:"
            " 'http://api'",
        ),
        (
            _set("clusters", 0, value={"name": "one", "server": "https://api", "token": "nobody"}),
            "clusters[0].token: no such credential: 'nobody'; the keys here are admin, publish, pull, push",
        ),
        (
            _set("clusters", 0, "pull", value={"ghcr.io": "pull", "docker.io": "nobody"}),
            "clusters[0].pull.docker.io: no such credential: 'nobody'; the keys here are admin, publish, pull, push",
        ),
        (_set("clusters", 0, "pull", value=7), "clusters[0].pull: must be a string: '7'"),
        (
            _set("clusters", 0, "selector", value={"matchLabels": {"team": "shop"}, "settings": {"pull": "nobody"}}),
            f"clusters[0].selector.settings.pull: no such credential: 'nobody'; {KEYS}",
        ),
        (_set("clusters", 0, "selector", value={}), "clusters[0].selector.matchLabels: is missing; add it"),
        (
            _set("clusters", 0, "guard", value={"exceptions": [{"match": "nginx:1", "reason": "x"}]}),
            "clusters[0].guard.exceptions[0].match: a pattern names no tag and no digest: 'nginx:1'; leave them out",
        ),
        (
            _set("clusters", 0, "namespaces", "shop", "manifests", 0, value={"helmm": "charts/shop"}),
            "clusters[0].namespaces.shop.manifests[0]: must be a path, {kustomize: FOLDER} or"
            " {helm: CHART, release: NAME}",
        ),
        (
            _set("clusters", 0, "namespaces", "shop", "manifests", 0, value={"helm": "charts/shop"}),
            "clusters[0].namespaces.shop.manifests[0].release: is missing; add it",
        ),
        (
            _set("clusters", 0, "namespaces", "shop", "manifests", 0, value={"helm": "c", "release": "r", "value": 1}),
            "clusters[0].namespaces.shop.manifests[0].value: unknown key: 'value'; did you mean values?",
        ),
        (
            _set("clusters", 0, "namespaces", "shop", "serviceAccounts", value=["Shop"]),
            "clusters[0].namespaces.shop.serviceAccounts[0]: must be a ServiceAccount's name, or * for all: 'Shop'",
        ),
        (
            _set("clusters", 0, "namespaces", "shop", "labels", value={"a b": "c"}),
            "clusters[0].namespaces.shop.labels.a b: must be the key of a label or annotation, such as"
            " example.org/team: 'a b'",
        ),
        (
            _set("clusters", 0, "delivery", value="render"),
            "clusters[0].namespaces.shop.render: is missing; say where the files go: a folder or a repository",
        ),
        (
            _set("clusters", 0, "namespaces", "shop", "render", value={"folder": "out"}),
            "clusters[0].namespaces.shop.render: goes with `delivery: render`; set that, or remove it",
        ),
        (
            _set("clusters", 0, "namespaces", "shop", value={"delivery": "render", "render": {"repository": "a/b"}}),
            "clusters[0].namespaces.shop.render.branch: is missing; add it",
        ),
        (
            _set(
                "clusters",
                0,
                "namespaces",
                "shop",
                value={"delivery": "render", "render": {"folder": "out"}, "live": True},
            ),
            "clusters[0].namespaces.shop.live: goes with `delivery: patch`; name manifests: what only lives in a"
            " cluster has no file",
        ),
        (
            _set("clusters", 0, "namespaces", "shop", "adopt", value=True),
            "clusters[0].namespaces.shop.adopt: goes with `delivery: own`; set that, or remove it",
        ),
        (
            _set("clusters", 0, "namespaces", "shop", value={"delivery": "render", "render": {}}),
            "clusters[0].namespaces.shop.render: is a folder or a repository; name one of them",
        ),
        (
            lambda config: config.pop("pullToken"),
            "credentials.pull.secretKey: missing secret: 'hub2ghcr:pullToken';"
            " set it: pulumi config set --secret hub2ghcr:pullToken -s test",
        ),
        (
            _set("pullToken", value="hunter2"),
            "hub2ghcr:pullToken: a secret in plain text;"
            " revoke it, then: pulumi config set --secret hub2ghcr:pullToken -s test",
        ),
        (
            _set("forgotten", value={"secure": "v1:a:b"}),
            "hub2ghcr:forgotten: no credential uses this secret;"
            " name it as the secretKey of a credential, or remove it",
        ),
        (_set("phase", value={"secure": "v1:a:b"}), "phase: must not be secret; only credential values are secret"),
        (
            _set("credentials", "pull", "secretKey", value="clusters"),
            "credentials.pull.secretKey: names a key that is no secret: 'clusters'; choose another key",
        ),
    ],
)
def test_each_mistake_has_its_line(project: Project, change: Callable[[Config], object], line: str) -> None:
    assert line in problems(project.change(change))


def test_a_cluster_is_reached_by_server_and_a_named_token(project: Project) -> None:
    reach = {"server": "${API}", "token": "pull", "certificateAuthority": "ca.pem"}
    project.change(_set("clusters", 0, value={"name": "one", **reach}))
    found = project.settings({"API": "https://api:6443"}).clusters[0]
    assert (found.server, found.token, found.certificateAuthority) == ("https://api:6443", "pull", "ca.pem")


def test_a_system_namespace_is_migrated_where_it_is_named(project: Project) -> None:
    project.change(_set("clusters", 0, "namespaces", "kube-system", value={}))
    assert "kube-system" in project.settings().clusters[0].namespaces


def test_manifests_are_files_overlays_and_charts(project: Project) -> None:
    entries = ["shop.yaml", {"kustomize": "overlays/prod"}, {"helm": "charts/shop", "release": "shop"}]
    project.change(_set("clusters", 0, "namespaces", "shop", "manifests", value=entries))
    assert project.settings().clusters[0].namespaces["shop"].manifests == (
        "shop.yaml",
        KustomizeSettings(kustomize="overlays/prod"),
        HelmSettings(helm="charts/shop", release="shop"),
    )


def test_the_mapping_knows_the_aliases_of_registries_and_the_options_of_rules(project: Project) -> None:
    project.change(_set("registries", "localhost:32000", value={"aliases": ["10.0.0.5:32000"]}))
    rule = {"from": "10.0.0.5:32000/*", "to": "ghcr.io/acme/*", "platforms": ["linux/amd64"], "allowNewDigest": True}
    project.change(lambda config: config["mapping"]["rules"].append(rule))
    decision = project.settings().image_mapping.map(Reference.parse("10.0.0.5:32000/shop:1"))
    assert isinstance(decision, Mapped)
    assert (str(decision.source), str(decision.target)) == ("localhost:32000/shop:1", "ghcr.io/acme/shop:1")
    assert decision.options == RuleOptions(("linux/amd64",), allow_new_digest=True)


def test_all_mistakes_of_a_run_are_reported_together(project: Project) -> None:
    def change(config: Config) -> None:
        config["phase"] = "x"
        config["clusters"][0]["pull"] = "nobody"
        config["mapping"]["rules"][0]["to"] = "quay.io/a/*"
        config["images"] = {"mirror": 1}
        config.pop("pullToken")

    project.config.pop("pulumi:disable-default-providers")
    lines = problems(project.change(change))
    assert [line.split(":")[0] for line in lines] == [
        "clusters[0].pull", "credentials.pull.secretKey", "images.mirror", "mapping.rules[0]", "phase", "pulumi"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "missing"),
    [(None, "github and kubernetes"), (["kubernetes"], "github"), ([], "github and kubernetes"), ("aws", "github")],
)
def test_default_providers_must_be_disabled(project: Project, value: Any, missing: str) -> None:
    project.config["pulumi:disable-default-providers"] = value
    (line,) = problems(project)
    assert line.startswith(f"pulumi:disable-default-providers: must list {missing}")


@pytest.mark.parametrize("value", ["*", ["*"], ["github", "kubernetes", "*"]])
def test_disabling_every_default_provider_would_disable_our_own(project: Project, value: Any) -> None:
    project.config["pulumi:disable-default-providers"] = value
    (line,) = problems(project)
    assert line == (
        "pulumi:disable-default-providers: disables the provider of our own resources too: '*'; "
        "list github and kubernetes by name"
    )


@pytest.mark.parametrize("value", ['["github", "kubernetes"]', ["aws", "github", "kubernetes"]])
def test_disabled_default_providers_are_accepted_in_every_spelling(project: Project, value: Any) -> None:
    project.config["pulumi:disable-default-providers"] = value
    project.settings()


@pytest.mark.parametrize(
    "token",
    [TOKEN, "github_pat_" + "1" * 30, "dckr_pat_" + "a" * 27, "glpat-" + "a" * 20, "-----BEGIN RSA PRIVATE KEY-----"],
)
@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda config, token: config["credentials"]["pull"].update(token=token), "hub2ghcr:credentials.pull.token"),
        (lambda config, token: config["credentials"]["pull"].update(secretKey=token), "hub2ghcr:credentials.pull"),
        (lambda config, token: config["clusters"][0].update(pull=token), "hub2ghcr:clusters[0].pull"),
        (lambda config, token: config["github"]["repositories"].update({token: {}}), "hub2ghcr:github.repositories.…"),
        (lambda config, token: config.update({"pullToken": token}), "hub2ghcr:pullToken"),
        (lambda config, token: config.update({"other": token}), "hub2ghcr:other"),
        (lambda config, token: config.update(phase=token), "hub2ghcr:phase"),
    ],
)
def test_a_token_in_plain_text_is_refused_by_name_and_never_shown(
    project: Project, token: str, change: Callable[[Config, str], object], path: str
) -> None:
    lines = problems(project.change(lambda config: change(config, token)))
    assert any(line.startswith(path) and ": a token in plain text; revoke it" in line for line in lines)
    assert token not in "\n".join(lines)


@pytest.mark.parametrize("value", [TOKEN, "hunter2"])
def test_a_secret_in_plain_text_has_one_line(project: Project, value: str) -> None:
    (line,) = problems(project.change(lambda config: config.update({"pullToken": value})))
    assert line.startswith("hub2ghcr:pullToken: a ") and "in plain text; revoke it" in line and value not in line


def test_a_token_of_another_namespace_is_refused_too_and_its_other_keys_are_ignored(project: Project) -> None:
    project.config["aws:region"] = {"any": ["thing"]}
    project.settings()
    project.config["github:token"] = TOKEN
    (line,) = problems(project)
    assert line.startswith("github:token: a token in plain text")


def test_a_credential_written_where_its_name_belongs_is_not_shown(project: Project) -> None:
    lines = problems(project.change(_set("credentials", "pull", value={"username": 7, "secretKey": 12345678})))
    assert "12345678" not in "\n".join(lines)


def test_declared_places_are_rows_of_the_table_and_their_mistakes_have_lines(project: Project) -> None:
    declared = {"kind": "stable.example.org/CronTab", "images": ["spec.image"], "args": ["--image="]}
    project.change(lambda config: config.update(places=[declared]))
    row = Place("stable.example.org", "CronTab", images=("spec.image",), args=("--image=",))
    assert project.settings().declared_places == Places((row,))
    project.change(lambda config: config.update(places=[{"kind": "CronTab", "images": ["spec..image"]}, {"image": []}]))
    lines = problems(project)
    assert any(line.startswith("places[0].images[0]: not a path: 'spec..image'") for line in lines)
    assert any(line.startswith("places[1].kind: ") for line in lines)
    assert any(line.startswith("places[1].image: unknown key") for line in lines)
