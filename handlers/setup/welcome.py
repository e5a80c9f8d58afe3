"""What those read who install Tandem: the first words, and that Tandem has to be installed again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from handlers.blocks import actions, button, escape, section
from handlers.messages import Messages, Rendering, Subject

messages = Messages()


@messages.kind("welcome")
def welcome(_session: Session, subject: Subject) -> Rendering:
    """Three steps, and the button to the first."""
    command = f"/{subject.prefix}tandem"
    text = "Tandem is installed, and you can set it up."
    steps = (
        f"*1.* Choose teams, people and channels: `{command} setup`.\n"
        f"*2.* Log what a customer said: `/{subject.prefix}voc`.\n"
        f"*3.* Look whether all is well: `{command} doctor`.\n"
        f"What Tandem can do for whom stands in `{command} help`."
    )
    return Rendering(
        text=text,
        blocks=[
            section(f":wave: *{text}*"),
            section(steps),
            actions(button("Open setup", "setup.open"), block_id="welcome"),
        ],
    )


@messages.kind("cannot_renew")
def cannot_renew(_session: Session, subject: Subject) -> Rendering:
    """Said while the last token still speaks: until when, and the link."""
    ends, link = int(subject.data.get("ends", 0)), escape(str(subject.data.get("link", "")))
    text = (
        "Slack does not renew Tandem’s access to this workspace. "
        f"It ends <!date^{ends}^{{date_short_pretty}} at {{time}}|soon>: please <{link}|install Tandem again> before. "
        "Nothing is lost: what waits goes out then."
    )
    return Rendering(text=text, blocks=[section(f":warning: {text}")])
