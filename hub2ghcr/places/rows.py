"""The rows of the table. Sources: each project's API reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """Where one kind keeps its images.

    Attributes:
        group: the API group, any version; empty for the core group; may hold ``*``, as ``kind`` and ``name`` may.
        kind: the kind, or the name of a file format.
        name: the objects that it speaks of.
        pods: paths of pod specs (`hub2ghcr.places.table.POD_IMAGES`).
        images: paths of texts that are references.
        names: paths of texts that are references, whose tag is said elsewhere.
        pushes: paths of texts that are references to what is pushed.
        follows: paths of texts that list what an updater follows: ``alias=name:constraint``, several with commas.
        groups: paths of mappings that hold a registry, repository, tag and digest.
        values: paths of Helm values, as mappings or as text.
        parameters: paths of lists of ``name`` and ``value`` that set Helm values.
        kustomize: paths of kustomize's ``images:`` lists, or of lists of ``old=new:tag``.
        renovate: paths of Renovate's configuration.
        objects: paths of Kubernetes objects inside this one, or of JSON patches.
        dockerfiles: paths of texts that are Dockerfiles.
        env: names of environment variables, in the containers of ``pods``.
        args: beginnings of arguments (``--image=``), in the containers of ``pods``.
        annotations: keys of annotations of the object and of its pods.
    """

    group: str
    kind: str
    name: str = "*"
    pods: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    pushes: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    kustomize: tuple[str, ...] = ()
    renovate: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    dockerfiles: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()

    @property
    def wild(self) -> bool:
        """Whether group or kind hold a ``*``."""
        return "*" in self.group + self.kind


_TEMPLATE: Final = ("spec.template.spec",)


def _rows(group: str, kinds: str, **places: tuple[str, ...]) -> tuple[Place, ...]:
    return tuple(Place(group, kind, **places) for kind in kinds.split())  # type: ignore[arg-type]


def _at(owners: tuple[str, ...], fields: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{owner}.{field}" if owner else field for owner in owners for field in fields)


WORKLOADS: Final[tuple[Place, ...]] = (
    *_rows("", "Pod", pods=("spec",)),
    *_rows("", "PodTemplate", pods=("template.spec",)),
    *_rows("", "ReplicationController", pods=_TEMPLATE),
    *_rows("apps", "Deployment ReplicaSet StatefulSet DaemonSet", pods=_TEMPLATE),
    *_rows("extensions", "Deployment ReplicaSet DaemonSet Job", pods=_TEMPLATE),  # served until Kubernetes 1.16
    *_rows("batch", "Job", pods=_TEMPLATE),
    *_rows("batch", "CronJob ScheduledJob", pods=("spec.jobTemplate.spec.template.spec",)),
    *_rows("batch", "JobTemplate", pods=("template.spec.template.spec",)),
)
"""Kubernetes' own kinds; `hub2ghcr.places.kubernetes` reads the items of every ``List``."""

_CONTAINERS: Final = ("containers[*].image", "initContainers[*].image")

_ARGO: Final = (
    "container.image",
    "script.image",
    "initContainers[*].image",
    "sidecars[*].image",
    "containerSet.containers[*].image",
    "volumes[*].image.reference",
)
_ARGO_WORKFLOW: Final = (*_at(("templates[*]", "templateDefaults"), _ARGO), "volumes[*].image.reference")

_TASK: Final = ("steps[*].image", "sidecars[*].image", "stepTemplate.image", "volumes[*].image.reference")
_PIPELINE: Final = _at(("tasks[*].taskSpec", "finally[*].taskSpec"), _TASK)

_HELM_SOURCES: Final = ("source.helm", "sources[*].helm")
_APPLICATION: Final = _at(("spec", "operation.sync"), _HELM_SOURCES)
_APPLICATION_SET: Final = _at(("spec.template.spec", "spec.generators[*].*.template.spec"), _HELM_SOURCES)

_KAFKA: Final = (
    "spec.kafka.image",
    "spec.kafka.brokerRackInitImage",
    "spec.zookeeper.image",
    "spec.entityOperator.topicOperator.image",
    "spec.entityOperator.userOperator.image",
    "spec.entityOperator.tlsSidecar.image",
    "spec.kafkaExporter.image",
    "spec.cruiseControl.image",
    "spec.cruiseControl.tlsSidecar.image",
    "spec.jmxTrans.image",
    *_at(("spec.kafka.template.pod", "spec.zookeeper.template.pod"), ("volumes[*].image.reference",)),
)

_OTEL_LANGUAGES: Final = ("java", "nodejs", "python", "dotnet", "go", "apacheHttpd", "nginx")

