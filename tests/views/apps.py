"""What services of the tests answer from a view."""

from typing import Any

import psycopg
from starlette.responses import PlainTextResponse

from eventlab.services import call


def one(view: Any, request: Any) -> Any:
    """Return count and sum of a key."""
    return view.read(_ask(request.path_params["key"]))


def _ask(key: str) -> Any:
    def ask(rows: Any) -> Any:
        if isinstance(rows, dict):
            return list(rows.get(key, ()))
        place = "%s" if isinstance(rows, psycopg.Connection) else "?"
        found = rows.execute(f"select n, total from counts where key = {place}", [key]).fetchone()
        return list(found or ())

    return ask


def pid(view: Any, request: Any) -> Any:
    """Return the process that the view lives in."""
    import os

    return os.getpid()


async def later(view: Any, request: Any) -> Any:
    """Return a response of its own, after a while."""
    return PlainTextResponse('"later"')


def fragile(rows: dict, event: dict, place: Any) -> None:
    """Fail at the tenth event."""
    if place.offset == 9:
        event["no such field"]
    rows[place.key] = (place.offset, 0)


async def asking(request: Any) -> Any:
    """Ask another service, at least as far as it is asked."""
    return await call("counts", f"/c1?{request.url.query}")
