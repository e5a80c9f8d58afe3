"""The audiences of weekly digests: what the settings change about who gets one, where and when."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from domain.calendar import WorkingHours
from domain.changes import Change
from domain.config.comparison import Comparison
from domain.config.errors import SettingsRefused
from domain.config.problems import Loc
from domain.config.rules import known_team
from domain.config.schema import AudienceSettings
from domain.config.values import NONE, WEEKDAYS, describe_minute
from domain.people import default_team
from domain.unsent import forward_digest
from storage.models import AUDIENCE_KINDS, Audience, Team


def compare_audiences(comparison: Comparison) -> None:
    """Add a step for each audience that differs, and note those whose digest then comes at another time."""
    session, workspace_id = comparison.session, comparison.workspace.id
    audiences = {row.key: row for row in session.scalars(select(Audience).where(Audience.workspace_id == workspace_id))}
    for index, wanted in enumerate(comparison.config.audiences or ()):
        loc: Loc = ("audiences", index)
        comparison.about = f"audience:{wanted.key}"
        row = audiences.get(wanted.key)
        if wanted.removed:
            if row is not None and row.removed_at is None:
                _remove_audience(comparison, row)
            continue
        channel = comparison.channel((*loc, "channel"), wanted.channel) if wanted.channel is not None else None
        known_team(comparison, (*loc, "team"), wanted.team)
        if row is None or row.removed_at is not None:
            _new_audience(comparison, loc, wanted, channel, row)
        else:
            _changed_audience(comparison, wanted, row, channel)


def _remove_audience(comparison: Comparison, row: Audience) -> None:
    """Its past digests stay. Without a channel nothing more is made, also by programs that know no removal."""

    def write() -> None:
        row.removed_at, row.next_at = comparison.at, None
        row.channel, row.paused = None, True

    comparison.step(Change("digest_removed", row.key), write)


def _new_audience(
    comparison: Comparison, loc: Loc, wanted: AudienceSettings, channel: str | None, removed: Audience | None
) -> None:
    """Add an audience; one of that name that was `removed` comes back with the new settings."""
    kind = wanted.kind or (wanted.key if wanted.key in AUDIENCE_KINDS else None)
    if kind is None:
        comparison.problem((*loc, "kind"), SettingsRefused("no_digest_kind"))
        return
    session, workspace_id = comparison.session, comparison.workspace.id
    zone = wanted.zone or WorkingHours.from_json(default_team(session, workspace_id).hours).zone
    weekday = 0 if wanted.weekday is None else wanted.weekday
    minute = 9 * 60 if wanted.time is None else wanted.time

    def write() -> None:
        row = removed or Audience(workspace_id=workspace_id, key=wanted.key, created_at=comparison.at)
        row.kind, row.team_id, row.channel = kind, _team_id(comparison, wanted.team), channel or None
        row.weekday, row.minute, row.zone = weekday, minute, zone
        row.paused, row.when_empty, row.removed_at = bool(wanted.paused), wanted.when_empty or "line", None
        session.add(row)
        session.flush()
        comparison.rescheduled.add(row.id)

    made = (
        ("kind", kind),
        ("weekday", WEEKDAYS[weekday]),
        ("time", describe_minute(minute)),
        ("zone", zone),
        ("channel", comparison.channel_called(channel)),
    )
    comparison.step(Change("digest_added", wanted.key, made=made), write)


def _changed_audience(comparison: Comparison, wanted: AudienceSettings, row: Audience, channel: str | None) -> None:
    def change(what: str, column: str, before: str, after: str, value: Any, *, moves: bool = False) -> None:
        def write() -> None:
            setattr(row, column, value)
            if moves:
                comparison.rescheduled.add(row.id)

        comparison.step(Change("digest_changed", row.key, what, before, after), write)

    called = comparison.channel_called
    if wanted.kind is not None and wanted.kind != row.kind:
        change("kind", "kind", row.kind, wanted.kind, wanted.kind)
    if wanted.team is not None:
        before = comparison.session.get(Team, row.team_id) if row.team_id else None
        if wanted.team != (before.key if before else NONE):
            key = wanted.team

            def write() -> None:
                row.team_id = _team_id(comparison, key)

            comparison.step(Change("digest_changed", row.key, "team", before.key if before else "", key), write)
    if channel is not None and (channel or None) != row.channel:
        before_move = row.channel
        change("channel", "channel", called(before_move), called(channel), channel or None, moves=True)
        if before_move is not None:
            refused = before_move
            comparison.step(None, lambda: forward_digest(comparison.session, row, refused, comparison.at))
    if wanted.weekday is not None and wanted.weekday != row.weekday:
        change("weekday", "weekday", WEEKDAYS[row.weekday], WEEKDAYS[wanted.weekday], wanted.weekday, moves=True)
    if wanted.time is not None and wanted.time != row.minute:
        change("time", "minute", describe_minute(row.minute), describe_minute(wanted.time), wanted.time, moves=True)
    if wanted.zone is not None and wanted.zone != row.zone:
        change("zone", "zone", row.zone, wanted.zone, wanted.zone, moves=True)
    if wanted.paused is not None and wanted.paused != row.paused:
        states = ("sending", "paused") if wanted.paused else ("paused", "sending")
        change("paused", "paused", *states, wanted.paused, moves=True)
    if wanted.when_empty is not None and wanted.when_empty != row.when_empty:
        change("when_empty", "when_empty", row.when_empty, wanted.when_empty, wanted.when_empty)


def _team_id(comparison: Comparison, key: str | None) -> int | None:
    if not key:
        return None
    return comparison.session.scalar(
        select(Team.id).where(Team.workspace_id == comparison.workspace.id, Team.key == key)
    )