_PULLED: Final = "from[kind=DockerImage].name"
"""An ObjectReference of OpenShift's that names an image of any registry; other kinds name image streams."""
_BUILD: Final = (
    *_at(
        ("strategy.dockerStrategy", "strategy.sourceStrategy", "strategy.customStrategy", "source.images[*]"),
        (_PULLED,),
    ),
    "strategy.sourceStrategy.runtimeImage[kind=DockerImage].name",
)


def _openshift(apps: str, build: str, image: str, template: str) -> tuple[Place, ...]:
    """Return OpenShift's kinds by their groups; the first versions of it had all of them in the core group."""
    return (
        *_rows(apps, "DeploymentConfig", pods=_TEMPLATE, images=("spec.strategy.customParams.image",)),
        *_rows(
            build,
            "BuildConfig Build",
            images=_at(("spec",), _BUILD),
            pushes=("spec.output.to[kind=DockerImage].name",),
            dockerfiles=("spec.source.dockerfile",),
        ),
        *_rows(image, "ImageStream", images=(f"spec.tags[*].{_PULLED}",), names=("spec.dockerImageRepository",)),
        *_rows(image, "ImageStreamTag", images=(f"tag.{_PULLED}",)),
        *_rows(
            image, "ImageStreamImport", images=(f"spec.images[*].{_PULLED}",), names=(f"spec.repository.{_PULLED}",)
        ),
        *_rows(template, "Template", objects=("objects[*]",)),
    )


_UPDATER: Final = (
    'metadata.annotations["argocd-image-updater.argoproj.io/image-list"]',
    'metadata.annotations["argocd-image-updater.argoproj.io/*.kustomize.image-name"]',
)
"""What Argo CD Image Updater reads of an Application, before its v1. ``*.helm.image-name`` are keys of Helm values."""


def _argo_cd(kind: str, helm: tuple[str, ...], owners: tuple[str, ...]) -> Place:
    return Place(
        "argoproj.io",
        kind,
        follows=_at(owners, _UPDATER),
        values=_at(helm, ("valuesObject", "values")),
        parameters=_at(helm, ("parameters",)),
        kustomize=tuple(f"{each.removesuffix('helm')}kustomize.images" for each in helm),
        objects=tuple(f"{each.removesuffix('helm')}kustomize.patches[*].patch" for each in helm),
    )


