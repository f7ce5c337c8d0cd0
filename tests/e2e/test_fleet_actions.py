"""The workflows of previews, their own steps run: what a fork may do, what is written, and what never comes near it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.github import GitHub
from hub2ghcr.preview.comment import MARKER
from lab import environment, github, github_admin, toolchain
from lab.accounts import GITHUB_ADMIN
from lab.runner import event, run
from lab.runner.event import Ended
from lab.runner.upload import KEPT, folder
from tests.e2e import github_stack
from tests.e2e.conftest import ROOT, Lab
from tests.e2e.github_stack import GitHubStack

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

FOLDER = ".github/workflows"
PREVIEW, COMMENT, UP = (f"{FOLDER}/{name}.yml" for name in ("preview", "preview-comment", "up"))
PASSPHRASE = "passphrase-of-nobody-5e1f"
TOKEN = "lab-registry-token-90d2"
BOT = "github-actions[bot]"

STACK = """
config:
  pulumi:disable-default-providers: [kubernetes, github]
  hub2ghcr:phase: prepare
  hub2ghcr:registries:
    ghcr.io: {pull: puller}
  hub2ghcr:credentials:
    puller: {username: acme-bot, secretKey: pullerToken}
  hub2ghcr:pullerToken: {secure: v1:abc:def}
  hub2ghcr:mapping:
    rules: [{from: docker.io/library/*, to: ghcr.io/acme/*}]
  hub2ghcr:clusters:
    - name: one
      kubeconfig: ${KUBECONFIG}
      context: lab
      pull: puller
      namespaces:
        shop: {manifests: [stacks/shop.yaml]}
"""
SHOP = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27"}]}
"""
LOCK = """
version: 1
images:
  - source: docker.io/library/nginx:1.27
    digest: sha256:{digest}
    mediaType: application/vnd.oci.image.index.v1+json
    platforms: [linux/amd64]
    size: 1000
    target: ghcr.io/acme/nginx:1.27
    resolved: {{at: "2026-11-20T10:00:00Z", from: docker.io}}
"""
PROGRAM = {"requirements.txt": "hub2ghcr\n", "Pulumi.yaml": "name: fleet\nruntime: python\nstackConfigDir: stacks\n"}


WRITES = "      contents: read\n      issues: write\n      pull-requests: write"
LOOK = """
      - name: What is there to take
        if: always()
        env: {FOUND: "${{ secrets.TAKEN }}", TOKEN: "${{ github.token }}", NUMBER: "${{ github.event.number }}"}
        run: |
          code="$(curl --silent --output /dev/null --write-out '%{http_code}' --header "Authorization: Bearer $TOKEN" \\
            --json '{"body": "taken"}' "$GITHUB_API_URL/repos/acme/fleet/issues/$NUMBER/comments")"
          echo "secret=[$FOUND] persisted=[$(git -C head config --get-regexp extraheader)] comment=$code"
"""
"""A step that takes what it finds, of a pull request that asks for rights."""
OWN = f"{FOLDER}/own.yml"
USES = """
name: own
on: push
permissions: {}
jobs:
  own:
    runs-on: ubuntu-latest
    permissions: {contents: read}
    env: {KUBECONFIG: none}
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
      - uses: ./
        with:
          arguments: |
            plan

            --stack
            test
      - uses: ./
        continue-on-error: true
        with:
          arguments: |
            plan
            --stack
            $(touch taken)
      - name: Not read by a shell
        run: test ! -e taken
"""


@dataclass
class Fleet:
    """The repository ``acme/fleet``, and the runs in it."""

    state: Path
    tools: toolchain.Toolchain
    runs: int = 0
    logs: list[str] = field(default_factory=list)

    def suggest(self, files: Mapping[str, str | None], *, fork: str = "", branch: str = "topic") -> Any:
        return github_admin.suggest(self.state, "acme", "fleet", branch, files, fork=fork)

    def preview(self, made: Any, *, fork: str = "", branch: str = "topic") -> Ended:
        """Run what a pull request runs: the workflow as the pull request has it."""
        self.runs += 1
        happened = event.pull_request(branch, made.merge, made.number, fork=fork, head=made.head, run=self.runs)
        done = self.run(PREVIEW, happened)
        return Ended(happened, "preview", done.conclusion)

    def comment(self, ended: Ended, **more: Any) -> run.Ran:
        """Run what follows it: the workflow as the default branch has it."""
        self.runs += 1
        tip, _ = github_admin.objects(self.state, "acme", "fleet", "main")
        return self.run(COMMENT, event.run_ended("main", tip, ended, self.runs), **more)

    def up(self, dev: Dev, branch: str) -> run.Ran:
        """Run what somebody starts by hand, of a branch."""
        self.runs += 1
        tip, _ = github_admin.objects(self.state, "acme", "fleet", branch)
        return self.run(UP, event.dispatched(branch, tip, {"stack": "dev"}, self.runs), environ=dev.machine)

    def run(self, path: str, happened: event.Event, **more: Any) -> run.Ran:
        done = run.run(self.state, self.tools, "acme/fleet", path, happened, **more)
        self.logs.append(done.log)
        return done

    def api(self) -> GitHub:
        return GitHub(github.endpoint(self.state), Credential(GITHUB_ADMIN.user, GITHUB_ADMIN.token))

    def artifact(self, ended: Ended) -> Path:
        return folder(self.state, "acme/fleet", str(ended.event.run), "hub2ghcr-preview")

    def comments(self, number: int) -> list[tuple[str, str]]:
        with self.api() as api:
            found = api.pages("repos", "acme", "fleet", "issues", str(number), "comments")
            return [(each["user"]["login"], each["body"]) for each in found]


@dataclass
class Dev:
    """The stack ``dev``, begun and not applied, in the repository beside its program."""

    stack: GitHubStack

    @property
    def machine(self) -> dict[str, str]:
        """What is on the runner's machine: the engine and its plugins, and where the lab's services are."""
        names = ("PATH", "PULUMI_HOME", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "PULUMI_SKIP_UPDATE_CHECK")
        return {name: value for name, value in self.stack.lab.env.items() if name in names or name.startswith("LAB_")}

    def trust(self, name: str, *secrets: str) -> None:
        """Put the backend's place and the passphrase, or what is named of them, into an environment."""
        state, env = self.stack.lab.state, self.stack.lab.env
        with self.stack.api() as api:
            api.send("PUT", "repos", "acme", "fleet", "environments", name, body={})
        for each in secrets or ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"):
            github_admin.set_secret(state, "acme", "fleet", each, env[each], environment=name)


@pytest.fixture
def dev(fleet: Fleet, lab_tools: toolchain.Toolchain, tmp_path: Path) -> Iterator[Dev]:
    lab = Lab(fleet.state, lab_tools, {**os.environ, **environment.environment(fleet.state, lab_tools)})
    wanted = {"fleet": {"secrets": {"CR_PAT": "one"}}}
    with github_stack.stack(lab, tmp_path, "dev", wanted, {"one": TOKEN}) as made:
        sources = [ROOT / "__main__.py", ROOT / "Pulumi.yaml", *(ROOT / "components").rglob("*.py")]
        program: dict[str, str | None] = {str(file.relative_to(ROOT)): file.read_text() for file in sources}
        ours = {"stacks/Pulumi.dev.yaml": made.file.read_text(), "images.lock.yaml": "version: 1\nimages: []\n"}
        gone = dict.fromkeys(("stacks/Pulumi.test.yaml", "stacks/shop.yaml"))
        github_admin.commit(fleet.state, "acme", "fleet", {**program, **ours, **gone})
        yield Dev(made)


@pytest.fixture
def fleet(lab_state: Path) -> Iterator[Fleet]:
    github.up(lab_state)
    rmtree(lab_state / KEPT, ignore_errors=True)  # runs are counted anew
    workflows = {path: (ROOT / path).read_text() for path in (PREVIEW, COMMENT, UP)}
    files = {**PROGRAM, **workflows, "stacks/Pulumi.test.yaml": STACK, "stacks/shop.yaml": SHOP}
    files["images.lock.yaml"] = LOCK.format(digest="1" * 64)
    github_admin.add_repository(lab_state, "acme", "fleet", files)
    made = Fleet(lab_state, toolchain.resolve(["act"], quiet=True))
    with made.api() as api:
        api.send("PUT", "repos", "acme", "fleet", "environments", "preview", body={})
    secret = ("acme", "fleet", "PULUMI_CONFIG_PASSPHRASE", PASSPHRASE)
    github_admin.set_secret(lab_state, *secret, environment="preview")
    yield made
    assert not [log for log in made.logs if PASSPHRASE in log]
    assert github_admin.violations(lab_state) == []


def test_a_fork_is_previewed_without_a_secret_and_its_comment_is_updated_in_place(fleet: Fleet) -> None:
    cutover = {"stacks/Pulumi.test.yaml": STACK.replace("prepare", "cutover")}
    made = fleet.suggest(cutover, fork="mallory")
    ended = fleet.preview(made, fork="mallory")
    assert ended.conclusion == "success", fleet.logs[-1]
    done = fleet.comment(ended)
    assert done.jobs == {"engine": "skipped", "comment": "success"}, done.log
    [(author, first)] = fleet.comments(made.number)
    assert author == BOT and first.startswith(MARKER)
    assert "| `test` | claimed | 1 |" in first and "phase prepare → cutover" in first

    digest = {"images.lock.yaml": LOCK.format(digest="2" * 64)}
    again = fleet.preview(fleet.suggest(digest, fork="mallory"), fork="mallory")
    assert fleet.comment(again).conclusion == "success"
    [(_, second)] = fleet.comments(made.number)
    assert second != first and "sha256:222222222222" in second

    # a run of a commit that is no longer the head says nothing
    assert fleet.comment(ended).conclusion == "success"
    assert fleet.comments(made.number) == [(BOT, second)]
    assert "wrote nothing" in fleet.logs[-1]


def test_what_a_fork_claims_is_held_to_its_form_and_shown_for_what_it_is(fleet: Fleet) -> None:
    made = fleet.suggest({"stacks/Pulumi.test.yaml": STACK.replace("prepare", "cutover")}, fork="mallory")
    ended = fleet.preview(made, fork="mallory")
    assert ended.conclusion == "success", fleet.logs[-1]
    file = fleet.artifact(ended) / "preview.json"
    honest = json.loads(file.read_text())
    lie = {
        **honest["stacks"][0],
        "mode": "engine",
        "why": "",
        "warnings": ["@acme/admins ![x](https://evil.example) <b>"],
    }
    file.write_text(json.dumps({**honest, "base": MARKER, "stacks": [lie]}))
    assert fleet.comment(ended).conclusion == "success"
    [(_, text)] = fleet.comments(made.number)
    assert "| `test` | claimed |" in text and "| `test` | engine |" not in text
    assert "`@acme/admins ![x](https://evil.example) <b>`" in text
    for wrong in ("{}", '{"number": 1}', "[" * 100_000, json.dumps({**honest, "number": 1})):
        file.write_text(wrong)
        done = fleet.comment(ended)
        assert done.jobs["comment"] == "failure" and "is not a preview" in done.log, done.log
    assert fleet.comments(made.number) == [(BOT, text)]


def test_a_pull_request_that_rewrites_the_workflow_finds_no_secret_and_no_token_that_writes(fleet: Fleet) -> None:
    """What a fork's own run could do at worst: its environment, its token, its artefact are all there is."""
    github_admin.set_secret(fleet.state, "acme", "fleet", "TAKEN", PASSPHRASE)
    evil = (ROOT / PREVIEW).read_text().replace("      contents: read", WRITES) + LOOK
    assert WRITES in evil
    made = fleet.suggest({PREVIEW: evil, COMMENT: "on: workflow_run\njobs: {}\n"}, fork="mallory")
    ended = fleet.preview(made, fork="mallory")
    assert "secret=[] persisted=[] comment=403" in fleet.logs[-1], fleet.logs[-1]
    assert fleet.comments(made.number) == []
    # the workflow that follows is the default branch's, whatever the pull request has
    done = fleet.comment(ended)
    assert done.jobs == {"engine": "skipped", "comment": "success"}, done.log
    # the control: all of it is there for whom the repository trusts, with a checkout that leaves its token
    left = evil.replace("persist-credentials: false", "persist-credentials: true")
    fleet.preview(fleet.suggest({PREVIEW: left}, branch="trusted"), branch="trusted")
    assert "secret=[***] persisted=[http" in fleet.logs[-1] and "comment=201" in fleet.logs[-1], fleet.logs[-1]


def test_a_run_of_something_else_is_not_followed(fleet: Fleet) -> None:
    tip, _ = github_admin.objects(fleet.state, "acme", "fleet", "main")
    done = fleet.comment(Ended(replace(event.push("main", tip), run=99), "preview"))
    assert done.jobs == {"engine": "skipped", "comment": "skipped"}


def test_a_branch_is_asked_the_engine_about_with_the_environments_secrets_and_a_fork_is_not(
    fleet: Fleet, dev: Dev
) -> None:
    dev.trust("preview")
    phase = dev.stack.file.read_text().replace("hub2ghcr:phase: prepare", "hub2ghcr:phase: cutover")
    change = {"stacks/Pulumi.dev.yaml": phase}
    asked: dict[str, Any] = {"variables": {"HUB2GHCR_PREVIEW_ENGINE": "true"}, "environ": dev.machine}
    for fork, engine, mode in (("", "success", "engine"), ("mallory", "skipped", "claimed")):
        made = fleet.suggest(change, fork=fork)
        done = fleet.comment(fleet.preview(made, fork=fork), **asked)
        assert done.jobs == {"engine": engine, "comment": "success"}, done.log
        [(_, text)] = fleet.comments(made.number)
        assert f"| `dev` | {mode} |" in text, text
    assert "CR_PAT" not in github_admin.secrets(fleet.state, "acme", "fleet")


def test_what_is_merged_is_applied_with_the_secrets_of_its_environment_and_no_other_branch_is(
    fleet: Fleet, dev: Dev
) -> None:
    fleet.suggest({"README.md": "a branch\n"}, branch="topic")
    dev.trust("staging")
    dev.trust("dev", "PULUMI_BACKEND_URL")
    refused = fleet.up(dev, "main")
    assert refused.jobs == {"up": "failure"} and "secrets cannot be opened" in refused.log, refused.log
    dev.trust("dev")
    assert fleet.up(dev, "topic").jobs == {"up": "skipped"}
    assert "CR_PAT" not in github_admin.secrets(fleet.state, "acme", "fleet")
    done = fleet.up(dev, "main")
    assert done.jobs == {"up": "success"}, done.log
    assert github_admin.secrets(fleet.state, "acme", "fleet")["CR_PAT"] == TOKEN
    assert TOKEN not in done.log


def test_the_action_runs_a_command_whose_arguments_no_shell_reads(fleet: Fleet) -> None:
    action = (ROOT / "action.yml").read_text()
    careless = action.replace('"${words[@]}"', "$(eval echo $ARGUMENTS)")
    assert careless != action
    for number, (text, conclusion) in enumerate(((action, "success"), (careless, "failure"))):
        tip = github_admin.commit(fleet.state, "acme", "fleet", {"action.yml": text, OWN: USES})
        done = fleet.run(OWN, replace(event.push("main", tip), run=100 + number))
        assert done.conclusion == conclusion, done.log
        assert [one.conclusion for one in done.steps if one.name == "Not read by a shell"] == [conclusion], done.steps
        assert "ghcr.io/acme/nginx" in done.log, done.log
