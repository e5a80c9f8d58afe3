"""What admins read when a message could not be delivered: what happened, and the exact thing to do about it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from handlers.blocks import section
from handlers.messages import Messages, Rendering, Subject

messages = Messages()

WHAT = {
    "lead_card": "a lead’s card",
    "lead_dm": "a lead’s card",
    "lead_reminder": "a reminder",
    "lead_breach": "a breach ping",
    "lead_handoff": "a handoff",
    "edition": "the weekly digest",
}


@messages.kind("delivery_failed")
def delivery_failed(_session: Session, subject: Subject) -> Rendering:
    """One sentence on what was not delivered, one on the remedy."""
    place, error = str(subject.data.get("place", "")), str(subject.data.get("error", ""))
    what = WHAT.get(str(subject.data.get("kind")), "a message")
    text = f"Tandem could not deliver {what} to {place_name(place)}: {remedy(error, place, subject.prefix)}"
    return Rendering(text=text, blocks=[section(text)])


def place_name(place: str) -> str:
    """A channel, or the person whose DM it is, by their Slack id."""
    return f"<@{place}>" if place.startswith(("U", "W")) else f"<#{place}>"


def remedy(error: str, place: str, prefix: str) -> str:
    """What to do about one of Slack's permanent errors."""
    setup = f"`/{prefix}tandem setup`"
    match error:
        case "not_in_channel" | "no_permission":
            return f"the bot is not in that channel. Type `/invite @Tandem` in <#{place}>."
        case "is_archived":
            return f"the channel is archived. Unarchive it, or pick another one with {setup}."
        case "channel_not_found":
            return (
                f"Slack does not show us that channel. If it is private, type `/invite @Tandem` in it; "
                f"if it is gone, pick another one with {setup}."
            )
        case "user_not_found" | "user_disabled" | "cannot_dm_bot" | "user_not_visible":
            return f"that person has no active account. Take them off their team with {setup}."
        case "ratelimited" | "timeout" | "connection_lost" | "unreachable" | "internal_error" | "fatal_error":
            return "Slack did not take it for a whole day. Nothing is left to do for this one; see status.slack.com."
        case name if name.startswith("rendering failed"):
            return "its words could not be made: a mistake in Tandem. Please report it; the log has the details."
        case name if name.startswith("restricted_action"):
            return f"posting is restricted there (`{name}`). Allow the app in the channel’s settings, or pick another."
        case name:
            return f"Slack says `{name}`. The log has the details."
