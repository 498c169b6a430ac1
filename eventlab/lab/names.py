"""The names that are a chapter's own: two notebooks share a broker, and never each other's topics.

On a cluster that others use too, the user's name comes before the chapter's.
"""

import getpass
import hashlib
import os
import re
from typing import Any

from eventlab.errors import UsageError, shown

_MOST_LETTERS = 40  # of a user's name; a topic's may have 249


def checked_chapter(chapter: Any) -> str:
    """Return a chapter's number or name; UsageError for what cannot begin a topic's name.

    "ch00" is the chapter "00", whose names begin with it: they are one lab, as they are one prefix.
    """
    if isinstance(chapter, str) and re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", chapter):
        return re.sub(r"^ch(?=[0-9])", "", chapter)
    raise UsageError(
        "A lab belongs to a chapter",
        expected='its number, such as "00", or a short name',
        found=shown(chapter),
        remedy='Write Lab(chapter="00").',
    )


def prefix_of(chapter: str, *, shared: bool) -> str:
    """Return what a chapter's names begin with."""
    own = f"ch{chapter}." if chapter[:1].isdigit() else f"{chapter}."
    return f"{user_word()}.{own}" if shared else own


def user_word() -> str:
    """Return the user's name as one word, with which names begin where others have theirs too."""
    return _as_word(_user())


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # in a container a number may be all that there is
        return f"user-{os.getuid()}"


def _as_word(user: str) -> str:
    """Return a user's name as one word of a topic's name, and no two users' as the same one.

    A dot would end the word; and for Kafka jo.doe and jo_doe collide.
    """
    word = re.sub(r"[^a-zA-Z0-9_-]", "_", user)[:_MOST_LETTERS]
    if word == user:
        return word
    return f"{word}-{hashlib.sha256(user.encode(errors='surrogateescape')).hexdigest()[:8]}"


def seat_name(chapter: str) -> str:
    """Return the name under which a chapter's notebook holds the broker."""
    return f"chapter {chapter}"
