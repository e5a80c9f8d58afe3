"""A new release while people work: the schema grows, then each process is replaced in turn, and nothing is lost."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from playground import Playground
from storage.migrate import MIGRATIONS, head_revision
from tests.chaos.driver import Run, database, short
from tests.chaos.herd import PROGRAM, ROOT

NEXT_RELEASE = """
import storage.migrate
from pathlib import Path
storage.migrate.MIGRATIONS = Path({folder!r})
from bot.cli import main
main()
"""
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
        folder = self.folder / "migrations"
        shutil.copytree(MIGRATIONS, folder)
        head = head_revision()
        following = f"{int(head) + 1:04}"
        expands = EXPANDS.replace("{next}", following).replace("{head}", head)
        (folder / "versions" / f"{following}_next.py").write_text(expands)
        program = NEXT_RELEASE.format(folder=str(folder))
        while progress() < 0.2:  # noqa: ASYNC110  # nothing tells when a share is reached
            await asyncio.sleep(0.1)
        await self._migrate(program)
        # One that dies in between comes back as what it was, on a schema that is newer than itself.
        await self.herd.keepers[0].replace(PROGRAM)
        for one in self.herd.keepers:
            await one.replace(program)

    async def _migrate(self, program: str) -> None:
        env = self.herd.keepers[0].env
        migrating = await asyncio.create_subprocess_exec(sys.executable, "-c", program, "migrate", env=env, cwd=ROOT)
        assert await migrating.wait() == 0


async def test_a_release_is_rolled_out_under_traffic(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as url:
        plan = replace(short("postgresql", seed=5), messages=150, kills=0, fault_rate=0.0, stall_gap=3600.0)
        report = await Release(plan, url, tmp_path).run()
    assert not report.violations, "\n\n".join(report.oracle.dump(one) for one in report.violations[:5])
    assert report.answers.unanswered == set()
    assert dict(report.ended) == {0: 5}
    assert report.rungs["breached"] > 0
