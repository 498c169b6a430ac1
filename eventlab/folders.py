"""Where eventlab keeps what it fetched and what the learner made."""

import errno
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

from eventlab.errors import StorageError, UsageError, shown

# What leads out of a folder or names a drive or device, on any system, and what none can show.
_NO_NAME = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
_MOST_BYTES = 200  # a file system takes 255

_PRIVATE = 0o700
FULL = [errno.ENOSPC, errno.EDQUOT]
_FORBIDDEN = [errno.EACCES, errno.EPERM, errno.EROFS]


def cache_folder() -> Path:
    """Return the folder of what can be fetched or made again: jars, archive, template, Vega."""
    return _home("cache", user_cache_path("eventlab", appauthor=False))


def data_folder() -> Path:
    """Return the folder of what cannot: the log's own data, and the running broker's state."""
    return _home("data", user_data_path("eventlab", appauthor=False))


def named_folder(parent: Path, name: str) -> Path:
    """Return the folder of this name in `parent`, there or not. Raises UsageError.

    What a learner named (a flow, say) becomes a path here and nowhere else: a name with a slash
    would lead anywhere, and what is done there may be to delete it.
    """
    is_plain = isinstance(name, str) and name.strip(" .") != "" and not _NO_NAME.search(name)
    if is_plain and len(name.encode(errors="replace")) <= _MOST_BYTES and not name.endswith("."):
        return parent / name
    raise UsageError(
        "This name cannot be that of a folder",
        expected=f"up to {_MOST_BYTES} letters, none of / \\ : * ? < > | and no dot at its end",
        found=shown(name),
        remedy='Choose a plain name, such as "departures".',
    )


def _home(name: str, default: Path) -> Path:
    home = os.environ.get("EVENTLAB_HOME")
    return Path(home).expanduser().absolute() / name if home else default


@contextmanager
def writing_to(folder: Path) -> Iterator[Path]:
    """Make `folder` and yield it; a full disk or a forbidden folder becomes one StorageError."""
    try:
        _make_private(folder)
    except OSError as error:
        known = storage_error(folder, error)
        raise known or forbidden_folder(folder, _why(error)) from error
    try:
        yield folder
    except OSError as error:
        known = storage_error(folder, error)
        if known is None:
            raise
        raise known from error


def _make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for its owner alone.

    Another user of this machine could hold a lock in it, and so keep the broker from starting. The
    data become private too where they are not yet; a cache that is there may be meant to be shared.
    """
    if not folder.parent.exists():
        _make_private(folder.parent)
    folder.mkdir(mode=_PRIVATE, exist_ok=True)
    if folder == data_folder() and stat.S_IMODE(folder.stat().st_mode) & ~_PRIVATE:
        with suppress(PermissionError):  # it is someone else's: whether it serves shows later
            folder.chmod(_PRIVATE)


def storage_error(folder: Path, error: OSError) -> StorageError | None:
    """Return what `error` means for someone who wanted to write to `folder`, None if nothing."""
    if isinstance(error, shutil.Error):  # it has no number, only the sentences of several
        return spoken_storage_error(folder, str(error))
    if error.errno in FULL:
        return full_disk(folder)
    if error.errno in _FORBIDDEN:
        return forbidden_folder(folder, _why(error))
    return None


def spoken_storage_error(folder: Path, text: str) -> StorageError | None:
    """Return what a program's `text` (in English) says about `folder`, None if nothing."""
    if any(os.strerror(number) in text for number in FULL):
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
        found="no space left",
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
