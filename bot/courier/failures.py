"""What a failed attempt means for its delivery: another try, a look whether it stands, or the end."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.courier.places import JOINED, forget_dm
from bot.courier.remedies import record_failure, stop_workspace
from bot.courier.retries import backoff
from bot.slack.client import HICCUPS, Meaning, Outcome
from storage import lanes
from storage.held import DISTRIBUTED, Held
from storage.pace import Buckets

GIVE_UP_AFTER = timedelta(hours=24)
STRANGE_FOR = timedelta(minutes=10)
RELEVANT_FOR = {"home": timedelta(hours=1)}
HICCUPS_OF_SLACK = 3  # tries; after that they are the message's own
LEAST_TRIES = 8  # before a delivery is given up, however old: it may have waited for a token, or for us


def record_attempt(
    session: Session, held: Held, outcome: Outcome, *, posting: bool, limits: float, at: datetime
) -> bool:
    """Write down a failed attempt, and what follows from it. Whether the delivery ended with it.

    `posting`: it was to post something new, rather than to edit or to look. `limits`: as the courier's.
    """
    expired = held.attempts >= LEAST_TRIES and _has_lasted(held, outcome, at)
    match outcome.meaning:
        case Meaning.GONE if held.card is not None:
            _post_anew(session, held, outcome, at)
        case Meaning.PERMANENT if outcome.name == "channel_not_found" and held.channel not in (None, held.place):
            # A member's DM as it was remembered, of the app before this one, say: it is opened anew.
            if _post_anew(session, held, outcome, at):
                forget_dm(session, held.workspace_id, held.place)
        case Meaning.PERMANENT | Meaning.GONE:
            return record_failure(session, held, outcome.name, at)
        case Meaning.TOKEN:
            stop_workspace(session, held.workspace_id, outcome, at)
            lanes.record_retry(session, held, next_at=at, unsure=False, error=outcome.name)
        case Meaning.LIMITED:
            _limited(session, held, outcome, limits, at)
        case _ if expired:
            return record_failure(session, held, outcome.name, at)
        case meaning:
            doubtful = posting and meaning in (Meaning.UNSURE, Meaning.STRANGE)
            cut = doubtful and outcome.cut
            # While a lost post may still be stored, time is best spent on looking for it.
            joined = outcome.name == JOINED and held.error != JOINED
            next_at = at if cut or joined else at + backoff(held.attempts, held.priority)
            if cut and held.distributed and held.late_until is not None:
                # There is one look in a minute, so it is taken when it can be the last; Slack's event comes by itself.
                next_at = held.late_until
            if outcome.cut and not posting and held.late_until is not None:
                # An edit that was cut off may take effect later, and would undo one that overtook it.
                next_at = max(next_at, held.late_until)
            alone = at if _is_its_own(held, outcome) else None
            lanes.record_retry(
                session, held, next_at=next_at, unsure=doubtful, error=outcome.name, cut=cut, alone_since=alone
            )
    return False


def _has_lasted(held: Held, outcome: Outcome, at: datetime) -> bool:
    """Whether it was tried for as long as is worth it. Of what nobody foresaw: since such a thing was met first."""
    if outcome.meaning is Meaning.STRANGE:
        return at - (held.alone_since or at) > STRANGE_FOR
    return at - held.first_tried_at > RELEVANT_FOR.get(held.kind, GIVE_UP_AFTER)


def _is_its_own(held: Held, outcome: Outcome) -> bool:
    """Whether the error is likely to be this message's own, so that no other message of its place need wait for it.

    What nobody foresaw is. So is a hiccup of Slack's that comes again and again: there are messages that Slack
    answers so for good, while it takes all others.
    """
    return outcome.meaning is Meaning.STRANGE or (outcome.name in HICCUPS and held.attempts >= HICCUPS_OF_SLACK)


def _post_anew(session: Session, held: Held, outcome: Outcome, at: datetime) -> bool:
    """What stood is out of reach: the card is posted once more. False when the lane was lost meanwhile."""
    if not lanes.record_retry(session, held, next_at=at, unsure=False, error=outcome.name):
        return False
    if held.card is not None:
        lanes.forget_card(session, held.card.id)
    return True


def _limited(session: Session, held: Held, outcome: Outcome, limits: float, at: datetime) -> None:
    """A 429: another app instance, or other limits than we know. Posting may be limited in one channel only."""
    until = at + timedelta(seconds=outcome.retry_after)
    method = outcome.method or held.calls[-1]
    if held.calls and held.calls[-1] == method + DISTRIBUTED:
        method = held.calls[-1]
    posting = method == "chat.postMessage"
    lanes.record_retry(
        session, held, next_at=until, unsure=False, error=outcome.name, lane_free_at=until if posting else None
    )
    buckets = Buckets(session, at, limits)
    if posting:
        buckets.warn(held.workspace_id, method, until)
    else:
        buckets.pause(held.workspace_id, method, until)
