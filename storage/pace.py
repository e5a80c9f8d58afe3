"""How fast Slack lets us call: token buckets shared by all couriers, so that no 429 is provoked by ourselves.

A bucket belongs to a workspace and a method and is one time stamp (GCRA): `full_at`, when it would be full again
if nothing more were called. Nobody reserves a token. A lane that finds none is told when about its turn will
come, by its place among those that wait; what is more urgent and comes later finds its token all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.held import DISTRIBUTED
from storage.models import RateBucket
from storage.outbox import Priority
from storage.statements import Statement

Key = tuple[int, str]
"""Workspace and method: what a bucket belongs to."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`burst` calls at once and `per_minute` after that; `reserve` of the burst is kept for alarms.

    Together they stay below what Slack promises for any minute, with a second to spare for calls that are
    slower on their way than others.
    """

    burst: int
    per_minute: float
    reserve: int

    def scaled(self, times: float) -> Limit:
        """So many times of it, always with two tokens beside the reserve: who comes a moment late loses nothing.

        Of a single call nothing can be more or less.
        """
        if self.burst == 1:
            return self
        reserve = round(self.reserve * times)
        return Limit(max(reserve + 2, round(self.burst * times)), self.per_minute * times, reserve)


_TIER_3 = Limit(burst=10, per_minute=39, reserve=2)  # 50 and more a minute
_TIER_4 = Limit(burst=20, per_minute=79, reserve=2)  # 100 and more a minute
_ONE_A_MINUTE = Limit(burst=1, per_minute=60 / 61, reserve=0)
LIMITS: Mapping[str, Limit] = {
    # One a second in a channel (a lane's `free_at` sees to that), and "several hundred" a minute in a workspace.
    "chat.postMessage": Limit(burst=6, per_minute=290, reserve=2),
    "chat.update": _TIER_3,
    "conversations.open": _TIER_3,
    "conversations.join": _TIER_3,
    "conversations.history": _TIER_3,
    "conversations.replies": _TIER_3,
    "views.publish": _TIER_4,
    # One a minute, with a second to spare: https://docs.slack.dev/apis/web-api/rate-limits
    f"conversations.history{DISTRIBUTED}": _ONE_A_MINUTE,
    f"conversations.replies{DISTRIBUTED}": _ONE_A_MINUTE,
}
"""What the courier calls. Source: https://docs.slack.dev/apis/web-api/rate-limits"""

BUSY = timedelta(milliseconds=30)  # until another courier has let go of a bucket, which takes it a commit
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_READING = select(RateBucket).where(
    RateBucket.workspace_id == bindparam("workspace"), RateBucket.method == bindparam("of_method")
)
_READ = Statement(_READING)
_LOCK = Statement(_READING.with_for_update())
_LOCK_IF_FREE = Statement(_READING.with_for_update(skip_locked=True))
_WRITE = Statement(
    update(RateBucket)
    .where(RateBucket.workspace_id == bindparam("workspace"), RateBucket.method == bindparam("of_method"))
    .values(
        full_at=bindparam("full"),
        warned_until=bindparam("warned"),
        paused_until=bindparam("paused"),
        lines=bindparam("ends"),
    )
)


@dataclass(slots=True)
class _Bucket:
    """`lines`: up to when the lanes that wait have been told to come back, by priority."""

    full_at: datetime = _LONG_AGO
    warned_until: datetime | None = None
    paused_until: datetime | None = None
    lines: dict[int, datetime] = field(default_factory=dict)

    def ready_at(self, limit: Limit | None, priority: int) -> datetime:
        """When the next call of that priority may be made."""
        pause = self.paused_until or _LONG_AGO
        if limit is None:
            return pause
        usable = limit.burst if priority == Priority.ALARM else limit.burst - limit.reserve
        return max(pause, self.full_at - _interval(limit) * (usable - 1))

    def take(self, limit: Limit | None, at: datetime) -> None:
        if limit is not None:
            self.full_at = max(self.full_at, at) + _interval(limit)

    def line_up(self, limit: Limit | None, priority: int, at: datetime) -> datetime:
        """The turn of a lane that finds no token: behind those that wait and are as urgent or more."""
        ends = [end for urgency, end in self.lines.items() if urgency <= priority]
        turn = max(at, self.ready_at(limit, priority), *ends)
        self.lines[priority] = turn + (_interval(limit) if limit else timedelta())
        return turn


