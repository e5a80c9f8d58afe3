"""Tiers, sources and digests by clicking: added, changed, made the default, removed; what follows is said before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from domain.config.export import export_config
from domain.people import ensure_member, find_actor
from domain.personas import FIELDS, Draft, add_persona
from domain.voc.items import log_line
from playground import Modal
from storage.models import Audience, Clock, Member, Policy, Source, Team, TeamMember, Workspace
from tests.running import Running


def modal(tandem: Running, who: str = "mia") -> Modal:
    shown = tandem.slack.modal(who)
    assert shown is not None
    return shown


async def opened(tandem: Running, near: str, button: str = "Open") -> Modal:
    hub = await tandem.slack.channel("#general").command("/tandem setup", by="mia")
    await hub.button(button, near=near).click(by="mia")
    return modal(tandem)


async def read(tandem: Running, entity: Any) -> Sequence[Any]:
    found: Sequence[Any] = await tandem.program.db.read(lambda session: session.scalars(select(entity)).all())
    return found


async def tiers(tandem: Running) -> dict[str, Policy]:
    return {policy.tier: policy for policy in await read(tandem, Policy)}


async def exported(tandem: Running) -> str:
    def export(session: Any) -> str:
        return export_config(session, session.scalars(select(Workspace.id)).one())

    return await tandem.program.db.read(export)


def confirmation(form: Modal, label: str) -> str:
    """What Slack asks before the button with this label does anything."""
    elements = [element for block in form.blocks if block["type"] == "actions" for element in block["elements"]]
    found = next(element for element in elements if element.get("text", {}).get("text") == label)
    return str(found["confirm"]["text"]["text"])


async def test_a_tier_s_times_are_changed(tandem: Running) -> None:
    tiers_now = await opened(tandem, "Time to contact", "Change")
    await tiers_now.button("Change", near="hot").click(by="mia")
    form = modal(tandem)
    form.fill({"contact": "one day"})
    assert "5m, 2h or 1h 30m" in (await form.submit())["contact"]
    form.fill({"contact": "2161h"})
    assert "at most 2160 hours" in (await form.submit())["contact"]
    form.fill({"contact": "10m", "reassign_after": ""})
    assert not await form.submit()
    assert "tier hot: contact 5m → 10m" in modal(tandem).text
    hot = (await tiers(tandem))["hot"]
    assert (hot.contact_seconds, hot.reassign_after_seconds) == (600, None)


async def test_a_tier_is_added_made_the_default_and_the_old_default_removed(tandem: Running) -> None:
    tiers_now = await opened(tandem, "Time to contact", "Change")
    await tiers_now.button("Add a tier").click(by="mia")
    form = modal(tandem)
    form.fill({"Name": "Very Important", "Contact within": "30m"})
    assert "small letters" in (await form.submit())["tier"]
    form.fill({"Name": "hot"})
    assert "There is already a tier hot" in (await form.submit())["tier"]
    form.fill({"Name": "vip", "Default": ["Leads without a tier get this one"]})
    assert not await form.submit()
    assert "tier vip becomes the default, in place of warm" in modal(tandem).text

    await modal(tandem).button("Change", near="warm").click(by="mia")
    await modal(tandem).button("Remove this tier").click(by="mia")
    assert "tier warm is removed: new leads that name it get the time of vip" in modal(tandem).text
    assert sorted(await tiers(tandem)) == ["cool", "hot", "vip"]
    assert 'tier = "vip"' in await exported(tandem)
    assert 'tier = "warm"' not in await exported(tandem)


async def test_the_default_tier_cannot_be_removed_and_the_form_says_how(tandem: Running) -> None:
    tiers_now = await opened(tandem, "Time to contact", "Change")
    await tiers_now.button("Change", near="warm").click(by="mia")
    assert "Make another tier the default to remove this one." in modal(tandem).text
    assert "Remove this tier" not in modal(tandem).buttons


async def test_a_click_that_is_refused_says_so_in_the_form_and_keeps_what_was_typed(tandem: Running) -> None:
    tiers_now = await opened(tandem, "Time to contact", "Change")
    await tiers_now.button("Change", near="hot").click(by="mia")
    form = modal(tandem)

    def make_default(session: Any) -> None:
        for policy in sorted(session.scalars(select(Policy)), key=lambda one: not one.is_default):
            policy.is_default = policy.tier == "hot"
            session.flush()

    await tandem.program.db.run(make_default)
    form.fill({"contact": "20m"})
    await form.button("Remove this tier").click(by="mia")
    assert "The default tier cannot be removed. Make another tier the default first." in modal(tandem).text
    assert modal(tandem).value("contact") == "20m"
    assert "hot" in await tiers(tandem)


async def test_removing_a_tier_says_what_follows_and_open_leads_keep_their_time(tandem: Running) -> None:
    await tandem.lead_arrives()
    await tandem.idle()
    before = [(clock.due_at, clock.policy["tier"]) for clock in await read(tandem, Clock)]
    tier = before[0][1]
    if (await tiers(tandem))[tier].is_default:
        tier = next(each for each in await tiers(tandem) if each != tier)

    def name_it(session: Any) -> None:
        session.scalars(select(Source)).one().tier = tier

    await tandem.program.db.run(name_it)
    tiers_now = await opened(tandem, "Time to contact", "Change")
    await tiers_now.button("Change", near=tier).click(by="mia")
    asked = confirmation(modal(tandem), "Remove this tier")
    assert "Clocks that run keep their time." in asked
    assert f"New leads that say “{tier}”, and the leads of website, get the time of warm." in asked
    await modal(tandem).button("Remove this tier").click(by="mia")
    assert [(clock.due_at, clock.policy["tier"]) for clock in await read(tandem, Clock)] == before
    assert (await read(tandem, Source))[0].tier is None


async def test_a_source_is_paused_taken_up_again_and_changed(tandem: Running) -> None:
    await (await opened(tandem, "Sources")).button("Change").click(by="mia")
    await modal(tandem).button("Pause").click(by="mia")
    assert "paused" in modal(tandem).text
    await modal(tandem).button("Resume").click(by="mia")
    assert "Pause" in modal(tandem).buttons
    form = modal(tandem)
    await form.select("Tier for leads that name none", "hot")
    await form.select("Team for leads that name none", "Sales")
    assert not await form.submit()
    source = (await read(tandem, Source))[0]
    assert (source.tier, source.team_key) == ("hot", "sales")
    await modal(tandem).button("Change").click(by="mia")
    await modal(tandem).select("Tier for leads that name none", "warm, the default")
    assert not await modal(tandem).submit()
    assert (await read(tandem, Source))[0].tier is None


async def test_a_source_that_is_removed_is_refused_from_then_on_and_its_leads_stay(tandem: Running) -> None:
    await tandem.lead_arrives()
    await (await opened(tandem, "Sources")).button("Change").click(by="mia")
    assert "refused from now on" in confirmation(modal(tandem), "Remove")
    await modal(tandem).button("Remove").click(by="mia")
    assert "source “website” is removed: what it sends is refused" in modal(tandem).text
    assert await read(tandem, Source) == []
    refused = await tandem.lead_arrives(id="another", email="other@example.com")
    assert refused.status_code == 401
    assert len(await read(tandem, Clock)) == 1


async def test_a_digest_is_added_changed_removed_and_comes_back_under_its_name(tandem: Running) -> None:
    digests = await opened(tandem, "Weekly digests")
    await digests.button("Add a digest").click(by="mia")
    form = modal(tandem)
    form.fill({"Name": "Leadership", "Which digest": "Marketing digest", "Channel": "#general", "Time": "07:30"})
    await form.select("Time zone", "Europe/Berlin")
    await form.select("About which team", "Sales")
    assert not await form.submit()
    shown = modal(tandem).text
    assert "digest “leadership” is added: for marketing, Monday 07:30 in Europe/Berlin" in shown
    assert "Marketing digest: leadership" in shown
    added = next(row for row in await read(tandem, Audience) if row.key == "leadership")
    assert added.next_at is not None
    assert added.team_id == (await read(tandem, Team))[0].id

    await modal(tandem).button("Change", near="leadership").click(by="mia")
    assert "What was sent stays" in confirmation(modal(tandem), "Remove this digest")
    await modal(tandem).button("Remove this digest").click(by="mia")
    assert "leadership” is removed" in modal(tandem).text
    assert "leadership" not in await exported(tandem)
    removed = next(row for row in await read(tandem, Audience) if row.key == "leadership")
    assert (removed.next_at, removed.channel) == (None, None)

    await modal(tandem).button("Add a digest").click(by="mia")
    form = modal(tandem)
    form.fill({"Name": "Leadership", "Channel": "#general"})
    assert not await form.submit()
    assert len([row for row in await read(tandem, Audience) if row.key == "leadership"]) == 1
    assert 'key = "leadership"' in await exported(tandem)


async def test_without_any_digest_the_preview_says_that_nobody_gets_it(tandem: Running) -> None:
    for _ in range(2):
        await (await opened(tandem, "Weekly digests")).button("Change", index=0).click(by="mia")
        await modal(tandem).button("Remove this digest").click(by="mia")
    assert "Nobody gets a weekly digest." in modal(tandem).text
    preview = await tandem.slack.channel("#general").command("/tandem digest sales", by="mia")
    assert "No channel gets this digest yet." in preview.text


async def test_every_form_opens_beside_five_hundred_of_everything(tandem: Running) -> None:
    many = range(500)

    def fill(session: Any) -> None:
        workspace = session.scalars(select(Workspace)).one()
        team = session.scalars(select(Team)).one()
        workspace.competitors = [f"Competitor with a rather long name, number {number:03} Ltd." for number in many]
        hours = dict(team.hours)
        team.hours = {**hours, "closed": [f"{2000 + number // 12}-{number % 12 + 1:02}-24" for number in many]}
        for number in many:
            named = {"workspace_id": workspace.id, "created_at": tandem.clock.now()}
            session.add(Team(key=f"t{number}", name=f"Team {number}", hours=hours, **named))
            session.add(Source(name=f"s{number}", auth="header", sealed_secret="x", **named))
            session.add(
                Policy(workspace_id=workspace.id, tier=f"p{number}", position=number + 9, contact_seconds=60 + number)
            )
            session.add(Audience(key=f"a{number}", kind="sales", weekday=0, minute=0, zone="UTC", **named))

    await tandem.program.db.run(fill)
    for near, button, find, wanted in (
        ("Time to contact", "Change", "Find a tier", "p499"),
        ("Sources", "Open", "Find a source", "s499"),
        ("Weekly digests", "Open", "Find a digest", "Sales digest: a499"),
    ):
        listed = await opened(tandem, near, button)
        assert "and 4" in listed.text
        await listed.select(find, wanted)
        await listed.changed()
        assert wanted in f"{modal(tandem).title} {modal(tandem).text}"
    hub = await tandem.slack.channel("#general").command("/tandem setup", by="mia")
    await hub.select("Find a team", "Team 499")
    await hub.changed()
    assert modal(tandem).value("Name") == "Team 499"
    company = await opened(tandem, "Company", "Change")
    fields = [field for field in company.fields if field.startswith("Competitors")]
    assert len(fields) > 10
    company.fill({fields[-1]: "Octopus"})
    assert not await company.submit()
    kept = (await read(tandem, Workspace))[0].competitors
    assert kept[:2] == [f"Competitor with a rather long name, number 00{number} Ltd." for number in (0, 1)]
    assert kept[-1] == "Octopus"
    people = await opened(tandem, "Who may do what", "Change")
    assert people.fields == ["Admins", "Managers", "Marketers"]


async def test_every_command_and_home_answers_beside_five_hundred_people_personas_and_themes(tandem: Running) -> None:
    mia = tandem.slack.member("mia").id

    def fill(session: Any) -> None:
        at = tandem.clock.now()
        team = session.scalars(select(Team)).one()
        by = find_actor(session, tandem.slack.workspace.team_id, mia)
        assert by is not None
        fields = dict.fromkeys(FIELDS, "Something that they want.")
        for number in range(500):
            member = ensure_member(session, team.workspace_id, f"U0MANY{number:04}", name=f"Person {number}", at=at)
            session.get_one(Member, member.id).synced_at = at
            session.add(TeamMember(team_id=team.id, member_id=member.id, position=number))
            add_persona(session, Draft(f"Persona {number}", fields, ""), by=by, at=at)
            log_line(session, f"far too dear #theme-{number} @Account{number} $40k", by=by, at=at)

    await tandem.program.db.run(fill)
    await tandem.lead_arrives()
    await tandem.idle()
    general = tandem.slack.channel("#general")
    said = {}
    for line in (
        "/persona",
        "/voc",
        "/voc list",
        "/content",
        "/lead",
        "/tandem digest",
        "/tandem setup",
        "/tandem help",
    ):
        said[line] = (await general.command(line, by="mia")).text
    assert all(said.values()), said
    team = await opened_team(tandem)
    assert len(team.value("Who takes leads")) == 502
    assert not await team.submit()
    for who in ("mia", "ana", "max"):
        assert (await tandem.slack.home(who).open()).text


async def opened_team(tandem: Running) -> Modal:
    hub = await tandem.slack.channel("#general").command("/tandem setup", by="mia")
    await hub.button("Change", index=0).click(by="mia")
    return modal(tandem)
