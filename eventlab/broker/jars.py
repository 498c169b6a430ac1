"""Jars of someone else's program, fetched once, each checked against the committed lock."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from multiprocessing.pool import ThreadPool
from pathlib import Path
from urllib.parse import urlsplit

from eventlab.errors import DownloadError
from eventlab.folders import cache_folder, writing_to

MIRROR = "EVENTLAB_MAVEN_MIRROR"
INCOMING = "incoming-"

# A start-up archive is bound to the modification times of its jars, so every verified jar gets
# this one, on every machine and at every download.
_MODIFIED_SECONDS = 1_600_000_000

Progress = Callable[[str, int, int], None]
Resolve = Callable[["Jar", Path], Path]


def silent(_what: str, _done: int, _total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True)
class Jar:
    """One line of the lock: group:artifact:version, sha256 and size in bytes."""

    coordinate: str
    sha256: str
    size: int

    @property
    def file_name(self) -> str:
        """Return the name the jar has on disk."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


@dataclass(frozen=True)
class Jars:
    """The jars of one program: `what` it is, the lock with a line for each, the folder for them."""

    what: str
    lock: Path
    folder: Path

    def locked(self) -> list[Jar]:
        """Return the jars of the lock, in the order they have on the class path."""
        text = self.lock.read_text(encoding="utf-8")
        lines = (line.split() for line in text.splitlines() if line.strip())
        return [Jar(coordinate, sha256, int(size)) for coordinate, sha256, size in lines]

    def class_path(self) -> list[str]:
        """Return the class path of the program, in the lock's order."""
        return [str(self.folder / jar.file_name) for jar in self.locked()]

    def missing(self) -> list[Jar]:
        """Return those that are missing or were touched since they were verified: a quick look."""
        return [jar for jar in self.locked() if not _in_place(self.folder, jar)]

    def damaged(self) -> list[Jar]:
        """Return those that are missing or are not what the lock says, by reading them whole."""
        return [jar for jar in self.locked() if not _is(jar, self.folder / jar.file_name)]

    def fetch(self, progress: Progress = silent, resolve: Resolve | None = None) -> None:
        """Make every jar of the lock present and verified; do nothing where that is so.

        A jar arrives in a temporary folder, is compared with the lock, and is moved in by one
        rename: whatever interrupts this, the next call goes on with the jars that are missing.
        `resolve(jar, folder)` returns the file it fetched (default: jgo, from Maven Central or the
        mirror named by EVENTLAB_MAVEN_MIRROR). Raises DownloadError and StorageError.
        """
        with writing_to(self.folder) as folder:
            missing = self.missing()
            if not missing:
                return
            with tempfile.TemporaryDirectory(
                prefix=INCOMING, dir=folder.parent, ignore_cleanup_errors=True
            ) as incoming:
                download = _Download(Path(incoming), resolve or _from_maven())
                self._fetch_all(missing, download, progress)

    def drop(self, jars: list[Jar]) -> None:
        """Delete `jars`, so that the next fetch brings them again. Raises StorageError."""
        with writing_to(self.folder) as folder:
            for jar in jars:
                (folder / jar.file_name).unlink(missing_ok=True)

    def _fetch_all(self, jars: list[Jar], download: "_Download", progress: Progress) -> None:
        total = sum(jar.size for jar in jars)
        done = 0
        progress(self.what, done, total)
        # This kind of pool does not wait at its end: an interrupt, or the first failure, ends it
        # at once, whatever the other downloads are waiting for.
        with ThreadPool(8) as pool, closing(download):
            for jar, path in pool.imap_unordered(download.fetch, jars):
                _stamp(path)
                os.replace(path, self.folder / jar.file_name)
                done += jar.size
                progress(self.what, done, total)


def _in_place(folder: Path, jar: Jar) -> bool:
    path = folder / jar.file_name
    try:
        stat = path.stat()
    except OSError:
        return False
    if stat.st_size != jar.size:
        return False
    return stat.st_mtime == _MODIFIED_SECONDS or (_is(jar, path) and _stamp(path))


def _stamp(path: Path) -> bool:
    with suppress(OSError):  # a read-only cache serves as it is, only slower
        os.utime(path, (_MODIFIED_SECONDS, _MODIFIED_SECONDS))
    return True


def _is(jar: Jar, path: Path) -> bool:
    if not path.exists() or path.stat().st_size != jar.size:
        return False
    return _digest(path) == jar.sha256


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Download:
    """Fetch jars into a folder that goes away, whether or not every thread has come to an end."""

    def __init__(self, incoming: Path, resolve: Resolve) -> None:
        self._incoming = incoming
        self._resolve = resolve
        self._is_closed = False

    def close(self) -> None:
        """Let a thread that is still waiting take away what it writes."""
        self._is_closed = True

    def fetch(self, jar: Jar) -> tuple[Jar, Path]:
        """Return the jar with its verified file. Raises DownloadError."""
        try:
            return jar, self._verified(jar)
        finally:
            if self._is_closed:
                shutil.rmtree(self._incoming, ignore_errors=True)

    def _verified(self, jar: Jar) -> Path:
        path = self._resolve(jar, self._incoming)
        if not _is(jar, path):
            raise DownloadError(
                f"{jar.file_name} is not the file that was published",
                expected=f"{jar.size} bytes, sha256 {jar.sha256[:16]}…",
                found=f"{path.stat().st_size} bytes, sha256 {_digest(path)[:16]}…",
                remedy="It was not kept. Try again; if it stays so, look at what "
                f"sits between you and the repository (a proxy, {MIRROR}).",
            )
        return path


def _from_maven() -> Resolve:
    import requests
    from jgo.maven import MavenContext

    mirror = os.environ.get(MIRROR, "").rstrip("/")
    repositories = {"mirror": mirror} if mirror else None

    def resolve(jar: Jar, incoming: Path) -> Path:
        group, artifact, version = jar.coordinate.split(":")
        context = MavenContext(repo_cache=incoming, remote_repos=repositories)
        try:
            component = context.project(group, artifact).at_version(version)
            return Path(component.artifact().resolve())
        except requests.RequestException as error:
            raise _unreachable(jar, mirror, type(error).__name__) from None
        except RuntimeError:  # jgo's word for any answer but the file
            raise _unreachable(jar, mirror, "an answer without it") from None

    return resolve


def _unreachable(jar: Jar, mirror: str, found: str) -> DownloadError:
    # A mirror's address may hold a password: only its host is shown.
    source = f"the mirror {urlsplit(mirror).hostname}" if mirror else "Maven Central"
    return DownloadError(
        f"{jar.file_name} could not be fetched",
        expected=f"the file from {source}",
        found=found,
        remedy="Check the network and run it again: what has arrived is kept. A machine without "
        f"network can use a copy of another machine's {cache_folder()}.",
    )
