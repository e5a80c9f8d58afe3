"""The one place that says how it stands with the language model: a row of `/tandem setup`, a finding of the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from domain.llm.budget import BUDGET, LlmSet, LlmUse
from domain.tallies import PULSE_DAYS
from domain.voc.dm_questions import count_asked
from handlers import blocks as b
from handlers.answers import Block
from handlers.setup.finding import Finding

SWITCH: Final = "setup.model"

_WAITS: Final = "Items wait, and are asked about as soon as it answers; nothing else depends on it."
_SEE_LOG: Final = "The log tells more."

TROUBLE: Final[Mapping[str, tuple[str, str]]] = {
    BUDGET: (
        "the month's budget is used up",
        "It goes on next month. For more, set TANDEM_LLM_TOKENS_PER_MONTH higher on the server.",
    ),
    "busy": ("it asks for patience time and again", _WAITS),
    "quota": ("its account has no credit left", "Top up the account that OPENAI_API_KEY belongs to."),
    "timeout": (
        "it takes too long to answer",
        f"{_WAITS} A slow model of your own may need a higher TANDEM_LLM_SECONDS.",
    ),
    "not_reached": ("it is not reached", "Look at OPENAI_BASE_URL, and at the network of the server."),
    "server_error": ("it answers with an error of its own", _WAITS),
    "key_refused": ("it refuses our key", "Set OPENAI_API_KEY to a key that is good, and restart."),
    "model_unknown": (
        "it does not know the model, or has no such address",
        "Look at OPENAI_MODEL and OPENAI_BASE_URL, and restart.",
    ),
    "request_refused": (
        "it does not take our questions",
        "It must answer chat completions with `response_format` of the type `json_schema`: try another OPENAI_MODEL.",
    ),
    "refusal": ("it would not answer about some items", "These items stay without a proposal; people see to them."),
    "malformed": (
        "its answers cannot be read",
        "Try another OPENAI_MODEL: the answer must be JSON of the form that is asked for.",
    ),
}
"""What each trouble of domain.llm.budget.TROUBLES is called, and what to do."""


def model_finding(use: LlmUse, llm: LlmSet | None) -> Finding:
    """What the doctor says. A model that is not set, or turned off, is nothing to mend."""
    what = "language model"
    if llm is None:
        return Finding(what, True, "none is set (OPENAI_API_KEY): themes are assigned by rule and by people")
    named = f"{llm.model} at {llm.host}"
    if use.off:
        return Finding(what, True, f"turned off here: nothing goes to {named}")
    spent = f"{named}, {_spent(use, llm)}"
    if use.trouble is None:
        return Finding(what, True, spent)
    words, remedy = TROUBLE.get(use.trouble, (use.trouble, _SEE_LOG))
    return Finding(what, False, f"{spent}; {words}", remedy)


def asked_finding(session: Session, workspace_id: int, at: datetime) -> Finding:
    """What people ask in the Messages tab, in numbers."""
    found = count_asked(session, workspace_id, at=at)
    words = f"{found.answered:,} answered in {PULSE_DAYS} days; {found.helped:,} helped, {found.not_helped:,} did not"
    return Finding("questions", True, words if found.answered else f"none in {PULSE_DAYS} days")


def model_row(use: LlmUse, llm: LlmSet | None) -> Block:
    """What admins read in the settings, with the switch."""
    if llm is None:
        words = "None is set on the server (`OPENAI_API_KEY`). Nothing leaves Tandem, and everything works without."
        return b.section(f"*Language model*\n{words}", block_id="setup.model")
    named = f"{b.escape(llm.model)} at {b.escape(llm.host)}"
    if use.off:
        words = f"Turned off: nothing of this workspace goes to {named}."
        switch = b.button("Turn on", f"{SWITCH}:on", "on", confirm=_warning(llm))
    else:
        words = f"{named} proposes themes for items without one and sums up what `ask` finds · {_spent(use, llm)}"
        if use.trouble is not None:
            found, remedy = TROUBLE.get(use.trouble, (use.trouble, _SEE_LOG))
            words += f"\n:warning: {found[:1].upper()}{found[1:]}. {remedy}"
        switch = b.button("Turn off", f"{SWITCH}:off", "off")
    return b.section(f"*Language model*\n{words}", accessory=switch, block_id="setup.model")


def _warning(llm: LlmSet) -> dict[str, Any]:
    words = (
        f"What reps log without a theme goes to {llm.model} at {llm.host}, and so does what somebody asks, with the "
        "items found. Addresses, numbers, and the names of people and accounts that Tandem knows are taken out before."
    )
    return b.confirm("Let the model read?", words, "Turn on")


def _spent(use: LlmUse, llm: LlmSet) -> str:
    if not use.month:
        return f"nothing used yet of {llm.monthly_tokens:,} tokens a month"
    month = datetime.strptime(use.month, "%Y-%m").strftime("%B")  # noqa: DTZ007  # no moment, only its name
    return f"{use.tokens:,} of {llm.monthly_tokens:,} tokens used in {month}"
