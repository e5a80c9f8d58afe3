"""`./tandem reseal`: what an older key sealed is sealed with the first key of TANDEM_SECRET_KEY."""

from __future__ import annotations

from rich.console import Console

from bot.commands.offline import opened
from bot.seal import CannotUnseal, Sealer
from bot.settings import Settings
from domain.sealed import Sealed, find_sealed, reseal

PIECE = 200


def reseal_everything(settings: Settings, *, out: Console) -> bool:
    """Seal everything with the first key; whether nothing is left that no key unseals. Raises SettingsProblem."""
    settings.require("tandem_secret_key")
    sealer = Sealer.from_settings(settings.tandem_secret_key)
    with opened(settings) as db:
        older, lost = by_older_keys(sealer, db.run_sync(find_sealed))
        done = sum(
            db.run_sync(reseal, older[start : start + PIECE], sealer.reseal) for start in range(0, len(older), PIECE)
        )
    if done:
        out.print(f"Sealed with the first key: {done}. The older keys are no longer needed.", markup=False)
    else:
        out.print("Everything was sealed with the first key already.", markup=False)
    if lost:
        out.print(f"No key unseals {len(lost)}: `./tandem doctor` names them.", markup=False)
    return not lost


def by_older_keys(sealer: Sealer, found: list[Sealed]) -> tuple[list[Sealed], list[Sealed]]:
    """What an older key sealed, and what none of the keys unseals."""
    older, lost = [], []
    for one in found:
        if sealer.is_first(one.text):
            continue
        try:
            sealer.unseal(one.text)
        except CannotUnseal:
            lost.append(one)
        else:
            older.append(one)
    return older, lost
