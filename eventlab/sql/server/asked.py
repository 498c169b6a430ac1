"""What a request brings, and which kinds of answer it takes."""

import json
import re
from typing import Any

from starlette.requests import Request

from eventlab.sql.server.refusals import BAD_REQUEST, NOT_ACCEPTABLE, Refusal


async def body_of(request: Request) -> dict[str, Any]:
    """Return the JSON object that a request brings. Raises Refusal."""
    return object_in(await request.body(), "The body")


def object_in(data: bytes, what: str) -> dict[str, Any]:
    """Return the JSON object that some bytes are; a refusal begins with `what` they are.

    Raises Refusal, also for a text with half a character in it: UTF-8, in which all answers and
    records are, cannot hold one.
    """
    try:
        found = json.loads(data)
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = ascii(error.object[error.start])
        raise Refusal(BAD_REQUEST, f"{what} has half a character in a text: {half}") from None
    except RecursionError:
        raise Refusal(BAD_REQUEST, f"{what} is JSON of too many levels") from None
    except ValueError as error:
        raise Refusal(BAD_REQUEST, f"{what} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise Refusal(BAD_REQUEST, f"{what} is no JSON object")
    return found


def text_in(body: dict[str, Any], name: str) -> str:
    """Return the text under a name. Raises Refusal."""
    found = body.get(name)
    if not isinstance(found, str):
        raise Refusal(BAD_REQUEST, f'The body has no text under "{name}": {{"{name}": "…;"}}')
    return found


def map_in(body: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the object under a name, an empty one where there is none. Raises Refusal."""
    found = body.get(name) or {}
    if not isinstance(found, dict):
        raise Refusal(BAD_REQUEST, f'"{name}" is no JSON object')
    return found


def patterns_in(body: dict[str, Any], name: str) -> list[re.Pattern[str]]:
    """Return the list of patterns under a name, an empty one where there is none.

    Raises Refusal.
    """
    found = body.get(name) or []
    try:
        return [re.compile(one) for one in found]
    except (TypeError, re.error) as error:
        raise Refusal(BAD_REQUEST, f'"{name}" is no list of patterns: {error}') from None


def chosen_kind(request: Request, offered: list[str]) -> str:
    """Return the first kind of answer that the client takes."""
    accepted = [one.partition(";")[0].strip() for one in request.headers.getlist("accept")[:1]]
    kinds = [one.partition(";")[0].strip() for one in ",".join(accepted).split(",")]
    if not any(kinds) or "*/*" in kinds:
        return offered[0]
    for kind in kinds:
        if kind in offered:
            return kind
        if kind == "application/*":
            return offered[0]
    raise Refusal(NOT_ACCEPTABLE, f"Answers here are {', '.join(offered)}")
