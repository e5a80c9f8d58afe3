"""Makes a request that does harm as small as it can be."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from tests.hostile.asked import GONE, Asked, paths_in, put


async def smaller(asked: Asked, still: Callable[[Asked], Awaitable[bool]], tries: int = 120) -> Asked:
    """The request with as much taken out of it as can be while `still` holds."""
    best = asked
    tried = 0
    changed = True
    while changed and tried < tries:
        changed = False
        for path in sorted(paths_in(best.body), key=len):
            if tried >= tries:
                break
            body = copy.deepcopy(best.body)
            with suppress(KeyError, IndexError, TypeError):
                put(body, path, GONE)
                tried += 1
                candidate = replace(best, body=body)
                if await still(candidate):
                    best, changed = candidate, True
                    break
    return best
