"""Merging, renaming and splitting themes as marketers meet them in Slack; mia is an admin, ana and bo are reps."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.people import find_actor
from domain.themes import answer_theme, find_theme
from domain.voc.splitting import PAGE
from storage.models import Theme, VocItem
from tests.voc.conftest import Desk


async def themes_of(desk: Desk) -> list[str]:
    """The themes of all items, in the order in which they were logged."""

    def read(session: Session) -> list[str]:
        rows = select(Theme.slug).join(VocItem, VocItem.theme_id == Theme.id).order_by(VocItem.id)
        return list(session.scalars(rows))

    return await desk.db.read(read)


async def answer(desk: Desk, slug: str, text: str) -> None:
    def save(session: Session) -> None:
        by = find_actor(session, desk.slack.team_id, desk.slack.member("mia").id)
        assert by is not None
        theme = find_theme(session, by.workspace_id, slug)
        assert theme is not None
        answer_theme(session, theme.id, text=text, by=by, at=desk.clock.now())

    await desk.db.run(save)


async def test_a_merge_says_what_will_happen_and_is_undone_by_one_tap(desk: Desk) -> None:
    await desk.voc("dear #pricing @Globex", by="bo")
    await desk.voc("dear #priceing @Globex", by="bo")
    await desk.voc("dearer #priceing @Initech", by="bo")
    form = await desk.voc("merge #priceing into #pricing", by="mia")
    assert "#priceing becomes a part of #pricing" in form.text
    assert "2 items of 2 accounts move to #pricing, which has 1 item of 1 account." in form.text
    assert not await form.submit()
    receipt = await desk.slack.channel("#general").ephemeral("mia", containing="is a part of")
    assert "#priceing is a part of #pricing now: 2 items moved." in receipt.text
    assert await themes_of(desk) == ["pricing"] * 3
    await receipt.button("Undo").click(by="mia")
    await receipt.changed(containing="#priceing is a theme of its own again")
    assert await themes_of(desk) == ["pricing", "priceing", "priceing"]
    assert receipt.buttons == []


async def test_with_two_answers_it_asks_which_one_stays(desk: Desk) -> None:
    await desk.voc("dear #pricing", by="bo")
    await desk.voc("dear #priceing", by="bo")
    await answer(desk, "pricing", "Ours <b>.")
    await answer(desk, "priceing", "Theirs & more.")
    form = await desk.voc("merge #priceing into #pricing", by="mia")
    assert "Ours <b>." in form.text
    assert "Theirs & more." in form.text
    form.fill({"Both have an approved answer. Which one stays?": "That of #priceing"})
    assert not await form.submit()
    known = await desk.voc("#pricing", by="ana")
    assert "Theirs &amp; more." in known.text or "Theirs & more." in known.text


async def test_a_theme_is_merged_from_its_card_and_taken_back_from_its_history(desk: Desk) -> None:
    await desk.voc("dear #pricing", by="bo")
    await desk.voc("late #timing", by="bo")
    card = await desk.voc("#timing", by="mia")
    assert card.buttons[-5:] == ["Answer", "Status", "Merge into…", "Rename", "Split"]
    pick = await card.button("Merge into…").click(by="mia")
    await pick.select("Into which theme?", "#pricing")
    form = (await pick.submit()).answer
    assert "#timing becomes a part of #pricing" in form.text
    await desk.modal("mia").submit()
    assert await themes_of(desk) == ["pricing", "pricing"]
    card = await desk.voc("#timing", by="mia")
    assert "#pricing" in card.text
    history = await card.button("History").click(by="mia")
    assert "#timing merged into #pricing, 1 item" in history.text
    await history.button("Undo").click()
    await history.changed(containing="#timing is a theme of its own again")
    assert await themes_of(desk) == ["pricing", "timing"]


async def test_themes_that_look_alike_are_offered_to_marketers_until_somebody_says_that_they_differ(desk: Desk) -> None:
    await desk.voc("dear #pricing", by="bo")
    await desk.voc("dear #priceing", by="bo")
    card = await desk.voc("#pricing", by="mia")
    assert "Looks like #priceing. Are they one theme?" in card.text
    form = await card.button("Merge into #pricing").click(by="mia")
    assert "#priceing becomes a part of #pricing" in form.text
    await desk.modal("mia").close()
    await card.button("They differ").click(by="mia")
    await card.changed()
    assert "Looks like" not in card.text
    assert "#pricing" in card.text
    for slug in ("pricing", "priceing"):
        assert "Looks like" not in (await desk.voc(f"#{slug}", by="mia")).text
    assert "Did you mean" not in (await desk.voc("dearer #priceing", by="bo")).text


async def test_reps_are_told_who_can_and_see_no_buttons(desk: Desk) -> None:
    await desk.voc("dear #pricing")
    await desk.voc("dear #priceing")
    for line in ("merge #priceing into #pricing", "rename #pricing #cost", "split #pricing", "merge #pricing"):
        refused = await desk.voc(line)
        assert "Marketers, managers and admins can do this." in refused.text
    assert not {"Merge into…", "Rename", "Split", "History"} & set((await desk.voc("#pricing")).buttons)
    assert len(await desk.items()) == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("merge #pricing into #Pricing", "#pricing cannot be merged into itself"),
        ("merge #pricing into #nothing", "There is no theme #nothing"),
        ("rename #nothing #cost", "There is no theme #nothing"),
        ("split #nothing", "There is no theme #nothing"),
        ("merge", "merge #slip into #theme"),
        ("rename", "rename #old #new"),
    ],
)
async def test_what_cannot_be_done_is_said_and_nothing_is_logged(desk: Desk, line: str, said: str) -> None:
    await desk.voc("dear #pricing")
    assert said in (await desk.voc(line, by="mia")).text
    assert len(await desk.items()) == 1


@pytest.mark.parametrize(
    "line",
    [
        "merge conflicts between the two plans confuse everybody at their office",
        "split billing is missing for us",
        "rename of folders is too slow for them",
        "merge #pricing pages into one because they confuse all of their buyers",
    ],
)
@pytest.mark.parametrize("who", ["ana", "mia"])
async def test_a_saying_that_begins_with_such_a_word_is_logged_whole(desk: Desk, line: str, who: str) -> None:
    receipt = await desk.voc(line, by=who)
    assert " logged" in receipt.text
    assert [item.line for item in await desk.items()] == [line]


async def test_a_theme_is_renamed_and_the_old_name_leads_to_it(desk: Desk) -> None:
    await desk.voc("dear #price", by="bo")
    form = await desk.voc("rename #price price model", by="mia")
    assert form.value("New name") == "price model"
    assert not await form.submit()
    receipt = await desk.slack.channel("#general").ephemeral("mia", containing="is called")
    assert "#price is called #price-model now. Its old name goes on leading to it." in receipt.text
    assert "#price-model" in (await desk.voc("dearer #price", by="bo")).text
    await receipt.button("Undo").click(by="mia")
    await receipt.changed(containing="is called #price again")
    assert await themes_of(desk) == ["price", "price"]


async def test_a_name_that_is_taken_is_a_field_error_and_the_form_stays(desk: Desk) -> None:
    await desk.voc("dear #price", by="bo")
    await desk.voc("dear #cost", by="bo")
    form = await desk.voc("rename #price #cost", by="mia")
    assert await form.submit() == {
        "name": "There is #cost already. Merge #price into it instead, or choose another name."
    }


async def test_items_are_picked_on_several_pages_and_go_to_a_new_theme(desk: Desk) -> None:
    for number in range(PAGE + 2):
        await desk.voc(f"it is dear number {number} #pricing", by="bo")
    form = await desk.voc("split #pricing", by="mia")
    form.fill({"items:0": [f"it is dear number {PAGE + 1}"], "items:10": ["it is dear number 2"]})
    await form.button("Older items").click()
    await desk.modal("mia").changed(containing="2 items picked on other pages")
    form = desk.modal("mia")
    form.fill({"items:0": ["it is dear number 1"]})
    await form.select("To which theme?", "rebates")
    assert not await form.submit()
    receipt = await desk.slack.channel("#general").ephemeral("mia", containing="moved to")
    assert "3 items of #pricing moved to #rebates." in receipt.text
    moved = [
        item.verbatim for item, slug in zip(await desk.items(), await themes_of(desk), strict=True) if slug == "rebates"
    ]
    assert moved == ["it is dear number 1", "it is dear number 2", f"it is dear number {PAGE + 1}"]
    await receipt.button("Undo").click(by="mia")
    await receipt.changed(containing="Undone")
    assert set(await themes_of(desk)) == {"pricing"}


@pytest.mark.parametrize(
    "line",
    [
        "merge\u00a0#priceing into #pricing",
        "merge\n#priceing into #pricing",
        "/voc merge #priceing into #pricing",
        "/VOC\u00a0merge #priceing into #pricing",
    ],
)
async def test_a_command_is_one_when_copied_text_has_other_spaces_or_the_commands_name(desk: Desk, line: str) -> None:
    await desk.voc("dear #pricing", by="bo")
    await desk.voc("dear #priceing", by="bo")
    form = await desk.voc(line, by="mia")
    assert "#priceing becomes a part of #pricing" in form.text
    assert await themes_of(desk) == ["pricing", "priceing"]


async def test_a_receipt_from_before_a_merge_asks_anew_what_is_still_to_be_asked(desk: Desk) -> None:
    await desk.voc("dear #pricing @Globex", by="bo")
    receipt = await desk.voc("dearer #priceing @Globexx")
    form = await desk.voc("merge #priceing into #pricing", by="mia")
    assert not await form.submit()
    await receipt.button("Use @Globex").click(by="ana")
    await receipt.changed(containing="Objection changed meanwhile")
    assert receipt.buttons == ["Use @Globex", "Keep @Globexx", "Edit", "Undo", "Add quote"]
    await receipt.button("Use @Globex").click(by="ana")
    await receipt.changed(containing="Objection updated")
    first, second = await desk.items()
    assert (first.account_id, first.theme_id) == (second.account_id, second.theme_id)
