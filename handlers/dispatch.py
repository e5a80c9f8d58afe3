"""Finds the one listener for what arrived, runs it, and answers in Slack's terms.

Bolt matches listeners one by one; here a table does, so the cost stays flat as the product grows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request import payload_utils as payloads
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.orm import Session

from domain.errors import BeforeRestore, Changed, FieldProblems, NotOurs, OnlyPeople
from domain.people import Actor
from domain.uninstalling import NEAR
from domain.voc.errors import SensitiveText
from handlers import answers as a
from handlers.again import shown_again
from handlers.arrival import Arrival, DatabaseSilent, Redelivered, Tandem
from handlers.command_text import first_word, text_of_command
from handlers.failed_calls import error_name
from handlers.keys import key_of_click, key_of_event, key_of_submission, key_of_trigger
from handlers.listeners import Kind, Listener
from handlers.origin import Speakers, event_name, happened_at, marked, origin_of
from handlers.receipts import message_of, respond
from handlers.words import before_restore, changed_meanwhile, field_sentences, is_expected, sentence
from storage.database import trouble_of
from storage.trace import current_request_id, new_request_id, note

log = structlog.get_logger()

OPEN_SECONDS_MORE = 0.3  # for Slack to open a modal, after the database had its time
MOST_OPTIONS = 100  # of an external select: Slack refuses more
SLACKBOT = "USLACKBOT"
DATABASE_AWAY = (
    "Tandem’s database does not answer just now, so this may not have been saved. "
    "Please look again in a minute, and repeat it if it is not there."
)
Ack = Callable[..., Awaitable[BoltResponse]]
Handler = Callable[[Ack, AsyncBoltRequest], Awaitable[None]]


class Dispatcher(AsyncMiddleware):
    """The table of all listeners, and the tasks that follow an answer (receipts by response_url)."""

    def __init__(self, tandem: Tandem, listeners: Iterable[Listener], speakers: Speakers | None = None) -> None:
        """`speakers`: which workspaces are served; None: all, by Bolt's own client, for tests of listeners."""
        self.tandem = tandem
        self.speakers = speakers
        self.table: dict[tuple[Kind, str], Listener] = {}
        self.words: dict[str, dict[str, Listener]] = {}
        self._following: set[asyncio.Task[None]] = set()
        for listener in listeners:
            if listener.word is not None:
                words = self.words.setdefault(listener.name, {})
                if listener.word in words:
                    raise ValueError(f"two listeners for /{listener.name} {listener.word}")
                words[listener.word] = listener
                continue
            if (listener.kind, listener.name) in self.table:
                raise ValueError(f"two listeners for {listener.kind} {listener.name}")
            self.table[listener.kind, listener.name] = listener

    def attach(self, app: AsyncApp) -> None:
        """Take what arrives, ahead of Bolt's own listeners, for which it makes every possible argument anew."""
        app.use(self)

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002  # Bolt names them
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002
    ) -> BoltResponse | None:
        """As Bolt's middleware: answer what is of a kind that we know, leave the rest to Bolt."""
        handle = self._handler_of(req.body)
        if handle is None:
            return await next()
        await handle(req.context.ack, req)
        return req.context.ack.response

    def _handler_of(self, body: dict[str, Any]) -> Handler | None:
        kinds: tuple[tuple[Callable[[dict[str, Any]], bool], Handler], ...] = (
            (payloads.is_slash_command, self._on_command),
            (payloads.is_block_actions, self._on_action),
            (payloads.is_view_submission, self._on_submission),
            (payloads.is_view_closed, self._on_closed),
            (payloads.is_shortcut, self._on_shortcut),
            (payloads.is_block_suggestion, self._on_options),
            (payloads.is_event, self._on_event),
        )
        return next((handle for is_kind, handle in kinds if is_kind(body)), None)

    async def settle(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109  # a bound on waiting, not on the work
        """Wait until the receipts that are on their way have left."""
        if self._following:
            await asyncio.wait(self._following, timeout=timeout)

    # One small method per kind: which listener, what text, which key.

    async def _on_command(self, ack: Ack, request: AsyncBoltRequest) -> None:
        body = request.body
        name = str(body.get("command", "")).removeprefix("/").removeprefix(self.tandem.prefix)
        text = text_of_command(body)
        word, rest = first_word(text)
        listener = self.words.get(name, {}).get(word.casefold())
        if listener is None or (listener.alone and rest.strip()):
            listener, rest = self.table.get((Kind.COMMAND, name)), text
        answer = await self._run(listener, request, key_of_trigger(body), text=rest.strip())
        match answer:
            case a.Receipt():
                await ack(**message_of(answer))
            case _:
                await ack()

    async def _on_action(self, ack: Ack, request: AsyncBoltRequest) -> None:
        body = request.body
        action = (body.get("actions") or [{}])[0]
        # `switch:a` and `switch:b` share a listener: action ids must be unique in a message.
        name = str(action.get("action_id", "")).partition(":")[0]
        answer = await self._run(self.table.get((Kind.ACTION, name)), request, key_of_click(body, action))
        await ack()
        self._follow(self._after_click(answer, request))

    async def _on_submission(self, ack: Ack, request: AsyncBoltRequest) -> None:
        body = request.body
        view = body.get("view") or {}
        listener = self.table.get((Kind.SUBMISSION, str(view.get("callback_id", ""))))
        answer = await self._run(listener, request, key_of_submission(body, view))
        match answer:
            case a.FieldErrors(errors):
                await ack(response_action="errors", errors=dict(errors))
            case a.UpdateModal(shown):
                await ack(response_action="update", view=shown)
            case a.CloseModal(receipt):
                await ack(response_action="clear")
                if receipt is not None:
                    self._follow(self._receipt(receipt, body))
            case a.Receipt():
                await ack(response_action="update", view=notice_view("That did not work", answer.text))
            case _:
                await ack()

    async def _on_closed(self, ack: Ack, _request: AsyncBoltRequest) -> None:
        await ack()

    async def _on_shortcut(self, ack: Ack, request: AsyncBoltRequest) -> None:
        body = request.body
        kind = Kind.MESSAGE_SHORTCUT if payloads.is_message_shortcut(body) else Kind.SHORTCUT
        listener = self.table.get((kind, str(body.get("callback_id", ""))))
        answer = await self._run(listener, request, key_of_trigger(body))
        await ack()
        if isinstance(answer, a.Receipt):
            self._follow(self._receipt(answer, body))

    async def _on_options(self, ack: Ack, request: AsyncBoltRequest) -> None:
        body = request.body
        name = str(body.get("action_id", "")).partition(":")[0]
        listener = self.table.get((Kind.OPTIONS, name))
        answer = await self._run(listener, request, "", text=str(body.get("value") or ""))
        found = answer.options if isinstance(answer, a.Options) else ()
        await ack(
            options=[
                {"text": {"type": "plain_text", "text": label[:75]}, "value": value}
                for label, value in found[:MOST_OPTIONS]
            ]
        )

    async def _on_event(self, ack: Ack, request: AsyncBoltRequest) -> None:
        body = request.body
        event = body.get("event") or {}
        listener = self.table.get((Kind.EVENT, event_name(event)))
        if listener is not None:
            await self._run(listener, request, key_of_event(body))
        # What failed was raised: Slack sends an event again that is not acknowledged.
        await ack()

    # What is the same for all of them.

    async def _run(
        self,
        listener: Listener | None,
        request: AsyncBoltRequest,
        key: str,
        *,
        text: str = "",
    ) -> a.Answer:
        """Run the listener, open the modal it wants, and turn errors into an answer: the one error handler."""
        if listener is None:
            note(outcome="no listener")
            help_command = self.tandem.command_name("tandem")
            return a.Receipt(f"This button or command is no longer in use. `{help_command} help` lists what works.")
        body = request.body
        arrival = self._arrival(listener, request, key, text)
        named = f"{listener.name} {listener.word}" if listener.word else listener.name
        note(kind=str(listener.kind), listener=named, user=arrival.user_id[:20] if arrival.user_id.isalnum() else "")
        try:
            arrival = await self._admitted(listener, arrival)
            answer = await listener.handler(arrival)
            if not arrival.checked and listener.kind is not Kind.EVENT:
                await arrival.look(_nothing)  # the handler asked nothing of the database, so no role was checked
            note(outcome=type(answer).__name__)
            answer = _marked(answer, arrival.team_id)
            if isinstance(answer, a.OpenModal):
                return await self._open(answer, body, arrival.client, arrival.answer_by)
        except Redelivered as redelivered:
            note(outcome="redelivered")
            return _marked(redelivered.answer, arrival.team_id)
        except Exception as error:
            note(outcome=type(error).__name__)
            return self._explain(error, listener, body)
        return answer

    async def _admitted(self, listener: Listener, arrival: Arrival) -> Arrival:
        """The arrival with the client of its workspace.

        Raises NotOurs for what comes from where Tandem is not installed, OnlyPeople for what robots do, and
        DatabaseSilent when it cannot be found out in time whether it is installed there.
        """
        if self.speakers is None or listener.of_organization:
            return arrival
        speaker = self.speakers.of_team(arrival.team_id)
        if speaker is None:
            origin = origin_of(arrival.body)
            if origin.is_of_all and listener.kind is Kind.EVENT:
                return arrival  # of an installation and of no workspace: nobody is answered
            seen = happened_at(arrival.body) or arrival.at - NEAR
            org = origin.enterprise_id if origin.org_wide else None
            try:
                async with asyncio.timeout_at(arrival.answer_by):
                    speaker = await self.speakers.meet(origin.team_id, org, seen)
            except TimeoutError:
                raise DatabaseSilent from None
        if speaker is None:
            raise NotOurs
        if arrival.user_id in ("", SLACKBOT, speaker.bot_user_id) and listener.kind is not Kind.EVENT:
            raise OnlyPeople
        return replace(arrival, client=speaker.client)

    def _client(self, request: AsyncBoltRequest) -> AsyncWebClient | None:
        """The client of the workspace that a request comes from, None when nobody speaks for that workspace."""
        if self.speakers is None:
            return request.context.client
        speaker = self.speakers.of_team(origin_of(request.body).team_id)
        return speaker.client if speaker is not None else None

    def _explain(self, error: Exception, listener: Listener, body: Mapping[str, Any]) -> a.Answer:
        """What the person reads. A form stays open with what was typed, whatever went wrong."""
        view = body.get("view") or {}
        if listener.kind is not Kind.SUBMISSION:
            return self._refusal(error, listener, str(view.get("type")))
        if isinstance(error, FieldProblems):
            return a.FieldErrors(field_sentences(error))
        if isinstance(error, SensitiveText):
            # Submitted once more, it is saved.
            return a.UpdateModal(shown_again(view, sentence(error), remember={"warned": error.seen}))
        if isinstance(error, Changed):
            return a.UpdateModal(shown_again(view, changed_meanwhile(error), remember={"version": error.version}))
        return a.UpdateModal(shown_again(view, self._refusal(error, listener, "modal").text))

    def _refusal(self, error: Exception, listener: Listener, surface: str) -> a.Receipt:
        """`surface`: the view that was used, "modal" or "home"; anything else for a message or a command."""
        if isinstance(error, BeforeRestore):
            what = {"modal": "form", "home": "page"}.get(surface, "card")
            return a.Receipt(before_restore(error, what, self.tandem.prefix), refusal=True)
        if is_expected(error):
            return a.Receipt(sentence(error), refusal=True)
        trouble = "silent" if isinstance(error, DatabaseSilent) else trouble_of(error)
        if trouble is not None and listener.kind is not Kind.EVENT:
            log.error("the database is away", error=trouble, listener=listener.name)
            return a.Receipt(DATABASE_AWAY, refusal=True)
        number = current_request_id() or new_request_id("error")
        log.exception("listener failed", request_id=number, listener=listener.name, kind=str(listener.kind))
        if listener.kind is Kind.EVENT:
            raise error
        return broken(number)

    def _arrival(self, listener: Listener, request: AsyncBoltRequest, key: str, text: str) -> Arrival:
        body = request.body
        user = body.get("user") or {}
        event = body.get("event") or {}
        event_user = event.get("user")
        if isinstance(event_user, Mapping):
            event_user = event_user.get("id")
        return Arrival(
            tandem=self.tandem,
            roles=listener.roles,
            guests=listener.guests,
            purpose=listener.help or listener.name,
            client=self._client(request) or request.context.client,  # without a token, and not used: see _admitted
            body=body,
            team_id=origin_of(body).team_id,
            user_id=str(body.get("user_id") or user.get("id") or event_user or ""),
            user_name=str(body.get("user_name") or user.get("username") or user.get("name") or ""),
            key=key,
            at=self.tandem.clock.now(),
            text=text,
        )

    async def _open(
        self, answer: a.OpenModal, body: Mapping[str, Any], client: AsyncWebClient, answer_by: float
    ) -> a.Answer:
        """Open or push a modal while the trigger lives; a receipt when Slack does not let us."""
        if not body.get("trigger_id"):
            return a.Receipt(answer.otherwise)
        call = client.views_push if answer.push else client.views_open
        try:
            async with asyncio.timeout_at(answer_by + OPEN_SECONDS_MORE):
                await call(trigger_id=str(body.get("trigger_id", "")), view=answer.view)
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("modal not opened", error=error_name(error), callback_id=answer.view.get("callback_id"))
            return a.Receipt(answer.otherwise)
        return a.NOTHING

    async def _after_click(self, answer: a.Answer, request: AsyncBoltRequest) -> None:
        body, client = request.body, self._client(request)
        match answer:
            case a.Receipt() if client is None:
                await self._receipt(answer, body)  # without a token, nothing else can be said there
            case _ if client is None:
                return
            case a.Receipt(text, refusal=True) if (body.get("view") or {}).get("type") == "home":
                # A Home takes no receipts.
                view = notice_view("That did not work", text)
                await client.views_open(trigger_id=str(body.get("trigger_id", "")), view=view)
            case a.Receipt(text, refusal=True) if (shown := body.get("view") or {}).get("type") == "modal":
                # A receipt would stand behind the form.
                again = shown_again(shown, text)
                await client.views_update(view_id=shown.get("id"), hash=shown.get("hash"), view=again)
            case a.Receipt():
                await self._receipt(answer, body)
            case a.Remove():
                await respond(body, {"delete_original": True})
            case a.UpdateModal(view):
                shown = body.get("view") or {}
                await client.views_update(view_id=shown.get("id"), hash=shown.get("hash"), view=view)
            case _:
                return

    async def _receipt(self, receipt: a.Receipt, body: Mapping[str, Any]) -> None:
        await respond(body, message_of(receipt) | {"replace_original": receipt.replace})

    def _follow(self, work: Coroutine[Any, Any, None]) -> None:
        async def guarded() -> None:
            try:
                await work
            except Exception as error:
                log.warning("receipt not delivered", error=error_name(error))

        task = asyncio.create_task(guarded())
        self._following.add(task)
        task.add_done_callback(self._following.discard)


def broken(request_id: str) -> a.Receipt:
    """What a person reads of an error that nobody foresaw."""
    return a.Receipt(
        "Something broke in Tandem, and nothing was saved. Please try again. If it happens again, give an admin "
        f"the number `{request_id}`: the log has the details.",
        refusal=True,
    )


def _marked(answer: a.Answer, team_id: str) -> a.Answer:
    """A view that an answer shows says in which workspace; what Slack tells of that is not always so."""
    if isinstance(answer, a.OpenModal | a.UpdateModal):
        return replace(answer, view=marked(answer.view, team_id))
    return answer


def _nothing(_session: Session, *, by: Actor, at: datetime) -> None:
    """A look at nothing: only the role is checked."""


def notice_view(title: str, text: str) -> a.View:
    """A modal that only says something."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": title[:24]},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}}],
    }
