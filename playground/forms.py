"""What Slack's own client refuses to submit: empty required inputs, texts of a wrong length, numbers out of bounds."""

from playground.blocks import leaf_blocks
from playground.records import Json, View
from playground.views import value_key

REQUIRED = "Please complete this required field."


def refused_inputs(view: View) -> dict[str, str]:
    """A sentence for each input block of a modal that Slack would not submit, by `block_id`."""
    refused: dict[str, str] = {}
    for block in leaf_blocks(view.body["blocks"]):
        if block["type"] != "input":
            continue
        element = block["element"]
        entry = view.values.get(block["block_id"], {}).get(element["action_id"], {})
        value = entry.get(value_key(element["type"]))
        if value in (None, "", []) or (isinstance(value, str) and not value.strip()):
            if not block.get("optional"):
                refused[block["block_id"]] = REQUIRED
        elif isinstance(value, str) and (sentence := _refused_text(element, value)):
            refused[block["block_id"]] = sentence
    return refused


def _refused_text(element: Json, value: str) -> str | None:
    match element["type"]:
        case "plain_text_input":
            least, most = element.get("min_length", 0), element.get("max_length", 3000)
            if len(value) < least:
                return f"This entry must be at least {least} characters."
            if len(value) > most:
                return f"This entry must be no more than {most} characters."
        case "number_input":
            return _refused_number(element, value)
        case "email_text_input":
            name, _, host = value.partition("@")
            if not name or "." not in host or " " in value:
                return "Please enter a valid email address."
        case "url_text_input":
            if not value.startswith(("http://", "https://")):
                return "Please enter a valid URL."
    return None


def _refused_number(element: Json, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and not number.is_integer():
        return "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None
