"""The first data of a server: made once by initdb, in half a second, and copied from then on."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eventlab.database.binaries import installed_version, program
from eventlab.database.configuration import INITDB_OPTIONS, PASSWORD_FILE
from eventlab.database.ground import Ground, server_environment
from eventlab.errors import DatabaseError, StorageError
from eventlab.folders import cache_folder, spoken_storage_error, writing_to


def template_of(ground: Ground) -> Path:
    """Return the folder of a server's first data, made if need be.

    It is in the cache; where that cannot be written, beside the data. Raises SetupError and
    DatabaseError.
    """
    kept = cache_folder() / "postgres" / f"template-{installed_version()}"
    if _is_whole(kept):
        return kept
    try:
        with writing_to(kept.parent):
            return _made(kept, ground)
    except (StorageError, OSError):  # or another user's is in its place there
        return _made(ground.place / kept.name, ground)


def _is_whole(template: Path) -> bool:
    # The password is written last. What cannot be read is another user's, and no use to us.
    return os.access(template / PASSWORD_FILE, os.R_OK)


def _made(template: Path, ground: Ground) -> Path:
    if _is_whole(template):
        return template
    with _scratch(ground.place) as scratch, _scratch(template.parent) as arriving:
        whole = _moved(_initialized(scratch, ground), arriving / "data")
        shutil.rmtree(template, ignore_errors=True)
        whole.replace(template)
    return template


def _moved(made: Path, target: Path) -> Path:
    """Move a folder, and copy it only where that is on another disk."""
    try:
        return made.rename(target)
    except OSError:
        return Path(shutil.copytree(made, target))


def _initialized(scratch: Path, ground: Ground) -> Path:
    data = scratch / "data"
    password = scratch / "password"
    password.write_text(secrets.token_hex(16), encoding="ascii")
    ground.identity.own(scratch)
    command = [program(ground.programs, "initdb"), "-D", str(data), f"--pwfile={password}"]
    done = ground.identity.run([*command, *INITDB_OPTIONS], scratch, server_environment())
    if done.returncode:
        raise spoken_storage_error(scratch, done.stderr) or DatabaseError(
            "PostgreSQL's first data could not be made",
            expected="initdb to end well",
            found=done.stderr.strip() or f"status {done.returncode}",
            remedy="Run `eventlab doctor`, which looks at this machine.",
        )
    password.replace(data / PASSWORD_FILE)
    return data


@contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    """Yield a folder of this process alone, and delete it."""
    folder = Path(tempfile.mkdtemp(prefix="arriving-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
