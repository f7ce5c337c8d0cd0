"""Workflows and their runs: a workflow file that is pushed is listed, and runs: it ends at once, with success."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import yaml

from lab.github_api import git, people, repositories
from lab.github_api.exchange import Answer, Call, Document, Refusal, need, not_found
from lab.github_api.paging import page
from lab.github_api.store import identity, node, now

FOLDER = ".github/workflows/"


def pushed(call: Call, document: Document, branch: str, commit: str) -> None:
    """A branch names a new commit: learn its workflows, and run those that listen to pushes of this branch."""
    files: git.Files = document["commits"][commit]["files"]
    for path, blob in files.items():
        if path.startswith(FOLDER) and path.endswith((".yml", ".yaml")):
            text = _parse(git.content(document, blob))
            if branch == document["default_branch"]:
                _learn(document, path, text)
            if "push" in _events(text) and _listens(_events(text)["push"], branch, "branches"):
                start(call, document, path, text, "push", branch, commit)
    if branch == document["default_branch"]:
        for path, kept in document["workflows"].items():
            if path not in files:
                kept |= {"state": "deleted", "updated_at": now()}


def requested(call: Call, document: Document, branch: str, commit: str) -> None:
    """A pull request was opened: run the workflows on its branch that listen to pull requests."""
    for path, blob in document["commits"][commit]["files"].items():
        if path.startswith(FOLDER):
            text = _parse(git.content(document, blob))
            if "pull_request" in _events(text):
                start(call, document, path, text, "pull_request", branch, commit)


def tagged(call: Call, document: Document, tag: str, commit: str) -> None:
    """A tag was pushed: run the workflows of its commit that listen to it."""
    for path, blob in document["commits"][commit]["files"].items():
        if path.startswith(FOLDER):
            text = _parse(git.content(document, blob))
            push = _events(text).get("push", False)
            if push is not False and _listens(push, tag, "tags"):
                start(call, document, path, text, "push", tag, commit)


def start(call: Call, document: Document, path: str, text: Document, event: str, branch: str, commit: str) -> None:
    """Add a run of a workflow, ended with success, or as ``runs`` of the repository's document says of new ones."""
    number = sum(run["path"] == path for run in document["runs"]) + 1
    document["runs"].append(
        {
            "path": path,
            "name": str(text.get("name") or path),
            "event": event,
            "branch": branch,
            "commit": commit,
            "number": number,
            "actor": call.login,
            "created_at": now(),
            "status": "completed",
            "conclusion": "success",
            **document.get("new_runs", {}),
        }
    )


def listing(call: Call) -> Answer:
    """``GET …/actions/workflows``, sorted by path."""
    document = repositories.find(call)
    return page(call, sorted(document["workflows"]), lambda path: _workflow(call, document, path), key="workflows")


def get(call: Call) -> Answer:
    """``GET …/actions/workflows/{workflow_id}``, by number or file name."""
    document = repositories.find(call)
    return Answer(200, _workflow(call, document, _find(document, call.path["workflow_id"])))


def dispatch(call: Call) -> Answer:
    """``POST …/actions/workflows/{workflow_id}/dispatches``."""
    document = repositories.find(call, "write")
    need(call, "WorkflowDispatch", "ref")
    path = _find(document, call.path["workflow_id"])
    branch = call.body["ref"].removeprefix("refs/heads/")
    commit = git.resolve(document, branch)
    if commit is None:
        raise Refusal(422, f"No ref found for: {call.body['ref']}")
    blob = document["commits"][commit]["files"].get(path)
    text = _parse(git.content(document, blob)) if blob else {}
    if "workflow_dispatch" not in _events(text):
        raise Refusal(422, "Workflow does not have 'workflow_dispatch' trigger")
    start(call, document, path, text, "workflow_dispatch", branch, commit)
    repositories.save(call.store, document)
    return Answer(204)