class Buckets:
    """The buckets that one transaction needs. `times`: of Slack's limits; 0 keeps to Slack's own pauses only.

    Reading them takes no lock, since the words of messages are made in between; `take` locks them at the end.
    """

    def __init__(self, session: Session, at: datetime, times: float) -> None:
        self._session = session
        self._at = at
        self._times = times
        self._known: dict[Key, _Bucket] = {}
        self._lined_up: set[Key] = set()

    def turn(self, workspace_id: int, methods: Sequence[str], priority: int) -> datetime | None:
        """None when calls of all `methods` may be made now, as far as is known; else when to come back."""
        for key in _keys(workspace_id, methods):
            bucket = self._known.get(key)
            if bucket is None:
                bucket = self._known[key] = self._read(key, _READ) or _Bucket()
            limit = self._limit(key)
            if bucket.ready_at(limit, priority) > self._at:
                self._lined_up.add(key)
                return bucket.line_up(limit, priority, self._at)
        for key in _keys(workspace_id, methods):
            self._known[key].take(self._limit(key), self._at)
        return None

    def take(self, wanted: Iterable[tuple[int, Sequence[str], int]]) -> list[datetime | None]:
        """For each workspace, methods and priority: None, and tokens were taken; or when to come back.

        Locks the buckets until the transaction ends, and waits for none: clocks are served by the same threads, and
        who holds one may be asleep.
        """
        wanted = list(wanted)
        if not self._times:
            return [None] * len(wanted)
        keys = {key for workspace_id, methods, _ in wanted for key in _keys(workspace_id, methods)} | self._lined_up
        buckets = {key: bucket for key in sorted(keys) if (bucket := self._locked(key, _LOCK_IF_FREE))}
        for key in self._lined_up & buckets.keys():
            ours = self._known[key].lines
            buckets[key].lines |= {
                priority: max(end, buckets[key].lines.get(priority, end)) for priority, end in ours.items()
            }
        turns = [self._take_one(buckets, *one) for one in wanted]
        for key, bucket in buckets.items():
            self._write(key, bucket)
        return turns

    def pause(self, workspace_id: int, method: str, until: datetime) -> None:
        """Slack limits this method for the whole workspace until then; what comes after begins without a burst."""
        bucket = self._locked((workspace_id, method), _LOCK)
        assert bucket is not None
        self._pause(bucket, method, until)
        self._write((workspace_id, method), bucket)

    def warn(self, workspace_id: int, method: str, until: datetime) -> None:
        """A 429 that may concern one channel only. Another one in that time concerns the whole workspace."""
        bucket = self._locked((workspace_id, method), _LOCK)
        assert bucket is not None
        if bucket.warned_until is not None and bucket.warned_until > self._at:
            self._pause(bucket, method, until)
        bucket.warned_until = until
        self._write((workspace_id, method), bucket)

    def _pause(self, bucket: _Bucket, method: str, until: datetime) -> None:
        bucket.paused_until = max(until, bucket.paused_until or until)
        limit = self._limit((0, method))
        if limit is not None:
            bucket.full_at = max(bucket.full_at, until + _interval(limit) * (limit.burst - limit.reserve - 1))

    def _take_one(
        self, buckets: Mapping[Key, _Bucket], workspace_id: int, methods: Sequence[str], priority: int
    ) -> datetime | None:
        keys = _keys(workspace_id, methods)
        if not all(key in buckets for key in keys):
            return self._at + BUSY
        for key in keys:
            if buckets[key].ready_at(self._limit(key), priority) > self._at:
                return buckets[key].line_up(self._limit(key), priority, self._at)
        for key in keys:
            buckets[key].take(self._limit(key), self._at)
        return None

    def _limit(self, key: Key) -> Limit | None:
        return LIMITS[key[1]].scaled(self._times) if self._times and key[1] in LIMITS else None

    def _locked(self, key: Key, statement: Statement) -> _Bucket | None:
        """The bucket, made if there is none; None when it is not free and `statement` does not wait."""
        bucket = self._read(key, statement)
        if bucket is None and self._read(key, _READ) is None:
            upsert = postgresql.insert if self._session.get_bind().dialect.name == "postgresql" else sqlite.insert
            fresh = {"workspace_id": key[0], "method": key[1], "full_at": _LONG_AGO, "lines": {}}
            self._session.execute(upsert(RateBucket).values(fresh).on_conflict_do_nothing())
            bucket = self._read(key, statement)
        return bucket

    def _read(self, key: Key, statement: Statement) -> _Bucket | None:
        row = statement.first(self._session, {"workspace": key[0], "of_method": key[1]})
        if row is None:
            return None
        lines = {int(priority): datetime.fromtimestamp(end, UTC) for priority, end in row.lines.items()}
        return _Bucket(row.full_at, row.warned_until, row.paused_until, lines)

    def _write(self, key: Key, bucket: _Bucket) -> None:
        ends = {str(priority): end.timestamp() for priority, end in bucket.lines.items() if end > self._at}
        _WRITE.run(
            self._session,
            {
                "workspace": key[0],
                "of_method": key[1],
                "full": bucket.full_at,
                "warned": bucket.warned_until,
                "paused": bucket.paused_until,
                "ends": ends,
            },
        )


def _keys(workspace_id: int, methods: Sequence[str]) -> list[Key]:
    return [(workspace_id, method) for method in methods]


def _interval(limit: Limit) -> timedelta:
    return timedelta(minutes=1) / limit.per_minute
