"""What arrives about merging, renaming and splitting: commands, forms, and the buttons that take them back.

A line that only begins like such a command ("merge conflicts are a pain for them") is logged as any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from domain.people import EVERYONE, MARKETERS
from domain.text import slugify_theme
from domain.voc.competitor_merging import merge_competitors, rename_competitor
from domain.voc.errors import UnknownName
from domain.voc.grouped import about_of
from domain.voc.known import show_theme
from domain.voc.merging import MergePlan, merge_rows
from domain.voc.planning import find_history, find_to_regroup, keep_apart, plan_any_merge, suggest_targets
from domain.voc.regrouping import Regrouped
from domain.voc.regrouping_line import TwoNames, read_two_names
from domain.voc.renaming import plan_rename, rename_row
from domain.voc.splitting import PAGE, list_to_split, split_theme
from domain.voc.suggestions import suggest_themes
from domain.voc.undoing import undo_regrouping
from handlers.answers import Answer, CloseModal, OpenModal, UpdateModal
from handlers.arrival import Arrival
from handlers.command_text import text_of_command
from handlers.listeners import Listeners
from handlers.place import board_of, is_on_board
from handlers.regrouping import views
from handlers.voc import forms
from handlers.voc.known import Commands, known_view
from handlers.voc.listeners import log
from handlers.voc.typed import line_of_command

listeners = Listeners(guests=False)


@listeners.command(
    "voc",
    "merge",
    roles=EVERYONE,
    listed_for=MARKETERS,
    usage="merge #slip into #theme",
    help="Make a theme a part of another one",
)
async def merge(arrival: Arrival) -> Answer:
    typed = _names(arrival)
    if typed is None:
        return await _usage_or_log(arrival)
    try:
        if typed.second is None:
            return OpenModal(views.pick_form(await arrival.look(find_to_regroup, typed.first), _context(arrival)))
        plan = await arrival.look(plan_any_merge, typed.first, typed.second)
    except UnknownName:
        if typed.marked:
            raise
        return await _log_instead(arrival)
    return OpenModal(_merge_form(arrival, plan))


@listeners.action("regrouping.merge", roles=MARKETERS)
async def open_merge(arrival: Arrival) -> Answer:
    typed = read_two_names(arrival.value)
    if typed is not None and typed.second is not None:
        plan = await arrival.look(plan_any_merge, typed.first, typed.second)
        return OpenModal(_merge_form(arrival, plan))
    return OpenModal(views.pick_form(await arrival.look(find_to_regroup, arrival.value), _context(arrival)))


@listeners.action("regrouping.differ", roles=MARKETERS)
async def differ(arrival: Arrival) -> Answer:
    kept, _, shown = arrival.value.partition(" ")
    await arrival.run(keep_apart, kept)
    commands = Commands(arrival.tandem.command_name("voc"), arrival.tandem.command_name("tandem"))
    return replace(known_view(await arrival.look(show_theme, shown), commands), replace=True)


@listeners.submission("regrouping.pick_form", roles=MARKETERS)
async def show_plan(arrival: Arrival) -> Answer:
    plan = await arrival.look(plan_any_merge, arrival.remembered("subject"), arrival.field("into") or "")
    return UpdateModal(_merge_form(arrival, plan))


@listeners.submission("regrouping.merge_form", roles=MARKETERS)
async def save_merge(arrival: Arrival) -> Answer:
    about, version = arrival.remembered("about"), arrival.remembered("version")
    view = _done(arrival)
    if about == "competitor":
        subject, target = arrival.remembered("subject"), arrival.remembered("into")
        return await arrival.answer(merge_competitors, subject, target, version=version, view=view)
    return await arrival.answer(
        merge_rows,
        about,
        arrival.remembered_id("subject"),
        arrival.remembered_id("into"),
        staying="subject" if arrival.field("staying") == "subject" else "target",
        version=version,
        view=view,
    )


@listeners.command(
    "voc",
    "rename",
    roles=EVERYONE,
    listed_for=MARKETERS,
    usage="rename #old #new",
    help="Rename a theme; the old name leads to it",
)
async def rename(arrival: Arrival) -> Answer:
    typed = _names(arrival)
    if typed is None:
        return await _usage_or_log(arrival)
    try:
        plan = await arrival.look(plan_rename, typed.first, typed.second or "")
    except UnknownName:
        if typed.marked:
            raise
        return await _log_instead(arrival)
    return OpenModal(views.rename_form(plan, _context(arrival)))


@listeners.action("regrouping.rename", roles=MARKETERS)
async def open_rename(arrival: Arrival) -> Answer:
    return OpenModal(views.rename_form(await arrival.look(plan_rename, arrival.value, ""), _context(arrival)))


@listeners.submission("regrouping.rename_form", roles=MARKETERS)
async def save_name(arrival: Arrival) -> Answer:
    about, name = arrival.remembered("about"), arrival.field("name") or ""
    version, view = arrival.remembered("version"), _done(arrival)
    if about == "competitor":
        key = arrival.remembered("subject")
        return await arrival.answer(rename_competitor, key, name, version=version, view=view)
    row_id = arrival.remembered_id("subject")
    return await arrival.answer(rename_row, about, row_id, name, version=version, view=view)


@listeners.command(
    "voc",
    "split",
    roles=EVERYONE,
    listed_for=MARKETERS,
    usage="split #theme",
    help="Move some items of a theme to another one",
)
async def split(arrival: Arrival) -> Answer:
    typed = _names(arrival)
    if typed is None:
        return await _usage_or_log(arrival)
    try:
        page = await arrival.look(list_to_split, typed.first, 0)
    except UnknownName:
        if typed.marked:
            raise
        return await _log_instead(arrival)
    into = slugify_theme(typed.second) if typed.second else None
    return OpenModal(views.split_form(page, (), into, _context(arrival)))


@listeners.action("regrouping.split", roles=MARKETERS)
async def open_split(arrival: Arrival) -> Answer:
    page = await arrival.look(list_to_split, arrival.value, 0)
    return OpenModal(views.split_form(page, (), None, _context(arrival)))


@listeners.action("regrouping.page", roles=MARKETERS)
async def turn_page(arrival: Arrival) -> Answer:
    number = arrival.value.removeprefix("p")
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    page = await arrival.look(list_to_split, arrival.remembered("subject"), wanted)
    return UpdateModal(views.split_form(page, _picked(arrival), arrival.field("into"), _context(arrival)))


@listeners.submission("regrouping.split_form", roles=MARKETERS)
async def save_split(arrival: Arrival) -> Answer:
    return await arrival.answer(
        split_theme,
        arrival.remembered_id("theme"),
        _picked(arrival),
        arrival.field("into") or "",
        view=_done(arrival),
    )


@listeners.action("regrouping.undo", roles=MARKETERS)
async def undo(arrival: Arrival) -> Answer:
    def view(result: Regrouped) -> Answer:
        if (arrival.body.get("view") or {}).get("type") == "modal":
            return UpdateModal(views.done_view(result, board_of(arrival)))
        return views.done(result, replace=True)

    return await arrival.answer(undo_regrouping, arrival.subject_id, view=view)


@listeners.command(
    "voc",
    "history",
    roles=EVERYONE,
    listed_for=MARKETERS,
    usage="history #theme",
    help="What was merged, renamed or split, to undo it",
)
async def history(arrival: Arrival) -> Answer:
    typed = _names(arrival)
    if typed is None or typed.second is not None:
        return await _usage_or_log(arrival)
    try:
        found, rows = await arrival.look(find_history, typed.first)
    except UnknownName:
        if typed.marked:
            raise
        return await _log_instead(arrival)
    return OpenModal(views.history_view(found, rows, {}))


@listeners.action("regrouping.history", roles=MARKETERS)
async def show_history(arrival: Arrival) -> Answer:
    found, rows = await arrival.look(find_history, arrival.value)
    return OpenModal(views.history_view(found, rows, {}))


@listeners.options("regrouping.into", roles=MARKETERS)
async def offer_others(arrival: Arrival) -> Answer:
    about = about_of(arrival.remembered("subject"))
    return views.target_options(about, await arrival.look(suggest_targets, about, arrival.text))


@listeners.options("regrouping.target", roles=MARKETERS)
async def offer_targets(arrival: Arrival) -> Answer:
    return forms.theme_options(await arrival.look(suggest_themes, arrival.text), may_empty=False)


def _picked(arrival: Arrival) -> list[str]:
    """What is ticked on this page, and what was on others."""
    here = (one for place in range(0, PAGE, views.BOXES) for one in arrival.fields(f"items:{place}"))
    return list(dict.fromkeys([*arrival.remembered("picked").split(), *here]))


def _names(arrival: Arrival) -> TwoNames | None:
    return read_two_names(line_of_command(arrival.text))


async def _usage_or_log(arrival: Arrival) -> Answer:
    return await _log_instead(arrival) if arrival.text else views.usage(arrival.tandem.command_name("voc"))


async def _log_instead(arrival: Arrival) -> Answer:
    """The line is no such command: it is what a customer said, and is logged whole."""
    return await log(replace(arrival, text=text_of_command(arrival.body)))


def _merge_form(arrival: Arrival, plan: MergePlan) -> dict[str, Any]:
    return views.merge_form(plan, _context(arrival), arrival.tandem.command_name("voc"))


def _context(arrival: Arrival) -> dict[str, Any]:
    """What a form must remember: its place on the board, else where its receipt goes."""
    if is_on_board(arrival):
        return board_of(arrival)
    url = arrival.body.get("response_url") or arrival.remembered("response_url")
    return {"response_url": url} if url else {}


def _done(arrival: Arrival) -> Callable[[Regrouped], Answer]:
    """The receipt goes to where the form was opened from; on the board, and without such a place, it shows in the modal
    itself.
    """

    def view(result: Regrouped) -> Answer:
        if arrival.remembered("response_url"):
            return CloseModal(views.done(result))
        return UpdateModal(views.done_view(result, board_of(arrival)))

    return view
