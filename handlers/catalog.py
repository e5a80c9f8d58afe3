"""Every subject's listeners, messages and jobs, each in one list: the program and the manifest read the same."""

from __future__ import annotations

from typing import Final

from handlers.content import listeners as content
from handlers.digests import listeners as digests
from handlers.digests import messages as digest_messages
from handlers.home import listeners as home
from handlers.home import messages as home_messages
from handlers.jobs import AnyKind
from handlers.leads import listeners as leads
from handlers.leads import messages as lead_messages
from handlers.listeners import Listener
from handlers.messages import Renderer
from handlers.personas import listeners as personas
from handlers.setup import dead_jobs, incidents, refusals, remedies, welcome
from handlers.setup import jobs as setup_jobs
from handlers.setup import listeners as setup
from handlers.voc import listeners as voc

LISTENERS: Final = (
    voc.listeners,
    leads.listeners,
    home.listeners,
    personas.listeners,
    content.listeners,
    digests.listeners,
    setup.listeners,
)
"""In the order in which help texts tell of their commands."""

MESSAGES: Final = (
    lead_messages.messages,
    home_messages.messages,
    digest_messages.messages,
    remedies.messages,
    incidents.messages,
    refusals.messages,
    dead_jobs.messages,
    setup_jobs.messages,
    welcome.messages,
)

JOB_KINDS: Final[tuple[AnyKind, ...]] = (*setup_jobs.kinds,)


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
