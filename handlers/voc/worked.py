"""What worked against a theme, in a line or two: the best asset, and how many it helped."""

from __future__ import annotations

from digests.mrkdwn import link
from domain.text import shorten
from domain.voc.worked import Verdicts, Worked

TITLE_SHOWN = 120


def worked_line(worked: Worked) -> str:
    """ "*What worked:* The payback calculator, helped 7 of 9"; empty when nothing is known."""
    asset = asset_link(worked)
    said = helped_of(worked.verdicts)
    if not asset and not said:
        return ""
    return f"*What worked:* {', '.join(filter(None, (asset or 'the answer', said)))}"


def asset_link(worked: Worked) -> str:
    """The best asset's title, as a link where it has an address."""
    return link(shorten(" ".join(worked.asset.title.split()), TITLE_SHOWN), worked.asset.url) if worked.asset else ""


def helped_of(verdicts: Verdicts) -> str:
    """ "helped 7 of 9"; of fewer than ENOUGH verdicts nothing is concluded, and that is said."""
    if not verdicts.count:
        return ""
    helped = f"helped {verdicts.helped:,} of {verdicts.count:,}"
    return helped if verdicts.is_enough else f"{helped} (too few to say more)"


def verdicts_line(verdicts: Verdicts) -> str:
    """ "7 helped, 1 used, 1 did not help"; of few voices that these are few; empty when nobody said anything."""
    counts = (
        (verdicts.helped, "helped"),
        (verdicts.used, "used"),
        (verdicts.no_help, "did not help"),
    )
    told = ", ".join(f"{count:,} {what}" for count, what in counts if count)
    return f"{told} (too few to say more)" if told and not verdicts.is_enough else told
