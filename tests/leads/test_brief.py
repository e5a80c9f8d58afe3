"""The brief: what it tells has a source, and what is not known is not told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from domain.brief import Brief, load_brief
from domain.errors import NotFound
from domain.leads.arriving import Touch
from domain.people import ensure_member, ensure_workspace
from domain.personas import Draft, add_persona
from domain.themes import answer_theme
from domain.voc.items import log_line
from storage.models import Theme
from tests.leads.shown import HOSTILE, brief_of, fits_modal, nodes
from tests.running import running
from tests.world import World


def log(world: World, line: str, who: str = "ana") -> Any:
    return world.run(log_line, line, by=world.member(who), at=world.later(minutes=1))


def brief(world: World, lead: int) -> Brief:
    return world.run(load_brief, lead, by=world.member("ana"), at=world.now)


def said(world: World, lead: int) -> str:
    return json.dumps(brief_of(world, lead), ensure_ascii=False)


def test_of_a_lead_of_whom_nothing_is_known_nothing_is_said(world: World) -> None:
    found = brief(world, world.lead(company=None))
    assert (found.persona, found.account, found.said, found.expected, found.touched) == (None, None, (), (), ())
    text = said(world, found.lead.id)
    assert "No objections were logged yet" in text
    assert "Nothing was heard" not in text


def test_the_own_objections_come_first_then_those_of_most_accounts(world: World) -> None:
    for line in ("#speed @Initech", "#speed @Umbrella", "#security @Hooli", "#pricing @Initech", "#pricing @Hooli"):
        log(world, f"not good enough {line}")
    log(world, "they love it #praise @Initech")
    log(world, "cannot sign this year #timing @Globex")
    found = brief(world, world.lead(company="GLOBEX Inc."))
    assert [(one.slug, one.own, one.items, one.accounts) for one in found.expected] == [
        ("timing", True, 1, 1),
        ("speed", False, 2, 2),
        ("pricing", False, 2, 2),
    ]
    assert found.account == "Globex"
    assert [entry.words for entry in found.said] == ["cannot sign this year"]


def test_an_answer_says_whether_it_may_be_sent(world: World) -> None:
    log(world, "too dear #pricing @Globex")
    theme = world.run(lambda session: session.scalars(select(Theme.id)).one())
    for audience, words in (("internal", "*Answer* (internal): Pays back"), ("safe", "*Answer*: Pays back")):
        world.run(answer_theme, theme, text="Pays back", audience=audience, by=world.member("max"), at=world.now)
        assert words in said(world, world.lead(company="Globex"))
    day = world.now.date().isoformat()
    world.run(answer_theme, theme, text="Pays back", until=day, by=world.member("max"), at=world.now)
    world.later(days=1)
    assert "*Answer* (internal, *to be checked*): Pays back" in said(world, world.lead(company="Globex"))


@pytest.mark.parametrize(
    ("title", "persona"),
    [
        ("CFO", "CFO Carmen"),
        ("Chief Financial Officer, EMEA", "CFO Carmen"),
        ("Deputy CFO", "CFO Carmen"),
        ("Head of Finance", None),
        ("VP Engineering", "VP Engineering"),
        ("", None),
        ("<!channel>", None),
    ],
)
def test_a_persona_is_told_where_the_job_title_names_it(world: World, title: str, persona: str | None) -> None:
    fields = {"role": "", "message": "Talk of payback", "objections": "", "pains": "", "goals": ""}
    by, at = world.member("max"), world.now
    world.run(add_persona, Draft("CFO Carmen", {**fields, "role": "CFO, Chief Financial Officer"}), by=by, at=at)
    world.run(add_persona, Draft("VP Engineering", {**fields, "role": "Builds things"}), by=by, at=at)
    found = brief(world, world.lead(job_title=title or None)).persona
    assert (found.name if found is not None else None) == persona


def test_touches_are_dated_the_latest_first(world: World) -> None:
    touches = tuple(Touch(f"Visit {day}", f"2026-11-{day:02}T09:00:00+00:00") for day in (3, 9, 5))
    lead = world.lead(touches=(*touches, Touch("Guide", None)))
    assert [entry.words for entry in brief(world, lead).touched] == ["Guide", "Visit 9", "Visit 5", "Visit 3"]


@pytest.mark.parametrize(
    ("phone", "dialled"),
    [
        ("+49 30 123-456", "tel:+4930123456"),
        ("(030) 12 34.56", "tel:030123456"),
        ("+44 (0)20 7031 3000", "tel:+442070313000"),
        ("+1 (650) 253-0000", "tel:+16502530000"),
        ("+49 89 636–00", "tel:+498963600"),
        ("1-800-FLOWERS", None),
        ("0800 123 4567 ext. 5", None),
        ("ask Lee", None),
        ("+49<!channel>", None),
        ("123", None),
    ],
)
def test_a_number_can_be_dialled_by_a_tap(world: World, phone: str, dialled: str | None) -> None:
    text = said(world, world.lead(phone=phone))
    assert ("<tel:" in text) == (dialled is not None)
    assert dialled is None or dialled in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_fit_and_ping_nobody(world: World, text: str) -> None:
    log(world, f"{text[:900].replace('@', '')} #pricing")
    touches = tuple(Touch(text[:200], None) for _ in range(100))
    lead = world.lead(name=text[:200], asked=text, touches=touches, company=text[:100], job_title=text[:100])
    view = brief_of(world, lead)
    assert fits_modal(view)
    spoken = [node["text"] for node in nodes(view["blocks"]) if node.get("type") == "mrkdwn"]
    assert not any("<!channel>" in each or "<@U" in each for each in spoken)


def test_another_workspace_has_no_brief_of_it(world: World) -> None:
    lead = world.lead()
    there = world.run(ensure_workspace, "T2", name="Elsewhere", at=world.now)
    with pytest.raises(NotFound):
        world.run(load_brief, lead, by=world.run(ensure_member, there, "U-EVE", name="eve", at=world.now), at=world.now)


async def test_from_the_card_to_the_whole_account_and_its_pages(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        general = tandem.slack.channel("#general")
        for number in range(12):
            await general.command(f"/voc reason {number} #pricing @Northwind", by="ana")
        await tandem.lead_arrives()
        card = await tandem.slack.channel("#leads").message(containing="Northwind")
        opened = await card.button("Brief").click(by="bo")
        assert "What was heard of Northwind before" in opened.text
        assert "reason 11" in opened.text
        assert "reason 8" not in opened.text
        whole = await opened.button("Whole account").click()
        assert "reason 8" in whole.text
        assert "reason 0" not in whole.text
        older = await whole.button("Older").click()
        assert "reason 0" in older.text
        assert tandem.slack.refusals == []


async def test_an_account_is_asked_for_by_name(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        general = tandem.slack.channel("#general")
        await general.command("/voc far too dear #pricing @Globex", by="ana")
        assert "far too dear" in (await general.command("/tandem account globex", by="bo")).text
        asked = await general.command("/tandem account Globxe", by="bo")
        assert "Did you mean" in asked.text
        assert "far too dear" in (await asked.button("Globex").click(by="bo")).text
        assert "Which account?" in (await general.command("/tandem account", by="bo")).text
