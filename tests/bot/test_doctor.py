"""`tandem doctor` against the playground: all well, and each thing that is not with its remedy."""

from datetime import timedelta

from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from bot.commands.doctor import examine, show_findings
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from handlers.setup.finding import Finding
from playground import Fault, Playground
from storage.models import Clock, Lane, Member, Team, TeamMember
from tests.running import Running, running, settings_for


async def findings(tandem: Running) -> dict[str, Finding]:
    url = tandem.program.db.url.render_as_string(hide_password=False)
    return {one.what: one for one in await examine(settings_for(tandem.slack, url), tandem.clock)}


async def test_a_healthy_workspace_has_nothing_to_mend(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        found = await findings(tandem)
        assert [one for one in found.values() if not one.well] == []
        assert found["channel of team Sales, digest sales"].found == "#leads"


async def test_a_missing_scope_is_named(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        app = tandem.slack.installation.app
        app.scopes = tuple(scope for scope in app.scopes if scope != "im:write")
        found = await findings(tandem)
        assert found["scopes"].found == "missing: im:write"
        assert "tandem manifest" in found["scopes"].remedy


async def test_an_archived_channel_is_named_with_what_to_do(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        channel = tandem.slack.workspace.channels[tandem.slack.channel("#leads").id]
        channel.is_archived = True
        found = await findings(tandem)
        assert not found["channel of team Sales, digest sales"].well
        assert "setup" in found["channel of team Sales, digest sales"].remedy


async def test_a_revoked_token_says_where_to_get_one(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        tandem.slack.installation.app.revoked = True
        found = await findings(tandem)
        assert found["token"].found == "token_revoked"
        assert "api.slack.com" in found["token"].remedy
        tandem.slack.installation.app.revoked = False
        tandem.slack.refusals.clear()


async def test_a_database_without_tables_is_told_how_to_get_them(database_url: str) -> None:
    async with Playground(make_manifest(all_listeners())) as slack:
        found = {one.what: one for one in await examine(settings_for(slack, database_url))}
        assert not found["schema"].well
        assert "tandem migrate" in found["schema"].remedy


async def test_a_key_that_sources_were_not_made_with_is_named(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        url = tandem.program.db.url.render_as_string(hide_password=False)
        settings = settings_for(tandem.slack, url)
        without = settings.model_copy(update={"tandem_secret_key": None})
        other = settings.model_copy(update={"tandem_secret_key": SecretStr("another key, just as long as the first")})
        assert not {one.what: one for one in await examine(without)}["secret key"].well
        assert "website" in {one.what: one for one in await examine(other)}["sources"].found


async def test_an_app_token_that_slack_refuses_is_told_from_a_good_one(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        url = tandem.program.db.url.render_as_string(hide_password=False)
        settings = settings_for(tandem.slack, url)
        assert {one.what: one for one in await examine(settings)}["way in"].found == "Socket Mode"
        wrong = settings.model_copy(update={"slack_app_token": SecretStr("xapp-nobody-knows-it")})
        found = {one.what: one for one in await examine(wrong)}["way in"]
        assert not found.well
        assert "connections:write" in found.remedy
        tandem.slack.refusals.clear()


async def test_what_nobody_moves_on_is_told_with_its_age(migrated_url: str) -> None:
    def an_hour_ago(session: Session) -> None:
        """A lead's clock and a courier's lease ran out an hour ago."""
        past = tandem.clock.now() - timedelta(hours=1)
        session.execute(update(Clock).values(next_at=past))
        session.execute(update(Lane).values(holder="dead", due_at=past))

    async with running(migrated_url) as tandem:
        await tandem.lead_arrives()
        await tandem.idle()
        await tandem.program.ticker.stop()
        await tandem.program.courier.stop()
        await tandem.program.db.run(an_hour_ago)
        found = await findings(tandem)
        assert "1 step of a lead’s clock is overdue" in found["late clocks"].found
        assert "worker" in found["late clocks"].remedy
        assert "are held" in found["a process that stands still"].found
        out = Console(width=200, record=True, quiet=True)
        assert not show_findings(list(found.values()), out)


async def test_a_clock_that_differs_from_slacks_is_told(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        assert (await findings(tandem))["clock"].well
        tandem.slack.installation.date_ahead = 120.0
        found = await findings(tandem)
        assert not found["clock"].well
        assert "NTP" in found["clock"].remedy


async def test_whose_time_zone_cannot_be_used_is_told(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        ana, odd = tandem.slack.member("ana"), {"refused_zone": "Mars/Olympus", "tz": "Europe/Rome"}
        await tandem.program.db.run(
            lambda session: session.execute(update(Member).where(Member.slack_user_id == ana.id).values(**odd))
        )
        found = (await findings(tandem))["time zones"]
        assert (found.well, found.found) == (False, f"{ana.real_name} has “Mars/Olympus”, so Europe/Rome is used")
        assert "Slack" in found.remedy


async def test_a_team_that_lacks_people_a_manager_or_a_channel_is_named(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        assert (await findings(tandem))["teams"].found == "1 team has people, a manager and a channel"

        def empty(session: Session) -> None:
            session.execute(delete(TeamMember))
            session.execute(update(Team).values(manager_id=None, channel=None))

        await tandem.program.db.run(empty)
        lacking = (await findings(tandem))["team Sales"]
        assert not lacking.well
        assert [word in lacking.found for word in ("nobody", "manager", "channel")] == [True] * 3
        assert "/tandem setup" in lacking.remedy


async def test_slack_is_asked_whether_it_still_takes_the_cards_that_stand(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        assert not (await findings(tandem))["cards"].checked
        await tandem.lead_arrives()
        await tandem.idle()
        found = (await findings(tandem))["cards"]
        assert (found.checked, found.found.startswith("Slack takes the newest of")) == (True, True)
        tandem.slack.faults.next("blocks.validate", Fault.refuse("invalid_blocks"))
        assert "Update Tandem" in (await findings(tandem))["cards"].remedy
        tandem.slack.refusals.clear()


async def test_without_a_token_it_says_what_it_could_not_look_at(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        url = tandem.program.db.url.render_as_string(hide_password=False)
        settings = settings_for(tandem.slack, url).model_copy(update={"slack_bot_token": None})
        found = await examine(settings, tandem.clock)
        assert [one.what for one in found if not one.well] == ["token"]
        assert [one.what for one in found if not one.checked] == ["scopes, clock, channels, cards", "way in"]


async def test_a_database_that_is_away_says_what_it_could_not_look_at() -> None:
    async with Playground(make_manifest(all_listeners())) as slack:
        found = await examine(settings_for(slack, "postgresql://127.0.0.1:1/tandem"))
        assert "nothing listens" in next(one for one in found if one.what == "database").remedy
        unchecked = [one.what for one in found if not one.checked]
        assert unchecked == ["workspace, queue, lateness, jobs, sources, teams", "channels, cards"]
