"""`functions.*`: the app ends a run of one of its functions."""

from playground.errors import SlackError
from playground.methods.call import Answer, ApiCall, Method
from playground.runs import Run


def _run(call: ApiCall) -> Run:
    run = call.workspace.runs.get(call.text("function_execution_id"))
    if run is None:
        raise SlackError("function_execution_not_found")
    if run.state != "running":
        raise SlackError("execution_not_in_running_state")
    return run


def complete_success(call: ApiCall) -> Answer:
    """The run is done; its outputs are those that the manifest declares."""
    run = _run(call)
    outputs = call.structure("outputs", "invalid_arguments")
    declared = call.app.functions[run.callback_id]["output_parameters"]
    required = {name for name, one in declared.items() if one.get("is_required")}
    if not isinstance(outputs, dict) or set(outputs) - set(declared) or required - set(outputs):
        raise SlackError("parameter_validation_failed")
    wrong = [name for name, one in declared.items() if one["type"] == "string" and not _is_text(outputs.get(name, ""))]
    if wrong:
        raise SlackError(
            "parameter_validation_failed", messages=[f"[ERROR] must be a string [{name}]" for name in wrong]
        )
    run.end(outputs=outputs)
    return {"ok": True}


def complete_error(call: ApiCall) -> Answer:
    """The run failed, for a reason in words."""
    _run(call).end(error=call.text("error"))
    return {"ok": True}


def _is_text(value: object) -> bool:
    return isinstance(value, str)


METHODS: dict[str, Method] = {
    "functions.completeSuccess": complete_success,
    "functions.completeError": complete_error,
}
