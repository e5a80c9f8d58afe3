"""Votes in a search: counted as everywhere, found by what they belong to, and never shown as somebody's words."""

from __future__ import annotations

from domain.voc.facts import VocFacts
from domain.voc.items import log_line
from domain.voc.search import Found, search_items
from domain.voc.votes import vote
from domain.voc.wording import catch_up
from handlers.voc.found import found_view
from tests.world import World


def log(world: World, line: str) -> VocFacts:
    return world.run(log_line, line, by=world.member("ana"), at=world.later(minutes=1)).item


def agree(world: World, item: VocFacts, account: str, note: str | None = None) -> int:
    by, at = world.member("bo"), world.later(minutes=1)
    return world.run(vote, item.id, account_id=None, account=account, note=note, by=by, at=at).item.id


def search(world: World, typed: str, *, quotes: bool = False) -> Found:
    who = world.run(catch_up, by=world.member("bo"), at=world.now)
    return world.db.read_sync(search_items, typed, quotes=quotes, by=who, at=world.now)


def test_a_vote_is_counted_where_its_theme_is_looked_for_and_stands_last(world: World) -> None:
    item = log(world, 'they said "a riddle" #pricing @Globex')
    bare = agree(world, item, "Initech")
    noted = agree(world, item, "Hooli", "twice in one call")
    assert [(hit.id, hit.is_vote) for hit in search(world, "#pricing").hits] == [
        (item.id, False),
        (noted, True),
        (bare, True),
    ]
    assert [hit.id for hit in search(world, "@Initech").hits] == [bare]


def test_a_vote_has_none_of_the_words_that_it_agrees_with(world: World) -> None:
    item = log(world, 'they said "a riddle" #pricing @Globex')
    agree(world, item, "Initech")
    noted = agree(world, item, "Hooli", "twice in one call")
    assert [hit.id for hit in search(world, "riddle").hits] == [item.id]
    assert [hit.id for hit in search(world, "twice").hits] == [noted]
    assert [hit.id for hit in search(world, "#pricing", quotes=True).hits] == [item.id]


def test_a_vote_reads_as_what_a_rep_says(world: World) -> None:
    item = log(world, 'they said "a riddle" #pricing @Globex')
    agree(world, item, "Initech")
    agree(world, item, "Hooli", "twice *in one* call")
    shown = str(found_view(search(world, "#pricing"), "/voc", quotes=False).blocks)
    assert shown.count("The customer’s words") == 1
    assert "A rep heard the same as somebody else: twice" in shown
    assert "A rep heard the same as somebody else." in shown
