# Every target makes what it needs: .venv, then the toolchain (once, cached outside the checkout).

PYTHON ?= python3
PY := .venv/bin/python
MAKEFLAGS += --no-print-directory
SPINE := $(addprefix tests/e2e/test_,$(addsuffix .py,bad_input cluster demo github_provider program))
CLUSTER := $(wildcard tests/e2e/test_cluster_*.py)
GITHUB := $(wildcard tests/e2e/test_github_*.py)
PLATFORMS := $(wildcard tests/e2e/test_platform_*.py)
FLEET := $(wildcard tests/e2e/test_fleet_*.py)
.DEFAULT_GOAL := help
.PHONY: help venv demo test lint types imports unit e2e e2e-spine e2e-copy e2e-cluster e2e-github e2e-platforms e2e-fleet dist docs smoke-live bench-copy bench-rewrite bench-up bench-github bench-fleet fuzz lab-up lab-down lock clean

help: ## List every target
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: ## Make .venv from requirements-dev.lock
	@command -v $(PYTHON) >/dev/null || { echo "make: no $(PYTHON) on PATH; remedy: install Python 3.11 or newer" >&2; exit 1; }
	@$(PYTHON) lab/bootstrap.py

demo: venv ## The main job: a migration through pulumi up, on a lab of its own
	@$(PY) -m lab.demo

test: lint types imports ## Lint, types, import arrows, unit tests, end-to-end tests but the slow ones; the last line counts them
	@$(PY) -m tests

lint: venv ## ruff: rules and formatting
	@$(PY) -m ruff check --output-format concise
	@$(PY) -m ruff format --check --quiet

types: venv ## mypy --strict
	@$(PY) -m mypy

imports: venv ## The arrows of the design, by import-linter
	@.venv/bin/lint-imports --no-logo

unit: venv ## Unit tests: seconds
	@$(PY) -m pytest --ignore=tests/e2e

e2e: venv ## All end-to-end tests, the slow ones too: the real engine on a lab of their own
	@$(PY) -m pytest tests/e2e

e2e-spine: venv ## End to end: the demo, the program, the cluster, bad input
	@$(PY) -m pytest $(SPINE)

e2e-copy: venv ## End to end: lock, copy with its faults and limits, archives, verify, the mirror; tables of what was repeated
	@$(PY) -m pytest $(filter-out $(SPINE) $(CLUSTER) $(GITHUB) $(PLATFORMS) $(FLEET),$(wildcard tests/e2e/test_*.py))

e2e-cluster: venv ## End to end: pull access, the switch and the way back, kills, two clusters, large ones; tables of each
	@$(PY) -m pytest $(CLUSTER)

e2e-github: venv ## End to end: GitHub's side, from secrets and publish workflows to packages; against the stand-in for GitHub
	@$(PY) -m pytest $(GITHUB)

e2e-platforms: venv ## End to end: containerd, Rancher, OpenShift, kaniko, on real parts where one runs here
	@$(PY) -m pytest $(PLATFORMS)

e2e-fleet: venv ## End to end: environments, previews of pull requests, fleets, reports, the site's commands
	@$(PY) -m pytest $(FLEET)

dist: venv ## Build the source archive and the wheel, in dist/
	@.ci/dist

docs: venv ## The documentation site, in site/; a broken link or a page that the menu lacks fails it
	@NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict

smoke-live: venv ## Opt-in: check against the real GHCR and Docker Hub, with a throw-away repository and tokens of yours
	@$(PY) -m tests.live

lab-up: venv ## Start the lab by itself
	@$(PY) -m lab up

lab-down: venv ## End the lab: processes, mounts and network
	@$(PY) -m lab down

bench-github: venv ## Secrets and workflows of many repositories beside a bare program: ratios and calls; LARGE=1: 200 of them
	@$(PY) -m bench.github $(if $(LARGE),--large)

fuzz: venv ## Rewrite inputs made at random for ten minutes; prints how many
	@$(PY) -m tests.fuzz_rewrite

bench-rewrite: venv ## Rewriting beside kbld and kustomize: ratios of one run, as tables; LARGE=1: 100,000 documents, too
	@$(PY) -m bench.rewrite $(if $(LARGE),--large)

bench-copy: venv ## Copying beside crane, regctl and skopeo: ratios and requests of one run, as tables
	@$(PY) -m bench.copying

bench-up: venv ## A cluster beside a bare program and kubectl: ratios of one run, as tables; LARGE=1: 1,200 workloads, too
	@$(PY) -m bench.up $(if $(LARGE),--large --saving)

bench-fleet: venv ## 50 stacks beside a shell loop and xargs, and what 1,000 and 10,000 would cost; SMALL=1: 6 of them
	@$(PY) -m bench.fleet $(if $(SMALL),--small)

lock: venv ## Write requirements-dev.lock and requirements.lock anew, at the newest versions (needs pip-tools in .venv)
	@$(PY) -m piptools compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-header \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--extra docs --extra lab --extra test --output-file requirements-dev.lock pyproject.toml
	@$(PY) -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--constraint requirements-dev.lock --output-file requirements.lock pyproject.toml

clean: ## End the labs of this checkout and remove what was made in it; the toolchain's cache stays
	@if [ -x $(PY) ]; then for lab in .lab .lab-e2e; do $(PY) -m lab down --forget --dir $$lab; done; fi
	@rm -rf .venv site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
