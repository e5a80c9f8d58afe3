"""Personas as people meet them in Slack: the list, a card, the form, and two people with one form open."""

from collections.abc import AsyncIterator

import pytest

from playground.modals import Modal
from tests.running import Running, running


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    """Tandem on the playground; at the end, Slack refused nothing and nobody was pinged."""
    async with running(migrated_url) as program:
        yield program
        assert program.slack.refusals == []
        assert program.slack.pings == []


async def add(tandem: Running, name: str = "Ops Olivia", **fields: str) -> None:
    form = await tandem.slack.channel("#general").command(f"/persona add {name}", by="max")
    assert isinstance(form, Modal)
    assert form.value("Name") == name
    done = await form.fill(fields).submit()
    assert f"{name} is a persona now" in done.answer.text


async def test_a_persona_is_added_listed_and_read_before_a_call(tandem: Running) -> None:
    await add(tandem, role="Head of operations", message="One list, <!channel> one owner")
    listed = await tandem.slack.channel("#general").command("/persona", by="ana")
    assert "Ops Olivia · Head of operations" in listed.text
    assert await listed.options("Show a persona", "oli", by="ana") == ["Ops Olivia"]
    await listed.select("Show a persona", "Ops Olivia", by="ana")
    await listed.changed(containing="One list, <!channel> one owner")
    assert "Added by Max Keller" in listed.text
    assert listed.buttons == ["All personas"], "reps read, marketing edits"


async def test_an_unknown_name_offers_the_nearest(tandem: Running) -> None:
    await add(tandem)
    answer = await tandem.slack.channel("#general").command("/persona show olvia <@U1>", by="ana")
    assert "There is no persona called “olvia <@U1>”." in answer.text
    answer = await tandem.slack.channel("#general").command("/persona olvia", by="ana")
    assert "Did you mean Ops Olivia?" in answer.text


async def test_part_of_a_name_is_enough_when_only_one_has_it(tandem: Running) -> None:
    await add(tandem)
    card = await tandem.slack.channel("#general").command("/persona olivia", by="ana")
    assert "Edit" not in card.buttons
    assert "Added by" in card.text


async def test_an_edit_is_told_and_quoted_on_the_card(tandem: Running) -> None:
    await add(tandem)
    form = await tandem.slack.channel("#general").command("/persona edit ops olivia", by="max")
    assert isinstance(form, Modal)
    done = await form.fill({"Pains": "Too many tools", "Why this changed": "three lost deals"}).submit()
    assert "Ops Olivia: pains changed." in done.answer.text
    card = await tandem.slack.channel("#general").command("/persona Ops Olivia", by="max")
    assert "Max Keller changed pains" in card.text
    assert "“three lost deals”" in card.text
    assert card.buttons == ["Edit", "All personas"]


async def test_two_people_who_edit_one_persona_lose_nothing(tandem: Running) -> None:
    await add(tandem, pains="Tools", goals="Order")
    slack = tandem.slack.channel("#general")
    first = await slack.command("/persona edit Ops Olivia", by="mia")
    second = await slack.command("/persona edit Ops Olivia", by="max")
    assert isinstance(first, Modal)
    assert isinstance(second, Modal)
    await first.fill({"Pains": "Many tools", "Role": "COO"}).submit()
    await second.fill({"Pains": "Old tools", "Goals": "Peace"}).submit()
    assert "Mia Stone saved this persona while your form was open, and you both changed the same fields" in second.text
    assert "Many tools" in second.text
    assert (second.value("Role"), second.value("Pains"), second.value("Goals")) == ("COO", "Old tools", "Peace")
    done = await second.submit()
    assert "goals and pains changed" in done.answer.text


async def test_a_rep_who_wants_to_edit_reads_who_may(tandem: Running) -> None:
    await add(tandem)
    answer = await tandem.slack.channel("#general").command("/persona edit Ops Olivia", by="ana")
    assert answer.text == "Marketers, managers and admins can do this. Ask @mia."


async def test_a_name_that_is_taken_is_a_field_error_and_keeps_the_form(tandem: Running) -> None:
    await add(tandem)
    again = await tandem.slack.channel("#general").command("/persona add ops-olivia", by="max")
    assert "There is already a persona called Ops Olivia" in again.text
    form = await tandem.slack.channel("#general").command("/persona add", by="max")
    assert isinstance(form, Modal)
    done = await form.fill(name="OPS Olivia", goals="Mine").submit()
    assert list(done) == ["name"]
    assert form.value("Goals") == "Mine"
