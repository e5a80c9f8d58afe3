"""A file of what customers said: the good rows are logged, each once, and the others are told by line and reason."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from domain.content import AlreadyImported
from domain.themes import find_or_add_theme
from domain.voc.importing import (
    NewTheme,
    NoAuthor,
    NothingToImport,
    VocPlan,
    finish_voc_import,
    plan_voc_import,
    write_rows,
)
from domain.voc.voc_csv import COLUMNS, VocFile, parse_voc_csv
from handlers.words import file_note_sentence, row_sentence
from storage.models import Account, Member, Theme, VocItem
from tests.world import MONDAY_NOON, World

KINDS = "objection, pain point, feature gap, competitor, praise, lost reason, question"
HEAD = "text,kind,theme,account,competitor,deal,quote,who,when\n"


def parsed(text: str | bytes, at: datetime = MONDAY_NOON) -> VocFile:
    data = text if isinstance(text, bytes) else text.encode()
    return parse_voc_csv(data, currency="USD", at=at)


def plan(world: World, text: str, who: str | None = None) -> VocPlan:
    data = text.encode()
    digest = hashlib.sha256(data).hexdigest()
    file = parsed(data, world.now)
    return world.run(
        plan_voc_import, world.workspace_id, file, filename="voc.csv", sha256=digest, who=who, at=world.now
    )


def take(world: World, text: str, who: str | None = None) -> VocPlan:
    planned = plan(world, text, who)
    if planned.refused is not None:
        raise planned.refused
    world.run(write_rows, world.workspace_id, planned.rows, at=world.now)
    world.run(finish_voc_import, planned, at=world.now)
    return planned


def stored(world: World) -> list[dict[str, Any]]:
    def look(session: Any) -> list[dict[str, Any]]:
        rows = session.execute(
            select(VocItem, Theme.slug, Account.name, Member.name.label("author"))
            .join(Member, Member.id == VocItem.member_id)
            .outerjoin(Theme, Theme.id == VocItem.theme_id)
            .outerjoin(Account, Account.id == VocItem.account_id)
            .order_by(VocItem.id)
        )
        return [
            {
                "text": item.verbatim,
                "kind": item.kind,
                "theme": theme,
                "account": account,
                "competitor": item.competitor,
                "deal": (item.deal_minor, item.deal_currency),
                "quote": item.quote,
                "by": author,
                "at": item.created_at,
                "origin": item.origin,
            }
            for item, theme, account, author in rows
        ]

    return world.run(look)


def told(text: str | bytes) -> list[tuple[int, str]]:
    return [(one.line, row_sentence(one)) for one in parsed(text).problems]


def test_a_full_row_becomes_an_item_with_all_that_it_says(world: World) -> None:
    take(
        world,
        HEAD + '"Too dear, they say",Pain point,#Pricing,Globex,Rivalsoft,$40k,"We can’t pay that",'
        "BO@example.com,2026-10-01\n",
    )
    assert stored(world) == [
        {
            "text": "Too dear, they say",
            "kind": "pain_point",
            "theme": "pricing",
            "account": "Globex",
            "competitor": "Rivalsoft",
            "deal": (4_000_000, "USD"),
            "quote": "We can’t pay that",
            "by": "bo",
            "at": datetime(2026, 10, 1, 12, tzinfo=UTC),
            "origin": "import",
        }
    ]


def test_the_text_alone_is_enough_and_is_read_as_a_line_is(world: World) -> None:
    take(world, 'Kommentar\n"gap: no SSO | #security @Initech"\n')
    [item] = stored(world)
    assert (item["text"], item["kind"], item["theme"], item["account"]) == (
        "no SSO",
        "feature_gap",
        "security",
        "Initech",
    )
    assert (item["by"], item["at"]) == ("max", world.now)  # nobody is named: a marketer


FRENCH = """Texte;Catégorie;Thème;Entreprise;Montant;Qui;Date
Trop cher;objection;prix;Globex;40 000 €;bo@example.com;2026-10-01
"""
GERMAN = """Notiz\tArt\tThema\tKunde\tBetrag\tWer\tDatum
Zu teuer\tEinwand\tpreis\tGlobex\t40.000 €\tbo@example.com\t1.10.2026
"""
SPANISH = """Texto,Tipo,Tema,Empresa,Importe,Vendedor,Fecha
Muy caro,Objeción,precio,Globex,"40.000 €",bo@example.com,2026-10-01
"""


@pytest.mark.parametrize("text", [FRENCH, GERMAN, SPANISH])
def test_headers_and_kinds_of_four_languages_are_read(world: World, text: str) -> None:
    take(world, text)
    [item] = stored(world)
    assert (item["kind"], item["account"], item["by"], item["deal"]) == (
        "objection",
        "Globex",
        "bo",
        (4_000_000, "EUR"),
    )
    assert item["at"] == datetime(2026, 10, 1, 12, tzinfo=UTC)


def test_every_bad_row_is_told_by_line_and_reason_and_the_good_ones_are_taken(world: World) -> None:
    text = HEAD + (
        ",objection,pricing,,,,,,\n"
        "fine,,,,,,,,\n"
        "too dear,rant,#42,,,many dollars,,not an address,2026-13-01\n"
        "#pricing @Globex,,,,,,,,\n"
        "from the future,,,,,,,,2027-01-01\n"
        "by a stranger,,,,,,,who@elsewhere.example,\n"
        "one,two,three,four,five,,,,,ten\n"
        "fine,,,,,,,,\n"
    )
    assert told(text) == [
        (2, "Say what happened. A few words are enough."),
        (4, f"Kind “rant” is no kind of item; the kinds are {KINDS}."),
        (4, "When “2026-13-01” does not exist in the calendar."),
        (4, "Who “not an address” is not an e-mail address."),
        (4, "A theme needs letters, like “pricing”."),
        (4, "Write one amount, like $40k, €40,000 or 40000 (that is USD), or leave it empty."),
        (5, "There are only marks here, like #theme and @account. Say what happened."),
        (6, "When “2027-01-01” lies in the future."),
        (8, f"Kind “two” is no kind of item; the kinds are {KINDS}."),
        (8, "The row has 10 cells and the header 9; put quotation marks around a cell that has a separator in it."),
        (9, "This row says the same as line 3; keep one of the two."),
    ]  # fmt: skip
    planned = take(world, text)
    assert [one.line for one in planned.summary.skipped if one.column == "who"] == [4, 7]
    assert [item["text"] for item in stored(world)] == ["fine"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"theme,account\npricing,Globex\n", "lacks text. Known columns: text, kind, theme"),
        (b"text\n", "no rows"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\xff\xfea", "damaged"),
        (b"text\n" + b"x\n" * 50_001, "more than 50,000"),
        (b"text\n" + b"x" * (5 * 1024 * 1024), "at most 5 MB"),
        (b"text,TEXT\na,b\n", "twice"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    assert reason in told(data)[0][1]


def test_the_same_file_is_refused_and_a_mended_one_brings_only_its_new_rows(world: World) -> None:
    first = HEAD + "too dear,,pricing,,,,,ana@example.com,2026-10-01\nno day,,,,,,,,yesterday\n"
    take(world, first)
    with pytest.raises(AlreadyImported):
        take(world, first)
    take(world, first.replace("yesterday", "2026-10-02"))
    assert [item["text"] for item in stored(world)] == ["too dear", "no day"]
    world.later(days=60)  # when the keys of arrivals are long forgotten

    def forget(session: Any) -> None:
        from storage.inbox import forget_before

        forget_before(session, world.now, limit=1000)

    world.run(forget)
    again = plan(world, first.replace("yesterday", "2026-10-02") + "\n")
    assert again.refused == NothingToImport(0, 2)


def test_an_import_that_broke_off_goes_on_where_it_was(world: World) -> None:
    text = "text\n" + "".join(f"row {number} says that it is too dear\n" for number in range(250))
    planned = plan(world, text)
    world.run(write_rows, world.workspace_id, planned.rows[:100], at=world.now)
    world.later(minutes=5)
    again = take(world, text)
    assert (again.summary.rows, again.summary.known) == (150, 100)
    assert world.run(lambda session: session.scalar(select(func.count()).select_from(VocItem))) == 250


def test_the_preview_tells_what_will_be_new_and_whose_the_items_will_be(world: World) -> None:
    for _ in range(3):
        take(world, f"text,theme\ntoo dear {world.later(minutes=1)},pricing\n")
    summary = plan(
        world,
        "text,theme,account,who,when\n"
        "a bit dear,#priceing,Globex,ana@example.com,2026-09-01\n"
        "no SSO,security,Globex,ana@example.com,2026-10-01\n"
        "slow,#pricing;#speed,Initech,,\n",
    ).summary
    assert summary.new_themes == (NewTheme("priceing", "pricing"), NewTheme("security"))
    assert (summary.rows, summary.new_accounts, summary.by) == (3, 2, (("ana", 2), ("max", 1)))
    assert (summary.standing_in, summary.first) == ("max", datetime(2026, 9, 1, 12, tzinfo=UTC))
    assert [file_note_sentence(note) for note in summary.notes] == [
        "1 row names several themes. An item has one theme: the first is taken."
    ]
    assert world.run(lambda session: session.scalar(select(func.count()).select_from(VocItem))) == 3


def test_rows_that_name_nobody_go_to_whom_the_admin_names(world: World) -> None:
    take(world, "text\ntoo dear\n", who="Ana@Example.com")
    assert [item["by"] for item in stored(world)] == ["ana"]
    with pytest.raises(NoAuthor):
        plan(world, "text\ntoo slow\n", who="nobody@example.com")


def test_a_row_of_nobody_that_says_what_the_stand_in_said_is_told_as_the_same(world: World) -> None:
    planned = take(world, "text,who\ntoo dear,\ntoo slow,\ntoo dear,MAX@example.com\ntoo dear,ana@example.com\n")
    assert [(item["text"], item["by"]) for item in stored(world)] == [
        ("too dear", "max"), ("too slow", "max"), ("too dear", "ana")
    ]  # fmt: skip
    assert [(one.line, row_sentence(one)) for one in planned.summary.skipped] == [
        (4, "This row says the same as line 2; keep one of the two.")
    ]


def test_who_left_still_heard_what_they_heard_and_a_guest_heard_nothing(world: World) -> None:
    def change(session: Any) -> None:
        members = {member.name: member for member in session.scalars(select(Member))}
        members["ana"].active, members["bo"].kind = False, "guest"

    world.run(change)
    planned = take(world, "text,who\nold words,ana@example.com\nother words,bo@example.com\n")
    assert [item["by"] for item in stored(world)] == ["ana"]
    assert [one.line for one in planned.summary.skipped] == [3]


def test_a_spelling_of_a_theme_that_is_there_makes_no_second_theme(world: World) -> None:
    world.run(find_or_add_theme, world.workspace_id, "price-model", at=world.now - timedelta(days=1))
    take(world, "text,theme\nunclear,Price_Model\n")
    assert world.run(lambda session: list(session.scalars(select(Theme.slug)))) == ["price-model"]


def test_cells_that_a_spreadsheet_would_run_are_plain_words(world: World) -> None:
    take(world, 'text,account\n"=HYPERLINK(""http://x"",""y"")",@Globex\n+1 for the idea,-\n')
    assert [item["text"] for item in stored(world)] == ['=HYPERLINK("http://x","y")', "+1 for the idea"]


def test_a_row_with_a_card_number_is_left_out_and_told(world: World) -> None:
    text = "text\npays by 4111 1111 1111 1111 always\ntoo dear for them\n"
    assert [line for line, _ in told(text)] == [2]
    take(world, text)
    assert [item["text"] for item in stored(world)] == ["too dear for them"]


def test_the_marketers_page_explains_every_column_of_the_file() -> None:
    page = (Path(__file__).parents[2] / "docs" / "marketers.md").read_text(encoding="utf-8")
    told = page.partition("## Bring in what was said before")[2].partition("\n## ")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", told, re.MULTILINE)) == COLUMNS


@given(st.binary(max_size=400))
def test_any_bytes_get_rows_or_reasons_and_never_an_error(data: bytes) -> None:
    file = parsed(data)
    assert file.rows or file.problems
    for problem in file.problems:
        assert row_sentence(problem)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=9))
def test_any_cells_get_a_row_or_reasons(cells: list[str]) -> None:
    import csv
    import io

    out = io.StringIO()
    csv.writer(out).writerow(cells)
    file = parsed((HEAD + out.getvalue()).encode(errors="replace"))
    assert file.rows or file.problems


def test_names_may_stand_in_cells_as_they_stand_in_a_line(world: World) -> None:
    take(world, 'text,account,competitor\ndear,@Globex,!Rivalsoft\nslow,"@""Initech Systems""",\n')
    named = [(item["account"], item["competitor"]) for item in stored(world)]
    assert named == [("Globex", "Rivalsoft"), ("Initech Systems", None)]


def test_an_apostrophe_that_keeps_a_cell_from_being_a_formula_is_no_part_of_it(world: World) -> None:
    take(world, "text,account,theme\n'=1+1 they say,'@Globex,'#pricing\n''tis dear,O'Neil,\n'so dear',,\n")
    assert [(item["text"], item["account"], item["theme"]) for item in stored(world)] == [
        ("=1+1 they say", "Globex", "pricing"),
        ("''tis dear", "O'Neil", None),
        ("'so dear'", None, None),
    ]


def test_the_preview_counts_the_themes_and_accounts_that_the_texts_name(world: World) -> None:
    summary = plan(world, "text,theme\ndear @Globex #pricing,\ndear #sso,security\nslow for @bo,\n").summary
    assert (summary.themes, [one.slug for one in summary.new_themes]) == (2, ["pricing", "security"])
    assert summary.new_accounts == 1
