"""What every store says alike: written by another, not built yet, damaged, of another version."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from eventlab.errors import EventlabError, StorageError, UsageError


@contextmanager
def said_plainly(trouble: Callable[[BaseException | None], EventlabError | None]) -> Iterator[None]:
    """Let what an error says about the store itself be one error of ours; what else it says stays.

    `trouble` returns what an error means, None where it is about a statement. A fold may have been
    the first to hear it.
    """
    try:
        yield
    except Exception as error:
        found = trouble(error) or trouble(error.__cause__)
        if found is None:
            raise
        raise found from error


def other_tables(name: str, wanted: str, built: str) -> UsageError:
    """Return the error of a view whose rows have the tables of another schema."""
    return UsageError(
        f"The view {name} was built with other tables",
        expected=" ".join(wanted.split()),
        found=" ".join(built.split()),
        remedy="Build it anew, with keep=False, or beside the old one: view.rebuild(...).",
    )


def other_topics(name: str, wanted: list[str], built: list[str]) -> UsageError:
    """Return the error of a view whose rows come from a topic that it is not of."""
    return UsageError(
        f"The view {name} was built from other topics",
        expected=" and ".join(wanted),
        found=" and ".join(built),
        remedy="Build it anew, with keep=False, or give this view another name.",
    )


def other_store(name: str, wanted: str, built: str) -> UsageError:
    """Return the error of a view whose rows are in another kind of store."""
    return UsageError(
        f"The view {name} was built in another store",
        expected=wanted,
        found=built,
        remedy="Build it anew, with keep=False, or give this view another name.",
    )


def unusable(path: Path, expected: str, found: str) -> StorageError:
    """Return the error of a file in a view's folder that is not what it should be."""
    return StorageError(
        f"The file {path} of a view cannot be used",
        expected=expected,
        found=found,
        remedy="Look at its owner and its permissions, or delete the view's folder and build it"
        " anew: its rows come from the log.",
    )


def refused_schema(product: str, error: Exception) -> UsageError:
    """Return the error of a schema that a store's product does not take."""
    return UsageError(
        f"{product} does not take the view's schema",
        expected="statements that make its tables",
        found=str(error).strip().splitlines()[0],
        remedy='Write for example "create table sold(product text primary key, n integer)".',
    )


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


def position_lost(name: str) -> StorageError:
    """Return the error of rows that do not say any longer how far they are."""
    return StorageError(
        f"The rows of the view {name} have lost their position",
        expected="an offset for each topic that they come from",
        found="none",
        remedy="Build the view anew, with keep=False: its rows come from the log.",
    )
