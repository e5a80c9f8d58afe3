"""The labelled set keeps the shape that its README promises: the tables in README.md are made here, from the files.

The set itself is data (`items.jsonl`, `pairs.jsonl`, `confirmed.jsonl`). What measures with the set lives elsewhere.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from domain.insight import duplicates
from domain.insight.learned import weights
from tests.eval.figures import HELD_OUT, TUNED
from tests.eval.learn import all_lines, digest, written_lines
from tests.eval.learn_pairs import all_pairs, learn_weights

HERE = Path(__file__).parent

THEMES = (
    "pricing",
    "budget",
    "value",
    "authority",
    "procurement",
    "status-quo",
    "priority",
    "in-house",
    "feature-gap",
    "timing",
    "stall",
    "competitor",
    "locked-in",
    "integration",
    "security",
    "implementation",
    "trust",
    "scale",
    "support",
    "usability",
)
LANGUAGES = ("en", "de", "fr", "es")
TRAPS = (
    "paraphrase",
    "no theme",
    "negation",
    "mention",
    "praise",
    "typo",
    "two themes",
    "code switch",
    "short",
    "long",
)

OBVIOUS = {
    "pricing": "price pricing pricey expensive cost cheap discount teuer preis kosten rabatt billig "
    "prix cher coût tarif remise precio caro cara coste descuento barat car[ií]sim",
    "budget": "budget money funding funds presupuest geld argent dinero haushalt fondos",
    "value": "value roi worth benefit nutzen mehrwert valeur rentab retorno beneficio valor",
    "authority": "decision decide approv sign-off boss board cfo ceo entscheid chef vorstand geschäftsführ "
    "décid patron comité directeur decid jefe director aprob",
    "procurement": "procure purchasing legal tender rfp vendor einkauf ausschreibung lieferant rechtsabteilung "
    "achats offres juridique fournisseur compras licitación proveedor",
    "status-quo": "status.quo excel spreadsheet works.fine happy satisfied current zufrieden läuft jetzig "
    "satisfait actuel contents? content[ao]s? cambiar",
    "priority": "priorit prio urgent projects? projekte? projets? proyectos?",
    "in-house": "in-house internal build built selbst selber eigene intern interne maison internamente propio "
    "desarroll",
    "feature-gap": "feature missing lack function funktion fehlt fonction manque función falta",
    "timing": "timing quarter later not.now quartal später zeitpunkt trimestre moment momento ahora tard",
    "stall": "think get.back answer response reply ghost überleg meldet antwort réfléchir revient rien "
    "pensar dirá responde",
    "competitor": "compet rivalsoft kontoro loopline wettbewerb konkurr concurren",
    "locked-in": "contract locked lock-in renew notice vertrag gebunden kündig laufzeit contrat engagés "
    "contrato permanencia",
    "integration": "integrat api connect sync schnittstelle anbind intégr intégrat integrac conect zapier",
    "security": "secur sso single.sign gdpr dsgvo iso soc pentest datenschutz sécurité rgpd seguridad cifrado encrypt",
    "implementation": "implement roll-?out onboard migrat migrac setup deploy go-live einführung déploi implant puesta",
    "trust": "trust reference startup reviews unknown vertrau referenz unbekannt bewertung confiance référence "
    "fían referencia",
    "scale": "scal skalier performance volume slow langsam users? nutzer utilisateurs usuarios charge escal",
    "support": "support soporte helpdesk hotline ticket",
    "usability": "usab ui ux clunky confusing complicated hard.to interface clicks? menus? kompliziert bedien "
    "oberfläche compliqu clics? interfaz complicad",
}
"""Beginnings of the words that anybody would look for first. A paraphrase has none of its theme's words."""

Row = dict[str, Any]


def rows_of(name: str) -> list[Row]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


ITEMS, PAIRS, CONFIRMED = rows_of("items.jsonl"), rows_of("pairs.jsonl"), rows_of("confirmed.jsonl")


def half_of(text: str) -> str:
    """`tune` or `held out`, by the text alone: the first hex digit of its SHA-256 is even or odd."""
    return "held out" if int(hashlib.sha256(text.encode()).hexdigest()[0], 16) % 2 else "tune"


