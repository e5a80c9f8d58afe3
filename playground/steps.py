"""Functions of the app that Workflow Builder runs: each run is an event, which the app ends by a call of the Web API.

Source: https://docs.slack.dev/reference/events/function_executed
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.client import Slack
from playground.runs import Run


def run_function(slack: Slack, callback_id: str, inputs: Mapping[str, Any], *, run_id: str | None = None) -> Run:
    """Run a function of the app. `run_id`: of a run that Slack tells of once more.

    Raises AssertionError for a function that the manifest does not declare, and for inputs that it does not take.
    """
    installation = slack.installation
    declared = installation.app.functions.get(callback_id)
    assert declared is not None, f"the manifest declares no function {callback_id!r}"
    taken = declared["input_parameters"]
    strange = set(inputs) - set(taken)
    lacking = {name for name, one in taken.items() if one.get("is_required")} - set(inputs)
    assert not strange, f"{callback_id} takes no {strange}"
    assert not lacking, f"{callback_id} needs {lacking}"
    workspace = slack.workspace
    run = workspace.runs.get(run_id or "") or Run(workspace.new_id("Fx"), callback_id, dict(inputs))
    workspace.runs[run.id] = run
    workspace.on_event(
        {
            "type": "function_executed",
            "function": {
                "id": f"Fn{callback_id.upper()}",
                "callback_id": callback_id,
                "title": declared["title"],
                "description": declared["description"],
                "type": "app",
                "input_parameters": list(taken.values()),
                "output_parameters": list(declared["output_parameters"].values()),
                "app_id": installation.app.id,
            },
            "inputs": run.inputs,
            "function_execution_id": run.id,
            "workflow_execution_id": f"Wx{run.id}",
            "event_ts": workspace.new_ts(),
        }
    )
    return run
