"""What arrives for themes: the board, what is read on it, and what marketing does about a theme.

One modal: its buttons show the next view in its place, and a form that is saved shows the board again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from domain.marks import read_mark
from domain.people import EVERYONE, MARKETERS
from domain.text import shorten
from domain.themes import answer_theme, find_answerable_by_id
from domain.voc.board import load_board
from domain.voc.facts import KIND_NAMES
from domain.voc.form import NAME_LIMIT
from domain.voc.letters import TOLD_STATUSES
from domain.voc.planning import find_history, find_to_regroup
from domain.voc.reading import read_all, show_item
from domain.voc.renaming import plan_rename
from domain.voc.scope import PERIODS, Scope, load_choices
from domain.voc.suggestions import suggest_accounts, suggest_assets, suggest_competitors, suggest_themes
from domain.voc.tagging import set_theme
from domain.voc.work import WorkedTheme, give_theme, link_asset, open_theme, own_theme, set_status
from handlers.answers import Answer, CloseModal, OpenModal, Options, Receipt, UpdateModal, View
from handlers.arrival import Arrival
from handlers.blocks import escape
from handlers.listeners import Listeners
from handlers.place import Place, back, board_of, is_on_board, place_of
from handlers.regrouping import views as regrouping_views
from handlers.themes import forms, views
from handlers.themes.reading import reading_view
from handlers.voc import forms as voc_forms
from handlers.voc.views import TOLD_ONCE, answered

listeners = Listeners()


@listeners.command(
    "voc", "themes", roles=EVERYONE, usage="themes", help="All themes, and what customers said", alone=True
)
async def show_board(arrival: Arrival) -> Answer:
    return OpenModal(await _board(arrival, Place()))


@listeners.action("theme.board", roles=EVERYONE)
async def open_board(arrival: Arrival) -> Answer:
    return _shown(arrival, await _board(arrival, Place()))


@listeners.action("theme.go", roles=EVERYONE)
async def go_on(arrival: Arrival) -> Answer:
    """Another view of the board, in place of this one: the button's value says which."""
    place = place_of(arrival)
    where, _, number = arrival.value.partition(":")
    page = int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 0
    match where:
        case "page":
            return UpdateModal(await _board(arrival, replace(place, page=page, theme="")))
        case "read":
            turned = page if number else place.turned
            return UpdateModal(await _reading(arrival, replace(place, turned=turned)))
        case "ever":
            return UpdateModal(await _reading(arrival, replace(place, ever=True)))
        case "filter":
            named, teams = await arrival.look(load_choices, place.scope)
            return UpdateModal(forms.filter_form(place, named, teams))
        case "clear":
            return UpdateModal(await _board(arrival, Place()))
    return UpdateModal(await _board(arrival, replace(place, theme="")))


@listeners.submission("theme.filter_form", roles=EVERYONE)
async def filter_board(arrival: Arrival) -> Answer:
    days, kind, team = (arrival.field(name) or "" for name in ("days", "kind", "team"))
    account = (arrival.field("account") or "").removeprefix("=")
    competitor = arrival.field("competitor") or ""
    is_name = competitor != voc_forms.NOTHING_PICKED and len(competitor) <= NAME_LIMIT
    named, picked = read_mark("account", account), read_mark("", team)
    scope = Scope(
        days=next((number for number in PERIODS if str(number) == days), Scope().days),
        kind=kind if kind in KIND_NAMES else None,
        team_id=picked.id if picked is not None else None,
        competitor=competitor or None if is_name else None,
        account_id=named.id if named is not None else None,
    )
    return UpdateModal(await _board(arrival, Place(scope, account=account if named is not None else "")))


@listeners.action("theme.read", roles=EVERYONE)
async def read(arrival: Arrival) -> Answer:
    ever = arrival.value.endswith(":ever")
    place = replace(place_of(arrival), theme=arrival.subject_mark or "0", turned=0, ever=ever)
    return _shown(arrival, await _reading(arrival, place))


@listeners.action("theme.file", roles=MARKETERS)
async def open_item(arrival: Arrival) -> Answer:
    item = await arrival.look(show_item, arrival.subject_id)
    remembered = place_of(arrival).remembered() if _is_modal(arrival) else _remembered(arrival)
    return _shown(arrival, forms.file_form(item, remembered))


@listeners.submission("theme.file_form", roles=MARKETERS)
async def file_item(arrival: Arrival) -> Answer:
    slug = await arrival.run(
        set_theme,
        arrival.remembered_id("item"),
        arrival.field("theme"),
        version=arrival.remembered_id("version"),
    )
    done = f"Filed under *#{escape(slug)}*."
    if is_on_board(arrival):
        return UpdateModal(await _reading(arrival, place_of(arrival), done))
    return CloseModal(Receipt(done))


@listeners.action("theme.answer", roles=MARKETERS)
async def open_answer(arrival: Arrival) -> Answer:
    found = await arrival.look(find_answerable_by_id, arrival.subject_id)
    form = voc_forms.answer_form(found, "", _remembered(arrival), callback_id="theme.answer_form")
    way = [back()] if _is_modal(arrival) else []
    return _shown(arrival, form | {"blocks": [*way, *form["blocks"]]})


@listeners.submission("theme.answer_form", roles=MARKETERS)
async def save_answer(arrival: Arrival) -> Answer:
    given = voc_forms.submitted_answer(arrival)
    slug = await arrival.run(answer_theme, arrival.remembered_id("theme"), **given)
    return await _saved(arrival, answered(slug).text)


