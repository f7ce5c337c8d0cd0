"""What the fuzzing of ``rewrite`` begins with: a file of each format, and pieces to throw into it."""

from __future__ import annotations

import json
from typing import Final

import yaml

DIGEST: Final = "sha256:" + "1" * 64

_DEPLOYMENT: Final = f"""\
# comment
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, annotations: {{a: "b"}}}}
spec:
  template:
    spec:
      initContainers:
      - &first
        name: init
        image: 'nginx:1.27'   # why
      containers:
      - <<: *first
        name: web
      - name: shop
        image: "docker.io/acme/shop:1.4.2"
      - {{name: flow, image: acme/shop, args: [--image=nginx]}}
      - name: folded
        image: >-
          nginx:1.27
      volumes: [{{name: m, image: {{reference: "redis@{DIGEST}"}}}}]
"""

SEEDS: Final[tuple[tuple[str, str], ...]] = (
    ("web.yaml", _DEPLOYMENT),
    ("-", _DEPLOYMENT + "---\n" + _DEPLOYMENT + "...\n"),
    ("pod.json", json.dumps({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "nginx:1.27"}]}})),
    ("list.json", json.dumps({"apiVersion": "v1", "kind": "List", "items": [yaml.safe_load(_DEPLOYMENT)]}, indent=1)),
    (
        "cronjob.yaml",
        "apiVersion: batch/v1\nkind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n"
        "          containers:\n          - image: &i nginx:1.27\n          - image: *i\n          - image: mine\n",
    ),
    (
        "values.yaml",
        "image:\n  registry: docker.io\n  repository: acme/shop\n  tag: 1.4.2\n"
        "sidecar:\n  image: {repository: nginx, tag: '1.27', digest: ''}\nplain:\n  image: nginx:1.27\n",
    ),
    ("chart/values.yaml", "global:\n  imageRegistry: docker.io\nimage: {repository: acme/shop, tag: 1}\n"),
    (
        "kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n- name: nginx\n  newTag: '1.27'\n"
        "- name: web\n  newName: acme/shop\n  digest: " + DIGEST + "\n",
    ),
    (
        "compose.yaml",
        "services:\n  web:\n    image: nginx:1.27\n  shop:\n    image: ${REGISTRY:-docker.io}/acme/shop:${TAG}\n"
        "  built: {build: {context: ., additional_contexts: {base: docker-image://nginx}}}\n",
    ),
    (
        "Dockerfile",
        "# syntax=docker/dockerfile:1\n# escape=\\\nARG BASE=nginx:1.27\nARG TAG\n"
        "FROM --platform=$BUILDPLATFORM ${BASE} AS build\nRUN cat <<EOF\nFROM nginx\nEOF\n"
        "FROM acme/shop:$TAG\nFROM build\nCOPY --from=redis:7 /a \\\n  /b\nFROM scratch\n",
    ),
    (
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  a:\n    container: nginx:1.27\n    services: {db: {image: redis}}\n    steps:\n"
        "    - uses: docker://acme/shop:1.4.2\n    - uses: actions/checkout@v4\n"
        "  b: {container: {image: 'acme/shop'}}\n",
    ),
    (
        "chart/templates/web.yaml",
        'kind: Deployment\nspec:\n  {{- with .Values.image }}\n  image: "{{ .repository }}:{{ .tag }}"\n  {{- end }}\n'
        "  other: nginx:1.27\n",
    ),
    (
        "secret.yaml",
        "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/dockerconfigjson\ndata: {.dockerconfigjson: e30=}\n---\n"
        "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: {templates: [{container: {image: nginx}}]}\n",
    ),
)

TOKENS: Final[tuple[str, ...]] = (
    *("&a ", "*a", "<<: *first", "!!str ", "!x ", "? ", ": ", "- ", "{", "}", "[", "]", ",", "'", '"', "\\", "|-\n"),
    *(
        ">\n",
        "#",
        " #",
        "\t",
        "\r",
        "\r\n",
        "\n",
        "\n\n",
        "---\n",
        "...\n",
        "%YAML 1.1\n---\n",
        "\ufeff",
        "\u2028",
        "\u0085",
    ),
    *("\0", "ü", "\U0001f40b", "{{ .x }}", "${X}", "${X:-nginx}", "$(X)", "~", "null", "true", "1e3", "0x1", "12:30"),
    *("image: nginx\n", "image: 'acme/shop:1'\n", "kind: List\nitems:\n", "kind: Pod\n", "spec: ", "containers:\n"),
    *("nginx", "acme/shop", "bitnami/redis:7", "docker.io/", "index.docker.io/library/", "localhost:32000/x"),
    *(
        "ghcr.io/",
        "@" + DIGEST,
        "@sha256:0",
        ":1.27",
        ":",
        "@",
        "/",
        "UPPER",
        "a" * 300,
        "\\u0041",
        "\\x41",
        "\\n",
        "\\\n",
    ),
    *(
        "<<EOF\n",
        "FROM nginx\n",
        "ARG X=nginx\n",
        "FROM $X\n",
        "COPY --from=nginx a b\n",
        "RUN <<A <<B\n",
        "# escape=`\n",
    ),
    *("registry: docker.io\n", "repository: nginx\n", "tag: 1.10\n", "digest: x\n", "newName: nginx\n"),
    *("valuesObject:\n", "[" * 50, "{a: " * 50, "- " * 50, " " * 7, "x: &x [*x]\n"),
)
