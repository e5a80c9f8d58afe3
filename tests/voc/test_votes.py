"""*I heard this too*: a rep and an account more for the theme, never a copy, and undone by one tap."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from domain.errors import FieldProblems, NotFound, Refused
from domain.people import ensure_member, ensure_workspace
from domain.pulse import Pulse, take_pulse
from domain.voc.agreed import Votes
from domain.voc.competitors import KnownCompetitor, show_competitor
from domain.voc.facts import VocFacts, list_own_items
from domain.voc.form import VocForm
from domain.voc.items import edit_item, log_line, restore_item, withdraw_item
from domain.voc.known import KnownTheme, show_theme
from domain.voc.name_slips import use_theme
from domain.voc.votes import vote
from storage.models import VocItem
from tests.voc.conftest import Desk
from tests.world import World

LINE = '"we can\'t pay that" they say #pricing @Globex $40k'


def log(world: World, line: str = LINE, who: str = "ana") -> VocFacts:
    return world.run(log_line, line, by=world.member(who), at=world.later(minutes=1)).item


def agree(world: World, item: VocFacts, account: str = "Initech", who: str = "bo", note: str | None = None) -> VocFacts:
    given: dict[str, Any] = {"account_id": None, "account": account, "note": note}
    return world.run(vote, item.id, **given, by=world.member(who), at=world.later(minutes=1)).item


def known(world: World, typed: str = "#pricing") -> KnownTheme:
    found = world.run(show_theme, typed, by=world.member("ana"), at=world.now)
    assert isinstance(found, KnownTheme)
    return found


def test_a_vote_is_a_rep_and_an_account_more_and_no_deal(world: World) -> None:
    item = log(world)
    before = known(world).pulse
    agree(world, item)
    after = known(world).pulse
    assert (before.count, before.reps, before.accounts) == (1, 1, 1)
    assert after == Pulse(2, 2, 2, before.deals)


def test_a_vote_has_no_words_and_is_not_quoted_but_names_who_heard_it(world: World) -> None:
    item = log(world)
    agree(world, item)
    (said,) = known(world).said
    assert (said.words, said.votes) == ("we can't pay that", Votes(1, (("bo", "Initech"),)))


def test_a_vote_counts_for_the_competitor_too(world: World) -> None:
    agree(world, log(world, "half the price elsewhere !Rivalsoft #pricing @Globex"))
    found = world.run(show_competitor, "!rivalsoft", by=world.member("ana"), at=world.now)
    assert isinstance(found, KnownCompetitor)
    assert (found.met.items, found.met.reps, found.met.accounts) == (2, 2, 2)


def test_undo_takes_the_vote_back_and_voting_again_gives_it_again(world: World) -> None:
    item = log(world)
    given = agree(world, item)
    world.run(withdraw_item, given.id, by=world.member("bo"), at=world.now)
    assert known(world).pulse.count == 1
    assert known(world).said[0].votes.count == 0
    again = agree(world, item, note="twice")
    assert (again.id, again.verbatim, known(world).pulse.count) == (given.id, "twice", 2)
    world.run(withdraw_item, given.id, by=world.member("bo"), at=world.now)
    world.run(restore_item, given.id, by=world.member("bo"), at=world.now)
    assert known(world).pulse.count == 2


def test_one_vote_of_a_member_about_an_account(world: World) -> None:
    item = log(world)
    agree(world, item)
    for who, account in (("bo", "INITECH"), ("ana", "Globex")):
        with pytest.raises(FieldProblems) as caught:
            agree(world, item, account, who)
        assert "account" in caught.value.problems
    agree(world, item, "Hooli")
    agree(world, item, "Initech", "ana")
    assert known(world).pulse == Pulse(4, 2, 3, known(world).pulse.deals)


def test_a_vote_needs_an_account(world: World) -> None:
    item = log(world)
    for account in ("", " \u200b", "x" * 71):
        with pytest.raises(FieldProblems):
            agree(world, item, account)
    assert known(world).pulse.count == 1


def test_a_vote_on_a_vote_agrees_with_the_item(world: World) -> None:
    item = log(world)
    given = agree(world, item)
    agree(world, given, "Hooli", "max")
    assert known(world).said[0].votes.count == 2


def test_votes_go_with_the_item_to_another_theme_and_kind(world: World) -> None:
    log(world)
    item = log(world, "far too dear #priceing @Hooli")
    agree(world, item)
    world.run(use_theme, item.id, "pricing", version=1, by=world.member("ana"), at=world.now)
    assert known(world).pulse.count == 3
    form = VocForm(text="far too dear", kind="lost_reason", theme="budget", account="Hooli")
    world.run(edit_item, item.id, form, version=2, by=world.member("ana"), at=world.now)
    kinds = world.run(lambda session: list(session.scalars(select(VocItem.kind).order_by(VocItem.id))))
    assert kinds == ["objection", "lost_reason", "lost_reason"]
    assert (known(world).pulse.count, known(world, "#budget").pulse.count) == (1, 2)


def test_what_was_taken_back_cannot_be_agreed_with_and_its_votes_stay(world: World) -> None:
    item = log(world)
    agree(world, item)
    world.run(withdraw_item, item.id, by=world.member("ana"), at=world.now)
    assert known(world).pulse.count == 1
    with pytest.raises(Refused):
        agree(world, item, "Hooli")


def test_a_vote_is_listed_with_the_words_it_agrees_with_and_cannot_be_edited(world: World) -> None:
    given = agree(world, log(world))
    (listed,) = world.run(list_own_items, by=world.member("bo"), at=world.now)
    assert (listed.vote_of, listed.words, listed.verbatim) == ("we can't pay that", "we can't pay that", "")
    with pytest.raises(Refused):
        world.run(edit_item, given.id, VocForm(text="x"), version=1, by=world.member("bo"), at=world.now)


def test_an_item_of_another_workspace_cannot_be_agreed_with(world: World) -> None:
    item = log(world)
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    with pytest.raises(NotFound):
        world.run(vote, item.id, account_id=None, account="Hooli", note=None, by=stranger, at=world.now)
    theirs = world.run(log_line, "dear @Acme", by=stranger, at=world.now).item
    with pytest.raises(FieldProblems):
        world.run(
            vote, item.id, account_id=theirs.account_id, account=None, note=None, by=world.member("bo"), at=world.now
        )


def test_the_authors_own_count_has_their_votes(world: World) -> None:
    agree(world, log(world))
    bo = world.member("bo")
    assert world.run(take_pulse, world.workspace_id, world.now, "own", bo.id).count == 1


async def test_i_heard_this_too_is_one_form_from_the_card_and_undone_by_one_tap(desk: Desk) -> None:
    await desk.voc(LINE)
    desk.later(minutes=5)
    card = await desk.voc("#pricing", by="bo")
    form = await card.button("I heard this too").click(by="bo")
    assert "we can't pay that" in form.text
    assert await form.options("From which account?", query="") == ["Globex"]
    await form.select("From which account?", "Initech")
    assert not await form.submit()
    receipt = await desk.slack.channel("#general").ephemeral("bo", containing="Vote logged")
    assert "#pricing: 2nd time in 30 days  ·  1 other rep heard it too" in receipt.text
    assert receipt.buttons == ["Undo"]
    assert "also heard by bo at Initech" in (await desk.voc("#pricing")).text
    listed = await desk.voc("list", by="bo")
    assert "Vote" in listed.text
    await receipt.button("Undo").click(by="bo")
    await receipt.changed(containing="Undone")
    assert "also heard" not in (await desk.voc("#pricing")).text


async def test_a_form_without_an_account_stays_open_with_a_field_error(desk: Desk) -> None:
    await desk.voc(LINE)
    card = await desk.voc("#pricing", by="bo")
    form = await card.button("I heard this too").click(by="bo")
    await form.select("From which account?", "Initech")
    await form.submit()
    again = await card.button("I heard this too").click(by="bo")
    await again.select("From which account?", "Initech")
    assert list(await again.submit()) == ["account"]
