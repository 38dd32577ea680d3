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
GPU = ROOT / "deploy" / "compose" / "gpu.yml"
DIGITS: dict[str, Any] = COMPOSE["services"]["digits"]


def test_the_files_follow_the_compose_specification() -> None:
    command = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE), str(GPU)]
    finished = subprocess.run([sys.executable, *command], check=False, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout


def default(value: str) -> str:
    """The value with each `${NAME:-default}` replaced by its default."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


def settings() -> Settings:
    known = {variable_of(setting): setting for setting in Settings.model_fields}
    values = {known[name]: default(value) for name, value in DIGITS["environment"].items() if name != "PORT"}
    return Settings.read(**{setting: value for setting, value in values.items() if value})


def test_the_service_is_locked_down() -> None:
    assert DIGITS["read_only"] is True
    assert DIGITS["cap_drop"] == ["ALL"]
    assert not DIGITS["user"].startswith("0")
    assert "ports" not in DIGITS, "a published port would keep it from being scaled"


def test_the_service_has_time_to_drain_and_memory_for_four_workers() -> None:
    assert int(DIGITS["stop_grace_period"].removesuffix("s")) > settings().drain_seconds + 1
    assert default(DIGITS["mem_limit"]) == "2g"
    measured = 810 * 2**20  # four workers with torch: deploy/README.md
    assert measured + settings().max_held_bytes < 2 * 2**30


def test_the_images_are_stages_of_the_dockerfile() -> None:
    gpu = yaml.safe_load(GPU.read_text())["services"]["digits"]
    targets = {default(DIGITS["build"]["target"]), gpu["build"]["target"], "slim"}
    assert targets <= set(read_stages(ROOT / "Dockerfile"))
    assert gpu["environment"] == {"DIGITS_DEVICE": "cuda"}


def test_every_image_has_a_version_and_every_file_that_is_mounted_exists() -> None:
    for service in COMPOSE["services"].values():
        assert re.search(r":(?!latest$)[\w.-]+$", default(service["image"]))
        for volume in service.get("volumes", []):
            source = default(volume).split(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


def test_nginx_and_prometheus_ask_the_name_and_port_that_the_engines_answer_to() -> None:
    nginx = (ROOT / "deploy/compose/nginx.conf").read_text()
    (largest,) = re.findall(r"client_max_body_size (\d+)m;", nginx)
    assert int(largest) * 1024 * 1024 == settings().max_batch_bytes
    assert "http://digits:8000;" in nginx
    assert "listen 8080;" in nginx
    assert COMPOSE["services"]["nginx"]["ports"][0].endswith(":8080")
    prometheus = yaml.safe_load((ROOT / "deploy/compose/prometheus.yml").read_text())
    search = prometheus["scrape_configs"][0]["dns_sd_configs"][0]
    assert (search["names"], search["port"]) == (["digits"], 8000)
    mounted = {Path(volume.split(":")[1]).name for volume in COMPOSE["services"]["prometheus"]["volumes"]}
    assert set(prometheus["rule_files"]) <= mounted
    assert DIGITS["environment"]["PORT"] == "8000"
