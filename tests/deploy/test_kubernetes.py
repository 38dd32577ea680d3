from pathlib import Path
from typing import Any

import httpx
import kubernetes_validate
import pytest
import yaml

from app.protocol import LINGER_SECONDS
from app.settings import Settings, variable_of
from tests.deploy.containerfile import read_stages
from tests.deploy.kustomize import Manifest, build
from tests.support import ROOT, RunningServer

pytestmark = pytest.mark.slow

FOLDER = ROOT / "deploy/kubernetes"
OVERLAYS = ("cpu", "slim", "gpu")
EXTRAS = sorted((FOLDER / "extras").glob("*.yaml"))
KINDS = {
    "Namespace", "Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy",
}  # fmt: skip


@pytest.fixture(scope="module", params=OVERLAYS)
def manifests(request: pytest.FixtureRequest) -> dict[str, Manifest]:
    return build(FOLDER / "overlays" / request.param)


def pod(manifests: dict[str, Manifest]) -> dict[str, Any]:
    spec: dict[str, Any] = manifests["Deployment"]["spec"]["template"]["spec"]
    return spec


def container(manifests: dict[str, Manifest]) -> dict[str, Any]:
    (only,) = pod(manifests)["containers"]
    assert isinstance(only, dict)
    return only


def variables(manifests: dict[str, Manifest]) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in container(manifests)["env"]}


def settings(manifests: dict[str, Manifest]) -> Settings:
    known = {variable_of(name): name for name in Settings.model_fields}
    given = variables(manifests)
    set_here = {known[name]: value for name, value in given.items() if name.startswith("DIGITS_")}
    return Settings.read(**set_here, port=given["PORT"])


def test_every_manifest_follows_the_published_schema_in_one_namespace(manifests: dict[str, Manifest]) -> None:
    assert set(manifests) == KINDS
    name, version = manifests["Namespace"]["metadata"]["name"], kubernetes_validate.latest_version()
    for kind, manifest in manifests.items():
        kubernetes_validate.validate(manifest, version, strict=True)
        assert manifest["metadata"]["namespace" if kind != "Namespace" else "name"] == name


def test_every_file_belongs_to_a_kustomization() -> None:
    named: set[Path] = set()
    for kustomization in FOLDER.rglob("kustomization.yaml"):
        resources = yaml.safe_load(kustomization.read_text())["resources"]
        named |= {kustomization, *((kustomization.parent / name).resolve() for name in resources)}
    assert {path for path in FOLDER.rglob("*") if path.is_file()} <= {*named, *EXTRAS}