@listeners.action("theme.own", roles=MARKETERS)
async def own(arrival: Arrival) -> Answer:
    slug = await arrival.run(own_theme, arrival.subject_id)
    done = f"You look after *#{escape(slug)}* now."
    if _is_modal(arrival):
        return UpdateModal(await _board(arrival, place_of(arrival), done, arrival.subject_id))
    return Receipt(done)


@listeners.action("theme.status", roles=MARKETERS)
async def open_status(arrival: Arrival) -> Answer:
    theme = await arrival.look(open_theme, arrival.subject_id)
    return _shown(arrival, forms.status_form(theme, _remembered(arrival)))


@listeners.submission("theme.status_form", roles=MARKETERS)
async def save_status(arrival: Arrival) -> Answer:
    slug = await arrival.run(
        set_status,
        arrival.remembered_id("theme"),
        arrival.field("status") or "",
        note=arrival.field("note"),
        version=arrival.remembered("version"),
    )
    told = f" {TOLD_ONCE}" if arrival.field("status") in TOLD_STATUSES else ""
    return await _saved(arrival, f"Saved for *#{escape(slug)}*.{told}")


@listeners.action("theme.more", roles=MARKETERS)
async def open_more(arrival: Arrival) -> Answer:
    """What is rarely done about a theme: the entry that was picked says what."""
    theme = await arrival.look(open_theme, arrival.subject_id)
    made = MORE.get(arrival.value.rpartition(":")[2], _owner)
    return _shown(arrival, await made(arrival, theme))


async def _owner(arrival: Arrival, theme: WorkedTheme) -> View:
    return forms.owner_form(theme, _remembered(arrival))


async def _asset(arrival: Arrival, theme: WorkedTheme) -> View:
    return forms.asset_form(theme, _remembered(arrival))


async def _merge(arrival: Arrival, theme: WorkedTheme) -> View:
    return regrouping_views.pick_form(await arrival.look(find_to_regroup, f"#{theme.slug}"), _remembered(arrival))


async def _rename(arrival: Arrival, theme: WorkedTheme) -> View:
    return regrouping_views.rename_form(await arrival.look(plan_rename, f"#{theme.slug}", ""), _remembered(arrival))


async def _history(arrival: Arrival, theme: WorkedTheme) -> View:
    return regrouping_views.history_view(*await arrival.look(find_history, f"#{theme.slug}"), _remembered(arrival))


MORE: Final[Mapping[str, Callable[[Arrival, WorkedTheme], Awaitable[View]]]] = {
    "asset": _asset,
    "owner": _owner,
    "merge": _merge,
    "rename": _rename,
    "history": _history,
}
"""The form of each entry in a theme's menu."""


@listeners.submission("theme.owner_form", roles=MARKETERS)
async def save_owner(arrival: Arrival) -> Answer:
    slug = await arrival.run(
        give_theme, arrival.remembered_id("theme"), arrival.field("owner"), version=arrival.remembered("version")
    )
    return await _saved(arrival, f"Saved for *#{escape(slug)}*.")


@listeners.submission("theme.asset_form", roles=MARKETERS)
async def save_asset(arrival: Arrival) -> Answer:
    picked = read_mark("asset", arrival.field("asset") or "")
    linked = await arrival.run(link_asset, arrival.remembered_id("theme"), picked.id if picked is not None else 0)
    return await _saved(arrival, f"“{escape(linked.title)}” is about *#{escape(linked.slug)}* now.")


@listeners.options("theme.pick", roles=MARKETERS)
async def offer_themes(arrival: Arrival) -> Answer:
    return voc_forms.theme_options(await arrival.look(suggest_themes, arrival.text), may_empty=False)


@listeners.options("theme.account", roles=EVERYONE)
async def offer_accounts(arrival: Arrival) -> Answer:
    found = await arrival.look(suggest_accounts, arrival.text)
    return voc_forms.account_options(replace(found, new=None), may_empty=not arrival.text)


@listeners.options("theme.competitor", roles=EVERYONE)
async def offer_competitors(arrival: Arrival) -> Answer:
    found = await arrival.look(suggest_competitors, arrival.text)
    return voc_forms.competitor_options(replace(found, new=None), may_empty=not arrival.text)


@listeners.options("theme.asset", roles=MARKETERS)
async def offer_assets(arrival: Arrival) -> Answer:
    found = await arrival.look(suggest_assets, arrival.text)
    return Options([(shorten(title, 75), marked) for title, marked in found])


async def _board(arrival: Arrival, place: Place, done: str = "", changed: int = 0) -> View:
    board = await arrival.look(load_board, place.scope, place.page)
    command = arrival.tandem.command_name("voc")
    return views.board_view(board, replace(place, theme=""), command, done=done, changed=changed)


async def _reading(arrival: Arrival, place: Place, done: str = "") -> View:
    reading = await arrival.look(read_all, place.theme_id, place.read_scope, place.turned)
    return reading_view(reading, place, done=done)


async def _saved(arrival: Arrival, done: str) -> Answer:
    """What was saved is said on the board where the form came from there, else where the form was opened."""
    if is_on_board(arrival):
        return UpdateModal(await _board(arrival, place_of(arrival), done, arrival.remembered_id("theme")))
    return CloseModal(Receipt(done))


def _is_modal(arrival: Arrival) -> bool:
    return (arrival.body.get("view") or {}).get("type") == "modal"


def _shown(arrival: Arrival, view: View) -> Answer:
    """In place of the modal that was clicked, else in a new one."""
    return UpdateModal(view) if _is_modal(arrival) else OpenModal(view)


def _remembered(arrival: Arrival) -> dict[str, Any]:
    """What a form must remember: its place on the board, else where its receipt goes."""
    if _is_modal(arrival):
        return board_of(arrival) or Place().remembered()
    response_url = arrival.body.get("response_url")
    return {"response_url": response_url} if response_url else {}
