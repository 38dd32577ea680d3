"""Settings: read from the environment, refused in one line, and every one of them described."""

import subprocess
import sys

import pytest

from app.settings import Settings, SettingsError, table, unknown_variables, variable_of
from tests.support import ROOT


def read(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Settings.read()


def test_names_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(
        monkeypatch,
        DIGITS_MODELS="lenet5, other ,",
        DIGITS_API_KEYS="first-key,second-key",
        DIGITS_TRUSTED_PROXIES="10.0.0.0/8,::1",
        DIGITS_CORS_ORIGINS="https://a.example,http://localhost:3000",
    )
    assert settings.models == ("lenet5", "other")
    assert settings.api_keys == ("first-key", "second-key")
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")
    assert settings.cors_origins == ("https://a.example", "http://localhost:3000")


def test_host_and_port_may_be_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, HOST="0.0.0.0", PORT="9000")
    assert (settings.host, settings.port) == ("0.0.0.0", 9000)
    settings = read(monkeypatch, DIGITS_HOST="127.0.0.2", DIGITS_PORT="9001")
    assert (settings.host, settings.port) == ("127.0.0.2", 9001)


def test_an_empty_variable_is_none_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, DIGITS_MAX_PIXELS="", DIGITS_DEVICE="").device == "auto"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "-1"),
        ("DIGITS_PORT", "65536"),
        ("DIGITS_DEVICE", "gpu"),
        ("DIGITS_DEVICE", "cuda:"),
        ("DIGITS_ENGINE", "tensorflow"),
        ("DIGITS_ACCEPT", "1.5"),
        ("DIGITS_ACCEPT", "nan"),
        ("DIGITS_WORKERS", "0"),
        ("DIGITS_MAX_BODY_BYTES", "ten"),
        ("DIGITS_BODY_SECONDS", "0"),
        ("DIGITS_BODY_SECONDS", "inf"),
        ("DIGITS_CORS_ORIGINS", "example.org"),
        ("DIGITS_TRUSTED_PROXIES", "somewhere"),
        ("DIGITS_API_KEYS", "short"),
        ("DIGITS_API_KEYS", " , "),
        ("DIGITS_LOG_FORMAT", "xml"),
        ("DIGITS_FRAME_ANCESTORS", "example.org"),
        ("DIGITS_ROOT_PATH", "digits/"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(monkeypatch, **{name: value})
    message = str(refused.value)
    assert message.startswith(f"{name} ")
    assert "\n" not in message


def test_a_key_is_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as refused:
        read(monkeypatch, DIGITS_API_KEYS="s3cret")
    assert "s3cret" not in str(refused.value)
    settings = read(monkeypatch, DIGITS_API_KEYS="s3cret-and-long")
    assert "s3cret" not in repr(settings)


def test_traces_that_cannot_be_made_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.settings.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"^DIGITS_OTEL .*pip install"):
        read(monkeypatch, DIGITS_OTEL="true")
    assert read(monkeypatch, DIGITS_OTEL="false").otel is False


def test_every_setting_is_described() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "app", "--settings"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert told.strip() == table()
    for name, field in Settings.model_fields.items():
        assert field.description
        assert field.description.endswith(".")
        assert f"| `{variable_of(name)}` |" in told


def test_slips_of_the_pen_are_noticed() -> None:
    environment = {"DIGITS_DEVCE": "cpu", "DIGITS_DEVICE": "cpu", "PATH": "/bin"}
    assert unknown_variables(environment) == ["DIGITS_DEVCE"]


def test_a_command_line_that_means_nothing() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "app", "--prot", "80"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "usage" in ended.stderr
