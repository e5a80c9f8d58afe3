"""A short run of chaos on each engine; and that the oracle sees what is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from handlers.setup.doctor import Examination
from tests.chaos.driver import Run
from tests.chaos.errands import Errand
from tests.chaos.jobs import look_at_jobs
from tests.chaos.ledger import Said
from tests.chaos.plan import Engine, database, short


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_nothing_is_lost_doubled_or_missed_while_processes_die_and_slack_fails(
    engine: Engine, tmp_path: Path
) -> None:
    with database(engine, tmp_path) as url:
        report = await Run(short(engine, seed=3), url, tmp_path).run()
    assert not report.violations, report.dumps(5)
    assert report.herd.kills >= report.plan.kills
    assert report.reinstalled == 1
    noisy, quiet = report.outcomes
    assert noisy.rungs["breached"] > 0 < quiet.rungs["breached"]

    # The same records with something amiss: an oracle that never complains would prove nothing.
    # Cards in channels: a DM that is not there may be excused, as its lead had moved on before it could be sent.
    ledger, records = noisy.tenant.ledger, noisy.records
    in_channels = [said for said in ledger.standing.values() if said.channel.startswith("C") and not said.thread_ts]
    cards = [said for said in in_channels if said.content["attachments"]]
    doubled, lost, wrong = cards[0], cards[1], cards[2]
    ledger.posts[_posted(ledger.posts, doubled)] *= 2
    del ledger.posts[_posted(ledger.posts, lost)]
    ledger.standing[wrong.channel, wrong.ts] = replace(wrong, content={**wrong.content, "text": "not so"})
    foreign = next(iter(quiet.tenant.ledger.posts.items()))
    ledger.posts[foreign[0]] = foreign[1]
    for kind in (Examination.kind, Errand.kind):
        gone = next(one for one in records.jobs if one.kind == kind)
        records.jobs.remove(gone)
        wrong_with_jobs = look_at_jobs(records, ledger, noisy.tenant.arrivals.answers, noisy.oracle.errands)
        assert {one.kind for one in wrong_with_jobs} == {"lost"}, kind
        records.jobs.append(gone)
    assert {"doubled", "lost", "wrong card", "stray"} <= {one.kind for one in noisy.oracle.violations()}


def _posted(posts: dict[str, list[Said]], said: Said) -> str:
    """The token with which the message was posted; edits carry others."""
    return next(token for token, each in posts.items() if (each[0].channel, each[0].ts) == (said.channel, said.ts))