@pytest.mark.parametrize("path", EXTRAS, ids=lambda path: path.stem)
def test_what_is_added_fits_what_is_there(path: Path, manifests: dict[str, Manifest]) -> None:
    extra = yaml.safe_load(path.read_text())
    kubernetes_validate.validate(extra, kubernetes_validate.latest_version(), strict=True)
    assert extra["metadata"]["namespace"] == manifests["Namespace"]["metadata"]["name"]
    if extra["kind"] == "Ingress":
        backend = extra["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
        assert backend["name"] == manifests["Service"]["metadata"]["name"]
        assert backend["port"]["name"] == manifests["Service"]["spec"]["ports"][0]["name"]
        largest = extra["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"]
        assert int(largest.removesuffix("m")) * 2**20 == settings(manifests).max_batch_bytes
    else:
        labels = manifests["Deployment"]["spec"]["template"]["metadata"]["labels"]
        assert extra["spec"]["podSelector"]["matchLabels"].items() <= labels.items()


def test_prometheus_finds_the_pods_under_the_job_that_the_alerts_ask_for(
    manifests: dict[str, Manifest],
) -> None:
    (scrape,) = yaml.safe_load((ROOT / "deploy/prometheus/kubernetes.yml").read_text())["scrape_configs"]
    assert f'job="{scrape["job_name"]}"' in (ROOT / "deploy/prometheus/alerts.yml").read_text()
    (discovery,) = scrape["kubernetes_sd_configs"]
    assert discovery["namespaces"]["names"] == [manifests["Namespace"]["metadata"]["name"]]
    label = manifests["Deployment"]["spec"]["template"]["metadata"]["labels"]["app"]
    (port,) = container(manifests)["ports"]
    assert scrape["relabel_configs"][0]["regex"] == f"{label};{port['name']}"


def test_what_selects_pods_selects_these(manifests: dict[str, Manifest]) -> None:
    labels = manifests["Deployment"]["spec"]["template"]["metadata"]["labels"].items()
    assert manifests["Deployment"]["spec"]["selector"]["matchLabels"].items() <= labels
    assert manifests["Service"]["spec"]["selector"].items() <= labels
    assert manifests["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"].items() <= labels
    assert manifests["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"].items() <= labels
    target = manifests["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", manifests["Deployment"]["metadata"]["name"])
    assert "replicas" not in manifests["Deployment"]["spec"], "the autoscaler's number would be undone"


def test_the_ports_meet(manifests: dict[str, Manifest]) -> None:
    (port,) = container(manifests)["ports"]
    assert port["containerPort"] == settings(manifests).port
    (door,) = manifests["Service"]["spec"]["ports"]
    assert door["targetPort"] == port["name"]
    (rule,) = manifests["NetworkPolicy"]["spec"]["ingress"]
    assert [entry["port"] for entry in rule["ports"]] == [port["containerPort"]]


def test_the_probes_ask_what_the_service_answers(
    manifests: dict[str, Manifest], server: RunningServer
) -> None:
    paths = {
        kind: container(manifests)[f"{kind}Probe"]["httpGet"]["path"]
        for kind in ("startup", "liveness", "readiness")
    }
    assert paths == {"startup": "/readyz", "liveness": "/healthz", "readiness": "/readyz"}
    for path in {*paths.values(), "/metrics"}:
        assert httpx.get(server.url + path).status_code == 200


def test_a_pod_has_the_processors_memory_and_time_that_it_needs(manifests: dict[str, Manifest]) -> None:
    here, resources = settings(manifests), container(manifests)["resources"]
    computing = int(variables(manifests)["OMP_NUM_THREADS"])
    assert here.workers * computing <= int(resources["requests"]["cpu"])
    assert here.workers * (computing + here.decode_threads) <= int(resources["limits"]["cpu"])
    number, unit = resources["limits"]["memory"][:-2], resources["limits"]["memory"][-2:]
    assert here.max_held_bytes <= int(number) * {"Mi": 2**20, "Gi": 2**30}[unit] / 2
    needed = container(manifests)["lifecycle"]["preStop"]["sleep"]["seconds"] + here.drain_seconds
    assert pod(manifests)["terminationGracePeriodSeconds"] > needed + LINGER_SECONDS


def test_a_pod_may_do_nothing_that_it_need_not(manifests: dict[str, Manifest]) -> None:
    assert pod(manifests)["automountServiceAccountToken"] is False
    assert pod(manifests)["securityContext"]["runAsNonRoot"] is True
    assert pod(manifests)["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    context = container(manifests)["securityContext"]
    assert context["readOnlyRootFilesystem"] is True
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert manifests["NetworkPolicy"]["spec"]["egress"] == []


def test_a_pod_runs_as_the_user_of_the_image(manifests: dict[str, Manifest]) -> None:
    stage = read_stages(ROOT / "Dockerfile")[container(manifests)["image"].partition(":")[2]]
    context = pod(manifests)["securityContext"]
    assert stage.all("USER") == [f"{context['runAsUser']}:{context['runAsGroup']}"]
    assert stage.environment()["PORT"] == variables(manifests)["PORT"]


def test_the_gpu_is_asked_for_where_the_device_is_cuda() -> None:
    for overlay in OVERLAYS:
        made = build(FOLDER / "overlays" / overlay)
        asked = "nvidia.com/gpu" in container(made)["resources"]["limits"]
        assert asked == (settings(made).device == "cuda") == (overlay == "gpu")