CUSTOM: Final[tuple[Place, ...]] = (
    # Argo Rollouts, Workflows, Events, CD
    *_rows("argoproj.io", "Rollout", pods=_TEMPLATE),
    *_rows("argoproj.io", "Experiment", pods=("spec.templates[*].template.spec",)),
    *_rows(
        "argoproj.io",
        "AnalysisTemplate ClusterAnalysisTemplate AnalysisRun",
        pods=("spec.metrics[*].provider.job.spec.template.spec",),
    ),
    *_rows("argoproj.io", "Workflow WorkflowTemplate ClusterWorkflowTemplate", images=_at(("spec",), _ARGO_WORKFLOW)),
    *_rows("argoproj.io", "CronWorkflow", images=_at(("spec.workflowSpec",), _ARGO_WORKFLOW)),
    *_rows("argoproj.io", "EventSource", images=("spec.template.container.image",)),
    *_rows(
        "argoproj.io",
        "Sensor",
        images=("spec.template.container.image",),
        objects=(
            "spec.triggers[*].template.k8s.source.resource",
            "spec.triggers[*].template.argoWorkflow.source.resource",
        ),
    ),
    _argo_cd("Application", _APPLICATION, ("",)),
    _argo_cd("ApplicationSet", _APPLICATION_SET, ("spec.template", "spec.generators[*].*.template")),
    *_rows(
        "argocd-image-updater.argoproj.io",
        "ImageUpdater",
        follows=_at(("spec.applicationRefs[*].images[*]",), ("imageName", "manifestTargets.kustomize.name")),
    ),
    # Knative
    *_rows("serving.knative.dev", "Service Configuration", pods=_TEMPLATE),
    *_rows("serving.knative.dev", "Revision PodAutoscaler", pods=("spec",)),
    *_rows("sources.knative.dev", "ContainerSource", pods=_TEMPLATE),
    # Tekton
    *_rows("tekton.dev", "Task ClusterTask", images=_at(("spec",), _TASK)),
    *_rows("tekton.dev", "TaskRun", images=_at(("spec.taskSpec",), _TASK)),
    *_rows("tekton.dev", "Pipeline", images=_at(("spec",), _PIPELINE)),
    *_rows("tekton.dev", "PipelineRun", images=_at(("spec.pipelineSpec",), _PIPELINE)),
    *_rows("tekton.dev", "StepAction", images=("spec.image",)),
    *_rows("triggers.tekton.dev", "TriggerTemplate", objects=("spec.resourcetemplates[*]",)),
    *_rows("triggers.tekton.dev", "EventListener", pods=("spec.resources.kubernetesResource.spec.template.spec",)),
    # Prometheus Operator
    *_rows(
        "monitoring.coreos.com",
        "Prometheus PrometheusAgent Alertmanager ThanosRuler",
        images=_at(("spec",), ("image", *_CONTAINERS, "thanos.image", "volumes[*].image.reference")),
        names=("spec.baseImage", "spec.thanos.baseImage"),
    ),
    # Strimzi
    *_rows("kafka.strimzi.io", "Kafka", images=_KAFKA),
    *_rows("kafka.strimzi.io", "KafkaConnect", images=("spec.image", "spec.clientRackInitImage")),
    *_rows("kafka.strimzi.io", "KafkaMirrorMaker2", images=("spec.image", "spec.clientRackInitImage")),
    *_rows("kafka.strimzi.io", "KafkaMirrorMaker KafkaBridge", images=("spec.image",)),
    # CloudNativePG and other databases
    *_rows("postgresql.cnpg.io", "Cluster", images=("spec.imageName",)),
    *_rows("postgresql.cnpg.io", "ImageCatalog ClusterImageCatalog", images=("spec.images[*].image",)),
    *_rows("postgresql.cnpg.io", "Pooler", pods=_TEMPLATE),
    *_rows("acid.zalan.do", "postgresql", images=_at(("spec",), ("dockerImage", "sidecars[*].image"))),
    *_rows("acid.zalan.do", "postgresql", images=("spec.initContainers[*].image",)),
    *_rows(
        "postgres-operator.crunchydata.com",
        "PostgresCluster",
        images=("spec.image", "spec.backups.pgbackrest.image", "spec.proxy.pgBouncer.image"),
    ),
    *_rows(
        "rabbitmq.com",
        "RabbitmqCluster",
        images=("spec.image",),
        pods=("spec.override.statefulSet.spec.template.spec",),
    ),
    *_rows("mongodbcommunity.mongodb.com", "MongoDBCommunity", pods=("spec.statefulSet.spec.template.spec",)),
    *_rows(
        "elasticsearch.k8s.elastic.co",
        "Elasticsearch",
        images=("spec.image",),
        pods=("spec.nodeSets[*].podTemplate.spec",),
    ),
    *_rows("kibana.k8s.elastic.co", "Kibana", images=("spec.image",), pods=("spec.podTemplate.spec",)),
    # KEDA
    *_rows("keda.sh", "ScaledJob", pods=("spec.jobTargetRef.template.spec",)),
    # OpenKruise
    *_rows("apps.kruise.io", "CloneSet StatefulSet DaemonSet BroadcastJob", pods=_TEMPLATE),
    *_rows(
        "apps.kruise.io",
        "AdvancedCronJob",
        pods=(
            "spec.template.jobTemplate.spec.template.spec",
            "spec.template.broadcastJobTemplate.spec.template.spec",
        ),
    ),
    *_rows("apps.kruise.io", "SidecarSet", pods=("spec",)),
    *_rows("apps.kruise.io", "ImagePullJob", images=("spec.image",)),
    *_rows("apps.kruise.io", "ImageListPullJob", images=("spec.images[*]",)),
    *_rows("apps.kruise.io", "UnitedDeployment", pods=("spec.template.*.spec.template.spec",)),
    # Flux
    *_rows(
        "helm.toolkit.fluxcd.io",
        "HelmRelease",
        values=("spec.values",),
        kustomize=("spec.postRenderers[*].kustomize.images",),
        objects=("spec.postRenderers[*].kustomize.patches[*].patch",),
    ),
    *_rows("helm.fluxcd.io", "HelmRelease", values=("spec.values",)),
    *_rows(
        "kustomize.toolkit.fluxcd.io", "Kustomization", kustomize=("spec.images",), objects=("spec.patches[*].patch",)
    ),
    *_rows("image.toolkit.fluxcd.io", "ImageRepository", follows=("spec.image",)),
    # OpenShift
    *_openshift("apps.openshift.io", "build.openshift.io", "image.openshift.io", "template.openshift.io"),
    *_openshift("", "", "", ""),
    # Batch and machine learning
    *_rows("batch.volcano.sh", "Job", pods=("spec.tasks[*].template.spec",)),
    *_rows("jobset.x-k8s.io", "JobSet", pods=("spec.replicatedJobs[*].template.spec.template.spec",)),
    *_rows(
        "leaderworkerset.x-k8s.io",
        "LeaderWorkerSet",
        pods=("spec.leaderWorkerTemplate.leaderTemplate.spec", "spec.leaderWorkerTemplate.workerTemplate.spec"),
    ),
    *_rows("kubeflow.org", "PyTorchJob", pods=("spec.pytorchReplicaSpecs.*.template.spec",)),
    *_rows("kubeflow.org", "TFJob", pods=("spec.tfReplicaSpecs.*.template.spec",)),
    *_rows("kubeflow.org", "MPIJob", pods=("spec.mpiReplicaSpecs.*.template.spec",)),
    *_rows("kubeflow.org", "Notebook", pods=_TEMPLATE),
    *_rows(
        "ray.io",
        "RayCluster",
        pods=("spec.headGroupSpec.template.spec", "spec.workerGroupSpecs[*].template.spec"),
    ),
    *_rows(
        "ray.io",
        "RayJob RayService",
        pods=(
            "spec.rayClusterSpec.headGroupSpec.template.spec",
            "spec.rayClusterSpec.workerGroupSpecs[*].template.spec",
            "spec.rayClusterConfig.headGroupSpec.template.spec",
            "spec.rayClusterConfig.workerGroupSpecs[*].template.spec",
            "spec.submitterPodTemplate.spec",
        ),
    ),
    *_rows(
        "sparkoperator.k8s.io",
        "SparkApplication",
        images=_at(("spec", "spec.driver", "spec.executor"), ("image",)),
        pods=("spec.driver", "spec.executor", "spec.driver.template.spec", "spec.executor.template.spec"),
    ),
    *_rows(
        "sparkoperator.k8s.io",
        "ScheduledSparkApplication",
        images=_at(("spec.template", "spec.template.driver", "spec.template.executor"), ("image",)),
        pods=("spec.template.driver", "spec.template.executor"),
    ),
    # Others
    *_rows(
        "opentelemetry.io",
        "OpenTelemetryCollector",
        images=("spec.image", "spec.additionalContainers[*].image", "spec.initContainers[*].image"),
    ),
    *_rows(
        "opentelemetry.io",
        "Instrumentation",
        images=tuple(f"spec.{language}.image" for language in _OTEL_LANGUAGES),
    ),
    *_rows("agones.dev", "GameServer", pods=_TEMPLATE),
    *_rows("agones.dev", "Fleet GameServerSet", pods=("spec.template.spec.template.spec",)),
    *_rows("actions.github.com", "AutoscalingRunnerSet EphemeralRunnerSet", pods=_TEMPLATE),
    *_rows("actions.summerwind.dev", "RunnerDeployment", images=("spec.template.spec.image",), pods=_TEMPLATE),
    *_rows("grafana.integreatly.org", "Grafana", pods=("spec.deployment.spec.template.spec",)),
    *_rows("kubevirt.io", "VirtualMachine", images=("spec.template.spec.volumes[*].containerDisk.image",)),
    *_rows("kubevirt.io", "VirtualMachineInstance", images=("spec.volumes[*].containerDisk.image",)),
    *_rows("cdi.kubevirt.io", "DataVolume", images=("spec.source.registry.url docker://",)),
)
"""Well-known custom resources."""

