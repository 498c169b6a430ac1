"""As whom PostgreSQL runs: it refuses root, so a root user's server runs as somebody else.

Standard library only: the supervisor needs it.
"""

import ctypes
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_NEW_USER_NAMESPACE = 0x10000000
_PRIVATE = 0o700


@dataclass(frozen=True)
class Identity:
    """A user to run as: our own, another one, or ourselves under another one's number.

    `user` and `group` are numbers, None for our own. In a namespace the system takes us for that
    user there, while what we make stays ours outside of it (Linux).
    """

    user: int | None = None
    group: int | None = None
    in_namespace: bool = False

    @property
    def outer_user(self) -> int | None:
        """Return the user as whom the system starts a program, None for our own."""
        return None if self.in_namespace else self.user

    @property
    def outer_group(self) -> int | None:
        """Return the group in which the system starts a program, None for our own."""
        return None if self.in_namespace else self.group

    def become(self) -> None:
        """Enter the namespace, in a child that is about to turn into a program. Raises OSError."""
        if self.in_namespace:
            _enter_namespace(self.user or 0, self.group or 0)

    def own(self, folder: Path) -> None:
        """Give a folder to that user alone, with all that is in it. Raises OSError."""
        folder.chmod(_PRIVATE)
        if self.outer_user is not None:
            _give([folder, *folder.rglob("*")], self.outer_user, self.outer_group or 0)

    def run(
        self, command: Sequence[str], folder: Path, environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run a short command to its end; what it says is in the result. Raises OSError."""
        return subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            user=self.outer_user,
            group=self.outer_group,
            extra_groups=None if self.outer_user is None else [],
            preexec_fn=self.become if self.in_namespace else None,
        )


def _give(paths: Sequence[Path], user: int, group: int) -> None:
    if sys.platform != "win32":
        for path in paths:
            os.chown(path, user, group, follow_symlinks=False)


def _enter_namespace(user: int, group: int) -> None:
    if sys.platform == "win32":
        return
    outer_user = os.getuid()
    outer_group = os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_USER_NAMESPACE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    _write("setgroups", "deny")
    _write("uid_map", f"{user} {outer_user} 1")
    _write("gid_map", f"{group} {outer_group} 1")


def _write(name: str, text: str) -> None:
    Path("/proc/self", name).write_text(text, encoding="ascii")
