"""Items are found by what they say and belong to, on both engines, whatever is typed and in whatever script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from domain.errors import FieldProblems
from domain.people import Actor, ensure_member, ensure_workspace
from domain.text import clean_text, key_words
from domain.voc.form import VocForm
from domain.voc.items import add_quote, edit_item, log_form, log_line, restore_item, withdraw_item
from domain.voc.query import LONGEST_QUERY, Unknown
from domain.voc.search import MOST_FOUND, PAGE, Found, search_items
from domain.voc.wording import KEPT_BY_A_SEARCH, catch_up, word_items, workspaces_to_word
from storage import words
from storage.models import Account, Theme, VocItem
from tests.world import World


def log(world: World, line: str, who: str = "ana") -> int:
    return world.run(log_line, line, by=world.member(who), at=world.later(minutes=1)).item.id


def search(world: World, typed: str, by: Actor | None = None, **page: Any) -> Found:
    who = world.run(catch_up, by=by or world.member("bo"), at=world.now)
    return world.db.read_sync(search_items, typed, by=who, at=world.now, **page)


def ids(world: World, typed: str, by: Actor | None = None, **page: Any) -> list[int]:
    return [hit.id for hit in search(world, typed, by, **page).hits]


def stranger(world: World) -> Actor:
    """Somebody of another workspace."""

    def arrive(session: Session) -> Actor:
        return ensure_member(
            session, ensure_workspace(session, "T2", name="Other", at=world.now), "U-ZOE", name="zoe", at=world.now
        )

    return world.run(arrive)


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("the pricing is a riddle", "prices"),
        ("they asked about two prices", "Pricing"),
        ("Nestlé finds it dear", "nestle"),
        ("nestle finds it dear", "NESTLÉ"),
        ("die Rechnungen sind falsch", "rechnung"),
        ("zu viele Häuser", "haus"),
        ("el precio es alto", "precios"),
        ("trop de réunions", "reunion"),
        ("the integration is missing", "integr"),
        ("their CFO objects", "CFOs"),
        ("no APIs to speak of", "api"),
        ("no single sign-on for them", "sign-on"),
        ("no single sign-on for them", "sign"),
        ("they write C++ only", "c++"),
        ("価格が高いと言われた", "価格"),
        ("価格が高いと言われた", "高い"),
        ("価格が高いと言われた", "た"),
        ("SSOがない", "sso"),
        ("แพงเกินไปสำหรับเรา", "เกินไป"),
        ("السعر مرتفع جدا", "السعر"),
        ("слишком дорого для них", "дорог"),
        ("비싸다고 합니다", "비싸"),
        ("ＦＵＬＬ width", "full"),
        ("they want ﬁle uploads", "file"),
        ("too dear #pricing", "pricing"),
        ("too dear #pricing #budget", "budget"),
        ("too dear @Globex", "globex"),
        ("too dear next to vs Rivalsoft", "rivalsoft"),
    ],
)
def test_an_item_is_found_by_its_words_however_they_are_written(world: World, line: str, typed: str) -> None:
    item = log(world, line)
    log(world, "something else entirely")
    assert ids(world, typed) == [item]


def test_all_words_must_be_there_in_any_order(world: World) -> None:
    both = log(world, "security review takes months")
    log(world, "security is fine")
    log(world, "the review was kind")
    assert ids(world, "review security") == [both]


def test_words_in_quotes_must_follow_each_other(world: World) -> None:
    right = log(world, "they want a price per seat")
    log(world, "a seat per price would do")
    assert ids(world, '"per seat"') == [right]
    assert ids(world, "“per seat”") == [right]
    assert ids(world, '"per sea"') == []


def test_no_phrase_reaches_from_one_text_into_the_next(world: World) -> None:
    item = log(world, "they said it is slow @Globex")
    assert ids(world, '"slow globex"') == []
    assert ids(world, "slow globex") == [item]


@pytest.mark.parametrize(
    "typed",
    [
        *(
            '"',
            "-price",
            "NEAR(price dear)",
            "price AND",
            "NOT price",
            "price*",
            "^price",
            "words:price",
            "(price",
            "price)",
        ),
        *(
            "price'",
            "price' | 'x",
            "\\",
            "price\\",
            "{price}",
            "§w1",
            "¬price",
            "a & b | !c",
            "<->",
            "price:*",
            "%_",
            "price;--",
        ),
        *(
            "\x00price",
            "\ud800price",
            "\u202eprice",
            "🔥 price",
            "kind:",
            "since:",
            "by:",
            "#",
            "@",
            "!",
            '@""',
            "last 999 years",
        ),
        *(
            "since:0000",
            "since:9999-99",
            "until:2026-13",
            "since:2026-02-30",
            '"" ""',
            "price " * 40,
            "last 90 days price",
        ),
    ],
)
def test_nothing_typed_breaks_the_search(world: World, typed: str) -> None:
    log(world, "the price is dear")
    search(world, typed)


def test_filters_say_what_items_belong_to(world: World) -> None:
    first = log(world, "question: is security covered? #security @Globex")
    second = log(world, "security is weak #pricing @Initech vs Rivalsoft", "bo")
    third = log(world, "security costs vs Rivalsoft #pricing @Globex")
    by_typed = {
        "security #security": [first],
        "#pricing": [third, second],
        "security @Globex": [third, first],
        '@"globex inc" security': [third, first],
        "@globex security": [third, first],
        "!rivalsoft": [third, second],
        "kind:question": [first],
        "questions": [first],
        "security by:@bo": [second],
        "by:me": [second],
        "by:<@U-BO>": [],
        "#pricing #security @Globex": [third, first],
        "kind:question #pricing": [],
    }
    assert {typed: ids(world, typed) for typed in by_typed} == by_typed


def test_time_is_a_filter(world: World) -> None:
    old = log(world, "slow in spring")
    world.later(days=100)
    new = log(world, "slow in winter")
    assert ids(world, "slow") == [new, old]
    assert ids(world, "slow last 90 days") == [new]
    assert ids(world, "slow since:90d") == [new]
    assert ids(world, "slow since:2027") == [new]
    assert ids(world, "slow until:2026-11") == [old]
    assert ids(world, "slow before:2027-02 since:2026-11-16") == [old]


@pytest.mark.parametrize(
    ("typed", "unknown"),
    [
        ("#priceing", Unknown("theme", "priceing")),
        ("slow @Nobody", Unknown("account", "Nobody")),
        ("kind:gossip", Unknown("kind", "gossip")),
        ("by:@zoe", Unknown("person", "zoe")),
        ("since:easter", Unknown("time", "easter")),
    ],
)
def test_a_name_that_nobody_knows_is_told_and_never_passed_over(world: World, typed: str, unknown: Unknown) -> None:
    log(world, "slow #pricing @Globex")
    found = search(world, typed)
    assert (found.hits, found.query.unknown) == ((), (unknown,))


def test_where_nothing_is_found_themes_that_are_near_are_named(world: World) -> None:
    log(world, "too dear #pricing")
    assert search(world, "#priceing").near == ("pricing",)
    assert search(world, "zebra").near == ("pricing",)


def test_a_word_that_no_item_has_is_left_out_and_named(world: World) -> None:
    item = log(world, "security review takes months")
    found = search(world, "what do zebras say about security")
    assert [hit.id for hit in found.hits] == [item]
    assert found.left_out == ("zebras",)


def test_what_is_taken_back_is_not_found_until_it_is_restored(world: World) -> None:
    item = log(world, "the rollout is slow")
    assert ids(world, "rollout") == [item]
    world.run(withdraw_item, item, by=world.member("ana"), at=world.now)
    assert ids(world, "rollout") == []
    world.run(restore_item, item, by=world.member("ana"), at=world.now)
    assert ids(world, "rollout") == [item]


def test_what_an_earlier_release_writes_is_found(world: World) -> None:
    """It knows nothing of words: the database's triggers note what it wrote."""
    ana = world.member("ana")
    old = {"workspace_id": ana.workspace_id, "member_id": ana.id, "kind": "praise", "origin": "command"}
    times = {"created_at": world.now, "updated_at": world.now}
    world.run(
        lambda session: session.execute(
            insert(VocItem).values(line="kind words", verbatim="kind words", **old, **times)
        )
    )
    assert len(ids(world, "kind words")) == 1
    world.run(lambda session: session.execute(update(VocItem).values(verbatim="harsh", line="harsh")))
    assert ids(world, "words") == []
    assert len(ids(world, "harsh")) == 1