COMPOSE: Final = "Compose"
WORKFLOW: Final = "Workflow"
ACTION: Final = "Action"
KUSTOMIZATION: Final = "Kustomization"
HELM_VALUES: Final = "Helm values"
DOCKERFILE: Final = "Dockerfile"
TEMPLATE: Final = "Go template"
RENOVATE: Final = "Renovate"
PACKAGE: Final = "package.json"
DEPENDABOT: Final = "Dependabot"

FILES: Final[tuple[Place, ...]] = (
    Place(
        "",
        COMPOSE,
        images=("services.*.image", "services.*.build.additional_contexts.* docker-image://"),
        dockerfiles=("services.*.build.dockerfile_inline",),
    ),
    Place(
        "",
        WORKFLOW,
        images=(
            "jobs.*.container",
            "jobs.*.container.image",
            "jobs.*.services.*.image",
            "jobs.*.steps[*].uses docker://",
        ),
    ),
    Place("", ACTION, images=("runs.image docker://", "runs.steps[*].uses docker://")),
    Place(
        "",
        KUSTOMIZATION,
        kustomize=("images",),
        values=("helmCharts[*].valuesInline",),
        objects=("patches[*].patch", "patchesJson6902[*].patch", "patchesStrategicMerge[*]"),
    ),
    Place("", HELM_VALUES, values=("$",)),
    Place("", RENOVATE, renovate=("$",)),
    Place("", PACKAGE, renovate=("renovate",)),
)
"""Files that are no Kubernetes objects. A Helm values file is values as a whole (``$``)."""
