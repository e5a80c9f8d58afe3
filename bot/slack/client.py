"""How we talk to Slack: one shared HTTP session, no retries behind our back, and errors sorted once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from handlers.scopes import can_do_without

MISSING_SCOPE = "missing_scope"
TOKEN_UNREADABLE = "token_unreadable"  # noqa: S105  # our own word: TANDEM_SECRET_KEY does not unseal what is stored
TEAM_TAKEN = "team_access_not_granted"  # the organization took this workspace from the app
CALL_SECONDS = 10

# Every error that Slack's reference lists for a method we call stands in one of these sets
# (tests/bot/test_slack_errors.py); what stands in none is Meaning.STRANGE.
OF_THE_PLACE = frozenset(
    {
        "access_denied",
        "app_access_restricted",
        "cannot_dm_bot",
        "channel_is_limited_access",
        "channel_not_found",
        "enterprise_is_restricted",
        "file_upload_size_restricted",
        "file_uploads_disabled",
        "file_uploads_except_images_disabled",
        "is_archived",
        "is_inactive",
        "message_limit_exceeded",
        "messages_tab_disabled",
        "method_not_supported_for_channel_type",
        "no_access",
        "no_permission",
        "not_enabled",
        "not_enough_users",
        "not_in_channel",
        "posting_to_channel_denied",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "slack_connect_blocked_file_type",
        "slack_connect_canvas_sharing_blocked",
        "slack_connect_clip_sharing_blocked",
        "slack_connect_file_link_sharing_blocked",
        "slack_connect_file_upload_sharing_blocked",
        "slack_connect_lists_sharing_blocked",
        "team_not_found",
        "thread_locked",
        "too_many_members",
        "too_many_users",
        "user_disabled",
        "user_not_found",
        "user_not_in_channel",
        "user_not_visible",
        "users_not_found",
    }
)
"""The channel or the person: an admin can change it."""

OF_THE_MESSAGE = frozenset(
    {
        "already_reacted",
        "attachment_payload_limit_exceeded",
        "cannot_reply_to_message",
        "cant_broadcast_message",
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "markdown_text_conflict",
        "metadata_must_be_sent_from_app",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_reaction",
        "no_text",
        "not_reactable",
        "thread_not_found",
        "too_many_attachments",
        "too_many_contact_cards",
        "too_many_emoji",
        "too_many_reactions",
        "view_too_large",
    }
)
"""The words, or the message that they were to stand under."""

NEVER_OURS = frozenset(
    {
        "alt_txt_too_large",
        "as_user_not_supported",
        "bad_timestamp",
        "block_mismatch",
        "blocked_file_type",
        "draft_already_deleted",
        "draft_already_sent",
        "draft_has_conflict",
        "draft_not_found",
        "duplicate_channel_not_found",
        "duplicate_external_id",
        "duplicate_message_not_found",
        "exchanged_trigger_id",
        "expired_trigger_id",
        "file_comment_not_found",
        "file_deleted",
        "file_is_deleted",
        "file_not_found",
        "file_share_limit_reached",
        "forbidden_team",
        "insecure_request",
        "limit_required",
        "list_record_comment_fetch_failed",
        "max_file_sharing_exceeded",
        "missing_args",
        "missing_argument",
        "missing_file_data",
        "missing_profile_id",
        "no_dual_broadcast_content_update",
        "no_item_specified",
        "not_found",
        "not_implemented",
        "push_limit_reached",
        "send_on_behalf_not_allowed",
        "unable_to_share_files",
        "unknown_snippet_type",
        "users_list_not_supplied",
    }
)
"""About arguments, files and drafts that we never send, and triggers, which deliveries do not have."""

OF_STREAMS = frozenset(
    {
        "channel_type_not_supported",
        "invalid_chunks",
        "message_not_in_streaming_state",
        "message_not_owned_by_app",
        "missing_recipient_team_id",
        "missing_recipient_user_id",
        "msg_blocks_too_many",
        "not_subscribed_to_message_stream_stopped",
        "stopped_by_user",
    }
)
"""About answers that are written piece by piece: handlers/agent/jobs.py knows what follows from each."""

OF_LINKS = frozenset(
    {
        "cannot_auth_user",
        "cannot_find_channel",
        "cannot_find_message",
        "cannot_find_service",
        "cannot_parse_attachment",
        "cannot_prompt",
        "cannot_unfurl_message",
        "cannot_unfurl_url",
        "invalid_unfurls_format",
        "missing_channel",
        "missing_ts",
        "missing_unfurls",
    }
)
"""About what is shown below links: handlers/leads/unfurling.py knows what follows from each."""

PERMANENT = OF_THE_PLACE | OF_THE_MESSAGE | NEVER_OURS | OF_STREAMS | OF_LINKS
TOKEN = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "account_inactive",
        "token_expired",
        MISSING_SCOPE,
        "org_login_required",
        "ekm_access_denied",
        "not_allowed_token_type",
        TOKEN_UNREADABLE,
        TEAM_TAKEN,
    }
)
PASSING = frozenset(
    {
        "external_channel_migrating",
        "file_update_failed",
        "hash_conflict",
        "messaging_processing_failed",
        "rate_limited",
        "streaming_state_conflict",
        "update_failed",
    }
)
GATEWAY_GAVE_UP = (502, 504)  # a proxy stopped waiting; what stands behind it may still be at work
HICCUPS = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable", "team_added_to_org"})
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
"""What stands cannot be edited any more, so the card is posted anew."""


class Meaning(StrEnum):
    """What an error means for the delivery that met it. STRANGE: nobody foresaw it, so it may be for good.

    OPTIONAL: a scope is missing that Tandem can do without (handlers/scopes.py).
    """

    PERMANENT = "permanent"
    TOKEN = "token"  # noqa: S105  # a word, not a secret
    OPTIONAL = "optional"
    GONE = "gone"
    LIMITED = "limited"
    TRANSIENT = "transient"
    UNSURE = "unsure"
    STRANGE = "strange"


@dataclass(frozen=True, slots=True)
class Outcome:
    """An error sorted. `name` is Slack's; `retry_after` in seconds; `needed` the scope that is missing.

    `cut`: the call got no answer of Slack's own, so it may take effect later. `method`: which one was limited.
    """

    meaning: Meaning
    name: str
    retry_after: float = 0.0
    needed: str | None = None
    cut: bool = False
    method: str | None = None


TokenOf = Callable[[], Awaitable[str]]
"""The token that holds at this moment. Raises SlackApiError of the fault TOKEN when there is none."""


class SlackClient(AsyncWebClient):
    """A Web API client that asks for its token before each call, so that whoever holds the client follows a renewal."""

    def __init__(self, token_of: TokenOf, **more: Any) -> None:
        super().__init__(**more)
        self._token_of = token_of

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        """As AsyncWebClient's, with the token of now."""
        self.token = await self._token_of()
        return await super().api_call(api_method, **arguments)


