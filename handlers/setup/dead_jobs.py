"""What admins read of a job that could not be done: what was lost, why, what to do; and a button to try it again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.dead_jobs import DEAD_NOTICE, count_dead, replay_dead
from domain.people import ADMINS
from handlers.answers import Answer, Receipt
from handlers.arrival import Arrival
from handlers.blocks import actions, button, context, escape, section
from handlers.listeners import Listeners
from handlers.messages import Messages, Rendering, Subject

messages = Messages()


def declare(listeners: Listeners) -> None:
    """Declare the click on the subject's listeners."""
    listeners.action("setup.replay_jobs", roles=ADMINS)(replay)


async def replay(arrival: Arrival) -> Answer:
    """The admin has done what the message asks for. All jobs of the kind are meant: the message was sent once."""

    def replayed(found: tuple[str, int]) -> Answer:
        _kind, count = found
        if not count:
            return Receipt("Nothing of that kind waits for another try any more.")
        return Receipt("It is being tried again." if count == 1 else f"All {count:,} are being tried again.")

    return await arrival.answer(replay_dead, arrival.value, view=replayed)


@messages.kind(DEAD_NOTICE)
def job_dead(session: Session, subject: Subject) -> Rendering | None:
    """One sentence on what could not be done and why, one on the remedy; nothing once it was tried again."""
    kind = str(subject.data.get("kind", ""))
    count = count_dead(session, subject.workspace_id, kind)
    if not count:
        return None
    what, reason = escape(str(subject.data.get("what", ""))), escape(str(subject.data.get("reason", "")))
    remedy = str(subject.data.get("remedy", ""))
    text = f"Tandem could not do {what} ({reason}). {remedy}".strip()
    blocks = [
        section(f":warning: {text}"),
        actions(button("Try again", "setup.replay_jobs", kind), block_id="dead_jobs"),
    ]
    if count > 1:
        blocks.insert(1, context(f"{count:,} jobs of this kind ended so."))
    return Rendering(text, blocks)
