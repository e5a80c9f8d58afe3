"""Every subject's listeners and messages in one list: what the program registers is what the manifest declares."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from types import ModuleType

from handlers.listeners import Listener, Listeners
from handlers.messages import Messages, Renderer

# The hot ones first, for the reader: the dispatcher's table does not care.
SUBJECTS = ("voc", "leads", "home", "personas", "content", "digests", "setup")
# Besides `handlers/<subject>/messages.py`: what tells admins of failed deliveries, of lateness and of refused leads.
MORE_MESSAGES = ("handlers.setup.remedies", "handlers.setup.incidents", "handlers.setup.refusals")


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


def _message_modules() -> Iterator[ModuleType]:
    for subject in SUBJECTS:
        name = f"handlers.{subject}.messages"
        if importlib.util.find_spec(name) is not None:
            yield importlib.import_module(name)
    for name in MORE_MESSAGES:
        yield importlib.import_module(name)