def test_items_are_found_by_the_new_name_of_a_theme_and_an_account(world: World) -> None:
    item = log(world, "too dear #pricing @Globex")
    assert ids(world, "globex") == [item]
    world.run(lambda session: session.execute(update(Theme).values(slug="money", key="money")))
    world.run(lambda session: session.execute(update(Account).values(name="Hooli")))
    assert (ids(world, "money"), ids(world, "hooli"), ids(world, "pricing @hooli")) == ([item], [item], [])


def test_only_items_of_ones_own_workspace_are_found(world: World) -> None:
    zoe = stranger(world)
    ours = log(world, "the rollout is slow #rollout @Globex")
    theirs = world.run(log_line, "the rollout is slow #rollout @Globex", by=zoe, at=world.now).item.id
    for typed in ("rollout", "#rollout", "@Globex", '"the rollout"', "kind:objection"):
        assert (ids(world, typed), ids(world, typed, zoe)) == ([ours], [theirs])


def test_the_next_page_goes_on_where_the_first_ended_though_more_is_logged(world: World) -> None:
    items = [log(world, f"slow number {number}") for number in range(PAGE + 2)]
    first = search(world, "slow")
    log(world, "slow once more")
    second = search(world, "slow", start=PAGE, newest=first.newest)
    assert [hit.id for hit in (*first.hits, *second.hits)] == items[::-1]
    assert (first.total, first.more, second.total) == (PAGE + 2, False, PAGE + 2)


