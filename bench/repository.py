"""Documents as repositories hold them: workloads with all that belongs to them, in many hands' styles."""

from __future__ import annotations

import random
from typing import Final

_WORKLOAD: Final = """\
# {name}: owned by team {team}
apiVersion: apps/v1
kind: {kind}
metadata:
  name: {name}
  namespace: {team}
  labels: {{app: {name}, tier: {tier}}}
  annotations:
    checksum/config: {digest}
    description: "Serves {name}; see the runbook"
spec:
  replicas: {small}
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "{port}"
    spec:
      serviceAccountName: {name}
      securityContext: {{runAsNonRoot: true, runAsUser: {port}}}
      containers:
        - name: {name}
          image: {image}  # pinned by the release job
          imagePullPolicy: {policy}
          args: ["--listen=:{port}", "--level={tier}"]
          ports:
            - {{name: http, containerPort: {port}}}
          env:
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef:
                  name: {name}-database
                  key: url
            - {{name: LEVEL, value: "{tier}"}}
            - name: POD_IP
              valueFrom: {{fieldRef: {{fieldPath: status.podIP}}}}
          resources:
            requests: {{cpu: {small}00m, memory: {port}Mi}}
            limits:
              memory: {port}Mi
          livenessProbe: &probe{number}
            httpGet:
              path: /healthz
              port: http
            periodSeconds: {small}
"""
_PLAIN_WORKLOAD: Final = _WORKLOAD.replace(" &probe{number}", "")
_SIDE: Final = """\
        - name: proxy
          image: '{other}'
          command:
            - /bin/sh
            - -c
            - |
              set -e
              exec proxy --port={port} \\
              \t--upstream=localhost
"""
_VOLUMES: Final = """\
      volumes:
        - name: config
          configMap:
            name: {name}
            items: [{{key: app.conf, path: app.conf}}]
        - name: tmp
          emptyDir: {{}}
"""
_OTHERS: Final = (
    """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
  labels:
    app: {name}
spec:
  selector: {{app: {name}}}
  ports:
    - port: 80
      targetPort: http
      name: http
""",
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
data:
  level: {tier}
  app.conf: |
    # {name}
    server {{
    \tlisten {port};
      location / {{
        proxy_pass http://localhost:{port};
      }}
    }}
  start.sh: |-
    #!/bin/sh

    exec {name} --port={port} "$@"
""",
    """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {name}
  annotations:
    cert-manager.io/cluster-issuer: letsencrypt
spec:
  ingressClassName: nginx
  tls:
    - hosts: [{name}.example.org]
      secretName: {name}-tls
  rules:
    - host: {name}.example.org
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {{service: {{name: {name}, port: {{name: http}}}}}}
""",
    """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: {name}, namespace: {team}}}
rules:
- apiGroups: [""]
  resources: ["pods", "configmaps"]
  verbs: ["get", "list",
          "watch"]
""",
    """\
apiVersion: v1
kind: Secret
metadata:
  name: {name}-database
type: Opaque
stringData:
  url: "postgres://{name}:${{PASSWORD}}@db:5432/{name}?sslmode=require"
""",
    """\
apiVersion: batch/v1
kind: CronJob
metadata: {{name: {name}-clean}}
spec:
  schedule: "{small} 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
          - {{name: clean, image: "{image}", args: [clean, --days={small}]}}
""",
    """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: {name}
spec:
  template:
    spec:
      containers:
      - name: {name}
        image: {image}
""",
)


def documents(count: int, images: list[str]) -> list[str]:
    """Return that many documents, always the same; four of ten are workloads."""
    chance = random.Random(count)
    made = []
    for number in range(count):
        values = {
            "number": number,
            "name": f"{chance.choice(('shop', 'cart', 'search', 'mail'))}-{number}",
            "team": f"team-{number % 40}",
            "tier": chance.choice(("debug", "info", "warn")),
            "digest": f"{chance.getrandbits(128):032x}",
            "image": chance.choice(images),
            "other": chance.choice(images),
            "policy": chance.choice(("Always", "IfNotPresent", '"Never"')),
            "kind": chance.choice(("Deployment", "Deployment", "StatefulSet", "DaemonSet")),
            "port": chance.randrange(1024, 9999),
            "small": chance.randrange(1, 9),
        }
        if chance.random() < 0.4:
            text = _WORKLOAD if chance.random() < 0.05 else _PLAIN_WORKLOAD
            text += "".join(each for each in (_SIDE, _VOLUMES) if chance.random() < 0.5)
        else:
            text = chance.choices(_OTHERS, (6, 4, 2, 2, 2, 2, 1))[0]
        made.append(text.format(**values))
    return made
