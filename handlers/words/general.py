"""Sentences about what can happen with anything: not found, not allowed, changed meanwhile, too long."""

from __future__ import annotations

from typing import Final

from domain.dead_jobs import WrongState
from domain.errors import (
    BeforeRestore,
    Changed,
    Deactivated,
    NotAllowed,
    NotForGuests,
    NotFound,
    NotOurs,
    OnlyPeople,
)
from domain.leads.mapping import MappingWrong
from domain.personas import PersonaNameWrong
from domain.sources import SourceWrong
from domain.text import TextEmpty, TextTooLong
from handlers.blocks import mention
from handlers.words.lengths import listed
from handlers.words.saying import Say

ROLE_WORDS: Final = {"rep": "reps", "marketer": "marketers", "manager": "managers", "admin": "admins"}


def general_sentence(error: Exception, say: Say) -> str | None:
    """None for an error of another subject."""
    match error:
        case NotAllowed():
            allowed = listed([ROLE_WORDS[role] for role in error.needs]).capitalize()
            return f"{allowed} can do this." + (f" Ask {mention(error.ask)}." if error.ask else "")
        case NotFound():
            return f"That {error.what} no longer exists, so nothing was changed."
        case Changed():
            by = f" by {say(error.by)}" if error.by else ""
            return f"The {error.what} was changed{by} while your form was open. Open the form again to see what is new."
        case BeforeRestore():
            return f"This names another {error.kind}, from before a restore of Tandem’s database. Nothing was changed."
        case NotOurs():
            return "Tandem works for the people of another workspace, so nothing was changed."
        case NotForGuests():
            return "What customers say is for members of this workspace, not for guests. Nothing was saved or shown."
        case OnlyPeople():
            return "Only people can do this, so nothing was changed."
        case Deactivated():
            return "Your account is deactivated in Slack, so nothing was changed."
        case TextTooLong():
            return f"That is {error.length:,} characters; {error.limit:,} fit. Nothing was saved: please shorten it."
        case TextEmpty():
            return "There is no text, so nothing was saved."
        case WrongState():
            return f"Job {error.job_id} is {error.state}, so nothing was changed."
        case PersonaNameWrong():
            if error.taken_by:
                other = say(error.taken_by)
                return f"There is already a persona called {other}. Edit that persona, or pick another name."
            return "Give the persona a name with letters in it, for example Ops Olivia."
        case SourceWrong():
            return _source(error, say)
        case MappingWrong():
            return _mapping(error, say)
    return None


def _mapping(error: MappingWrong, say: Say) -> str:
    given = say(error.given)
    match error.why:
        case "no_line":
            return f"“{given}” is no such line. Write a field, a value and what it means, like this: Tier: 3 = hot"
        case "no_field":
            return f"“{given}” begins with no field. Begin with one of these: {listed(list(map(say, error.fields)))}."
        case "twice":
            return f"“{given}” says once more what that value means. Leave one of the two lines out."
        case "too_many":
            return f"More than {given} values fit in no table. Leave out those that no lead has."
        case "gone":
            return "What was picked is not sent any more. Pick it once more, or pick that it is found automatically."


def _source(error: SourceWrong, say: Say) -> str:
    given = " or ".join(map(say, error.given))
    match error.why:
        case "no_name":
            return "A source's name is 1 to 40 small letters, digits and hyphens, for example website-forms."
        case "taken":
            return f"There is already a source {given}. Pick another name, or make a new secret for it."
        case "taken_elsewhere":
            name, free = say(error.given[0]), say(error.given[-1])
            return f"Another workspace on this server has the name {name}. Choose another, for example {free}."
        case "no_auth":
            return f"Pick how the source proves itself: {given}."
        case "no_base64":
            return "A signing secret is whsec_ and base64. Leave it out, and one is made for you."
        case "short_secret":
            return "A signing secret is whsec_ and at least 24 bytes in base64."
        case "plain_secret":
            return "A secret for a header has at least 24 plain characters without spaces."
        case "no_secret":
            return "That is no secret: a secret has 8 to 2,000 plain characters, without spaces. Copy it once more."
        case "no_key":
            return "That is no API key: a key has 8 to 2,000 plain characters, without spaces. Copy it once more."