def make_client(
    token: str | TokenOf, base_url: str, session: aiohttp.ClientSession | None, *, team_id: str | None = None
) -> AsyncWebClient:
    """A Web API client without retry handlers: slack_sdk's own would post a message twice after a lost reply.

    `team_id`: goes with each call, which an organization's token needs to say which of its workspaces is meant.
    """
    more: dict[str, Any] = {
        "base_url": base_url if base_url.endswith("/") else base_url + "/",
        "session": session,
        "timeout": CALL_SECONDS,
        "retry_handlers": [],
        "team_id": team_id,
    }
    return AsyncWebClient(token=token, **more) if isinstance(token, str) else SlackClient(token, **more)


class Unserved(Exception):
    """Nobody is known to speak for the workspace."""


class Unsaid(Exception):
    """Slack's answer, or what came in its place, lacks what was asked for."""


def text_in(answer: AsyncSlackResponse, *path: str) -> str:
    """A text in the answer, such as the channel's `id`. Raises Unsaid: `{"ok": true}` alone is no proof of anything."""
    found: Any = answer.data
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, str) or not found:
        raise Unsaid(".".join(path))
    return found


def sort_error(error: BaseException) -> Outcome:
    """What an exception of a Web API call means. UNSURE: the call may have taken effect all the same."""
    if isinstance(error, SlackApiError):
        response: Any = error.response
        status = int(getattr(response, "status_code", None) or getattr(response, "status", None) or 200)
        data = getattr(response, "data", response)
        said = data if isinstance(data, Mapping) else {}
        name = str(said.get("error") or f"http_{status}")
        if status == 429 or name in ("ratelimited", "rate_limited"):
            method = str(getattr(response, "api_url", "")).rpartition("/")[2]
            return Outcome(Meaning.LIMITED, "ratelimited", retry_after=_retry_after(response), method=method or None)
        if "error" not in said:  # a proxy's words, or none: whatever the status, Slack may have been asked
            return Outcome(Meaning.UNSURE, name, cut=status not in (500, 503))
        if name == MISSING_SCOPE and can_do_without(said.get("needed")):
            return Outcome(Meaning.OPTIONAL, name, needed=said.get("needed"))
        if name in TOKEN:
            return Outcome(Meaning.TOKEN, name, needed=said.get("needed"))
        if name in GONE:
            return Outcome(Meaning.GONE, name)
        if name in PERMANENT or (status < 500 and name.startswith(("invalid_", "restricted_action"))):
            return Outcome(Meaning.PERMANENT, name)
        if name in PASSING:
            return Outcome(Meaning.TRANSIENT, name)
        if status >= 500 or name in HICCUPS:
            return Outcome(Meaning.UNSURE, name, cut=status in GATEWAY_GAVE_UP or name == "request_timeout")
        return Outcome(Meaning.STRANGE, name)
    if isinstance(error, Unserved):
        return Outcome(Meaning.TRANSIENT, "not_installed")
    if isinstance(error, Unsaid):
        return Outcome(Meaning.UNSURE, "bare_answer", cut=True)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Outcome(Meaning.TRANSIENT, "unreachable")
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return Outcome(Meaning.UNSURE, "timeout", cut=True)
    if isinstance(error, aiohttp.ClientError | OSError | ValueError):
        return Outcome(Meaning.UNSURE, "connection_lost", cut=True)
    return Outcome(Meaning.STRANGE, type(error).__name__, cut=True)


def _retry_after(response: Any) -> float:
    headers = getattr(response, "headers", None) or {}
    for name, value in headers.items():
        if name.lower() == "retry-after":
            try:
                return max(0.1, min(float(value), 3600.0))
            except ValueError:
                break
    return 1.0
