"""Where eventlab keeps what it fetched and what the learner made."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

from eventlab.errors import StorageError

_FULL = [errno.ENOSPC, errno.EDQUOT]
_FORBIDDEN = [errno.EACCES, errno.EPERM, errno.EROFS]


def cache_folder() -> Path:
    """Return the folder of what can be fetched or made again: jars, archive, template, Vega."""
    return _home("cache", user_cache_path("eventlab", appauthor=False))


def data_folder() -> Path:
    """Return the folder of what cannot: the log's own data, and the running broker's state."""
    return _home("data", user_data_path("eventlab", appauthor=False))


def _home(name: str, default: Path) -> Path:
    home = os.environ.get("EVENTLAB_HOME")
    return Path(home).expanduser().absolute() / name if home else default


@contextmanager
def writing_to(folder: Path) -> Iterator[Path]:
    """Make `folder` and yield it; a full disk or a forbidden folder becomes one StorageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(folder, error) or forbidden_folder(folder, _why(error)) from error
    try:
        yield folder
    except OSError as error:
        raise storage_error(folder, error) or error from error


def storage_error(folder: Path, error: OSError) -> StorageError | None:
    """Return what `error` means for someone who wanted to write to `folder`, None if nothing."""
    if isinstance(error, shutil.Error):  # it has no number, only the sentences of several
        return spoken_storage_error(folder, str(error))
    if error.errno in _FULL:
        return full_disk(folder)
    if error.errno in _FORBIDDEN:
        return forbidden_folder(folder, _why(error))
    return None


def spoken_storage_error(folder: Path, text: str) -> StorageError | None:
    """Return what a program's `text` (in English) says about `folder`, None if nothing."""
    if any(os.strerror(number) in text for number in _FULL):
        return full_disk(folder)
    words = [os.strerror(number) for number in _FORBIDDEN] + ["AccessDeniedException"]
    if any(word in text for word in words):
        return forbidden_folder(folder, text)
    return None


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def full_disk(folder: Path) -> StorageError:
    """Return the error of a disk without space left."""
    return StorageError(
        f"The disk that holds {folder} is full",
        expected="about 300 MB of free space",
        remedy="Free some space, or set EVENTLAB_HOME to a folder on another disk.",
    )


def forbidden_folder(folder: Path, why: str) -> StorageError:
    """Return the error of a folder that cannot be written."""
    return StorageError(
        f"The folder {folder} cannot be written",
        expected="a folder of your own",
        found=why,
        remedy="Set EVENTLAB_HOME to a folder that you can write to.",
    )