def test_what_is_new_comes_before_what_is_old_and_words_as_typed_before_others(world: World) -> None:
    old = log(world, "security is a worry")
    world.later(days=400)
    stem = log(world, "securities are traded")
    new = log(world, "security is a worry")
    assert ids(world, "security") == [new, stem, old]


def test_of_very_many_the_newest_are_ranked(world: World) -> None:
    _log_many(world, MOST_FOUND + 3)
    while world.run(workspaces_to_word):
        world.run(word_items, world.workspace_id, limit=KEPT_BY_A_SEARCH)
    found = search(world, "crowd")
    assert (found.total, found.more, found.waiting) == (MOST_FOUND, True, 0)


def test_who_searches_while_much_waits_is_told_and_finds_the_newest(world: World) -> None:
    _log_many(world, KEPT_BY_A_SEARCH + 7)
    newest = log(world, "the newest of the crowd")
    found = search(world, "crowd")
    assert (found.total, found.waiting) == (KEPT_BY_A_SEARCH, 8)
    assert ids(world, "newest") == [newest]


def _log_many(world: World, count: int) -> None:
    ana = world.member("ana")
    row = {"workspace_id": ana.workspace_id, "member_id": ana.id, "kind": "praise", "origin": "command"}
    row |= {"line": "crowd", "verbatim": "crowd", "created_at": world.now, "updated_at": world.now}
    world.run(lambda session: session.execute(insert(VocItem), [row] * count))


def test_only_quotes_are_found_where_quotes_are_wanted(world: World) -> None:
    quoted = log(world, 'they said "it is a riddle" #pricing')
    note = log(world, "a riddle, they feel #pricing")
    assert ids(world, "riddle", quotes=True) == [quoted]
    world.run(add_quote, note, "what a riddle", version=1, by=world.member("ana"), at=world.later(minutes=1))
    hits = search(world, "#pricing", quotes=True).hits
    assert [(hit.id, hit.words, hit.consent) for hit in hits] == [
        (note, "what a riddle", "internal"),
        (quoted, "it is a riddle", "internal"),
    ]


def test_items_are_found_newest_first_across_blocks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's index knows no order: it is asked block by block."""
    monkeypatch.setattr(words, "BLOCK", 1)
    items = [log(world, f"slow number {number}") for number in range(60)]
    rare = [items[0], items[2]]
    world.run(
        lambda session: session.execute(update(VocItem).where(VocItem.id.in_(rare)).values(verbatim="odd", line="odd"))
    )
    assert search(world, "slow").total == 58
    assert ids(world, "odd") == rare[::-1]
    wanted = words.Wanted(((("slow",),),))
    assert world.run(words.newest_items, wanted, before=items[50], limit=9) == items[49:40:-1]


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60) | st.lists(
    st.sampled_from(
        ["price", "Nestlé", "価格が", "c++", "#sso", "@Globex", '"no way"', "ﬁ", "ＡＢＣ", "дорого", "§w1", "NEAR"]
    ),
    min_size=1,
    max_size=6,
).map(" ".join)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXT, other=TEXT)
def test_any_item_is_found_by_each_of_its_words_and_by_nobody_else(world: World, text: str, other: str) -> None:
    zoe, ana = stranger(world), world.member("ana")
    try:
        logged = world.run(log_form, VocForm(text=text), origin="form", permalink=None, by=ana, at=world.now).item
    except FieldProblems:
        return  # nothing that can be logged
    found_by = _long_words(text)
    _is_found(world, logged.id, found_by, zoe)
    search(world, f"x {text}"[:LONGEST_QUERY])
    try:
        form = VocForm(text=other)
        world.run(edit_item, logged.id, form, version=logged.version, by=ana, at=world.now)
    except FieldProblems:
        other = text
    _is_found(world, logged.id, _long_words(other), zoe)
    world.run(withdraw_item, logged.id, by=ana, at=world.now)
    assert all(logged.id not in _all_ids(world, word) for word in {*found_by, *_long_words(other)})


def _long_words(text: str) -> list[str]:
    return [word for word in dict.fromkeys(key_words(clean_text(text, limit=100))) if len(word) >= 3][:5]


def _is_found(world: World, item: int, by_words: Sequence[str], zoe: Actor) -> None:
    for word in by_words:
        assert item in _all_ids(world, word), word
        assert _all_ids(world, word, zoe) == set()


def _all_ids(world: World, typed: str, by: Actor | None = None) -> set[int]:
    found = search(world, typed, by)
    pages = (search(world, typed, by, start=start, newest=found.newest) for start in range(0, found.total, PAGE))
    return {hit.id for page in pages for hit in page.hits}


def test_an_erased_item_leaves_no_words(world: World) -> None:
    item = log(world, "the rollout is slow")
    assert ids(world, "rollout") == [item]
    world.run(lambda session: session.delete(session.get_one(VocItem, item)))
    assert ids(world, "rollout") == []
    assert world.run(words.newest_items, words.Wanted(((("rollout",),),)), before=words.LARGEST_ID, limit=9) == []
