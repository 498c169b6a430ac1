"""What every store says alike: written by another, not built yet, damaged, of another version."""

from pathlib import Path

from eventlab.errors import StorageError


def written_by_another(name: str, found: str) -> StorageError:
    """Return the error of a store that someone else writes to."""
    return StorageError(
        f"The view {name} is written by somebody else",
        expected="a store that nobody else writes to",
        found=f"{found}, or another view of that name",
        remedy="Stop that one first, or give this view another name. Anybody may read it.",
    )


def not_built(name: str, where: str) -> StorageError:
    """Return the error of a view that has no rows yet."""
    return StorageError(
        f"The view {name} has not been built",
        expected=f"its rows in {where}",
        found="nothing",
        remedy="Start it first: view.start().",
    )


def damaged(file: Path, product: str, found: str) -> StorageError:
    """Return the error of a file that is no view's, or no longer."""
    return StorageError(
        f"The file {file} is not the store of a view",
        expected=f"a file of {product} that a view has written",
        found=found,
        remedy="Build the view anew, with keep=False: its rows come from the log.",
    )


def of_another_version(what: str, expected: int, found: int) -> StorageError:
    """Return the error of rows that another version of this room has written."""
    return StorageError(
        f"{what} of another version of views",
        expected=f"version {expected}",
        found=f"version {found}",
        remedy="Build the view anew, with keep=False: its rows come from the log.",
    )
