"""Where every listener declares what it listens to and who may use it.

The dispatcher, the manifest and the authorization tests all read these declarations, so they cannot differ.
`roles` has no default: a listener that does not say who may use it cannot be registered.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from handlers.answers import Answer
from handlers.arrival import Arrival
from handlers.declared import Function
from handlers.declared import Kind as Kind
from handlers.declared import Listener as Listener

Handler = Callable[[Arrival], Awaitable[Answer]]


class Listeners:
    """The declarations of one subject."""

    def __init__(self, *, guests: bool = True) -> None:
        """`guests`: whether guests of a workspace, as Slack calls them, may use these as reps do."""
        self.declared: list[Listener] = []
        self.guests = guests

    def command(
        self,
        name: str,
        word: str | None = None,
        *,
        roles: Iterable[str],
        usage: str = "",
        help: str = "",
        about: str = "",
        alone: bool = False,
        listed_for: Iterable[str] | None = None,
    ) -> Callable[[Handler], Handler]:
        """A slash command, or the part of it that begins with `word`. `usage` and `help` appear in help texts.

        The command itself, without `word`, says what it is `about`: Slack shows that while people type. Help texts and
        the app's manifest list commands in the order in which they are declared without a word. `listed_for`: whose
        help names it, where that are not all who may use it: for others it only explains itself, or refuses.
        """
        if (word is None) != bool(about):
            raise ValueError(f"/{name} says once what it is about: where it is declared without a word")
        return self._declare(
            Kind.COMMAND,
            name,
            roles,
            word=word,
            alone=alone,
            usage=usage,
            help=help,
            about=about,
            scopes=("commands",),
            listed_for=roles if listed_for is None else listed_for,
        )

    def action(self, name: str, *, roles: Iterable[str]) -> Callable[[Handler], Handler]:
        """A click on the element with this action id."""
        return self._declare(Kind.ACTION, name, roles)

    def submission(self, name: str, *, roles: Iterable[str]) -> Callable[[Handler], Handler]:
        """The modal with this callback id is submitted."""
        return self._declare(Kind.SUBMISSION, name, roles)

    def shortcut(self, name: str, *, title: str, help: str, roles: Iterable[str]) -> Callable[[Handler], Handler]:
        """A global shortcut; `title` is what people pick (24 characters at most)."""
        return self._declare(Kind.SHORTCUT, name, roles, usage=title, help=help, scopes=("commands",))

    def message_shortcut(
        self,
        name: str,
        *,
        title: str,
        help: str,
        roles: Iterable[str],
    ) -> Callable[[Handler], Handler]:
        """A shortcut in a message's menu."""
        return self._declare(Kind.MESSAGE_SHORTCUT, name, roles, usage=title, help=help, scopes=("commands",))

    def options(self, name: str, *, roles: Iterable[str]) -> Callable[[Handler], Handler]:
        """What the external select with this action id offers."""
        return self._declare(Kind.OPTIONS, name, roles)

    def event(
        self,
        name: str,
        *,
        roles: Iterable[str],
        scopes: Iterable[str] = (),
        of_organization: bool = False,
        functions: Iterable[Function] = (),
    ) -> Callable[[Handler], Handler]:
        """An event of Slack's Events API. `functions`: those of the app that it runs."""
        return self._declare(
            Kind.EVENT,
            name,
            roles,
            scopes=tuple(scopes),
            of_organization=of_organization,
            functions=tuple(functions),
        )

    def _declare(
        self,
        kind: Kind,
        name: str,
        roles: Iterable[str],
        *,
        word: str | None = None,
        alone: bool = False,
        usage: str = "",
        help: str = "",
        about: str = "",
        scopes: tuple[str, ...] = (),
        of_organization: bool = False,
        functions: tuple[Function, ...] = (),
        listed_for: Iterable[str] = (),
    ) -> Callable[[Handler], Handler]:
        allowed = tuple(roles)
        if not allowed:
            raise ValueError(f"{kind} {name}: nobody may use it")

        def register(handler: Handler) -> Handler:
            self.declared.append(
                Listener(
                    kind,
                    name,
                    allowed,
                    handler,
                    word,
                    alone,
                    usage,
                    help,
                    about,
                    scopes,
                    of_organization,
                    self.guests,
                    functions,
                    tuple(listed_for),
                )
            )
            return handler

        return register