def runs(call: Call) -> Answer:
    """``GET …/actions/runs`` and those of one workflow, newest first.

    Filters: ``branch``, ``event``, ``status``, ``head_sha``, ``actor``.
    """
    document = repositories.find(call)
    chosen = list(reversed(document["runs"]))
    if "workflow_id" in call.path:
        path = _find(document, call.path["workflow_id"])
        chosen = [run for run in chosen if run["path"] == path]
    for query, key in (("branch", "branch"), ("event", "event"), ("head_sha", "commit"), ("actor", "actor")):
        if wanted := call.query.get(query):
            chosen = [run for run in chosen if run[key] == wanted]
    if wanted := call.query.get("status"):
        chosen = [run for run in chosen if wanted in (run["status"], run["conclusion"])]
    return page(call, chosen, lambda run: _run(call, document, run), key="workflow_runs")


def run(call: Call) -> Answer:
    """``GET …/actions/runs/{run_id}``."""
    document = repositories.find(call)
    return Answer(200, _run(call, document, find_run(document, call.path["run_id"])))


def jobs(call: Call) -> Answer:
    """``GET …/actions/runs/{run_id}/jobs``: those of the workflow's file; of a failed run the last step failed."""
    document = repositories.find(call)
    kept = find_run(document, call.path["run_id"])
    blob = document["commits"][kept["commit"]]["files"].get(kept["path"])
    found: Any = _parse(git.content(document, blob)).get("jobs") if blob else {}
    named = list(found.items()) if isinstance(found, dict) else []
    return page(call, named, lambda one: _job(call, document, kept, *one, last=one is named[-1]), key="jobs")


def find_run(document: Document, number: str) -> Document:
    """A run by its number; 404 if there is none."""
    for kept in document["runs"]:
        if str(_run_id(document, kept)) == number:
            found: Document = kept
            return found
    raise not_found()


def change_runs(document: Document, status: str, conclusion: str | None, step: str = "", number: str = "") -> None:
    """Let a run (the newest unless told) have another outcome; ``step`` names the one that failed."""
    if not number and not document["runs"]:
        raise not_found()
    kept = find_run(document, number) if number else document["runs"][-1]
    kept |= {"status": status, "conclusion": conclusion, "step": step, "updated_at": now()}


def _parse(content: bytes) -> Document:
    """The workflow; empty where GitHub too would find nothing that it can run."""
    try:
        text = yaml.safe_load(content)
    except yaml.YAMLError:
        return {}
    return text if isinstance(text, dict) else {}


def _events(text: Document) -> dict[str, Any]:
    on: Any = text.get("on", text.get(True))  # type: ignore[call-overload]  # YAML 1.1 reads the key `on` as true
    if isinstance(on, str):
        return {on: None}
    if isinstance(on, list):
        return dict.fromkeys(map(str, on))
    return on if isinstance(on, dict) else {}


def _listens(push: Any, name: str, kind: str) -> bool:
    """Whether pushes of a branch or a tag (``kind`` is its filter's key) start the workflow."""
    if not isinstance(push, dict):
        return True
    if kind in push:
        return any(fnmatchcase(name, str(pattern)) for pattern in push[kind])
    return not {"branches", "tags"} & push.keys()


def _learn(document: Document, path: str, text: Document) -> None:
    moment = now()
    kept = document["workflows"].setdefault(path, {"created_at": moment})
    kept |= {"name": str(text.get("name") or path), "state": "active", "updated_at": moment}


def _find(document: Document, wanted: str) -> str:
    for path in document["workflows"]:
        if wanted in (str(_workflow_id(document, path)), path.removeprefix(FOLDER)):
            return str(path)
    raise not_found()


def _workflow_id(document: Document, path: str) -> int:
    return identity("workflow", document["owner"], document["name"], path)


def _run_id(document: Document, kept: Document) -> int:
    return identity("run", document["owner"], document["name"], kept["path"], kept["number"])


def _workflow(call: Call, document: Document, path: str) -> Document:
    kept = document["workflows"][path]
    repository = f"{document['owner']}/{document['name']}"
    number = _workflow_id(document, path)
    return {
        "id": number,
        "node_id": node("workflow", repository, path),
        "name": kept["name"],
        "path": path,
        "state": kept["state"],
        "created_at": kept["created_at"],
        "updated_at": kept["updated_at"],
        "url": f"{call.api}/repos/{repository}/actions/workflows/{number}",
        "html_url": f"{call.site}/{repository}/blob/{document['default_branch']}/{path}",
        "badge_url": f"{call.site}/{repository}/workflows/{number}/badge.svg",
    }


