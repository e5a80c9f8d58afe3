"""The consent page of an installation, `/oauth/v2/authorize`: where to, with which scopes, Allow or Cancel."""

from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from playground.errors import SlackError
from playground.grants import Grants
from playground.oauth import Asked, OAuth

_ANSWERS = {
    "invalid_client_id": "This link is of an app that is not here.",
    "bad_redirect_uri": "The app may not send you back to that address.",
    "invalid_scope": "The app asks for no scopes.",
    "team_not_found": "Choose a workspace.",
}
_STYLE = """
body { margin: 0; background: #f6f4fa; color: #1d1c1d; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 34rem; margin: 2rem auto; padding: 1.5rem; border-radius: 12px; background: #fff; }
h1 { margin: 0 0 1rem; font-size: 1.4rem; line-height: 1.25; }
h2 { margin: 1.25rem 0 .25rem; font-size: 1rem; }
label { display: flex; gap: .6rem; align-items: center; min-height: 2.25rem; }
input { width: 1.15rem; height: 1.15rem; flex: none; margin: 0; accent-color: #611f69; }
small { color: #616061; }
code { overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 1.25rem; }
footer { display: flex; gap: .75rem; justify-content: flex-end; margin-top: 1.5rem; }
button { min-height: 44px; padding: 0 1.25rem; border: 1px solid #868686; border-radius: 8px; background: #fff; }
button { font: inherit; font-weight: 600; cursor: pointer; }
button.primary { border-color: #611f69; background: #611f69; color: #fff; }
@media (max-width: 36rem) { main { margin: 0; border-radius: 0; } body { background: #fff; } }
"""


class Consent:
    """The page and what its buttons do. Whoever opens it may install anywhere."""

    def __init__(self, grants: Grants, oauth: OAuth) -> None:
        self._grants = grants
        self._oauth = oauth

    async def handle(self, request: Request) -> Response:
        """Show the page; as a POST, go back to the app with a code or with `access_denied`."""
        try:
            asked = self._oauth.asked(request.query_params)
            if request.method == "GET":
                return HTMLResponse(self._page(asked))
            form = parse_qs((await request.body()).decode("utf-8", "replace"))
            if form.get("decision") != ["allow"]:
                return RedirectResponse(self._oauth.cancel(asked), 302)
            place = form.get("place", [""])[0]
            without = set(asked.scopes) - set(form.get("scope", []))
            return RedirectResponse(self._oauth.allow(asked, place, without=without), 302)
        except SlackError as refusal:
            sentence = _ANSWERS.get(refusal.name, "This link does not work.")
            return HTMLResponse(
                _document("Not installed", f"<p>{escape(sentence)}</p><code>{escape(refusal.name)}</code>"), 400
            )

    def _page(self, asked: Asked) -> str:
        app = self._grants.home.app
        needed = [f"<li><code>{escape(one)}</code></li>" for one in asked.scopes if one not in app.optional]
        optional = [
            f'<label><input type="checkbox" name="scope" value="{name}" checked><code>{name}</code></label>'
            for name in (escape(one) for one in asked.scopes if one in app.optional)
        ]
        title = f"{escape(app.name)} asks to be installed"
        return _document(
            title,
            f'<form method="post"><h2>Where</h2>{"".join(self._places(asked))}'
            f"<h2>It will be able to</h2><ul>{''.join(needed)}</ul>"
            + (f"<h2>Optional</h2>{''.join(optional)}" if optional else "")
            + '<footer><button name="decision" value="cancel">Cancel</button>'
            '<button class="primary" name="decision" value="allow">Allow</button></footer></form>',
        )

    def _places(self, asked: Asked) -> list[str]:
        installations = self._grants.installations
        chosen = asked.team if asked.team in installations else self._grants.home.workspace.team_id
        found = [
            (key, one.workspace.team_name, "installed" if one.app.installed else "")
            for key, one in installations.items()
        ]
        found += [(key, one.name, "the whole organization") for key, one in self._grants.organizations.items()]
        return [
            f'<label><input type="radio" name="place" value="{escape(key)}"{" checked" if key == chosen else ""}>'
            f"<span>{escape(name)} <small>{note}</small></span></label>"
            for key, name, note in found
        ]


def _document(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    )
