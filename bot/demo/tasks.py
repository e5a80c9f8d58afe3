"""What a newcomer to the demo may try first: one thing for each role, with the person and the place it happens in."""

from __future__ import annotations

from typing import Final

from playground import Task

TASKS: Final = (
    Task(
        "Rep",
        "priya",
        "#sales",
        "Log what a customer said. The line is typed: send it.",
        "/voc 12 weeks of rollout is too long for us #rollout-time @Oakline Furniture €40k",
    ),
    Task("Marketer", "sofia", "#marketing", "Read what customers told sales last week, in their own words."),
    Task("Manager", "fiona", "app", "A lead is late. Reassign it, extend it or take it yourself."),
    Task("Admin", "ruth", "home", "Open Settings: see how this is set up, change a time limit."),
)
"""The rep's theme is one that marketing has answered, so the receipt gives that answer back."""