def words_of(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


def likeness(a: frozenset[str], b: frozenset[str]) -> float:
    """How much of both sets of words is shared, from 0 to 1. A set of four words or more inside another counts as 1."""
    shared = len(a & b)
    return 1.0 if shared >= 4 and shared == min(len(a), len(b)) else 2 * shared / (len(a) + len(b))


def has_obvious_word(item: Row) -> bool:
    return re.search(rf"(?<!\w)(?:{OBVIOUS[item['theme']].replace(' ', '|')})", item["text"].lower()) is not None


def table(head: str, rows: Iterable[tuple[str, list[Row]]], cells: dict[str, Callable[[Row], bool]]) -> str:
    lines = [f"| {head} | all | " + " | ".join(cells) + " |", "| --- |" + " ---: |" * (len(cells) + 1)]
    for name, of in rows:
        counts = (str(sum(map(cell, of))) for cell in cells.values())
        lines.append(f"| {name} | {len(of)} | " + " | ".join(counts) + " |")
    return "\n".join(lines)


HALVES: dict[str, Callable[[Row], bool]] = {
    "tune": lambda row: half_of(row.get("text") or row["a"]) == "tune",
    "held out": lambda row: half_of(row.get("text") or row["a"]) == "held out",
}


def speaks(language: str) -> Callable[[Row], bool]:
    return lambda row: bool(row["language"] == language)


def tables() -> list[str]:
    """The tables of README.md."""
    by_language = {language: speaks(language) for language in LANGUAGES}
    themes = [(theme, [item for item in ITEMS if item["theme"] == theme]) for theme in THEMES]
    themes += [("none", [item for item in ITEMS if item["theme"] is None]), ("all", ITEMS)]
    traps = [(trap, [item for item in ITEMS if trap in item["traps"]]) for trap in TRAPS]
    pairs = [
        ("the same", [pair for pair in PAIRS if pair["same"]]),
        ("not", [pair for pair in PAIRS if not pair["same"]]),
    ]
    return [
        table("theme", themes, by_language | HALVES),
        table("trap", traps, by_language | HALVES),
        table("pair", pairs, HALVES),
        table_of_others(by_language),
        table_of_pairs(),
    ]


def table_of_others(by_language: dict[str, Callable[[Row], bool]]) -> str:
    """How many items the sets of other authors have, by theme."""
    rows = []
    for name, title in (("second_author", "second author"), ("strangers", "strangers")):
        items, pairs = rows_of(f"{name}_items.jsonl"), rows_of(f"{name}_pairs.jsonl")
        cells = [len(items), *(sum(map(cell, items)) for cell in by_language.values())]
        cells += [sum(item["theme"] is None for item in items), len(pairs), sum(pair["same"] for pair in pairs)]
        rows.append(f"| {title} | " + " | ".join(map(str, cells)) + " |")
    head = "| set | items | " + " | ".join(by_language) + " | no theme | pairs | the same |"
    return "\n".join([head, "| --- |" + " ---: |" * (len(by_language) + 4), *rows])


def table_of_pairs() -> str:
    """How many pairs the sets have that are only of pairs."""
    rows = []
    for name, title in (("fourth_author", "fourth author"), ("fourth_author_held_out", "fourth author, held out")):
        pairs = rows_of(f"{name}_pairs.jsonl")
        rows.append(f"| {title} | {len(pairs)} | {sum(pair['same'] for pair in pairs)} |")
    return "\n".join(["| set | pairs | the same |", "| --- | ---: | ---: |", *rows])


def test_every_row_has_the_promised_fields() -> None:
    for item in ITEMS:
        assert set(item) == {"id", "text", "theme", "also", "language", "traps"}
        assert item["theme"] is None or item["theme"] in THEMES, item
        assert set(item["also"]) <= set(THEMES) - {item["theme"]}, item
        assert item["theme"] or not item["also"], item
        assert item["language"] in LANGUAGES, item
        assert set(item["traps"]) <= set(TRAPS), item
        assert "#" not in item["text"], item
    for pair in PAIRS:
        assert set(pair) == {"id", "a", "b", "same", "why"}
        assert isinstance(pair["same"], bool)
        assert pair["why"]
    for row in CONFIRMED:
        assert set(row) == {"id", "text", "theme", "language"}
        assert row["theme"] in THEMES
        assert row["language"] in LANGUAGES


def test_ids_count_from_one() -> None:
    for rows in (ITEMS, PAIRS, CONFIRMED):
        assert [row["id"] for row in rows] == list(range(1, len(rows) + 1))


def test_traps_say_what_is_so() -> None:
    for item in ITEMS:
        assert ("two themes" in item["traps"]) == bool(item["also"]), item
        assert ("no theme" in item["traps"]) == (item["theme"] is None), item
        words = len(item["text"].split())
        assert ("short" in item["traps"]) == (words <= 3), item
        assert ("long" in item["traps"]) == (words >= 35), item
        if item["theme"] and "typo" not in item["traps"]:
            assert ("paraphrase" in item["traps"]) != has_obvious_word(item), item


def test_the_counts_are_as_promised() -> None:
    themes = Counter(item["theme"] for item in ITEMS)
    traps = Counter(trap for item in ITEMS for trap in item["traps"])
    languages = Counter(item["language"] for item in ITEMS)
    assert len(ITEMS) >= 240
    assert all(10 <= themes[theme] <= 18 for theme in THEMES), themes
    assert 0.13 <= themes[None] / len(ITEMS) <= 0.17
    assert traps["paraphrase"] >= len(ITEMS) / 3
    assert sum(bool({"negation", "mention"} & set(item["traps"])) for item in ITEMS) >= 25
    assert traps["two themes"] >= 20
    assert 0.43 <= languages["en"] / len(ITEMS) <= 0.47
    assert max(languages[other] for other in LANGUAGES[1:]) - min(languages[other] for other in LANGUAGES[1:]) <= 5
    assert len(PAIRS) >= 120
    assert 0.35 <= sum(pair["same"] for pair in PAIRS) / len(PAIRS) <= 0.5
    assert Counter(row["theme"] for row in CONFIRMED) == dict.fromkeys(THEMES, 5)


def test_no_text_stands_twice() -> None:
    texts = [row["text"] for row in (*ITEMS, *CONFIRMED)]
    assert all(text == unicodedata.normalize("NFC", text).strip() for text in texts)
    folded = Counter(text.casefold() for text in texts)
    assert [text for text, count in folded.items() if count > 1] == []
    pairs = Counter(frozenset((pair["a"], pair["b"])) for pair in PAIRS)
    assert all(len(pair) == 2 and count == 1 for pair, count in pairs.items())


def test_nothing_confirmed_is_nearly_an_item() -> None:
    items = [(words_of(item["text"]), item["text"]) for item in ITEMS]
    confirmed = [(words_of(row["text"]), row["text"]) for row in CONFIRMED]
    near = [(a, b) for (x, a), (y, b) in itertools.product(items, confirmed) if likeness(x, y) > 0.5]
    near += [(a, b) for (x, a), (y, b) in itertools.combinations(items, 2) if likeness(x, y) > 0.6]
    assert near == []


def test_the_readme_tells_these_counts() -> None:
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    for expected in tables():
        assert expected in readme, f"README.md should say\n\n{expected}\n"


def test_the_sets_of_others_have_the_same_shape() -> None:
    for name in ("second_author", "strangers"):
        items, pairs = rows_of(f"{name}_items.jsonl"), rows_of(f"{name}_pairs.jsonl")
        for item in items:
            assert set(item) == {"id", "text", "theme", "also", "language", "traps"}
            assert item["theme"] is None or item["theme"] in THEMES
            assert set(item["also"]) <= set(THEMES)
            assert item["language"] in LANGUAGES
        for pair in pairs:
            assert set(pair) == {"id", "a", "b", "same", "why"}
            assert isinstance(pair["same"], bool)
        for rows in (items, pairs):
            assert [row["id"] for row in rows] == list(range(1, len(rows) + 1))


def test_no_line_that_was_written_to_learn_from_is_nearly_a_held_out_one() -> None:
    held_out = [words_of(item["text"]) for item in ITEMS if half_of(item["text"]) == "held out"]
    held_out += [words_of(item["text"]) for item in rows_of("strangers_items.jsonl")]
    learned = [words_of(text) for text, _theme, _counts in written_lines()]
    near = [one for one in learned for other in held_out if one and likeness(one, other) > 0.6]
    assert near == []


def test_the_weights_were_learned_from_these_lines() -> None:
    assert weights().digest == digest(all_lines()), "make learn"


def test_the_weights_of_duplicates_were_learned_from_these_pairs() -> None:
    assert duplicates.weights() == pytest.approx(learn_weights(all_pairs()), abs=0.02), "make learn"


def test_no_held_out_pair_is_nearly_one_that_is_learned_from() -> None:
    held_out = [pair for of in HELD_OUT for pair in of.pairs()]
    learned = [pair for of in TUNED for pair in of.pairs()]
    near = [
        (pair["a"], other["a"])
        for pair, other in itertools.product(held_out, learned)
        if likeness(words_of(pair["a"]), words_of(other["a"])) > 0.8
        and likeness(words_of(pair["b"]), words_of(other["b"])) > 0.8
    ]
    assert near == []
