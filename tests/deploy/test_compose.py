import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.settings import Settings, variable_of
from tests.deploy.containerfile import read_stages
from tests.support import ROOT

pytestmark = pytest.mark.slow

FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
ENGINES = {"cpu": "cpu", "slim": "slim", "gpu": "cuda"}


def test_the_file_follows_the_compose_specification() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stdout


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_is_locked_down_and_has_time_to_drain(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["profiles"] == [name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert not service["user"].startswith("0")
    assert "ports" not in service, "a published port would keep it from being scaled"
    assert service["networks"]["inside"]["aliases"] == ["digits"]
    drain = float(service["environment"]["DIGITS_DRAIN_SECONDS"])
    assert int(service["stop_grace_period"].removesuffix("s")) > drain + 1


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_is_built_from_its_stage(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["build"]["target"] == ENGINES[name]
    assert ENGINES[name] in read_stages(ROOT / "Dockerfile")


@pytest.mark.parametrize("name", ENGINES)
def test_the_variables_are_settings_with_values_that_are_taken(name: str) -> None:
    variables = COMPOSE["services"][name]["environment"]
    known = {variable_of(setting): setting for setting in Settings.model_fields}
    values = {
        known[variable]: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value)
        for variable, value in variables.items()
        if variable != "PORT"
    }
    Settings.read(**{setting: value for setting, value in values.items() if value})


def test_cpu_is_what_starts_when_no_profile_is_given() -> None:
    lines = (ROOT / ".env").read_text().splitlines()
    assert "COMPOSE_PROFILES=cpu" in lines
    assert "profiles" not in COMPOSE["services"]["nginx"]


def test_every_file_that_is_mounted_exists() -> None:
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).exists(), source
            else:
                assert source in COMPOSE["volumes"]


def test_nginx_and_prometheus_ask_the_name_and_port_that_the_engines_answer_to() -> None:
    nginx = (ROOT / "deploy/compose/nginx.conf").read_text()
    assert "http://digits:8000;" in nginx
    assert "listen 8080;" in nginx
    assert COMPOSE["services"]["nginx"]["ports"][0].endswith(":8080")
    prometheus = yaml.safe_load((ROOT / "deploy/compose/prometheus.yml").read_text())
    search = prometheus["scrape_configs"][0]["dns_sd_configs"][0]
    assert (search["names"], search["port"]) == (["digits"], 8000)
    mounted = {Path(volume.split(":")[1]).name for volume in COMPOSE["services"]["prometheus"]["volumes"]}
    assert set(prometheus["rule_files"]) <= mounted
    for name in ENGINES:
        assert COMPOSE["services"][name]["environment"]["PORT"] == "8000"


def test_nginx_takes_the_largest_body_that_the_service_takes() -> None:
    nginx = (ROOT / "deploy/compose/nginx.conf").read_text()
    found = re.search(r"client_max_body_size (\d+)m;", nginx)
    assert found
    assert int(found[1]) * 1024 * 1024 == Settings.read().max_batch_bytes


def test_every_image_has_a_version() -> None:
    for service in COMPOSE["services"].values():
        assert re.search(r":(?!latest$)[\w.-]+$", service["image"])
