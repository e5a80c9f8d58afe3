"""Two people with one form open: the second to save hears who changed what, loses nothing, and may overwrite it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from domain.config.forms_rules import TierForm, save_tier
from domain.config.overview import load_overview
from domain.errors import Changed
from domain.versions import version_of
from playground import Modal
from storage.models import Member, Policy, Source, Theme, VocItem, Workspace
from tests.running import Running
from tests.world import World

COMPETITORS = "Competitors, one on each line"
PATHS: dict[str, tuple[tuple[str, str], ...]] = {
    "team": (("Change", "Sales"),),
    "people": (("Change", "Who may do what"),),
    "company": (("Change", "Company"),),
    "tier": (("Change", "Time to contact"), ("Change", "hot")),
    "digest": (("Open", "Weekly digests"), ("Change", "Marketing digest")),
}


async def opened(tandem: Running, who: str, form: str) -> Modal:
    shown: Any = await tandem.slack.channel("#general").command("/tandem setup", by=who)
    for label, near in PATHS[form]:
        buttons = shown.button(label, near=near) if near != "Sales" else shown.button(label, index=0)
        await buttons.click(by=who)
        shown = modal(tandem, who)
    found: Modal = shown
    return found


def modal(tandem: Running, who: str) -> Modal:
    shown = tandem.slack.modal(who)
    assert shown is not None
    return shown


async def two_admins(tandem: Running) -> None:
    user_id = tandem.slack.member("ana").id

    def promote(session: Any) -> None:
        ana = session.scalars(select(Member).where(Member.slack_user_id == user_id)).one()
        ana.role, ana.role_origin = "admin", "config"

    await tandem.program.db.run(promote)


async def one(tandem: Running, query: Any) -> Any:
    return await tandem.program.db.read(lambda session: session.scalars(query).one())


@pytest.mark.parametrize(
    ("form", "theirs", "field", "mine", "said"),
    [
        ("team", {"Name": "EMEA"}, "Working hours", "9-5", "name changes from “Sales” to “EMEA”"),
        ("people", {"Managers": ["bo"]}, "Managers", ["max"], "rep → manager"),
        ("company", {"Currency of deals without a sign": "GBP"}, COMPETITORS, "Kraken", "from USD to GBP"),
        ("tier", {"contact": "10m"}, "contact", "20m", "contact 5m → 10m"),
        ("digest", {"Day": "Friday"}, "Day", "Tuesday", "weekday Monday → Friday"),
    ],
)
async def test_who_saves_second_keeps_what_was_typed_hears_who_was_first_and_may_overwrite(
    tandem: Running, form: str, theirs: dict[str, Any], field: str, mine: Any, said: str
) -> None:
    await two_admins(tandem)
    first, second = await opened(tandem, "ana", form), await opened(tandem, "mia", form)
    assert not await first.fill(theirs).submit()
    second.fill({field: mine} | ({"Marketers": []} if form == "people" else {}))
    await second.submit()
    again = modal(tandem, "mia")
    assert again.is_open
    assert "changed this" in again.text
    assert said in again.text
    assert "What you typed is still here, and nothing of it is saved." in again.text
    assert again.value(field) == ([tandem.slack.member("max").id] if form == "people" else mine)
    assert not await again.submit()
    assert "changed this" not in modal(tandem, "mia").text


async def test_a_save_that_was_refused_changed_nothing(tandem: Running) -> None:
    await two_admins(tandem)
    first, second = await opened(tandem, "ana", "tier"), await opened(tandem, "mia", "tier")
    await first.fill({"contact": "10m"}).submit()
    await second.fill({"contact": "20m"}).submit()
    assert (await one(tandem, select(Policy).where(Policy.tier == "hot"))).contact_seconds == 600
    await modal(tandem, "mia").submit()
    assert (await one(tandem, select(Policy).where(Policy.tier == "hot"))).contact_seconds == 1200


async def test_a_change_of_something_else_is_in_nobody_s_way(tandem: Running) -> None:
    await two_admins(tandem)
    first, second = await opened(tandem, "ana", "company"), await opened(tandem, "mia", "tier")
    assert not await first.fill({COMPETITORS: "Kraken"}).submit()
    assert not await second.fill({"contact": "20m"}).submit()
    assert "Saved" in modal(tandem, "mia").text
    assert (await one(tandem, select(Workspace))).competitors == ["Kraken"]


async def test_a_form_of_what_was_removed_meanwhile_stays_open_and_says_so(tandem: Running) -> None:
    await two_admins(tandem)
    hub: Any = await tandem.slack.channel("#general").command("/tandem setup", by="mia")
    await hub.button("Open", near="Sources").click(by="mia")
    await modal(tandem, "mia").button("Change").click(by="mia")
    form = modal(tandem, "mia")
    await form.select("Tier for leads that name none", "hot")
    await tandem.program.db.run(lambda session: session.delete(session.scalars(select(Source)).one()))
    await form.submit()
    again = modal(tandem, "mia")
    assert "That source no longer exists, so nothing was changed." in again.text
    assert again.value("Tier for leads that name none") == "hot"


async def test_an_answer_that_somebody_else_saved_is_shown_before_it_is_overwritten(tandem: Running) -> None:
    general = tandem.slack.channel("#general")
    await general.command("/voc too dear #pricing", by="ana")
    first: Any = await general.command("/tandem answer #pricing", by="mia")
    second: Any = await general.command("/tandem answer #pricing", by="max")
    await first.fill({"answer": "Compare the total cost."}).submit()
    await second.fill({"answer": "Offer a discount."}).submit()
    again = modal(tandem, "max")
    assert "Mia Stone changed this answer" in again.text
    assert "Compare the total cost." in again.text
    assert again.value("answer") == "Offer a discount."
    await again.submit()
    assert (await one(tandem, select(Theme))).answer == "Offer a discount."


async def test_an_item_that_is_edited_twice_keeps_what_the_second_typed(tandem: Running) -> None:
    receipt: Any = await tandem.slack.channel("#general").command("/voc too dear #pricing", by="ana")
    form: Any = await receipt.button("Edit").click(by="ana")

    def edit(session: Any) -> None:
        session.scalars(select(VocItem)).one().version += 1

    await tandem.program.db.run(edit)
    await form.fill({"text": "far too dear"}).submit()
    again = modal(tandem, "ana")
    assert "This item was changed while your form was open." in again.text
    assert again.value("text") == "far too dear"
    await again.submit()
    assert (await one(tandem, select(VocItem))).verbatim == "far too dear"


def test_of_two_saves_at_the_same_moment_one_hears_of_the_other(world: World) -> None:
    policy = world.run(load_overview, world.workspace_id).policy("hot")
    mia = world.member("mia")

    def save(contact: str) -> str:
        form = TierForm("hot", False, version_of(policy), contact, None, False)
        try:
            world.run(save_tier, form, by=mia, at=world.now)
        except Changed:
            return "heard"
        return "saved"

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(save, ("10m", "20m"))) == ["heard", "saved"]
