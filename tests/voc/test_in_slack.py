"""`/voc` as reps meet it in Slack: the receipt, its buttons, the form, the shortcuts and the list."""

from datetime import timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from domain.marks import mark
from domain.people import Actor
from domain.themes import answer_theme, find_or_add_theme
from domain.voc.form import VocForm
from domain.voc.items import edit_item
from handlers.blocks import actions, button
from storage.models import Member
from tests.voc.conftest import Desk

LINE = "too expensive next to Rivalsoft #pricing @Globex $40k"


async def test_a_line_is_answered_with_what_was_understood_and_what_others_heard(desk: Desk) -> None:
    await desk.voc("cheaper elsewhere #pricing @Initech $45k", by="bo")
    desk.later(minutes=5)
    receipt = await desk.voc(LINE)
    assert receipt.text.splitlines()[:3] == [
        "Objection logged  ·  #pricing  ·  @Globex (new account)  ·  vs Rivalsoft  ·  $40,000 deal",
        "too expensive next to Rivalsoft",
        "#pricing: 2nd time in 30 days  ·  1 other rep heard it too  ·  $85k in deals",
    ]
    assert receipt.buttons == ["Edit", "Undo", "Add quote"]


async def test_the_receipt_gives_the_approved_answer_when_there_is_one(desk: Desk) -> None:
    await desk.voc("dear #pricing", by="bo")

    def answer(session: object) -> None:
        workspace_id, bo = 1, session.get_one(Member, 1)  # type: ignore[attr-defined]
        theme = find_or_add_theme(session, workspace_id, "pricing", at=desk.clock.now())  # type: ignore[arg-type]
        by = Actor(bo.id, workspace_id, bo.slack_user_id, bo.name, "marketer", "UTC")
        answer_theme(session, theme.id, text="Compare *total* cost.", by=by, at=desk.clock.now())  # type: ignore[arg-type]

    await desk.db.run(answer)
    assert "Approved answer to #pricing (internal): Compare" in (await desk.voc(LINE)).text


async def test_undo_takes_the_item_back_and_restore_brings_it_again(desk: Desk) -> None:
    receipt = await desk.voc(LINE)
    await receipt.button("Undo").click(by="ana")
    await receipt.changed(containing="Undone. This item is in no count and no digest.")
    assert [item.state for item in await desk.items()] == ["withdrawn"]
    await receipt.button("Restore").click(by="ana")
    await receipt.changed(containing="Objection restored")
    assert [item.state for item in await desk.items()] == ["live"]


async def test_edit_opens_the_form_filled_and_replaces_the_receipt(desk: Desk) -> None:
    receipt = await desk.voc(LINE)
    form = await receipt.button("Edit").click(by="ana")
    assert form.value("Theme") == "#pricing"
    assert form.value("Account") == "Globex"
    assert form.value("Deal size") == "40,000 USD"
    form.fill({"Kind": "Lost reason", "Deal size": "€50k"})
    await form.select("Theme", "budget")
    assert not await form.submit()
    await receipt.changed(containing="Lost reason updated")
    item = (await desk.items())[0]
    assert (item.kind, item.deal_minor, item.deal_currency) == ("lost_reason", 5_000_000, "EUR")


async def test_a_deal_size_that_is_none_is_a_field_error_and_keeps_the_form(desk: Desk) -> None:
    form = await desk.voc()
    form.fill({"What happened?": "hm", "Deal size": "a lot"})
    assert list(await form.submit()) == ["deal"]
    assert desk.modal("ana").is_open
    assert await desk.items() == []


async def test_an_item_edited_meanwhile_is_not_overwritten_and_nothing_typed_is_lost(desk: Desk) -> None:
    receipt = await desk.voc(LINE)
    form = await receipt.button("Edit").click(by="ana")
    item = (await desk.items())[0]
    mia = Actor(item.member_id, item.workspace_id, "U-OTHER", "mia", "admin", "UTC")
    await desk.db.run(edit_item, item.id, VocForm(text="mine"), version=1, by=mia, at=desk.clock.now())
    form.fill({"What happened?": "yours"})
    await form.submit()
    again = desk.slack.modal("ana")
    assert again is not None
    assert "changed this item just now while your form was open" in again.text
    assert again.value("What happened?") == "yours"
    assert (await desk.items())[0].verbatim == "mine"


