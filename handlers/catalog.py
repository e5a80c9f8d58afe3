"""Every subject's listeners, messages and jobs, each in one list: the program and the manifest read the same."""

from __future__ import annotations

from typing import Final

from handlers import files
from handlers.accounts import listeners as accounts
from handlers.agent import jobs as agent_jobs
from handlers.agent import listeners as agent
from handlers.content import listeners as content
from handlers.declines import listeners as declines
from handlers.declines import messages as decline_messages
from handlers.digests import listeners as digests
from handlers.digests import messages as digest_messages
from handlers.erasing import jobs as erasing_jobs
from handlers.erasing import listeners as erasing
from handlers.home import listeners as home
from handlers.home import messages as home_messages
from handlers.imports import jobs as import_jobs
from handlers.imports import listeners as imports
from handlers.imports import messages as import_messages
from handlers.intake import fetching, fireflies_call
from handlers.jobs import AnyKind
from handlers.leads import listeners as leads
from handlers.leads import messages as lead_messages
from handlers.leads import unfurling
from handlers.listeners import Listener
from handlers.messages import Renderer
from handlers.news import jobs as news_jobs
from handlers.news import listeners as news
from handlers.news import messages as news_messages
from handlers.personas import listeners as personas
from handlers.proposals import jobs as proposal_jobs
from handlers.proposals import listeners as proposals
from handlers.proposals import messages as proposal_messages
from handlers.regrouping import jobs as regrouping_jobs
from handlers.regrouping import listeners as regrouping
from handlers.scoreboard import jobs as scoreboard_jobs
from handlers.scoreboard import listeners as scoreboard
from handlers.setup import (
    dead_jobs,
    incidents,
    refusals,
    remedies,
    silences,
    watching,
    webhook_jobs,
    webhook_messages,
    welcome,
    write_back_jobs,
    write_back_words,
)
from handlers.setup import jobs as setup_jobs
from handlers.setup import listeners as setup
from handlers.themes import listeners as themes
from handlers.themes import messages as theme_messages
from handlers.triage import listeners as triage
from handlers.triage import messages as triage_messages
from handlers.voc import exporting, prose, watch_jobs, workflow_jobs
from handlers.voc import jobs as voc_jobs
from handlers.voc import listeners as voc
from handlers.voc import messages as voc_messages

LISTENERS: Final = (
    voc.listeners,
    themes.listeners,
    proposals.listeners,
    news.listeners,
    regrouping.listeners,
    leads.listeners,
    imports.listeners,
    declines.listeners,
    triage.listeners,
    accounts.listeners,
    scoreboard.listeners,
    home.listeners,
    agent.listeners,
    personas.listeners,
    content.listeners,
    digests.listeners,
    setup.listeners,
    erasing.listeners,
)
"""In the order in which help texts tell of their commands."""

MESSAGES: Final = (
    lead_messages.messages,
    decline_messages.messages,
    triage_messages.messages,
    news_messages.messages,
    home_messages.messages,
    digest_messages.messages,
    voc_messages.messages,
    voc_jobs.messages,
    theme_messages.messages,
    proposal_messages.messages,
    remedies.messages,
    incidents.messages,
    refusals.messages,
    silences.messages,
    dead_jobs.messages,
    setup_jobs.messages,
    exporting.messages,
    files.messages,
    welcome.messages,
    watching.messages,
    webhook_messages.messages,
    write_back_words.messages,
    agent_jobs.messages,
    import_messages.messages,
    erasing_jobs.messages,
)

JOB_KINDS: Final[tuple[AnyKind, ...]] = (
    *setup_jobs.kinds,
    *fireflies_call.kinds,
    *voc_jobs.kinds,
    *fetching.kinds,
    *unfurling.kinds,
    *import_jobs.kinds,
    *write_back_jobs.kinds,
    *watch_jobs.kinds,
    *workflow_jobs.kinds,
    *proposal_jobs.kinds,
    *news_jobs.kinds,
    *exporting.kinds,
    *files.kinds,
    *scoreboard_jobs.kinds,
    *regrouping_jobs.kinds,
    *prose.kinds,
    *webhook_jobs.kinds,
    *agent_jobs.kinds,
    *erasing_jobs.kinds,
)


def all_listeners() -> list[Listener]:
    """The declarations of all subjects."""
    return [one for subject in LISTENERS for one in subject.declared]


def all_renderers() -> dict[str, Renderer]:
    """The renderers of all subjects, by the kind of delivery."""
    renderers: dict[str, Renderer] = {}
    for messages in MESSAGES:
        for kind, renderer in messages.renderers.items():
            if kind in renderers:
                raise ValueError(f"two renderers for {kind}")
            renderers[kind] = renderer
    return renderers


def all_job_kinds() -> dict[str, AnyKind]:
    """The kinds of jobs of all subjects, by name."""
    kinds = {kind.name: kind for kind in JOB_KINDS}
    if len(kinds) < len(JOB_KINDS):
        raise ValueError("two kinds of job have one name")
    return kinds
