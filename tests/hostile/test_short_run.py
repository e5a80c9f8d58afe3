"""A short run of hostile requests on each engine; and that the oracle sees what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.chaos.plan import Engine, database
from tests.hostile.__main__ import explained
from tests.hostile.company import MARK
from tests.hostile.oracle import Oracle
from tests.hostile.run import Plan, Run
from tests.hostile.words import BAIT


@pytest.mark.parametrize(("engine", "requests"), [("sqlite", 1_000), ("postgresql", 500)])
async def test_hostile_requests_find_nothing(engine: Engine, requests: int, tmp_path: Path) -> None:
    with database(engine, tmp_path) as url:
        report = await Run(Plan(engine, requests, seed=1), url).run()
    assert not report.violations, explained(report)
    assert sum(report.sent.values()) >= requests
    assert not report.unmet, "the tour sees every button and form that is declared"
    assert len(report.names) > 60


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"text": "hey <!channel>"}, "broadcast"),
        ({"text": f"ask <@{BAIT}>"}, "broadcast"),
        (
            {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "<!here|here>"}}]},
            "broadcast",
        ),
        (
            {"blocks": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "<https://evil.example|x>"}]}]},
            "broadcast",
        ),
        ({"text": f"a {MARK.upper()} story"}, "cross-workspace"),
        ({"text": "ValueError: x"}, "insides"),
        ({"text": "the token is xoxb-planted"}, "secret"),
        ({"text": "Something broke in Tandem, and nothing was saved."}, "broke"),
    ],
)
def test_the_oracle_sees_what_is_wrong(said: dict[str, object], kind: str) -> None:
    oracle = Oracle(("xoxb-planted",))
    found = list(oracle.wrong_with_answer("command", 200, json.dumps(said), odd=False))
    assert any(one.startswith(kind) for one in found), found


def test_the_oracle_sees_errors_in_the_log() -> None:
    oracle = Oracle(("xoxb-planted",))
    assert list(oracle.wrong_with_log('{"event": "listener failed", "level": "error"}'))
    assert list(oracle.wrong_with_log('{"event": "receipt not delivered", "level": "warning", "error": "KeyError"}'))
    assert list(oracle.wrong_with_log('{"event": "token xoxb-planted", "level": "info"}'))
    assert list(oracle.wrong_with_log('{"event": "request refused", "level": "warning"}')) == []
