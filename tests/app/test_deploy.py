"""Dashboard and alerts ask for what the service tells; see also tests/deploy/test_monitoring.py."""

import json
import re

from app import metrics
from tests.support import ROOT


def names_in(text: str) -> set[str]:
    """The metrics that PromQL asks for, without the suffixes of their series."""
    return {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in re.findall(r"\bdigits_\w+", text)}


def test_the_dashboard_shows_all_that_is_measured_and_the_alerts_ask_for_nothing_else() -> None:
    measured = {metric.name for metric in metrics.REGISTRY.collect()}
    dashboard = json.loads((ROOT / "deploy" / "grafana" / "digits.json").read_text())
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert names_in(" ".join(shown)) == measured
    asked = names_in((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text())
    assert len(asked) > 5
    assert asked <= measured
