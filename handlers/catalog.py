"""Every subject's listeners and messages in one list: what the program registers is what the manifest declares."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from types import ModuleType

from handlers.jobs import AnyKind
from handlers.listeners import Listener, Listeners
from handlers.messages import Messages, Renderer

# The hot ones first, for the reader: the dispatcher's table does not care.
SUBJECTS = ("voc", "leads", "home", "personas", "content", "digests", "setup")
# Besides `handlers/<subject>/messages.py`: what tells admins of failures, lateness and refused leads; the doctor.
MORE_MESSAGES = (
    "handlers.setup.remedies",
    "handlers.setup.incidents",
    "handlers.setup.refusals",
    "handlers.setup.dead_jobs",
    "handlers.setup.jobs",
)


def all_listeners() -> list[Listener]:
    """The declarations of all subjects."""
    declared: list[Listener] = []
    for subject in SUBJECTS:
        module = importlib.import_module(f"handlers.{subject}.listeners")
        listeners: Listeners = module.listeners
        declared.extend(listeners.declared)
    return declared


def all_renderers() -> dict[str, Renderer]:
    """The renderers of all subjects, by the kind of delivery."""
    renderers: dict[str, Renderer] = {}
    for module in _message_modules():
        messages: Messages = module.messages
        for kind, renderer in messages.renderers.items():
            if kind in renderers:
                raise ValueError(f"two renderers for {kind}")
            renderers[kind] = renderer
    return renderers


def all_job_kinds() -> dict[str, AnyKind]:
    """The kinds of jobs of all subjects, by name."""
    kinds: dict[str, AnyKind] = {}
    for module in _modules("jobs"):
        for kind in module.kinds:
            if kind.name in kinds:
                raise ValueError(f"two kinds of job are called {kind.name}")
            kinds[kind.name] = kind
    return kinds


def _message_modules() -> Iterator[ModuleType]:
    yield from _modules("messages")
    for name in MORE_MESSAGES:
        yield importlib.import_module(name)


def _modules(file: str) -> Iterator[ModuleType]:
    """The modules of that name that subjects have."""
    for subject in SUBJECTS:
        name = f"handlers.{subject}.{file}"
        if importlib.util.find_spec(name) is not None:
            yield importlib.import_module(name)
