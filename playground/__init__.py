"""A Slack workspace on your own machine: Web API, Socket Mode, signed HTTP, and a page in the browser.

It is strict where Slack is strict, and imports nothing of the bot, which reaches it through `SLACK_API_URL`.
"""

from playground.faults import Fault
from playground.messages import Message
from playground.modals import Home, Modal
from playground.page_api import Control, Task
from playground.runs import Run
from playground.server import Playground
from playground.steps import run_function
from playground.surfaces import Button, Submission, Surface

__all__ = [
    "Button",
    "Control",
    "Fault",
    "Home",
    "Message",
    "Modal",
    "Playground",
    "Run",
    "Submission",
    "Surface",
    "Task",
    "run_function",
]
