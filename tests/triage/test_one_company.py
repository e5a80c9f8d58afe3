"""Accounts that may be one company: marketing is asked once a day and once a pair, and no rule puts them together."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.companies_asked import CompanyDoubt, list_companies
from domain.errors import NotFound
from domain.home import load_home
from domain.leads.doubts import is_doubt_late, show_late_doubts
from domain.leads.errors import CompanyDoubtMoved
from domain.one_company import (
    decide_companies_apart,
    decide_one,
    find_companies,
    head_of,
    label_of,
    look_for_companies,
)
from domain.voc.undoing import undo_regrouping
from storage.models import Account, AccountDoubt, Lead, Regrouping
from tests.leads.shown import labels, render, shown
from tests.world import World


def look(world: World) -> int:
    return world.run(look_for_companies, world.workspace_id, at=world.now)


def waiting(world: World) -> tuple[CompanyDoubt, ...]:
    return world.run(list_companies, by=world.member("max"), at=world.now).pairs


def decide(world: World, use_case: Any, doubt: int, who: str = "max") -> None:
    world.run(use_case, doubt, by=world.member(who), at=world.now)


def account(world: World, name: str, **values: Any) -> int:
    """The id of an account that there is; what is given is set."""

    def found(session: Any) -> int:
        row = session.scalars(select(Account).where(Account.name == name)).one()
        for field, value in values.items():
            setattr(row, field, value)
        return int(row.id)

    return world.run(found)


def owner(world: World, lead: int) -> str:
    return str(world.run(lambda session: session.get_one(Lead, lead).owner_id))


def subsidiary(world: World) -> int:
    """Globex has an owner and a lead; a lead of Globex Deutschland comes. Returns the id of what was asked."""
    world.lead("Kim Roe", email="kim@globex.example", company="Globex")
    account(world, "Globex", owner_id=world.member("bo").id, known=True)
    world.lead("Lee Wong", email="lee@globex-de.example", company="Globex Deutschland GmbH")
    assert look(world) == 1
    (asked,) = waiting(world)
    return asked.id


def test_a_subsidiary_is_asked_about_and_put_together_by_a_person(world: World) -> None:
    doubt = subsidiary(world)
    assert look(world) == 0
    assert [(kind, place) for kind, place in world.queued() if kind == "company_card"] == [("company_card", "U-MAX")]
    card = render(world, "company_card", doubt, "U-MAX")
    assert labels(card) == ["One company: put them together", "Two companies"]
    assert "They have one name, but for a place or a form" in shown(card)
    assert "bo gets its leads" in shown(card)
    world.later(minutes=5)
    decide(world, decide_one, doubt)
    card = render(world, "company_card", doubt, "U-MAX", standing=True)
    assert labels(card) == []
    assert "You put them together; bo gets the next leads of both" in shown(card)
    assert waiting(world) == ()
    later = world.lead("Max Muster", email="max@globex-de.example", company="GLOBEX Deutschland")
    assert owner(world, later) == str(world.member("bo").id)
    for again in (decide_one, decide_companies_apart):
        with pytest.raises(CompanyDoubtMoved):
            decide(world, again, doubt)

    regrouping = world.run(lambda session: session.scalars(select(Regrouping.id)).one())
    world.run(undo_regrouping, regrouping, by=world.member("max"), at=world.now)
    card = render(world, "company_card", doubt, "U-MAX", standing=True)
    assert "You put them together, and somebody took that back" in shown(card)


def test_who_is_said_to_be_apart_is_not_asked_about_again(world: World) -> None:
    doubt = subsidiary(world)
    decide(world, decide_companies_apart, doubt)
    world.later(days=2)
    assert look(world) == 0
    card = render(world, "company_card", doubt, "U-MAX", standing=True)
    assert "You said: two companies. Nobody is asked again" in shown(card)
    assert labels(card) == ["One company: put them together"]  # a slip is put right
    decide(world, decide_one, doubt)
    assert "You put them together" in shown(render(world, "company_card", doubt, "U-MAX", standing=True))


def test_people_who_write_from_one_name_are_asked_about_once_a_day(world: World) -> None:
    world.lead("A A", email="a@initech.example", company="Initech Software")
    world.lead("B B", email="b@initech.co.uk", company="Milton Ltd")
    world.lead("C C", email="c@gmail.com", company="Umbrella")
    world.lead("D D", email="d@gmail.com", company="Hooli")
    assert look(world) == 1
    (asked,) = waiting(world)
    assert [one.name for one in asked.accounts] == ["Initech Software", "Milton Ltd"]
    assert (asked.why, asked.label) == ("domain", "initech")
    card = render(world, "company_card", asked.id, "U-MAX")
    assert "People of both write from addresses with one name" in shown(card)
    world.lead("E E", email="e@mail.initech.de", company="Lumbergh & Sons")
    world.later(minutes=40)
    assert look(world) == 0  # today somebody was asked already
    world.later(hours=20)
    assert look(world) == 1
    assert len(world.run(lambda session: session.scalars(select(AccountDoubt)).all())) == 2


def test_an_account_of_its_own_owner_is_nobody_s_part(world: World) -> None:
    world.lead("Kim Roe", email="kim@globex.example", company="Globex")
    world.lead("Lee Wong", email="lee@globex-de.example", company="Globex Deutschland")
    for name, who in (("Globex", "bo"), ("Globex Deutschland", "ana")):
        account(world, name, owner_id=world.member(who).id)
    assert world.run(find_companies, world.workspace_id, world.now) == []


def test_what_is_not_decided_in_time_says_so_on_the_card_and_on_home(world: World) -> None:
    doubt = subsidiary(world)
    (asked,) = waiting(world)
    assert asked.due_at == asked.at + timedelta(hours=8)
    world.later(hours=9)
    assert world.run(is_doubt_late, world.now)
    assert world.run(show_late_doubts, at=world.now) == 1
    assert not world.run(is_doubt_late, world.now)
    assert "Late since" in shown(render(world, "company_card", doubt, "U-MAX"))
    home = world.run(load_home, world.member("max").id, world.workspace_id, world.now)
    assert home is not None
    assert (home.companies.count, home.companies.late) == (1, 1)


def test_another_workspace_has_no_such_pair(world: World) -> None:
    doubt = subsidiary(world)
    stranger = replace(world.member("max"), workspace_id=999)
    for use_case in (decide_one, decide_companies_apart):
        with pytest.raises(NotFound):
            world.run(use_case, doubt, by=stranger, at=world.now)


def test_what_says_where_or_how_is_no_part_of_a_name() -> None:
    heads = {
        "acme-deutschland": "acme",
        "acme-uk": "acme",
        "acme-group": "acme",
        "acme-of-america": "acme",
        "acme-north-america": "acme",
        "acme-united-kingdom": "acme",
        "acme-holding-international": "acme",
        "acme": None,
        "deutschland": None,
        "acme-widgets": None,
        "global": None,
        "acme-it": None,
        "ab-group": None,
    }
    assert {slug: head_of(slug) for slug in heads} == heads
    said = {
        "a@acme.de": "acme",
        "a@mail.acme.com": "acme",
        "a@acme.co.uk": "acme",
        "a@ACME.com.br": "acme",
        "a@gmail.com": None,
        "a@acme.onmicrosoft.com": None,
        "a@hp.com": None,
        "a@localhost": None,
        "": None,
        None: None,
    }
    assert {mail: label_of(mail) for mail in said} == said
