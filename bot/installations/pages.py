"""The few pages that somebody sees who installs Tandem. Everything on them is escaped; none runs a script."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from typing import Final

from starlette.responses import HTMLResponse

from domain.installing import Return
from handlers.scopes import OPTIONAL_SCOPES, OptionalScope

STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 12vh auto; padding: 0 1.5rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
ul { margin: 0; padding-left: 1.2rem; }
small { opacity: .75; }
a.button { display: inline-block; margin: 1.5rem 0 0; padding: .7rem 1.2rem; border-radius: .5rem; background: #2b2a6b;
  color: #fff; text-decoration: none; font-weight: 600; }
a.button:focus-visible { outline: 3px solid #8a88e0; outline-offset: 2px; }
"""
_HASH: Final = b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
DOES: Final = (
    "answer its commands, and show what your people log and ask for",
    "post leads, reminders and digests in the channels that you choose, and write to the people concerned",
    "read the names, time zones and roles of your people, and the names of your channels",
)
CAME_BACK: Final = {
    Return.MISSING: (
        "Please begin here",
        "Slack sent you back without the mark that we gave it, so we cannot tell who began this.",
    ),
    Return.UNKNOWN: ("Please begin again", "We do not know the mark that Slack sent back with you."),
    Return.USED: (
        "This link was used already",
        "Tandem was installed with it, or the installation was broken off. Nothing was done twice.",
    ),
    Return.EXPIRED: ("That took more than ten minutes", "For safety’s sake an installation must end within ten."),
    Return.OTHER_BROWSER: (
        "This is not the browser that began",
        "An installation ends in the browser in which it began, with cookies allowed.",
    ),
}


def install_page(href: str, asked: Sequence[OptionalScope]) -> HTMLResponse:
    """What Tandem will be able to do, and one button. `href` leads to Slack's consent page."""
    lists: list[tuple[str, Sequence[str]]] = [("Tandem will", DOES)]
    if asked:
        words = [f"{one.words}. Without: {one.lost}." for one in asked]
        lists.append(("It also asks to, and Slack lets you refuse each", words))
    if len(asked) < len(OPTIONAL_SCOPES):
        lost = [one.lost for one in OPTIONAL_SCOPES if one not in asked]
        lists.append(("It does not ask for more, so", lost))
    note = "Slack asks you to agree on the next page. Whoever installs Tandem sets it up."
    return _page("Install Tandem in your Slack", lists=lists, button=("Continue to Slack", href), note=note)


def done_page(name: str, href: str, *, is_org: bool) -> HTMLResponse:
    """Tandem is installed; what comes next stands in Slack."""
    if is_org:
        next_step = (
            "Add the app to workspaces on Slack’s page for organization admins. Then type /tandem setup in any of them."
        )
    else:
        next_step = "Tandem has written to you there. To choose teams and channels, type /tandem setup."
    return _page(f"Tandem is installed in {name or 'your Slack'}", next_step, button=("Open Slack", href))


def came_back_page(how: Return, again: str) -> HTMLResponse:
    """Whoever did not come back from Slack as they went reads why, and may begin again."""
    title, sentence = CAME_BACK[how]
    return trouble_page(title, sentence, again, status=400)


def refused_page(again: str) -> HTMLResponse:
    """Somebody pressed Cancel on Slack's page."""
    return trouble_page(
        "Tandem was not installed", "You did not agree on Slack’s page. Nothing was changed.", again, 200
    )


def trouble_page(title: str, sentence: str, again: str, status: int) -> HTMLResponse:
    """What happened, what to do, and the way to begin again."""
    return _page(title, sentence, button=("Begin again", again), status=status)


def _page(
    title: str,
    sentence: str = "",
    *,
    button: tuple[str, str],
    lists: Sequence[tuple[str, Sequence[str]]] = (),
    note: str = "",
    status: int = 200,
) -> HTMLResponse:
    """`sentence` is read before the button is pressed, `note` may be."""
    parts = [f"<h1>{escape(title)}</h1>", f"<p>{escape(sentence)}</p>" if sentence else ""]
    for heading, lines in lists:
        parts.append(f"<h2>{escape(heading)}</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>")
    parts.append(f'<a class="button" href="{escape(button[1])}">{escape(button[0])}</a>')
    parts.append(f"<p>{escape(note)}</p>" if note else "")
    body = "".join(parts)
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    return HTMLResponse(html, status_code=status, headers=HEADERS)
