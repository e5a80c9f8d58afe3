"""Figures before anything happened: what alerts look at stands at 0, and the alerts look at what there is."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client import generate_latest

from bot.metrics import REFUSED, Metrics

ROOT = Path(__file__).parent.parent.parent
ALERTS = re.findall(r"expr: (.+)", (ROOT / "deploy" / "alerts.yml").read_text())
SELECTED = re.compile(r'(tandem_\w+)(?:\{(\w+)=~?"([^"]+)"\})?')


def test_every_series_that_an_alert_looks_at_stands_at_zero_from_the_start() -> None:
    told = [line for line in generate_latest(Metrics().registry).decode().splitlines() if line.endswith(" 0.0")]
    assert len(ALERTS) == 9
    for name, label, values in SELECTED.findall(" ".join(ALERTS)):
        for value in values.split("|"):
            wanted = f'{label}="{value}"' if label else ""
            assert any(line.startswith(name) and wanted in line for line in told), (name, label, value)


def test_every_reason_to_refuse_a_request_is_known() -> None:
    edge = re.findall(r'_refuse\(\s*\d+, "(\w+)"', (ROOT / "bot" / "web" / "edge.py").read_text())
    signature = re.findall(r'return "(\w+)"', (ROOT / "bot" / "web" / "signature.py").read_text())
    assert {*edge, *signature} == set(REFUSED)


def test_the_docs_tell_the_alerts_as_they_are() -> None:
    docs = (ROOT / "docs" / "operations.md").read_text()
    assert [alert for alert in ALERTS if alert not in docs] == []
