"""The URL of a server of your own: read from the environment, and pointed at one database of it."""

import os
import re
from urllib.parse import quote, urlsplit, urlunsplit

from eventlab.errors import UsageError

VARIABLE = "EVENTLAB_POSTGRES"
_SCHEMES = {"postgresql", "postgres"}
_PASSWORD = re.compile(r"(?<=:)[^:@/]*(?=@)")
_PASSWORD_OPTION = re.compile(r"(?<=password=)[^&]*")


def external_url() -> str | None:
    """Return the URL that the environment names, None for none. Raises UsageError."""
    url = os.environ.get(VARIABLE)
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.netloc:
        raise UsageError(
            f"{VARIABLE} is not the URL of a PostgreSQL server",
            expected="postgresql://user:password@host:port/database",
            found=without_password(url),
            remedy="Correct it, or unset it to use a PostgreSQL of this machine.",
        )
    return url


def with_database(url: str, database: str) -> str:
    """Return the URL of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database, safe='')}"))


def with_schema(url: str, schema: str) -> str:
    """Return the URL by which names without a schema are looked up in this one."""
    parts = urlsplit(url)
    option = f"options={quote(f'-csearch_path={schema}', safe='')}"
    return urlunsplit(parts._replace(query=f"{parts.query}&{option}" if parts.query else option))


def without_password(url: str) -> str:
    """Return the URL as it may be shown."""
    return _PASSWORD_OPTION.sub("…", _PASSWORD.sub("…", url))
