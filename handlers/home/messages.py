"""The Home that the courier publishes, made from the state of that moment."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.home import load_home
from handlers.home.views import home_view
from handlers.messages import Messages, Rendering, Subject
from handlers.origin import marked
from storage.models import Workspace

messages = Messages()


@messages.kind("home")
def render_home(session: Session, subject: Subject) -> Rendering | None:
    """The member's Home; None when the member is gone."""
    home = load_home(session, subject.id, subject.workspace_id, subject.at)
    if home is None:
        return None
    team_id = session.get_one(Workspace, subject.workspace_id).slack_team_id
    return Rendering(text="", view=marked(home_view(home, subject.prefix), team_id))