async def test_a_quote_is_added_in_a_tiny_form(desk: Desk) -> None:
    receipt = await desk.voc(LINE)
    form = await receipt.button("Add quote").click(by="ana")
    form.fill({"Exact quote": "We can't pay that <!channel>"})
    assert not await form.submit()
    await receipt.changed(containing="We can't pay that <!channel>")
    assert receipt.buttons == ["Edit", "Undo"]


async def test_the_bare_command_opens_a_form_whose_selects_take_new_names(desk: Desk) -> None:
    await desk.voc("dear #pricing @Globex", by="bo")
    form = await desk.voc()
    assert form.fields[:4] == ["What happened?", "Kind", "Theme", "Account"]
    assert await form.options("Theme", query="") == ["#pricing  (1)"]
    assert await form.options("Account", query="Ini") == ["Add Ini"]
    form.fill({"What happened?": "no SSO", "Kind": "Feature gap"})
    await form.select("Account", "Initech")
    await form.select("Theme", "pricing")
    assert not await form.submit()
    receipt = await desk.slack.channel("#general").ephemeral("ana", containing="Feature gap logged")
    assert "@Initech (new account)" in receipt.text
    assert "2nd time in 30 days" in receipt.text


async def test_the_global_shortcut_shows_the_receipt_in_the_modal_with_undo(desk: Desk) -> None:
    form = await desk.slack.shortcut("Log what a customer said", by="ana")
    form.fill({"What happened?": LINE})
    done = (await form.submit()).answer
    assert "Objection logged" in done.text
    await desk.modal("ana").button("Undo").click()
    assert [item.state for item in await desk.items()] == ["withdrawn"]
    assert "Undone" in desk.modal("ana").text


async def test_editing_from_that_modal_works_too(desk: Desk) -> None:
    form = await desk.slack.shortcut("Log what a customer said", by="ana")
    form.fill({"What happened?": LINE})
    await form.submit()
    await desk.modal("ana").button("Edit").click()
    edit = desk.modal("ana")
    edit.fill({"What happened?": "even dearer"})
    assert not await edit.submit()
    assert "Objection updated" in desk.modal("ana").text


async def test_a_message_is_logged_with_its_permalink_and_inert_mentions(desk: Desk) -> None:
    general = desk.slack.channel("#general")
    await general.post("Globex says: <too> dear & slow, @bo", by="bo")
    message = await general.message(containing="Globex says")
    form = await message.shortcut("Log this message", by="ana")
    assert form.value("What happened?") == "Globex says: <too> dear & slow, @bo"
    assert not await form.submit()
    item = (await desk.items())[0]
    assert (item.origin, item.account_id) == ("shortcut", None)
    domain, moment = desk.slack.installation.workspace.domain, message.ts.replace(".", "")
    assert item.permalink == f"https://{domain}.slack.com/archives/{general.id}/p{moment}"


async def test_the_list_edits_and_takes_back_in_place(desk: Desk) -> None:
    for words in ("first thing", "second thing"):
        await desk.voc(words)
        desk.later(minutes=2)
    listed = await desk.voc("list")
    assert listed.text.index("second thing") < listed.text.index("first thing")
    await listed.select("voc.row", "Undo", near="second thing")
    await listed.changed(containing="Undone")
    assert "second thing" not in listed.text
    await listed.button("Restore").click(by="ana")
    await listed.changed(containing="second thing")
    form = await listed.select("voc.row", "Edit", near="first thing")
    form.fill({"What happened?": "first, corrected"})
    assert not await form.submit()
    await listed.changed(containing="first, corrected")


async def test_an_empty_list_says_how_to_begin_and_help_shows_examples(desk: Desk) -> None:
    assert "nothing yet" in (await desk.voc("list")).text
    assert "vs Rivalsoft" in (await desk.voc("help")).text


async def test_a_line_that_begins_with_list_is_a_line(desk: Desk) -> None:
    assert "Objection logged" in (await desk.voc("list price is too high")).text


async def test_markers_without_words_come_back_to_be_copied(desk: Desk) -> None:
    receipt = await desk.voc("#pricing @Globex $40k")
    assert "nothing was saved" in receipt.text
    assert "#pricing @Globex $40k" in receipt.text
    assert await desk.items() == []


async def test_ten_thousand_characters_are_refused_and_come_back(desk: Desk) -> None:
    receipt = await desk.voc("too long " * 1111)
    assert "9,998 characters and 3,000 fit" in receipt.text
    assert receipt.text.count("too long") == 1111
    assert await desk.items() == []


