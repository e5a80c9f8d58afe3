"""The bot tokens of one installation: how they are made, how long they live, and why a dead one is refused.

A token lives until it is revoked or, with rotation, for twelve hours. A refresh token is good for one exchange. Two
access tokens may live at once; a third kills the oldest.
Source: https://docs.slack.dev/authentication/using-token-rotation
"""

from dataclasses import dataclass, field
from hashlib import sha256

from playground.errors import SlackError

LIFETIME = 43_200
_AT_ONCE = 2


@dataclass
class Tokens:
    """`seed` is what the tokens are derived from: the same in each run. `grace`: for how many seconds a refresh token
    still answers, with the same pair, after it was exchanged (a reply that was lost).
    """

    seed: str
    rotates: bool = False
    grace: float = 0.0
    current: str = ""
    refresh: str = ""
    _count: int = 0
    _dies_at: dict[str, float] = field(default_factory=dict)
    _dead: dict[str, str] = field(default_factory=dict)
    _spent: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.current = f"xoxb-playground-{self._derive('')}"

    def knows(self, token: str) -> bool:
        """Whether this token was ever issued here."""
        return token == self.current or token in self._dies_at or token in self._dead

    def trouble(self, token: str, now: float) -> str | None:
        """Slack's name for what is wrong with a token that was issued here; None for one that lives."""
        if token in self._dead:
            return self._dead[token]
        return "token_expired" if now >= self._dies_at.get(token, now + 1) else None

    def granted(self, now: float) -> None:
        """An installation was granted: the living token stays, or there is a new one (always, with rotation)."""
        if self.rotates or self.trouble(self.current, now):
            self._issue(now)

    def exchange(self, refresh: str, now: float) -> None:
        """Spend a refresh token for a new pair. Refused with `invalid_refresh_token`."""
        if refresh and refresh in self._spent and now < self._spent[refresh] + self.grace and self._lives(now):
            return
        if not refresh or refresh != self.refresh:
            raise SlackError("invalid_refresh_token")
        self._spent[refresh] = now
        self._issue(now)

    def has_refresh(self, refresh: str) -> bool:
        """Whether this refresh token was issued here and may still answer."""
        return bool(refresh) and (refresh == self.refresh or refresh in self._spent)

    def kill(self, why: str) -> None:
        """Make every token worthless. `why`: `token_revoked`, or `account_inactive` after an uninstallation."""
        for token in (self.current, *self._dies_at):
            self._dead.setdefault(token, why)
        self.refresh = ""
        self._spent.clear()

    def _lives(self, now: float) -> bool:
        return self.trouble(self.current, now) is None

    def _issue(self, now: float) -> None:
        self._count += 1
        if not self.rotates:
            self.current = f"xoxb-playground-{self._derive(f'/{self._count}')}"
            return
        if self.current not in self._dies_at:
            self._dead.setdefault(self.current, "token_revoked")
        living = [token for token in self._dies_at if token not in self._dead]
        for token in living[: len(living) + 1 - _AT_ONCE]:
            self._dead[token] = "token_revoked"
        self.current = f"xoxe.xoxb-1-{self._derive(f'/{self._count}')}"
        self.refresh = f"xoxe-1-{self._derive(f'/refresh/{self._count}')}"
        self._dies_at[self.current] = now + LIFETIME

    def _derive(self, purpose: str) -> str:
        return sha256(f"{self.seed}{purpose}".encode()).hexdigest()[:24]
