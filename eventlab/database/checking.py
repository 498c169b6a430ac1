"""Whether there could be a database here, and how; nothing is started or left."""

from contextlib import suppress

from eventlab.database.binaries import installed_version, require_client
from eventlab.database.external import ExternalServer
from eventlab.database.ground import Ground, chosen_ground, server_folder
from eventlab.database.urls import external_url, without_password


def how_it_runs() -> str:
    """Return in a few words which server a lab would get. Raises EventlabError for none."""
    require_client()
    url = external_url()
    if url:
        ExternalServer(url).start()
        return f"your own at {without_password(url)}"
    ground = chosen_ground()
    _leave(ground)
    return f"{installed_version()}{_as_whom(ground)}"


def _as_whom(ground: Ground) -> str:
    if ground.identity.user is None:
        return ""
    return ", in a user namespace" if ground.identity.in_namespace else ", as another user"


def _leave(ground: Ground) -> None:
    """Remove the place that was made to see whether it can be; one in use is not empty."""
    if ground.place != server_folder():
        with suppress(OSError):
            ground.place.rmdir()
