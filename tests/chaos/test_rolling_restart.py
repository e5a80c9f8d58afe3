"""A new release while people work: it adds a column, a table, a rung, a policy's setting and a part of a digest.

The schema grows, then each process is replaced in turn. The old ones go on with what the new ones write, and nothing
is lost. The new release is this one with the worked examples of CONTRIBUTING.md applied.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import create_engine, select

from playground import Playground
from storage.models import Clock, Edition
from tests.chaos.driver import Run
from tests.chaos.herd import PROGRAM, ROOT
from tests.chaos.plan import database, short
from tests.examples.applied import Copy

NEXT_RELEASE = """
import sys
sys.path.insert(0, {folder!r})
from bot.cli import main
main()
"""
ADDS = ("policy_field", "digest_section", "rung")
EXPANDS = '''
"""What the next release adds."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{next}", "{head}", None, None


def upgrade() -> None:
    op.add_column("leads", sa.Column("mood", sa.String(), nullable=True))
    op.add_column("deliveries", sa.Column("weather", sa.String(), server_default="fair", nullable=False))
    op.create_table("moods", sa.Column("name", sa.String(), primary_key=True))
'''


class Release(Run):
    """A run in which the next release is rolled out. Nothing else goes wrong, and a busy machine is no failure."""

    def _let_fail(self, slack: Playground) -> None:
        slack.delivery.ack_within = 30.0

    async def disturb(self, progress: Callable[[], float]) -> None:
        copy = Copy(self.folder / "next", *ADDS)
        versions = copy.folder / "storage" / "migrations" / "versions"
        head = max(path.stem.partition("_")[0] for path in versions.glob("[0-9]*.py"))
        following = f"{int(head) + 1:04}"
        expands = EXPANDS.replace("{next}", following).replace("{head}", head)
        (versions / f"{following}_next.py").write_text(expands)
        program = NEXT_RELEASE.format(folder=str(copy.folder))
        while progress() < 0.05:  # noqa: ASYNC110  # nothing tells when a share is reached
            await asyncio.sleep(0.1)
        await self._migrate(program)
        # One that dies in between comes back as what it was, on a schema that is newer than itself.
        await self.herd.keepers[0].replace(PROGRAM)
        for one in self.herd.keepers:
            await one.replace(program)
        released = progress()
        while progress() < released + 0.1:  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    async def _migrate(self, program: str) -> None:
        env = self.herd.keepers[0].env
        migrating = await asyncio.create_subprocess_exec(sys.executable, "-c", program, "migrate", env=env, cwd=ROOT)
        assert await migrating.wait() == 0


async def test_a_release_is_rolled_out_under_traffic(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as url:
        plan = replace(
            short("postgresql", seed=5),
            messages=500,
            kills=0,
            fault_rate=0.0,
            stall_gap=3600.0,
            reinstalls=0,
            errands=False,  # of which the next release knows nothing
        )
        report = await Release(plan, url, tmp_path).run()
        frozen = what_is_kept(url)
    assert not report.violations, report.dumps(5)
    for one in report.outcomes:
        assert one.tenant.arrivals.answers.unanswered == set()
        assert one.rungs["breached"] > 0
    assert dict(report.ended) == {0: 5}
    assert frozen.clocks == {True, False}, "clocks of both releases"
    assert True in frozen.editions, "a digest of the new one"


@dataclass(frozen=True, slots=True)
class Kept:
    """Whether rows have the fields that the next release adds."""

    clocks: set[bool]
    editions: set[bool]


def what_is_kept(url: str) -> Kept:
    """Read the frozen data as JSON."""
    engine = create_engine(url)
    with engine.connect() as connection:
        policies = list(connection.scalars(select(Clock.policy)))
        facts = list(connection.scalars(select(Edition.facts).where(Edition.state == "frozen")))
    engine.dispose()
    sales = [each for each in facts if each["kind"] == "sales"]
    return Kept({"grace_seconds" in each for each in policies}, {"new_themes" in each for each in sales})
