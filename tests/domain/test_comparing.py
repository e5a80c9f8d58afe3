"""Words are compared in one way: the same in Python and in both databases, for every script."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from domain.accounts import find_or_add_account
from domain.keys import renew_keys
from domain.text import compare_key, plain
from domain.themes import find_or_add_theme, find_themes
from domain.voc.items import log_line
from domain.voc.suggestions import suggest_accounts, suggest_competitors
from storage.models import Account, Member, Theme, VocItem
from tests.world import World

SAME = [
    ("Globex", "GLOBEX"),
    ("Nestlé", "nestle"),
    ("Łódź Works", "lodz works"),
    ("Straße", "STRASSE"),
    ("İstanbul", "istanbul"),
    ("ΆΛΦΑ", "αλφα"),
    ("Ёлка", "елка"),
    ("Ｇｌｏｂｅｘ", "globex"),
    ("Procter & Gamble", "procter-gamble"),
    ("می‌خواهم", "میخواهم"),
    ("co\u00adoperate", "cooperate"),
    ("ᎠᎡ", "ꭰꭱ"),
    ("Größe 4", "GRÖSSE ４"),
]
DIFFERENT = [
    ("मीरा", "मोर"),
    ("มา", "มี"),
    ("мой", "мои"),
    ("C", "C++"),
    ("C", "C#"),
    ("C++", "C#"),
    ("が", "か"),
    ("עִם", "עַם"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_case_width_spaces_and_latin_accents_do_not_count(one: str, other: str) -> None:
    assert compare_key(one) == compare_key(other) != ""


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_vowel_signs_and_names_of_languages_do(one: str, other: str) -> None:
    assert compare_key(one) != compare_key(other)


@given(st.text(max_size=30))
def test_a_key_is_its_own_key_and_plain_text_keeps_every_place(text: str) -> None:
    assert compare_key(compare_key(text)) == compare_key(text)
    assert len(plain(text)) == len(text)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_are_one_account_one_theme_and_one_competitor(world: World, one: str, other: str) -> None:
    ana = world.member("ana")
    first, again = (
        world.run(find_or_add_account, world.workspace_id, name, at=world.later(minutes=1)) for name in (one, other)
    )
    assert first.id == again.id
    themes = [
        world.run(find_or_add_theme, world.workspace_id, slug, at=world.now) for slug in (one.lower(), other.lower())
    ]
    assert themes[0].id == themes[1].id
    for name in (one, other):
        logged = world.run(log_line, f'dear vs "{name}"', by=ana, at=world.later(minutes=1))
    assert logged.echo is not None
    assert logged.echo.pulse.count == 2
    assert [name for _, name in world.run(suggest_accounts, other, by=ana, at=world.now).accounts] == [one]
    assert world.run(suggest_competitors, other, by=ana, at=world.now).new is None
    assert len(world.run(find_themes, world.workspace_id, other, at=world.now, limit=5)) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_names_are_two_accounts_and_two_themes(world: World, one: str, other: str) -> None:
    ana = world.member("ana")
    for name in (one, other):
        world.run(log_line, f"slow #{name} @{name}", by=ana, at=world.later(minutes=1))
    names, slugs = (
        world.run(lambda session, column=column: set(session.scalars(select(column))))
        for column in (Account.name, Theme.slug)
    )
    assert names == {one, other}
    assert len(slugs) == 2


def test_no_database_folds_case_itself() -> None:
    root = Path(__file__).parents[2]
    files = [
        file for room in ("bot", "handlers", "digests", "domain", "storage") for file in (root / room).rglob("*.py")
    ]
    folding = re.compile(r"func\.(?:lower|upper)\b|\.i(?:like|contains|startswith|endswith)\(")
    assert [str(file.relative_to(root)) for file in files if folding.search(file.read_text(encoding="utf-8"))] == []


def test_keys_of_an_earlier_release_are_made_anew_and_a_clash_loses_nothing(world: World) -> None:
    ana = world.member("ana")
    item = world.run(log_line, "dear vs Hooli #sécurité @Nestlé", by=ana, at=world.now).item
    world.run(log_line, "dear @Nestle", by=ana, at=world.now)

    def as_before(session: object) -> None:
        session.execute(update(Account).values(slug="nestlé", keyed=None))  # type: ignore[attr-defined]
        session.add(  # type: ignore[attr-defined]
            Account(workspace_id=world.workspace_id, name="Nestle", slug="nestle", created_at=world.now)
        )
        for column in (Theme.key, Member.name_key, VocItem.competitor_key):
            session.execute(update(column.class_).values({column: None}))  # type: ignore[attr-defined]

    world.run(as_before)
    while world.run(renew_keys, limit=1):
        pass
    slugs = world.run(lambda session: dict(session.execute(select(Account.name, Account.slug)).all()))
    assert set(slugs) == {"Nestlé", "Nestle"}
    assert "nestle" in slugs.values()
    stored = world.run(lambda session: session.get_one(VocItem, item.id))
    assert stored.competitor_key == "hooli"
    logged = world.run(log_line, "dear again #SECURITE", by=ana, at=world.later(minutes=1))
    assert (logged.item.theme, logged.item.theme_new) == ("sécurité", False)
