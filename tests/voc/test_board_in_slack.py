"""The board as people meet it: `/voc themes`, Home, filters, what is read on it, and what marketing does there."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from playground import Modal
from storage.models import Asset
from tests.running import Running

LINES = (
    ("ana", "far too dear #pricing @Globex $40k"),
    ("bo", "dear #pricing @Initech"),
    ("bo", 'they said "we can\'t pay that" #pricing @Hooli'),
    ("ana", "gap: no single sign-on #sso @Globex"),
    ("ana", "pain: nobody understands the invoice"),
)


async def logged(tandem: Running) -> None:
    for who, line in LINES:
        await tandem.slack.channel("#general").command(f"/voc {line}", by=who)


async def opened(tandem: Running, by: str = "max") -> Modal:
    await tandem.slack.channel("#general").command("/voc themes", by=by)
    return shown(tandem, by)


def shown(tandem: Running, by: str = "max") -> Modal:
    modal = tandem.slack.modal(by)
    assert modal is not None
    return modal


async def test_the_board_says_what_is_counted_and_how_it_is_sorted(tandem: Running) -> None:
    await logged(tandem)
    board = await opened(tandem)
    for words in (
        "2 themes",
        "items of all kinds in 30 days",
        "Late for an answer first",
        "a theme since",
        "No approved answer",
    ):
        assert words in board.text, board.text
    assert board.text.index("#pricing") < board.text.index("#sso") < board.text.index("Without a theme")
    assert "3 items  ·  3 accounts  ·  2 reps  ·  $40k in deals" in board.text
    assert "a theme since" in board.text


async def test_reps_see_the_board_and_read_all_and_change_nothing(tandem: Running) -> None:
    await logged(tandem)
    board = await opened(tandem, by="ana")
    assert board.buttons == ["Filter", "Read all 3", "Read it", "Read it"]
    await board.button("Read all 3").click(by="ana")
    assert "bo" in shown(tandem, "ana").text.casefold()


async def test_a_quote_is_the_customers_and_a_note_is_the_reps(tandem: Running) -> None:
    await logged(tandem)
    board = await opened(tandem)
    await board.button("Read all 3").click(by="max")
    text = shown(tandem).text
    assert "The customer, word for word:" in text
    assert "Noted: far too dear" in text
    await shown(tandem).button("← All themes").click(by="max")
    assert "2 themes" in shown(tandem).text


async def test_marketing_takes_a_theme_plans_it_answers_it_and_ships_it(tandem: Running) -> None:
    await logged(tandem)
    await (await opened(tandem)).button("Own it", index=0).click(by="max")
    assert "You look after #pricing now." in shown(tandem).text
    assert "Max Keller" in shown(tandem).text
    await shown(tandem).button("Status", index=0).click(by="max")
    form = shown(tandem)
    form.fill({"Status": "Shipped"})
    assert "Shipped needs an approved answer or linked content" in (await form.submit())["status"]
    form.fill({"Status": "Won’t do"})
    assert "Say why" in (await form.submit())["note"]
    form.fill({"Status": "Planned", "Note": "In spring"})
    assert not await form.submit()
    assert "Planned" in shown(tandem).text
    assert "“In spring”" in shown(tandem).text
    assert "Saved for #pricing. Whoever raised it is told once" in shown(tandem).text
    await shown(tandem).button("Answer", index=0).click(by="max")
    await shown(tandem).button("← All themes").click(by="max")
    await shown(tandem).button("Answer", index=0).click(by="max")
    form = shown(tandem)
    form.fill({"What should reps say?": "Do the sum with them."})
    assert not await form.submit()
    assert "Saved." in shown(tandem).text
    assert "Answered" in shown(tandem).text
    await shown(tandem).button("Status", index=0).click(by="max")
    form = shown(tandem)
    form.fill({"Status": "Shipped"})
    assert "written for the status before" in (await form.submit())["note"]
    form.fill({"Note": ""})
    assert not await form.submit()
    assert "Shipped" in shown(tandem).text
    # It would be the last by now: who goes on with it finds it where it was.
    told = shown(tandem).text.partition("Saved for #pricing")[2]
    assert told.index("Shipped  ·") < told.index("#sso")
    assert told.count("*#pricing*") + told.count("#pricing  ·") == 1


async def test_content_is_linked_and_a_theme_is_given_away(tandem: Running) -> None:
    await logged(tandem)

    def add(session: Session) -> None:
        at = tandem.clock.now()
        session.add(Asset(workspace_id=1, slug="sum", title="The payback calculator", created_at=at))

    await tandem.program.db.run(add)
    board = await opened(tandem)
    await board.select("theme.more", "Link content", near="#pricing")
    form = shown(tandem)
    await form.select("Content", "The payback calculator")
    assert not await form.submit()
    assert "“The payback calculator” is about #pricing now." in shown(tandem).text
    await shown(tandem).select("theme.more", "Give it to somebody", near="#pricing")
    form = shown(tandem)
    form.fill({"Who looks after it?": "ana"})
    assert "Ana Ruiz is not of marketing" in (await form.submit())["owner"]
    form.fill({"Who looks after it?": "mia"})
    assert not await form.submit()
    assert "Mia Stone" in shown(tandem).text


async def test_a_filter_narrows_what_is_counted_and_says_so(tandem: Running) -> None:
    await logged(tandem)
    await (await opened(tandem, by="ana")).button("Filter").click(by="ana")
    form = shown(tandem, "ana")
    form.fill({"Kind": "Feature gap", "Time": "90 days"})
    await form.select("Account", "Globex")
    assert not await form.submit()
    board = shown(tandem, "ana")
    assert "feature gaps in 90 days, at Globex" in board.text
    assert "#pricing" not in board.text
    assert "#sso" in board.text
    await board.button("Read it").click(by="ana")
    assert "feature gaps in 90 days, at Globex" in shown(tandem, "ana").text
    await shown(tandem, "ana").button("← All themes").click(by="ana")
    await shown(tandem, "ana").button("Show everything").click(by="ana")
    assert "#pricing" in shown(tandem, "ana").text


async def test_an_item_without_a_theme_gets_one(tandem: Running) -> None:
    await logged(tandem)
    board = await opened(tandem)
    await board.button("Read it", near="Without a theme").click(by="max")
    assert "nobody understands the invoice" in shown(tandem).text
    await shown(tandem).button("Set theme").click(by="max")
    form = shown(tandem)
    await form.select("Theme", "invoices")
    assert not await form.submit()
    assert "Filed under #invoices." in shown(tandem).text
    await shown(tandem).button("← All themes").click(by="max")
    assert "#invoices" in shown(tandem).text


async def test_long_themes_are_turned_page_by_page(tandem: Running) -> None:
    general = tandem.slack.channel("#general")
    for number in range(12):
        tandem.clock.advance(timedelta(minutes=1))
        await general.command(f"/voc dear number {number} again #pricing", by="ana")
    await (await opened(tandem, by="ana")).button("Read all 12").click(by="ana")
    first = shown(tandem, "ana")
    assert "Page 1 of 2" in first.text
    assert "number 11" in first.text
    await first.button("Next →").click(by="ana")
    assert "number 0 again" in shown(tandem, "ana").text
    await shown(tandem, "ana").button("← Before").click(by="ana")
    assert "number 11" in shown(tandem, "ana").text


async def test_a_theme_s_card_and_a_marketer_s_home_lead_to_the_board(tandem: Running) -> None:
    await logged(tandem)
    card = await tandem.slack.channel("#general").command("/voc #pricing", by="ana")
    await card.button("Read all 3").click(by="ana")
    assert "#pricing: 3 items, newest first" in shown(tandem, "ana").text
    home = await tandem.slack.home("max").open()
    await home.button("All themes").click(by="max")
    assert "2 themes" in shown(tandem).text


async def test_whoever_takes_a_theme_second_reads_who_was_faster(tandem: Running) -> None:
    await logged(tandem)
    first, second = await opened(tandem, by="mia"), await opened(tandem)
    await first.button("Own it", index=0).click(by="mia")
    await second.button("Own it", index=0).click(by="max")
    assert "Mia Stone took this theme" in shown(tandem).text
