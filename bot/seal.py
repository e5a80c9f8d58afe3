"""Encrypts what the database must not show in the clear: tokens and the secrets of sources."""

from __future__ import annotations

import base64
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

LEAST_LENGTH: Final = 32
PURPOSE: Final = b"tandem sealed values 1"


class BadKey(ValueError):
    """TANDEM_SECRET_KEY is missing or too short; the message says how to get one."""


class CannotUnseal(ValueError):
    """The value was sealed with another key, or changed since."""

    def __init__(self) -> None:
        super().__init__(
            "A stored secret cannot be decrypted with TANDEM_SECRET_KEY. If the key was changed, put the old one "
            "behind it after a comma: new,old."
        )


class Sealer:
    """Seals and unseals text (Fernet: AES-128-CBC with HMAC-SHA256).

    `key` is any text of 32 characters or more. Several of that length, separated by commas, allow rotation: the
    first seals, all unseal. (A comma before or after something shorter is part of one key.) Raises BadKey.
    """

    def __init__(self, key: str) -> None:
        parts = [part.strip() for part in key.split(",")]
        keys = parts if all(len(part) >= LEAST_LENGTH for part in parts) else [key.strip()]
        if not keys[0]:
            raise BadKey(f"TANDEM_SECRET_KEY is not set. {_HOW}")
        if len(keys[0]) < LEAST_LENGTH:
            raise BadKey(f"TANDEM_SECRET_KEY has {len(keys[0])} characters; {LEAST_LENGTH} are the least. {_HOW}")
        self._first = _fernet(keys[0])
        self._fernet = MultiFernet([_fernet(each) for each in keys])

    @classmethod
    def from_settings(cls, key: SecretStr | None) -> Sealer:
        """The sealer of TANDEM_SECRET_KEY. Without it the program still runs: BadKey comes when it is needed."""
        return cls(key.get_secret_value()) if key is not None else _Keyless()

    def seal(self, text: str) -> str:
        """The text encrypted, as ASCII; different each time."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def unseal(self, sealed: str) -> str:
        """The inverse of `seal`. Raises CannotUnseal."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except (InvalidToken, ValueError) as error:
            raise CannotUnseal from error

    def is_first(self, sealed: str) -> bool:
        """Whether the first key sealed this."""
        try:
            self._first.decrypt(sealed.encode())
        except (InvalidToken, ValueError):
            return False
        return True

    def reseal(self, sealed: str) -> str:
        """The same value sealed with the first key, for a rotation. Raises CannotUnseal."""
        try:
            return self._fernet.rotate(sealed.encode()).decode("ascii")
        except (InvalidToken, ValueError) as error:
            raise CannotUnseal from error


class _Keyless(Sealer):
    """Stands for a key that nobody has set."""

    def __init__(self) -> None:
        self._first = _fernet("")
        self._fernet = MultiFernet([self._first])

    def seal(self, text: str) -> str:  # noqa: ARG002
        raise BadKey(f"TANDEM_SECRET_KEY is not set. {_HOW}")

    def unseal(self, sealed: str) -> str:  # noqa: ARG002
        raise BadKey(f"TANDEM_SECRET_KEY is not set. {_HOW}")

    reseal = unseal


_HOW: Final = 'Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'


def _fernet(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
