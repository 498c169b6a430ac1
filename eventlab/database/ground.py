"""Where PostgreSQL's programs and data stand, and as whom it runs there.

It refuses root. For a root user three ways are tried, in this order: as nobody, where nobody can
reach the installed programs; as nobody in name only, in a user namespace, which some containers
forbid; as nobody on a copy of the programs, where the installed ones are below a private folder.
"""

import errno
import hashlib
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eventlab.database.binaries import installed_folder, program
from eventlab.database.configuration import ENGLISH
from eventlab.database.identity import Identity
from eventlab.errors import SetupError
from eventlab.folders import data_folder, writing_to

_SOMEBODY = "nobody"
_PRIVATE = 0o700
_NOT_NEEDED = shutil.ignore_patterns("include", "pgxs", "*.a", "doc", "man")


@dataclass(frozen=True)
class Ground:
    """Where the programs are, where the data go, and as whom both are used."""

    programs: Path
    place: Path
    identity: Identity


def server_folder() -> Path:
    """Return the folder of what belongs to this home's server."""
    return data_folder() / "postgres"


def server_environment() -> dict[str, str]:
    """Return the environment for PostgreSQL's programs: without settings meant for others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | ENGLISH


def chosen_ground() -> Ground:
    """Return how the server can run here. Raises SetupError where it cannot."""
    installed = installed_folder()
    with writing_to(server_folder()) as home:
        if not _is_root():
            return Ground(installed, home, Identity())
        return _first_that_works(_WAYS, installed, home)


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def as_another_user(installed: Path, home: Path) -> Ground:
    """Run as nobody, on the installed programs. Raises OSError."""
    somebody = _somebody()
    place = _place_for(somebody, home)
    return _tried(Ground(installed, place, somebody))


def in_a_namespace(installed: Path, home: Path) -> Ground:
    """Run in a user namespace, in which root is called nobody. Raises OSError."""
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "only Linux has user namespaces")
    somebody = _somebody()
    return _tried(Ground(installed, home, Identity(somebody.user, somebody.group, True)))


def on_a_copy(installed: Path, home: Path) -> Ground:
    """Run as nobody, on a copy of the programs that nobody can reach. Raises OSError."""
    somebody = _somebody()
    place = _place_for(somebody, home)
    return _tried(Ground(_copied(installed, place), place, somebody))


_Way = Callable[[Path, Path], Ground]
_WAYS: dict[str, _Way] = {
    "as nobody": as_another_user,
    "in a user namespace": in_a_namespace,
    "on a copy": on_a_copy,
}


def _first_that_works(ways: dict[str, _Way], installed: Path, home: Path) -> Ground:
    reasons = []
    for name, way in ways.items():
        try:
            return way(installed, home)
        except OSError as error:
            reasons.append(f"{name}: {error.strerror or error}")
    raise SetupError(
        "PostgreSQL does not run as root, and here not otherwise either",
        expected="to run as nobody, in a user namespace, or on a copy of its programs",
        found="; ".join(reasons),
        remedy="Start Jupyter as another user, or set EVENTLAB_POSTGRES to the URL of a server.",
    )


def _somebody() -> Identity:
    """Return another user than root; initdb asks the system for its name, so it has to have one."""
    if sys.platform == "win32":
        raise OSError(errno.ENOSYS, "Windows has no root")
    import pwd

    try:
        found = pwd.getpwnam(_SOMEBODY)
    except KeyError:
        raise OSError(errno.ENOENT, f"there is no user {_SOMEBODY}") from None
    return Identity(found.pw_uid, found.pw_gid)


def _tried(ground: Ground) -> Ground:
    """Return the ground once a program has run on it. Raises OSError."""
    tried = ground.identity.run(
        [program(ground.programs, "initdb"), "--version"], ground.place, server_environment()
    )
    if tried.returncode:
        raise OSError(errno.ENOEXEC, tried.stderr.strip() or f"status {tried.returncode}")
    return ground


def _place_for(somebody: Identity, home: Path) -> Path:
    """Return a folder of that user's own: below a home, which is private, it reaches nothing."""
    key = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    place = Path(tempfile.gettempdir(), f"eventlab-postgres-{key}")
    _require_way_to(place.parents)
    place.mkdir(mode=_PRIVATE, exist_ok=True)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (0, somebody.user):
        raise OSError(errno.EPERM, f"{place} belongs to someone else")
    place.chmod(_PRIVATE)
    if sys.platform != "win32":
        os.chown(place, somebody.user or 0, somebody.group or 0)
    return place


def _require_way_to(parents: Sequence[Path]) -> None:
    for folder in parents:
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise OSError(errno.EACCES, f"{folder} is private")


def _copied(installed: Path, place: Path) -> Path:
    """Copy the programs, and at the same place beside them the libraries that they look for."""
    package = installed.parent
    target = place / "programs"
    copied = target / package.name / installed.name
    if not copied.exists():
        shutil.rmtree(target, ignore_errors=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, target / libraries.name)
        shutil.copytree(installed, copied, symlinks=True, ignore=_NOT_NEEDED)
        for folder in (place / "programs", copied.parent):
            folder.chmod(0o755)
    return copied