@pytest.mark.parametrize(
    "line",
    [
        "<!channel> <@U0001> <!here> said *no* _way_ `x` ~y~ #<!channel>",
        "السعر مرتفع جدا #السعر @شركة",
        "👩‍👩‍👧‍👦 🇩🇪 #日本語",
        "our payload is too big & <b>bold</b>",
        "x" * 3000,
        "& < > " * 400,
        '"' + "q" * 2990 + '" said',
        "@" + "A" * 80 + " dear",
    ],
)
async def test_any_line_is_shown_inert(desk: Desk, line: str) -> None:
    receipt = await desk.voc(line)
    assert "Objection logged" in receipt.text
    listed = await desk.voc("list")
    form = await listed.select("voc.row", "Edit")
    assert form.title == "Edit what you logged"


async def test_a_long_message_opens_with_its_beginning(desk: Desk) -> None:
    general = desk.slack.channel("#general")
    await general.post("dear " * 1000, by="bo")
    form = await (await general.message(containing="dear")).shortcut("Log this message", by="ana")
    assert len(form.value("What happened?")) <= 3000
    assert "The message is longer" in form.text


async def test_the_age_in_the_list_is_the_readers(desk: Desk) -> None:
    await desk.voc("a thing")
    at = desk.clock.now() - timedelta()
    listed = await desk.voc("list")
    assert f"<!date^{int(at.timestamp())}^{{ago}}|" in str(listed.blocks)


async def test_editing_from_home_closes_the_form_for_home_shows_the_change(desk: Desk) -> None:
    await desk.voc("too dear")
    client = AsyncWebClient(token=desk.slack.bot_token, base_url=desk.slack.api_url)
    (item,) = await desk.items()
    marked = mark(item.id, item.created_at)
    blocks = [actions(button("Edit", "voc.edit", marked), block_id=f"voc:{marked}")]
    await client.views_publish(user_id=desk.slack.member("ana").id, view={"type": "home", "blocks": blocks})
    home = await desk.slack.home("ana").open()
    form = await home.button("Edit").click()
    form.fill({"What happened?": "dearer"})
    assert not await form.submit()
    assert desk.slack.modal("ana") is None
    assert (await desk.items())[0].verbatim == "dearer"


async def test_an_implausible_sum_is_saved_and_asked_about_and_one_tap_corrects_it(desk: Desk) -> None:
    receipt = await desk.voc("too slow @Globex $999,999,999,999")
    assert "Really $999,999,999,999?" in receipt.text
    assert [item.deal_minor for item in await desk.items()] == [99_999_999_999_900]
    form = await receipt.button("Correct it").click(by="ana")
    assert form.value("Deal size") == "999,999,999,999 USD"
    form.fill({"Deal size": "$999k"})
    assert not await form.submit()
    await receipt.changed(containing="$999,000 deal")
    assert "Really" not in receipt.text


async def test_a_receipt_shows_what_was_typed_with_a_sum_and_what_was_not_taken(desk: Desk) -> None:
    receipt = await desk.voc("too dear @Globex £12k/yr")
    assert "£12,000 deal (typed: £12k/yr)" in receipt.text
    receipt = await desk.voc("@bo says they pay $30k #pricing #a #b #c #d #e #f #g")
    assert "@bo is a colleague here, so no account was saved." in receipt.text
    assert "No deal size was saved from “$30k”." in receipt.text
    assert "#g" in receipt.text


async def test_who_pastes_the_commands_name_as_well_meant_it_once(desk: Desk) -> None:
    receipt = await desk.voc(f"/voc {LINE}")
    assert "too expensive next to Rivalsoft" in receipt.text
    assert [item.verbatim for item in await desk.items()] == ["too expensive next to Rivalsoft"]
    assert (await desk.voc("/voc undo")).buttons == ["Log it", "My last items", "Open the form"]
    assert (await desk.voc("/voc")).fields[:2] == ["What happened?", "Kind"]
    assert len(await desk.items()) == 1


async def test_words_that_only_begin_like_the_commands_name_are_logged_as_they_stand(desk: Desk) -> None:
    lines = ["/vocal people say it is dear", "voc is a word of theirs for noise", "/lead time is too long for them"]
    for line in lines:
        await desk.voc(line)
    assert [item.verbatim for item in await desk.items()] == lines
