"""What admins read when a message could not be delivered: what happened, and the exact thing to do about it."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from domain.people import ADMINS
from domain.unsent import Unsent, find_unsent, send_unsent_again
from handlers.answers import Answer, Receipt
from handlers.arrival import Arrival
from handlers.blocks import actions, button, section
from handlers.listeners import Listeners
from handlers.messages import Messages, Rendering, Subject

messages = Messages()

WHAT = {
    "lead_card": "a lead’s card",
    "lead_dm": "a lead’s card",
    "lead_reminder": "a reminder",
    "lead_breach": "a breach ping",
    "lead_handoff": "a handoff",
    "lead_lost": "word that a lead was taken over",
    "lead_meeting": "word that a first meeting is due",
    "rep_benched": "word that new leads go to others",
    "lead_news": "news of a lead",
    "lead_committee": "word that several people of an account came",
    "decline_card": "a declined lead",
    "dispute_opened": "a dispute",
    "ruling_wanted": "a dispute that waits for a ruling",
    "decline_ruled": "a ruling",
    "edition": "the weekly digest",
}
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def declare(listeners: Listeners) -> None:
    """Declare the click on the subject's listeners."""
    listeners.action("setup.send_unsent", roles=ADMINS)(send_now)


async def send_now(arrival: Arrival) -> Answer:
    """The admin has done what the message asks for."""

    def sent(found: tuple[str, Unsent]) -> Answer:
        place, unsent = found
        if not unsent:
            return Receipt(f"Nothing waits for {place_name(place)} any more.")
        return Receipt(f"On {'its' if _is_one(unsent) else 'their'} way to {place_name(place)}: {what_waits(unsent)}.")

    return await arrival.answer(send_unsent_again, arrival.value, view=sent)


@messages.kind("delivery_failed")
def delivery_failed(session: Session, subject: Subject) -> Rendering:
    """One sentence on what was not delivered, one on the remedy, one on what waits for it, with a button to send it."""
    place, error = str(subject.data.get("place", "")), str(subject.data.get("error", ""))
    what = WHAT.get(str(subject.data.get("kind")), "a message")
    text = f"Tandem could not deliver {what} to {place_name(place)}: {remedy(error, place, subject.prefix)}"
    unsent = find_unsent(session, subject.workspace_id, place, subject.at)
    if not unsent:
        return Rendering(text=text, blocks=[section(text)])
    text += f" {waiting_for(unsent, place)}"
    again = actions(button("Send now", "setup.send_unsent", place), block_id="remedy")
    return Rendering(text=text, blocks=[section(text), again])


def waiting_for(unsent: Unsent, place: str) -> str:
    """What goes out once the remedy is done: "3 lead cards and Monday’s digest wait for it."."""
    return f"{what_waits(unsent)} {'waits' if _is_one(unsent) else 'wait'} for {place_name(place)}."


def what_waits(unsent: Unsent) -> str:
    """ "3 lead cards and Monday’s digest"."""
    pieces = [f"{unsent.leads} lead {'card' if unsent.leads == 1 else 'cards'}"] if unsent.leads else []
    days = list(dict.fromkeys(unsent.digests))
    if len(unsent.digests) == 1:
        pieces.append(f"{WEEKDAYS[days[0]]}’s digest")
    elif unsent.digests:
        pieces.append(f"{len(unsent.digests)} digests of {' and '.join(WEEKDAYS[day] for day in days)}")
    return " and ".join(pieces)


def _is_one(unsent: Unsent) -> bool:
    return unsent.leads + len(unsent.digests) == 1


def place_name(place: str) -> str:
    """A channel, or the person whose DM it is, by their Slack id."""
    return f"<@{place}>" if place.startswith(("U", "W")) else f"<#{place}>"


def remedy(error: str, place: str, prefix: str) -> str:
    """What to do about one of Slack's permanent errors."""
    setup = f"`/{prefix}tandem setup`"
    match error:
        case "not_in_channel" | "no_permission":
            return f"Tandem is not in that channel. Type `/invite @Tandem` in {f'<#{place}>' if place else 'it'}."
        case "is_archived":
            return f"the channel is archived. Unarchive it, or pick another one with {setup}."
        case "channel_not_found":
            return (
                f"Slack does not show Tandem that channel. If it is private, type `/invite @Tandem` in it; "
                f"if it is gone, pick another one with {setup}."
            )
        case "is_inactive":
            return f"the channel is frozen or gone. Pick another one with {setup}."
        case "posting_to_channel_denied":
            return (
                "Slack lets Tandem post nothing there. Allow Tandem in the channel’s settings, "
                f"or pick another one with {setup}."
            )
        case "cannot_reply_to_message" | "thread_not_found":
            return "the message that it replies to takes no replies any more. Nothing to do: all other messages go out."
        case "user_not_found" | "user_disabled" | "cannot_dm_bot" | "user_not_visible":
            return f"that person has no active account. Take them off their team with {setup}."
        case "ratelimited" | "timeout" | "connection_lost" | "unreachable" | "internal_error" | "fatal_error":
            return "Slack did not take the message for a whole day, so Tandem gave up. See status.slack.com."
        case name if name.startswith("rendering failed"):
            return "a mistake in Tandem. Please report the mistake; the log has the details."
        case name if name.startswith("restricted_action"):
            return f"posting is restricted there (`{name}`). Allow Tandem in the channel’s settings."
        case name:
            return f"Slack says `{name}`. The log has the details."
