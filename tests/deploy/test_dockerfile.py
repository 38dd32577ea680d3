import json
import os
import re
import subprocess
import sys
import tomllib

import httpx
import pytest

from app.settings import Settings, variable_of
from tests.deploy.containerfile import copies, environment, lineage, read_stages
from tests.support import ROOT, RunningServer, free_port, running

pytestmark = pytest.mark.slow

STAGES = read_stages(ROOT / "Dockerfile")
IMAGES = ("cpu", "slim", "cuda")
IGNORE = (ROOT / ".dockerignore").read_text().splitlines()


def healthcheck(image: str) -> list[str]:
    rest = [rest for stage in lineage(STAGES, image) for rest in stage.all("HEALTHCHECK")][-1]
    command: list[str] = json.loads(rest.partition(" CMD ")[2])
    return command


def run_healthcheck(image: str, **variables: str) -> int:
    command = healthcheck(image)
    assert command[0] == "python"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    finished = subprocess.run(
        [sys.executable, *command[1:]],
        env=environment | variables,
        check=False,
        stderr=subprocess.DEVNULL,
        timeout=30,
    )
    return finished.returncode


def test_every_source_of_a_copy_exists_and_is_sent_to_the_builder() -> None:
    allowed = tuple(line[1:] for line in IGNORE if line.startswith("!"))
    for stage in STAGES.values():
        for origin, sources in copies(stage):
            if origin is not None:
                assert origin in STAGES, f"{stage.name} copies from {origin}"
                continue
            for source in sources:
                path = source.rstrip("/")
                assert (ROOT / path).exists(), f"{stage.name} copies {source}"
                assert any(path == kept or path.startswith(f"{kept}/") for kept in allowed), source


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_runs_the_service_as_nobody_in_particular(image: str) -> None:
    stages = lineage(STAGES, image)
    users = [rest for stage in stages for rest in stage.all("USER")]
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", users[-1])
    command = [rest for stage in stages for rest in stage.all("CMD")][-1]
    assert json.loads(command) == ["python", "-m", "app"]
    assert [rest for stage in stages for rest in stage.all("STOPSIGNAL")][-1] == "SIGTERM"


def test_the_images_have_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for image in IMAGES:
        assert f"VERSION={project['version']}" in STAGES[image].all("ARG")


@pytest.mark.parametrize("image", IMAGES)
def test_the_variables_of_an_image_are_settings(image: str) -> None:
    variables = environment(STAGES, image)
    known = {variable_of(name) for name in Settings.model_fields}
    assert {name for name in variables if name.startswith("DIGITS_")} <= known
    assert variables["HOST"] == "0.0.0.0"
    Settings.read(host=variables["HOST"], port=variables["PORT"])


def test_sagemaker_s_argument_starts_the_service_on_its_port(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("SAGEMAKER_BIND_TO_PORT", str(port))
    program = ROOT / "deploy" / "docker" / "serve"
    for stage in IMAGES:
        assert ["deploy/docker/serve"] in [sources for _, sources in copies(STAGES[stage])]
    assert os.access(program, os.X_OK)
    with running([sys.executable, program], ROOT) as server:
        assert server.port == port
        assert httpx.get(f"{server.url}/ping").status_code == 200


def test_the_base_image_is_pinned_by_digest() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^ARG DEBIAN=\S+@sha256:[0-9a-f]{64}$", text, re.MULTILINE)
    assert {stage.base for stage in STAGES.values()} - set(STAGES) == {"${DEBIAN}", "scratch"}


def locked(name: str) -> dict[str, str]:
    """The packages of a lock, in lower case, each with its version and hashes."""
    text = (ROOT / "deploy" / "docker" / f"{name}.lock").read_text().replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {re.split("==", pin)[0].strip().lower(): pin for pin in pins}


def test_the_slim_image_installs_no_torch() -> None:
    assert "torch" not in locked("slim")
    packages = [origin for origin, sources in copies(STAGES["slim"]) if "/opt/digits" in sources]
    assert packages == ["slim-packages"]


def test_every_dependency_is_pinned_with_its_hashes() -> None:
    assert "PIP_REQUIRE_HASHES" in environment(STAGES, "builder")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras, brought = project["optional-dependencies"], locked("extras")
    for image, engine in (("slim", "onnx"), ("cpu", "torch"), ("cuda", "torch")):
        used = " ".join(STAGES[f"{image}-packages"].all("RUN"))
        assert f"-r {image}.lock ${{EXTRAS:+-r extras.lock}}" in used
        pins = locked(image)
        for pin in {**pins, **brought}.values():
            assert re.fullmatch(r"[\w.-]+==[\w.+]+(\s+;[^-]+)?(\s+--hash=sha256:[0-9a-f]{64})+\s*", pin), pin
        for names, known in (
            ([*project["dependencies"], *extras[engine]], pins),
            ([*extras["otel"], *extras["documents"]], {**pins, **brought}),
        ):
            wanted = {re.split(r"[\[<>=;~! ]", line)[0].replace("_", "-").lower() for line in names}
            assert wanted <= known.keys()


@pytest.mark.parametrize("image", IMAGES)
def test_the_healthcheck_is_well_while_the_service_is(image: str, server: RunningServer) -> None:
    assert run_healthcheck(image, PORT=str(server.port)) == 0
    assert run_healthcheck(image, PORT="1", DIGITS_PORT=str(server.port)) == 0
    # A proxy for the way out is not asked about this machine.
    assert run_healthcheck(image, PORT=str(server.port), http_proxy="http://127.0.0.1:1") == 0


@pytest.mark.parametrize("image", IMAGES)
def test_the_healthcheck_is_ill_where_nobody_answers(image: str) -> None:
    assert run_healthcheck(image, PORT="1") != 0
