"""Sentences about working hours that make no sense, to whoever wrote them."""

from __future__ import annotations

from typing import Final

from domain.week import CalendarError
from handlers.words.saying import Say

_EXAMPLE: Final = "Write for example mon-fri 09:00-17:00."

_HOURS: Final = {
    "never_open": "These working hours are never open.",
    "no_country": "The subdivision “{0}” needs a country.",
    "not_stored_so": "These are not working hours as Tandem stores them: {0}.",
    "unknown_country": "“{0}” is not a country code; write two capitals, for example DE.",
    "unknown_holidays": "Public holidays are not known: {0}.",
    "unknown_zone": "“{0}” is not a time zone; write for example Europe/Berlin.",
    "no_whole_minutes": "Opening hours are whole minutes without a zone, not {0}.",
    "ends_early": "The hours {0} end before they begin; a span stays within one day.",
    "no_seven_days": "A week has 7 days, Monday first; this one has {0}.",
    "overlap": "The hours {0} and {1} on {2} overlap.",
    "no_time": "“{0}” is not a time; write HH:MM, for example 09:30.",
    "beyond_24": "“{0}” is not a time of the day; times go from 00:00 to 24:00.",
    "empty": f"There are no opening hours. {_EXAMPLE}",
    "too_long": "I can't read these hours: they have {0} characters; at most {1} fit.",
    "no_time_of_day": "“{0}” is no time of the day.",
    "unread": f"I can't read these hours: “{{0}}” is no day and no time. {_EXAMPLE}",
    "no_end": f"I can't read these hours: “{{0}}” has a start and no end. {_EXAMPLE}",
    "leads_nowhere": f"I can't read these hours: a “-” leads nowhere. {_EXAMPLE}",
    "no_first_day": f"I can't read these hours: “-{{0}}” has no first day. {_EXAMPLE}",
    "unread_time": "I can't read these hours: “{0}” is no time of the day.",
    "unread_beyond_24": "I can't read these hours: “{0}” is no time of the day; times go from 00:00 to 24:00.",
    "no_start": f"I can't read these hours: “-{{0}}” has an end and no start. {_EXAMPLE}",
    "dash_missing": f"I can't read these hours: between “{{0}}” and “{{1}}” a “-” is missing. {_EXAMPLE}",
    "begins_over": "“{0}” begins when the day is over. Begin at 00:00 on the next day.",
    "no_length": "“{0}” begins and ends at the same time. Write 00:00-24:00 for a whole day.",
    "days_without_time": f"I can't read these hours: there are days without a time. {_EXAMPLE}",
    "closed_and_open": "{0} is said to be closed and to have hours. Keep one of the two.",
}


def hours_sentence(error: Exception, say: Say) -> str | None:
    """None for an error of another subject."""
    if isinstance(error, CalendarError):
        return _HOURS[error.why].format(*(say(each, 200) for each in error.given))
    return None
