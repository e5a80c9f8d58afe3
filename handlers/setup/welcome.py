"""The first words: whoever installed Tandem reads once what to do next."""

from __future__ import annotations

from sqlalchemy.orm import Session

from handlers.blocks import actions, button, section
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
