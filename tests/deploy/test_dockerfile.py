import json
import os
import re
import subprocess
import sys
import tomllib

import httpx
import pytest

from app.settings import Settings, variable_of
from tests.deploy.containerfile import read_stages
from tests.support import ROOT, RunningServer, free_port, running

pytestmark = pytest.mark.slow

STAGES = read_stages(ROOT / "Dockerfile")
IMAGES = ("cpu", "slim", "cuda")
IGNORE = (ROOT / ".dockerignore").read_text().splitlines()


def run_healthcheck(image: str, **variables: str) -> int:
    command = json.loads(STAGES[image].inherited("HEALTHCHECK")[-1].partition(" CMD ")[2])
    assert command[0] == "python"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    command[0] = sys.executable
    return subprocess.run(
        command, env=environment | variables, check=False, stderr=subprocess.DEVNULL, timeout=30
    ).returncode


def test_every_source_of_a_copy_exists_and_is_sent_to_the_builder() -> None:
    allowed = tuple(line[1:] for line in IGNORE if line.startswith("!"))
    for stage in STAGES.values():
        for origin, sources in stage.copies():
            if origin is not None:
                assert origin in STAGES
                continue
            for source in sources:
                path = source.rstrip("/")
                assert (ROOT / path).exists(), source
                assert any(path == kept or path.startswith(f"{kept}/") for kept in allowed), source


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_runs_the_service_as_nobody_in_particular(image: str) -> None:
    last = {name: STAGES[image].inherited(name)[-1] for name in ("USER", "CMD", "STOPSIGNAL")}
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", last["USER"])
    assert json.loads(last["CMD"]) == ["python", "-m", "app"]
    assert last["STOPSIGNAL"] == "SIGTERM"


def test_the_images_have_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for image in IMAGES:
        assert f"VERSION={project['version']}" in STAGES[image].all("ARG")


@pytest.mark.parametrize("image", IMAGES)
def test_the_variables_of_an_image_are_settings(image: str) -> None:
    variables = STAGES[image].environment()
    known = {variable_of(name) for name in Settings.model_fields}
    assert {name for name in variables if name.startswith("DIGITS_")} <= known
    assert variables["HOST"] == "0.0.0.0"
    Settings.read(host=variables["HOST"], port=variables["PORT"])


def test_sagemaker_s_argument_starts_the_service_on_its_port(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("SAGEMAKER_BIND_TO_PORT", str(port))
    program = ROOT / "deploy" / "docker" / "serve"
    for stage in IMAGES:
        assert ["deploy/docker/serve"] in [sources for _, sources in STAGES[stage].copies()]
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
    packages = [origin for origin, sources in STAGES["slim"].copies() if "/opt/digits" in sources]
    assert packages == ["slim-packages"]


def test_every_dependency_is_pinned_with_its_hashes() -> None:
    assert "PIP_REQUIRE_HASHES" in STAGES["builder"].environment()
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
def test_the_healthcheck_is_well_while_the_service_is_and_ill_where_nobody_answers(
    image: str, server: RunningServer
) -> None:
    assert run_healthcheck(image, PORT=str(server.port)) == 0
    assert run_healthcheck(image, PORT="1", DIGITS_PORT=str(server.port)) == 0
    # A proxy for the way out is not asked about this machine.
    assert run_healthcheck(image, PORT=str(server.port), http_proxy="http://127.0.0.1:1") == 0
    assert run_healthcheck(image, PORT="1") != 0
