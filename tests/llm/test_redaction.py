"""What leaves for a model holds no address, no number and no name that Tandem knows; the answer gets them back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.llm.redaction import Names, Redaction
from tests.llm.office import Office
from tests.llm.server import Reply, label, labels

NAMES = Names(
    people=frozenset({"ana-ruiz", "mark-price", "lee-wong"}),
    first_names=frozenset({"ana", "ruiz", "mark", "price", "bo"}),
    of_contacts=frozenset({"lee", "wong", "sunny"}),
    accounts=frozenset({"globex", "new-york-times"}),
    unspaced=("王小明",),
    kept=frozenset({"price", "rivalsoft"}),
)


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("write to ana.ruiz+x@globex-corp.example.com now", "write to ⟦email 1⟧ now"),
        ("mail ＡＮＡ＠example.com", "mail ⟦email 1⟧"),
        ("see https://globex.example/deal?id=42 there", "see ⟦link 1⟧ there"),
        ("they moved to globex.com last week", "they moved to ⟦link 1⟧ last week"),
        ("call +44 20 7946 0018 or (020) 7946-0018", "call ⟦phone 1⟧ or ⟦phone 2⟧"),
        ("call ٠٢٠٧٩٤٦٠٠١٨", "call ⟦phone 1⟧"),
        ("card 4111 1111 1111 1111, please", "card ⟦number 1⟧, please"),
        ("pay to DE89 3704 0044 0532 0130 00", "pay to ⟦account number 1⟧"),
        ("the key is sk-abcdefghijklmnop0123", "the key is ⟦secret 1⟧"),
        ("<@U012ABCDEF> said so", "⟦person 1⟧ said so"),
        ("Ana Ruiz and ana ruiz and ANA RUIZ agree", "⟦person 1⟧ and ⟦person 1⟧ and ⟦person 1⟧ agree"),
        ("Ana's boss, and Ruiz", "⟦person 1⟧'s boss, and ⟦person 2⟧"),
        ("bo said no, Bo did", "bo said no, ⟦person 1⟧ did"),
        ("mark my words, Mark did", "mark my words, ⟦person 1⟧ did"),
        ("the price of Mark Price", "the price of ⟦person 1⟧"),
        ("Lee Wong; a sunny day for Sunny", "⟦person 1⟧; a sunny day for ⟦person 2⟧"),
        ("at Globex, or the New York Times", "at ⟦account 1⟧, or the ⟦account 2⟧"),
        ("客户王小明说太贵", "客户⟦person 1⟧说太贵"),
        ("dear next to Rivalsoft for $40,000 in Q3 2026", "dear next to Rivalsoft for $40,000 in Q3 2026"),
        (
            "3 users want 24/7 support, 99.9 % of 1,200,000 calls",
            "3 users want 24/7 support, 99.9 % of 1,200,000 calls",
        ),
        ("a ⟦person 1⟧ that was typed", "a [person 1] that was typed"),
    ],
)
def test_what_is_hidden_and_what_stays(typed: str, left: str) -> None:
    assert Redaction(NAMES).hide(typed) == left


def test_one_call_calls_the_same_thing_by_the_same_name() -> None:
    redaction = Redaction(NAMES)
    assert redaction.hide("Ana Ruiz, ana@example.com") == "⟦person 1⟧, ⟦email 1⟧"
    assert redaction.hide("lee wong asked ANA RUIZ") == "⟦person 2⟧ asked ⟦person 1⟧"
    assert redaction.show("⟦person 1⟧ told ⟦person 2⟧, not ⟦person 3⟧") == "Ana Ruiz told lee wong, not person 3"


@given(st.text(st.sampled_from("abAna Ruiz@.+0123456789⟦⟧王小明()-\n'"), max_size=60))
def test_whatever_is_hidden_comes_back(typed: str) -> None:
    redaction = Redaction(NAMES)
    shown = redaction.show(redaction.hide(typed))
    # Two spellings of one thing share a placeholder, and come back in the spelling of the first.
    assert "⟦" not in shown
    assert letters(shown) == letters(typed)


def letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


async def test_the_server_receives_no_address_number_or_name(office: Office) -> None:
    office.world.lead(name="Kim Contact", company="Initech Ltd")
    item_id = office.log(
        "Kim Contact of Initech (kim@initech.example, +44 20 7946 0018) told Bo and mia that it is too dear @Globex",
        by="ana",
    )
    office.server.answer = lambda asked: _with_reason(asked.texts[0])
    await office.labelled()
    (asked,) = office.server.asked
    for secret in ("kim", "contact", "initech", "7946", "globex", " bo ", "mia"):
        assert secret not in asked.raw.casefold().replace("\\n", " "), secret
    reason = office.proposals()[item_id].reason
    assert reason is not None
    assert "Kim Contact" in reason


def _with_reason(text: str) -> Reply:
    return labels(label(1, "moonshot", reason=text[:120]))
