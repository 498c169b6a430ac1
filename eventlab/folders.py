"""Where eventlab keeps what it fetched and what the learner made."""

import os
from pathlib import Path

from platformdirs import user_cache_path, user_data_path


def _home(name: str, default: Path) -> Path:
    home = os.environ.get("EVENTLAB_HOME")
    return Path(home).expanduser().absolute() / name if home else default


def cache_folder() -> Path:
    """Return the folder of what can be fetched or made again: jars, archive, template, Vega."""
    return _home("cache", user_cache_path("eventlab", appauthor=False))


def data_folder() -> Path:
    """Return the folder of what cannot: the log's own data, and the running broker's state."""
    return _home("data", user_data_path("eventlab", appauthor=False))
