"""What CONTRIBUTING.md shows works, word by word: each example is applied to a copy of the tree and used there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.examples.applied import EXAMPLES, Copy
from tests.test_imports import ROOT

PATCHES = sorted(EXAMPLES.glob("*.patch"))

RUNGS = """
from tests.world import World
from domain.leads.rungs import apply_due_rungs
from domain.leads.facts import load_lead
from handlers.leads.views import lead_card


def test_the_new_rung_comes_and_shows(db):
    world = World(db)
    lead = world.lead(tier="warm")
    assert [due.rung for due in world.run(apply_due_rungs, at=world.later(minutes=115))] == ["last_call"]
    card = lead_card(world.run(load_lead, lead, world.workspace_id, world.now))
    assert card.colour == "#f04a1d"
    assert "Last call" in str(card.blocks)
    assert [due.rung for due in world.run(apply_due_rungs, at=world.later(minutes=5))] == ["breach"]
"""

SECTION = """
from datetime import timedelta
from digests.kinds import KINDS
from digests.periods import week_until
from digests.rendering import render_edition
from digests.sections import Asked
from domain.themes import find_or_add_theme
from tests.world import World


def test_the_new_section_is_told(db):
    world = World(db)
    world.run(find_or_add_theme, world.workspace_id, "sso", at=world.now - timedelta(days=1))
    period = week_until(world.now, "UTC")
    facts = world.run(lambda session: KINDS["sales"].gather(Asked(session, world.workspace_id, period, world.now)))
    assert facts.new_themes == ("sso",)
    kept = KINDS["sales"].shape.write(facts)
    assert KINDS["sales"].shape.read(kept) == facts
"""

POLICY = """
from sqlalchemy import select
from domain.config.export import export_config
from domain.config.schema import parse_config
from digests.audiences import apply_settings
from storage.models import Clock, Policy
from tests.world import World


def test_the_new_setting_is_kept_and_frozen(db):
    world = World(db)
    config = parse_config('[[policies]]\\ntier = "hot"\\ngrace = "10m"\\n')
    world.run(apply_settings, world.workspace_id, config, by=None, at=world.now)
    world.lead(tier="hot")
    assert world.run(lambda session: session.scalars(select(Clock)).one().policy["grace_seconds"]) == 600
    assert 'grace = "10m"' in world.run(export_config, world.workspace_id)
"""

JOB = """
from aiohttp import web
from handlers.leads import jobs
from tests.running import running


async def test_the_fact_is_fetched_and_told(migrated_url, monkeypatch):
    asked = []

    async def registry(request):
        asked.append(request.query["name"])
        return web.json_response({"people": 4200}) if len(asked) > 1 else web.Response(status=503)

    app = web.Application()
    app.router.add_get("/companies", registry)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setattr(jobs, "REGISTRY", f"http://127.0.0.1:{runner.addresses[0][1]}/companies")
    async with running(migrated_url) as tandem:
        receipt = await tandem.slack.channel("#general").command("/lead size Globex <3", by="ana")
        assert receipt.text == "The answer comes in a message."
        told = await tandem.slack.dm("ana").message(containing="4,200 people")
        assert told.text == "Globex <3 has 4,200 people."
    assert asked == ["Globex <3", "Globex <3"]
    await runner.cleanup()
"""

COMMAND = """
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest

commands = {one["command"]: one["usage_hint"] for one in make_manifest(all_listeners())["features"]["slash_commands"]}
print(commands["/content"])
"""


def try_out(copy: Copy, test: str) -> None:
    """Run a test in the copy, on SQLite, with the fixtures that are there."""
    file = copy.folder / "tests" / "test_of_the_example.py"
    file.write_text(test)
    copy.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not postgresql", str(file))


def test_a_rung_is_added(tmp_path: Path) -> None:
    try_out(Copy(tmp_path, "rung"), RUNGS)


def test_a_section_is_added_to_a_digest(tmp_path: Path) -> None:
    copy = Copy(tmp_path, "digest_section")
    assert copy.run("-m", "tests.facts").split() == ["tests/facts/sales_digest/4.json"]
    try_out(copy, SECTION)
    copy.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/storage/test_frozen.py")


def test_a_command_is_added(tmp_path: Path) -> None:
    assert "top" in Copy(tmp_path, "command").run("-c", COMMAND)


def test_a_setting_is_added_to_policies(tmp_path: Path) -> None:
    copy = Copy(tmp_path, "policy_field")
    assert copy.run("-m", "tests.facts").split() == ["tests/facts/policy/4.json"]
    try_out(copy, POLICY)
    copy.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/storage/test_frozen.py")


def test_a_job_is_added(tmp_path: Path) -> None:
    copy = Copy(tmp_path, "job")
    assert copy.run("-m", "tests.facts").split() == ["tests/facts/job_company_size/1.json"]
    try_out(copy, JOB)
    copy.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/storage/test_frozen.py", "tests/test_manifest.py")


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_contributing_quotes_the_example(patch: Path) -> None:
    quoted = re.findall(r"```diff\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL)
    assert patch.read_text(encoding="utf-8") in quoted
