"""`assistant.threads.*`: what an agent suggests to ask it, and what it is doing just now.

Reference: https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts and its neighbours.
"""

from playground.agents import Prompts
from playground.errors import SlackError
from playground.methods.call import Answer, ApiCall, Method
from playground.records import Channel

MOST_PROMPTS = 4
MOST_LOADING = 10


def _channel(call: ApiCall) -> Channel:
    channel = call.channel("channel_id")
    if call.text("thread_ts") and channel.log.get(call.text("thread_ts")) is None:
        raise SlackError("invalid_thread_ts", detail="Thread not found")
    return channel


def set_suggested_prompts(call: ApiCall) -> Answer:
    """Suggest up to four things to write. An app with `agent_view` may do so outside any thread."""
    channel = _channel(call)
    if call.app.agent is None:
        raise SlackError("not_agent_app")
    prompts = call.structure("prompts", "invalid_arguments")
    if not isinstance(prompts, list) or not 0 < len(prompts) <= MOST_PROMPTS:
        raise SlackError("invalid_arguments", messages=[f"[ERROR] must have 1 to {MOST_PROMPTS} items [prompts]"])
    if any(not _is_prompt(one) for one in prompts):
        raise SlackError("invalid_arguments", messages=["[ERROR] missing required field: title or message [prompts]"])
    call.workspace.suggest(channel, Prompts(call.text("title"), tuple(prompts)))
    return {"ok": True}


def set_status(call: ApiCall) -> Answer:
    """Say what the app is doing in a thread, for two minutes or until it writes there; "" for nothing."""
    channel = _channel(call)
    if "status" not in call.args:
        raise SlackError("invalid_arguments", messages=["[ERROR] missing required field: status"])
    loading = call.structure("loading_messages", "invalid_arguments") or []
    if not isinstance(loading, list) or len(loading) > MOST_LOADING:
        raise SlackError("invalid_arguments", messages=["[ERROR] must have at most 10 items [loading_messages]"])
    call.workspace.set_status(channel, call.text("thread_ts"), call.text("status"))
    return {"ok": True}


def _is_prompt(one: object) -> bool:
    return isinstance(one, dict) and all(isinstance(one.get(name), str) and one[name] for name in ("title", "message"))


METHODS: dict[str, Method] = {
    "assistant.threads.setStatus": set_status,
    "assistant.threads.setSuggestedPrompts": set_suggested_prompts,
}
