"""What customers say, and what marketing does about it, goes out as events, too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.themes import answer_theme, find_theme
from domain.voc.form import VocForm
from domain.voc.items import edit_item, log_line, restore_item, withdraw_item
from domain.voc.merging import merge_rows, plan_merge
from domain.voc.renaming import rename_row
from domain.voc.undoing import undo_regrouping
from domain.voc.verdicts import give_verdict
from domain.voc.votes import vote
from domain.voc.work import set_status
from domain.webhooks.events import EVENT_TYPES, wants
from storage.models import Account, Regrouping, ThemeLetter
from tests.news.written import tell_at_once
from tests.webhooks.conftest import Office


async def events(office: Office, kind: str) -> list[dict[str, Any]]:
    await office.deliver()
    assert all(one.signed_with(office.secret) for one in office.receiver.got)
    return [one.event for one in office.receiver.got if one.type == kind]


def log(office: Office, line: str, by: str = "ana") -> Any:
    return office.do(log_line, line, by=by).item


def theme_id(office: Office, slug: str) -> int:
    found = office.world.run(find_theme, office.world.workspace_id, slug)
    assert found is not None
    return found.id


async def test_an_item_is_told_whole_when_it_is_logged(office: Office) -> None:
    item = log(office, "too dear #pricing @Globex $40k")
    (event,) = await events(office, "voc.item.logged")
    told = event["data"]["item"]
    assert told["id"] == item.id
    assert told["theme"]["slug"] == "pricing"
    assert told["account"]["name"] == "Globex"
    assert told["deal"] == {"amount_minor": 4_000_000, "currency": "USD"}
    assert told["rep"] == {"slack_id": "U-ANA", "name": "ana", "email": "ana@example.com"}
    assert (told["state"], told["kind"], told["origin"]) == ("live", "objection", "command")
    assert event["data"]["by"]["name"] == "ana"
    (created,) = await events(office, "voc.theme.created")
    assert created["data"]["theme"]["slug"] == "pricing"


async def test_an_item_s_life_is_told_in_order_votes_with_it(office: Office) -> None:
    item = log(office, "too dear #pricing")
    form = VocForm(text="far too dear", kind="objection", theme="pricing")
    office.do(edit_item, item.id, form, version=item.version)
    office.do(vote, item.id, account_id=None, account="Initech", note=None, by="bo")
    office.do(withdraw_item, item.id)
    office.do(restore_item, item.id)
    await office.deliver()
    kinds = [one.type for one in office.receiver.got if one.type.startswith("voc.item.")]
    assert kinds == [
        "voc.item.logged",
        "voc.item.edited",
        "voc.item.voted",
        "voc.item.withdrawn",
        "voc.item.restored",
    ]
    edited, voted = [await events(office, f"voc.item.{what}") for what in ("edited", "voted")]
    assert edited[0]["data"]["item"]["said"] == "far too dear"
    assert voted[0]["data"]["item"]["agrees_with"] == item.id
    assert voted[0]["data"]["item"]["account"]["name"] == "Initech"


async def test_what_marketing_does_with_a_theme_is_told(office: Office) -> None:
    log(office, "too dear #pricing")
    number = theme_id(office, "pricing")
    office.do(answer_theme, number, text="We bill by seat.", audience="safe", by="max")
    office.do(set_status, number, "shipped", note="since May", by="max")
    (answered,) = await events(office, "voc.theme.answered")
    assert answered["data"]["theme"]["answer"] == "We bill by seat."
    assert answered["data"]["theme"]["answer_audience"] == "safe"
    (changed,) = await events(office, "voc.theme.status_changed")
    assert changed["data"]["details"] == {"before": "new", "after": "shipped"}
    assert changed["data"]["theme"]["status_note"] == "since May"
    assert changed["data"]["by"]["name"] == "max"


async def test_merges_and_renames_are_told_and_so_is_taking_them_back(office: Office) -> None:
    log(office, "too dear #priceing @Globex")
    log(office, "too dear #pricing @Globexx")
    plan = office.do(plan_merge, "#priceing", "#pricing", by="max")
    keys = int(plan.subject_key), int(plan.target_key)
    office.do(merge_rows, "theme", *keys, staying="target", version=plan.version, by="max")
    (merged,) = await events(office, "voc.theme.merged")
    assert merged["data"]["subject"] == {"id": keys[0], "name": "priceing"}
    assert merged["data"]["target"] == {"id": keys[1], "name": "pricing"}
    done = office.world.run(lambda session: session.scalars(select(Regrouping.id)).one())
    office.do(undo_regrouping, done, by="max")
    assert len(await events(office, "voc.theme.merge_undone")) == 1
    row = office.world.run(_account_id, "Globexx")
    office.do(rename_row, "account", row, "Initech", version="Globexx", by="max")
    (renamed,) = await events(office, "voc.account.renamed")
    assert renamed["data"]["subject"] == {"id": row, "name": "Globexx"}
    assert renamed["data"]["target"] == {"id": row, "name": "Initech"}


async def test_whether_an_answer_helped_is_told_once(office: Office) -> None:
    log(office, "too dear #pricing")
    office.do(answer_theme, theme_id(office, "pricing"), text="We bill by seat.", by="max")
    office.clock.advance(timedelta(hours=4))
    office.world.run(tell_at_once, office.world.workspace_id, office.clock.now())
    letter = office.world.run(lambda session: session.scalars(select(ThemeLetter.id)).one())
    for _ in range(2):
        office.do(give_verdict, letter, 0, "helped")
    (judged,) = await events(office, "voc.answer.judged")
    assert judged["data"]["verdict"] == "helped"
    assert judged["data"]["theme"]["slug"] == "pricing"
    assert judged["data"]["by"]["name"] == "ana"


def test_an_endpoint_wants_a_type_by_its_name_or_what_it_begins_with() -> None:
    assert wants(["lead"], "lead.claimed")
    assert wants(["voc.theme"], "voc.theme.merged")
    assert wants(["lead.claimed", "voc.theme.merged"], "voc.theme.merged")
    assert not wants(["lead"], "leads.claimed")
    assert not wants(["voc.theme.merged"], "voc.theme.merge_undone")
    assert not wants([], "lead.claimed")
    assert len(set(EVENT_TYPES)) == len(EVENT_TYPES)


def _account_id(session: Session, name: str) -> int:
    return session.scalars(select(Account.id).where(Account.name == name)).one()
