"""The Web API's methods, one module per subject; `METHODS` finds the function behind a method's name."""

from playground.methods import apps, assistant, chat, conversations, files, functions, reactions, streams, users, views
from playground.methods.call import FACTS, Answer, ApiCall, Method, MethodFacts

METHODS: dict[str, Method] = {
    name: function
    for subject in (apps, assistant, chat, conversations, files, functions, reactions, streams, users, views)
    for name, function in subject.METHODS.items()
}

if set(METHODS) != set(FACTS):
    raise RuntimeError(f"methods without facts or code: {set(METHODS) ^ set(FACTS)}")

__all__ = ["FACTS", "METHODS", "Answer", "ApiCall", "Method", "MethodFacts"]
