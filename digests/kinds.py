"""The kinds of digests there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from digests.marketing import MARKETING
from digests.sales import SALES
from digests.sections import DigestKind

KINDS: Final[Mapping[str, DigestKind[Any]]] = {kind.name: kind for kind in (SALES, MARKETING)}
"""By name, in the order in which people choose. Settings know the names as `storage.models.AUDIENCE_KINDS`."""
