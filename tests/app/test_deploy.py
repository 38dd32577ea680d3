"""What watches the service watches for what the service tells."""

import json
import re

from app import metrics
from tests.support import ROOT

DASHBOARD = ROOT / "deploy" / "grafana" / "digits.json"
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"


def told() -> dict[str, set[str]]:
    """The name of every time series, and its labels."""
    series: dict[str, set[str]] = {}
    for metric in metrics.REGISTRY.collect():
        collector = metrics.REGISTRY._names_to_collectors[metric.name]
        labels = set(getattr(collector, "_labelnames", ())) | {"instance", "job", "le"}
        suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(metric.type, [""])
        series |= {metric.name + suffix: labels for suffix in suffixes}
    return series


def assert_known(expression: str) -> None:
    series = told()
    names = re.findall(r"\bdigits_\w+", expression)
    assert names or re.search(r"\bup\b", expression), expression
    for name in names:
        assert name in series, name
    known = set().union(*(series[name] for name in names)) if names else {"job"}
    for group in re.findall(r"by \(([^)]*)\)", expression):
        assert {label.strip() for label in group.split(",")} <= known, expression
    for label in re.findall(r"[{,](\w+)=~?\"", expression):
        assert label in known, expression


def test_the_dashboard_shows_what_is_measured() -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    for expression in expressions:
        assert_known(expression)
    shown = set(re.findall(r"\bdigits_\w+", " ".join(expressions)))
    stems = {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in shown}
    assert stems == {metric.name for metric in metrics.REGISTRY.collect()}


def test_the_alerts_ask_for_what_is_measured() -> None:
    text = ALERTS.read_text()
    rules = re.findall(r"expr: (?:\|\n((?:\s{10,}.*\n)+)|(.*)\n)", text)
    assert len(rules) == text.count("- alert:")
    for several, one in rules:
        assert_known(several or one)
