"""`/tandem setup`, help and Home as people meet them in Slack."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from playground import Modal
from storage.models import Clock, Lead, Member, Source, Team, TeamMember, Workspace
from tests.running import Running


async def setup(tandem: Running, by: str = "mia") -> Any:
    return await tandem.slack.channel("#general").command("/tandem setup", by=by)


def modal(tandem: Running, who: str = "mia") -> Modal:
    shown = tandem.slack.modal(who)
    assert shown is not None
    return shown


async def team(tandem: Running, key: str = "sales") -> Team:
    return await tandem.program.db.read(lambda session: session.scalars(select(Team).where(Team.key == key)).one())


async def test_the_hub_shows_what_is_set(tandem: Running) -> None:
    hub = await setup(tandem)
    for words in ("Sales", "#leads", "2 people", "hot 5m", "1 admin · 0 managers · 1 marketer", "Rivalsoft", "website"):
        assert words in hub.text, hub.text


async def test_those_who_are_no_admins_are_told_who_is(tandem: Running) -> None:
    receipt = await setup(tandem, by="ana")
    assert "Only admins can change settings. Ask" in receipt.text
    assert "Mia" in receipt.text or "mia" in receipt.text


async def test_a_team_is_changed_and_the_hub_says_what_was_saved(tandem: Running) -> None:
    hub = await setup(tandem)
    await hub.button("Change", index=0).click(by="mia")
    form = modal(tandem)
    assert form.value("Name") == "Sales"
    form.fill({"Name": "EMEA", "Working hours": "mon-thu 9:00-17:00; fri 09:00-14:00", "Public holidays": "de-be"})
    await form.select("Time zone", "Europe/Berlin")
    assert not await form.submit()
    saved = modal(tandem).text
    assert "hours change from" in saved
    assert "holidays change from none to DE-BE" in saved
    assert (await team(tandem)).name == "EMEA"


async def test_hours_that_make_no_sense_are_a_field_error_and_change_nothing(tandem: Running) -> None:
    hub = await setup(tandem)
    await hub.button("Change", index=0).click(by="mia")
    form = modal(tandem)
    form.fill({"Working hours": "nine to five", "Public holidays": "Gondor", "Other closed days": "soon"})
    submission = await form.submit()
    assert set(submission) == {"hours", "holidays", "closed"}
    assert "Write for example mon-fri 09:00-17:00" in submission["hours"]
    assert modal(tandem).is_open
    assert (await team(tandem)).hours["zone"] == "UTC"


async def test_a_form_that_is_out_of_date_does_not_undo_what_others_saved(tandem: Running) -> None:
    hub = await setup(tandem)
    await hub.button("Change", index=0).click(by="mia")
    form = modal(tandem)

    def rename(session: Any) -> None:
        session.scalars(select(Team)).one().name = "Renamed meanwhile"

    await tandem.program.db.run(rename)
    form.fill({"Name": "Mine"})
    await form.submit()
    assert "This team was changed while your form was open." in modal(tandem).text
    assert (await team(tandem)).name == "Renamed meanwhile"


async def test_a_new_team_takes_people_and_makes_its_manager_one(tandem: Running) -> None:
    hub = await setup(tandem)
    await hub.button("Add a team").click(by="mia")
    form = modal(tandem)
    form.fill({"Name": "Große Kunden & Co", "Manager": "bo", "Who takes leads": ["ana"]})
    assert not await form.submit()
    added = await team(tandem, "grosse-kunden-co")
    assert added.name == "Große Kunden & Co"
    members = await tandem.program.db.read(
        lambda session: session.scalars(
            select(Member.slack_user_id).join(TeamMember).where(TeamMember.team_id == added.id)
        ).all()
    )
    assert list(members) == [tandem.slack.member("ana").id]
    assert await _role(tandem, "bo") == "manager"


async def test_a_team_cannot_become_the_default_and_be_archived_and_the_form_says_so(tandem: Running) -> None:
    hub = await setup(tandem)
    await hub.button("Add a team").click(by="mia")
    form = modal(tandem)
    form.fill({"Name": "EMEA", "Also": ["Gets the leads that name no team", "Archived: gets no new leads"]})
    assert "The default team cannot be archived." in (await form.submit())["marks"]


async def test_roles_are_three_lists_and_an_admin_must_remain(tandem: Running) -> None:
    hub = await setup(tandem)
    await hub.button("Change", near="Who may do what").click(by="mia")
    form = modal(tandem)
    form.fill({"Admins": ["ana"], "Marketers": ["ana", "max"]})
    assert (await form.submit())["marketer"] == "Ana Ruiz stands in two lists. Each person has one role."
    form.fill({"Admins": ["ana"], "Managers": ["mia"], "Marketers": []})
    assert not await form.submit()
    assert [await _role(tandem, name) for name in ("ana", "mia", "max")] == ["admin", "manager", "rep"]


async def test_a_source_s_secret_is_shown_once_with_where_to_post(tandem: Running) -> None:
    hub = await setup(tandem)
    await hub.button("Open", near="Sources").click(by="mia")
    await modal(tandem).button("Add a source").click(by="mia")
    form = modal(tandem)
    form.fill({"Name": "My Forms"})
    assert "small letters" in (await form.submit())["name"]
    form.fill({"Name": "forms"})
    assert not await form.submit()
    shown = modal(tandem).text
    assert "whsec_" in shown
    assert "/intake/forms" in shown
    sealed = await tandem.program.db.read(
        lambda session: session.scalars(select(Source.sealed_secret).where(Source.name == "forms")).one()
    )
    assert sealed not in shown
    await modal(tandem).button("Open this source").click(by="mia")
    told = modal(tandem).text
    assert "/intake/forms" in told, "its screen says for good where leads are posted to"
    assert "The system signs each request" in told
    assert "whsec_" not in told
    await modal(tandem).button("← All sources").click(by="mia")
    await modal(tandem).button("← All settings").click(by="mia")
    assert "forms" in modal(tandem).text


async def test_company_settings_are_saved(tandem: Running) -> None:
    hub = await setup(tandem)
    await hub.button("Change", near="Company").click(by="mia")
    form = modal(tandem)
    form.fill(
        {
            "Competitors, one on each line": "Octopus\nRivalsoft, Kraken\nAcme, Inc.",
            "Currency of deals without a sign": "eu",
        }
    )
    assert set(await form.submit()) == {"currency"}
    form.fill({"Currency of deals without a sign": "eur"})
    assert not await form.submit()
    workspace = await tandem.program.db.read(lambda session: session.scalars(select(Workspace)).one())
    assert (workspace.competitors, workspace.currency) == (["Octopus", "Rivalsoft", "Kraken", "Acme, Inc."], "EUR")


async def test_help_lists_what_the_reader_works_with_and_answers_what_it_does_not_know(tandem: Running) -> None:
    general = tandem.slack.channel("#general")
    marketers, admins = ("/voc merge", "/persona add", "/tandem watch"), ("/tandem setup", "/tandem doctor")
    listed = {"ana": (), "max": marketers, "mia": (*marketers, *admins)}
    for who, theirs in listed.items():
        for line in ("/tandem", "/tandem help"):
            text = (await general.command(line, by=who)).text
            for command in ("/voc", "/lead add", "/persona", "/content", "/tandem digest"):
                assert command in text
            assert [one for one in (*marketers, *admins) if one in text] == list(theirs)
            assert ("/tandem help all" in text) is (who != "mia")
    text = (await general.command("/tandem help all", by="ana")).text
    assert all(one in text for one in (*marketers, *admins))
    assert (
        "I don’t know “<!channel> frobnicate”"
        in (await general.command("/tandem <!channel> frobnicate", by="ana")).text
    )


async def test_help_and_the_form_show_names_that_the_workspace_knows(tandem: Running) -> None:
    await tandem.program.db.run(lambda session: session.execute(update(Workspace).values(competitors=["Octopus"])))
    general = tandem.slack.channel("#general")
    await general.command("/voc dear @Initech", by="ana")
    text = (await general.command("/tandem help", by="ana")).text
    assert "/voc too expensive next to Octopus #pricing @Initech $40k" in text
    assert "Rivalsoft" not in text
    await general.command("/voc", by="ana")
    assert "Too expensive next to Octopus" in json.dumps(modal(tandem, "ana").view.body)


async def test_home_shows_a_lead_and_its_button_works(tandem: Running) -> None:
    await tandem.slack.home("ana").open()
    await tandem.lead_arrives()
    await tandem.idle()
    home = await tandem.slack.home("ana").open()
    assert "Lee Wong" in home.text
    await home.button("Contacted").click(by="ana")
    await tandem.idle()
    assert "No open leads." in (await tandem.slack.home("ana").open()).text


async def test_on_home_a_rep_logs_without_typing_a_command(tandem: Running) -> None:
    home = await tandem.slack.home("ana").open()
    form = await home.button("Log what a customer said").click(by="ana")
    form.fill({"What happened?": "dear again"})
    await form.submit()
    assert "Objection logged" in modal(tandem, "ana").text
    await tandem.idle()
    home = await tandem.slack.home("ana").open()
    assert "dear again" in home.text
    assert "Log what a customer said" in home.buttons


async def test_a_stale_button_on_home_says_what_happened(tandem: Running) -> None:
    await tandem.lead_arrives()
    await tandem.idle()
    home = await tandem.slack.home("ana").open()

    def settle(session: Any) -> None:
        lead = session.scalars(select(Lead)).one()
        lead.state, lead.contacted_at = "contacted", tandem.clock.now()

    await tandem.program.db.run(settle)
    await home.button("Claim").click(by="ana")
    assert "was already contacted" in modal(tandem, "ana").text


async def test_home_leads_an_admin_to_the_form_that_is_missing(tandem: Running) -> None:
    def forget(session: Any) -> None:
        session.scalars(select(Team)).one().channel = None

    await tandem.program.db.run(forget)
    home = await tandem.slack.home("mia").open()
    assert "has no channel" in home.text
    await home.button("Choose channel").click(by="mia")
    form = modal(tandem)
    form.fill({"Channel for its leads": "#leads"})
    assert not await form.submit()
    await tandem.idle()
    assert "has no channel" not in (await tandem.slack.home("mia").open()).text


async def _role(tandem: Running, name: str) -> str:
    user_id = tandem.slack.member(name).id
    return await tandem.program.db.read(
        lambda session: session.scalars(select(Member.role).where(Member.slack_user_id == user_id)).one()
    )


async def test_a_lead_of_a_team_that_is_closed_for_two_years_is_taken_in_and_its_clock_waits(tandem: Running) -> None:
    """The settings refuse so many closed days now; a team may have them from before."""
    today = tandem.clock.now().date()

    def close(session: Any) -> None:
        one = session.scalars(select(Team)).one()
        days = [str(today + timedelta(days=number - 1)) for number in range(732)]
        one.hours = {**one.hours, "closed": days}

    await tandem.program.db.run(close)
    assert (await tandem.lead_arrives()).status_code == 202
    await tandem.idle()
    assert "Lee Wong" in (await tandem.slack.channel("#leads").message(containing="Lee Wong")).text
    due = await tandem.program.db.read(lambda session: session.scalars(select(Clock.due_at)).one())
    assert due.date() == today + timedelta(days=731)
    hub = await setup(tandem)
    await hub.button("Change", index=0).click(by="mia")
    assert f"{today - timedelta(days=1)} to {today + timedelta(days=730)}" in modal(tandem).value("Other closed days")
    assert "at most 366 fit" in (await modal(tandem).submit())["closed"]