def _run(call: Call, document: Document, kept: Document) -> Document:
    repository = f"{document['owner']}/{document['name']}"
    base = f"{call.api}/repos/{repository}"
    number = _run_id(document, kept)
    url = f"{base}/actions/runs/{number}"
    commit = document["commits"][kept["commit"]]
    suite = identity("suite", repository, number)
    return {
        "id": number,
        "name": kept["name"],
        "node_id": node("run", repository, number),
        "check_suite_id": suite,
        "head_branch": kept["branch"],
        "head_sha": kept["commit"],
        "path": f"{kept['path']}@{kept['branch']}",
        "run_number": kept["number"],
        "run_attempt": 1,
        "event": kept["event"],
        "display_title": commit["message"].partition("\n")[0],
        "status": kept["status"],
        "conclusion": kept["conclusion"],
        "workflow_id": _workflow_id(document, kept["path"]),
        "url": url,
        "html_url": f"{call.site}/{repository}/actions/runs/{number}",
        "pull_requests": [],
        "created_at": kept["created_at"],
        "updated_at": kept.get("updated_at", kept["created_at"]),
        "run_started_at": kept["created_at"],
        "actor": people.simple(call, kept["actor"]),
        "triggering_actor": people.simple(call, kept["actor"]),
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": f"{base}/check-suites/{suite}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "workflow_url": f"{base}/actions/workflows/{_workflow_id(document, kept['path'])}",
        "head_commit": {
            "id": kept["commit"],
            "tree_id": commit["tree"],
            "message": commit["message"],
            "timestamp": commit["committer"]["date"],
            "author": {name: commit["author"][name] for name in ("name", "email")},
            "committer": {name: commit["committer"][name] for name in ("name", "email")},
        },
        "repository": repositories.minimal(call, document),
        "head_repository": repositories.minimal(call, document),
    }


def _job(call: Call, document: Document, kept: Document, key: str, text: Any, *, last: bool) -> Document:
    repository, run_number = f"{document['owner']}/{document['name']}", _run_id(document, kept)
    number = identity("job", repository, run_number, key)
    api, html = f"{call.api}/repos/{repository}", f"{call.site}/{repository}/actions/runs/{run_number}"
    done = kept["status"] == "completed"
    failed = done and last and kept["conclusion"] != "success"
    outcome = kept["conclusion"] if failed else "success"
    written = text.get("steps", []) if isinstance(text, dict) else []
    names = [str(one.get("name") or f"Run {one.get('uses') or one.get('run', '')}") for one in written]
    stop = names.index(kept["step"]) if kept.get("step") in names else len(names) - 1
    steps = []
    for index, name in enumerate(names):
        after = "skipped" if index > stop else outcome
        conclusion = after if failed and index >= stop else "success"
        steps.append(
            {
                "name": name,
                "status": kept["status"],
                "conclusion": conclusion if done else None,
                "number": index + 1,
                "started_at": kept["created_at"] if done else None,
                "completed_at": kept["created_at"] if done else None,
            }
        )
    return {
        "id": number,
        "run_id": run_number,
        "run_url": f"{api}/actions/runs/{run_number}",
        "run_attempt": 1,
        "node_id": node("job", repository, number),
        "head_sha": kept["commit"],
        "url": f"{api}/actions/jobs/{number}",
        "html_url": f"{html}/job/{number}",
        "status": kept["status"],
        "conclusion": outcome if done else None,
        "created_at": kept["created_at"],
        "started_at": kept["created_at"],
        "completed_at": kept["created_at"] if done else None,
        "name": str((text.get("name") if isinstance(text, dict) else None) or key),
        "steps": steps,
        "check_run_url": f"{api}/check-runs/{number}",
        "labels": ["ubuntu-latest"],
        "runner_id": None,
        "runner_name": None,
        "runner_group_id": None,
        "runner_group_name": None,
        "workflow_name": kept["name"],
        "head_branch": kept["branch"],
    }
