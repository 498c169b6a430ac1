"""The JVM's start-up archive: what it is made and used with, and whether it still fits.

It is the AOT cache of Java 25 (JEP 483, JEP 514), the class data archive of the versions before
(JEP 350). With it the first topic is there after 0.8 s in place of 2.0 s.
"""

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from eventlab.broker.java import Java, file_mark

_AOT_MAJOR = 25
_REFUSED = re.compile(r"^\[[\d.,]+s?\]\[(error|warning)\]\[(aot|cds)", re.MULTILINE)
_HEAD_BYTES = 4_000


@dataclass(frozen=True)
class Archive:
    """An archive of one Java, there or not, and the note beside it that says it was proved."""

    java: Java
    path: Path

    @property
    def note(self) -> Path:
        """Return the file that says what the archive was when it was proved."""
        return self.path.with_suffix(".json")

    def use_flags(self) -> list[str]:
        """Return the flags with which a JVM uses the archive, and says so when it cannot."""
        if self.java.major >= _AOT_MAJOR:
            return [f"-XX:AOTCache={self.path}", "-Xlog:aot*=error"]
        return [f"-XX:SharedArchiveFile={self.path}", "-Xlog:cds*=warning"]

    def making_flags(self) -> list[str]:
        """Return the flags with which a JVM writes the archive when it ends."""
        if self.java.major >= _AOT_MAJOR:
            return [f"-XX:AOTCacheOutput={self.path}", "-Xlog:aot*=error"]
        return [f"-XX:ArchiveClassesAtExit={self.path}", "-Xlog:cds*=off"]

    def proving_flags(self) -> list[str]:
        """Return the flags with which a JVM refuses to start unless the archive fits."""
        if self.java.major >= _AOT_MAJOR:
            return [f"-XX:AOTCache={self.path}", "-XX:AOTMode=on"]
        return [f"-XX:SharedArchiveFile={self.path}", "-Xshare:on"]

    def stands(self) -> bool:
        """Tell whether it is the one that was proved; read it whole only if it was touched."""
        try:
            note = json.loads(self.note.read_text(encoding="utf-8"))
            if note["java"] != self.java.mark():
                return False
            return note["mark"] == file_mark(self.path) or (self.is_whole() and self.prove())
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def is_whole(self) -> bool:
        """Tell whether each byte is as it was when it was proved."""
        try:
            note = json.loads(self.note.read_text(encoding="utf-8"))
            return bool(note["sha256"] == _digest(self.path))
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def prove(self) -> bool:
        """Note that the archive, as it is, fits this Java."""
        facts = {"java": self.java.mark(), "mark": file_mark(self.path)}
        note = json.dumps(facts | {"sha256": _digest(self.path)})
        with suppress(OSError):  # where nothing can be kept it is read whole at every start
            self.note.write_text(note, encoding="utf-8")
        return True

    def drop(self) -> None:
        """Delete the archive, so that the next preparation makes it again."""
        self.note.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)


def refused(log: Path) -> bool:
    """Tell whether the JVM says, at the head of its broker's log, that an archive did not fit."""
    with log.open("rb") as file:
        head = file.read(_HEAD_BYTES).decode(errors="replace")
    return _REFUSED.search(head) is not None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
