#!/usr/bin/env python3
"""Make `.venv` with everything that eventlab needs and warm it up: what `make setup` calls.

Needs some Python 3 (3.6 or newer) to start with, and looks for a 3.11 or 3.12 by itself.
What is done already is not done again; what was interrupted is done again from a clean start. Two
may be started at once in one folder: the second waits for the first.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from ast import literal_eval
from collections import namedtuple
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

SUPPORTED = ("3.12.", "3.11.")
SPACE_MEGABYTES = 1200  # .venv takes 1030, the rest is for Kafka
AGAIN = "then run this again."
LOCK_PAUSE_SECONDS = 0.2

# The environment is filled aside and then put in place by renaming. The programs in it hold its
# path, so both names have the same length: exchanging one for the other damages no binary file.
IN_PLACE = ".venv"
ASIDE = ".vnew"
OUT_OF_DATE = ".vold"

Python = namedtuple("Python", "path version makes_environments")

# The base executable, because an environment made from another environment dies with it.
_PROBE = """
import importlib.util, os, sys
path = getattr(sys, "_base_executable", None) or sys.executable
able = all(map(importlib.util.find_spec, ("venv", "ensurepip")))
print((os.fsencode(path), "%d.%d.%d" % sys.version_info[:3], able))
"""

# In bytes, as in the probe: of their letters two Pythons need not think alike.
_PREFIX = "import os, sys; print(os.fsencode(sys.prefix))"
_PACKAGES = "import os, sysconfig; print(os.fsencode(sysconfig.get_path('purelib')))"

# Settings of the caller's shell that would lead an installer away from .venv.
_MISLEADING = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX", "UV_PYTHON")

# How pip, uv and the operating system say it.
_NO_SPACE = r"No space left|[Qq]uota exceeded|os error (28|112|122)\b|Err(no|or) (28|112|122)\b"
_FORBIDDEN = r"Permission denied|Read-only file system|Access is denied"
_NOT_AS_LOCKED = r"DO NOT MATCH THE HASHES|[Hh]ash mismatch"
_NO_NETWORK = (
    r"NewConnectionError|NameResolutionError|ProxyError|SSLError|(Read|Connect)Timeout|timed out|"
    r"error sending request|dns error|tcp connect|Connection (refused|reset|aborted)|"
    r"[Nn]ame resolution|[Nn]etwork is unreachable|Failed to (fetch|download)"
)


class Stop(Exception):
    """Set-up cannot go on; the message is the one line that a person needs."""


class Failed(Exception):
    """A tool, or the operating system, ended a step; the message is all that it printed."""

    def says(self, pattern):
        """Tell whether the message has something like `pattern`."""
        return re.search(pattern, str(self)) is not None

    @property
    def last_line(self):
        """The end of the message, where tools say what went wrong."""
        return str(self).strip().rpartition("\n")[2].strip()


def main(arguments=None):
    """Set up, and return the exit code."""
    parser = argparse.ArgumentParser(description="Set eventlab up in the folder .venv.")
    parser.add_argument(
        "--here",
        action="store_true",
        help="fill the environment of this very Python instead (conda, Binder)",
    )
    here = parser.parse_args(arguments).here
    try:
        setup = Setup(Path(__file__).resolve().parent)
        return setup.run_here() if here else setup.run()
    except KeyboardInterrupt:
        say("\nStopped. Run this again to go on.")
        return 130
    except Stop as stop:
        say(f"eventlab: {stop}")
    except Failed as failed:
        say(f"eventlab: {explain(failed)}")
    except OSError as error:
        say(f"eventlab: {explain(Failed(error))}")
    return 1


class Setup:
    """The way from a clone at `root` to a warm `.venv`.

    Two stamps in `.venv` say how far it came; each is written when its stage is complete.
    `run_tool(command, doing, folder)` runs a tool in a folder to its end and raises Failed.
    """

    def __init__(self, root, run_tool=None, name=IN_PLACE):
        self.root = root
        self.packages = root / "requirements.txt"
        self.environment = root / name
        self.python = program(self.environment, "python")
        self.run_tool = run_tool or run_quietly

    def run(self):
        """Do what is not done yet; return the exit code."""
        if self.is_done("installed") and self.is_done("warm"):
            return 0
        with alone(self.root):
            return self.run_alone()

    def run_alone(self):
        """Do what is not done yet while nobody else does; return the exit code."""
        if not self.is_done("installed"):
            self.install(find_pythons())
        if not self.is_done("warm"):
            if self.warm_up():
                return 1  # it said why
            self.mark("warm")
        return 0

    def run_here(self):
        """Do all of it in the environment of the Python that runs this; return the exit code."""
        version = "{}.{}.{}".format(*sys.version_info)
        if not version.startswith(SUPPORTED):
            raise Stop(f"expected Python 3.12 or 3.11, found {version}")
        self.environment, self.python = Path(sys.prefix), sys.executable
        with alone(self.root):
            self.fill(self.fetch_own_uv())
            return self.warm_up()

    def warm_up(self):
        """Let eventlab fetch Kafka and prepare its start; return the exit code."""
        eventlab = program(self.environment, "eventlab")
        return subprocess.call([eventlab, "warm-up"], env=clean_environment())

    def is_done(self, stage):
        """Tell whether `stage` was reached with these pins, in this folder, by a living Python."""
        stamp = self.environment / stage
        return stamp.is_file() and stamp.read_text(encoding="utf-8") == self.fingerprint(stage)

    def mark(self, stage):
        """Write down that `stage` is complete."""
        (self.environment / stage).write_text(self.fingerprint(stage), encoding="utf-8")

    def fingerprint(self, stage):
        """Return a digest of all that `stage` depends on."""
        parts = [self.packages.read_bytes(), (self.root / "pyproject.toml").read_bytes()]
        python = probe([self.python])
        own_python = python and python._replace(path=in_utf8(python.path))
        parts += [ascii((in_utf8(self.root), own_python)).encode()]
        if stage == "warm":
            home = os.environ.get("EVENTLAB_HOME")
            parts += [ascii(home and in_utf8(home)).encode()]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    def install(self, pythons):
        """Make an environment aside, fill it, and put it in the place of `.venv`."""
        if self.environment.exists():
            say("Making .venv anew: the one here is out of date.")
        require_space(self.root)
        aside = type(self)(self.root, self.run_tool, ASIDE)
        remove(aside.environment)
        with tempfile.TemporaryDirectory() as borrowed:
            aside.fill(aside.make_environment(pythons, Path(borrowed)))
        aside.rename_within()
        aside.mark("installed")
        put_in_place(aside.environment, self.environment)

    def rename_within(self):
        """Let the files that hold the path of the environment aside name its place instead."""
        # Its name alone: a script may hold the rest of the path quoted.
        old = os.fsencode(os.sep + ASIDE)
        new = os.fsencode(os.sep + IN_PLACE)
        programs = Path(program(self.environment, "python")).parent
        for path in [self.environment / "pyvenv.cfg", *programs.iterdir()]:
            if path.is_file() and not path.is_symlink():
                replace_within(path, old, new)

    def execute(self, command, doing):
        """Run a tool in the clone to its end; raise Failed with its output."""
        self.run_tool(command, doing, self.root)

    def fill(self, uv):
        """Install the locked packages and eventlab itself."""
        count = len(re.findall(r"(?m)^[\w.-]+==", self.packages.read_text(encoding="utf-8")))
        locked = ["--require-hashes", "-r", str(self.packages)]
        self.install_with(uv, locked, f"Installing {count} packages")
        folder = Path(packages_of(self.python))
        # Not by its path, which an installer takes for an address: # and [ would cut it.
        itself = ["--no-build-isolation", "-e", "."]
        self.install_with(uv, itself, "Installing eventlab")
        self.spell_root_in_ascii(folder)

    def spell_root_in_ascii(self, packages):
        """Let Python find eventlab in any locale.

        An installer names the clone in UTF-8, in a file among the packages that Python reads as it
        starts, in the encoding of its locale: under the locale C it ends there, in UTF-8 mode too.
        """
        root = os.fsencode(str(self.root))
        if all(byte < 128 for byte in root):
            return
        line = f"import os, sys; sys.path.append(os.fsdecode({root!a}))"
        for path in packages.glob("*.pth"):
            if path.read_bytes().strip() == root:
                replace_within(path, root, line.encode("ascii"))

    def make_environment(self, pythons, borrowed):
        """Make `.venv`; return the uv to fill it with, None where pip must do it.

        The ordinary way is Python's own `venv`. Debian's Python may lack it, and there may be no
        suitable Python at all: then uv does it, borrowed for the purpose if it is not here.
        """
        python = choose(pythons)
        if python and python.makes_environments:
            doing = f"Making .venv with Python {python.version}"
            self.execute([python.path, "-m", "venv", *self.named()], doing)
            return self.fetch_own_uv()
        uv = shutil.which("uv") or self.borrow_uv(borrowed)
        if python is None:
            self.make_with_managed_python(uv, pythons)
        elif uv:
            doing = f"Making .venv with Python {python.version} and uv"
            self.execute([uv, "venv", "--python", python.path, *self.named()], doing)
        else:
            self.make_with_virtualenv(python)
        return uv

    def named(self):
        """Return the arguments that say which environment to make, and what its prompt shows."""
        return ["--prompt", IN_PLACE, str(self.environment)]

    def make_with_managed_python(self, uv, pythons):
        """Make `.venv` with a Python 3.12 that uv fetches."""
        why_not = "uv, which could fetch one, is not to be had"
        if uv:
            command = [uv, "venv", "--python", "3.12", *self.named()]
            try:
                self.execute(command, "Fetching Python 3.12 with uv")
                return
            except Failed as failed:
                if failed.says(_NO_SPACE):
                    raise
                why_not = f"uv could not fetch one ({failed.last_line})"
        found = " and ".join(sorted({python.version for python in pythons}))
        raise Stop(
            f"expected Python 3.12 or 3.11, found {found}; {why_not}. Install Python 3.12, {AGAIN}"
        )

    def make_with_virtualenv(self, python):
        """Make `.venv` with the package virtualenv, the last resort."""
        doing = f"Making .venv with Python {python.version} and virtualenv"
        try:
            self.execute([python.path, "-m", "virtualenv", *self.named()], doing)
        except Failed as failed:
            if failed.says(_NO_SPACE):
                raise
            package = f"python{python.version.rpartition('.')[0]}-venv"
            raise Stop(
                f"Python {python.version} at {python.path} lacks its module venv. "
                f"Install it (Debian and Ubuntu: sudo apt-get install {package}), {AGAIN}"
            ) from failed

    def borrow_uv(self, folder):
        """Return a uv installed into a throwaway `folder`, None if it is not to be had."""
        if find_spec("venv") and find_spec("ensurepip"):
            self.execute([sys.executable, "-m", "venv", str(folder)], "Making room for uv")
            return self.fetch_uv(program(folder, "python"), program(folder, "uv"))
        return self.fetch_uv(sys.executable, str(folder / "bin" / "uv"), "--target", str(folder))

    def fetch_own_uv(self):
        """Install uv into the environment; return its path, None if it is not to be had."""
        self.require_own_python()
        return self.fetch_uv(self.python, program(self.environment, "uv"))

    def require_own_python(self):
        """Stop unless the environment's Python installs into the environment.

        In one that is damaged, or being deleted, it would install into the user's own Python.
        """
        found = prefix_of(self.python)
        if not is_same_folder(found, self.environment):
            raise Stop(
                f"the Python of {self.environment} installs into {found}, and nothing was "
                f"installed there. Delete {self.environment}, {AGAIN}"
            )

    def fetch_uv(self, python, uv, *where):
        """Install uv, as requirements.txt pins it, by pip; return its path, None if it fails."""
        with tempfile.TemporaryDirectory() as folder:
            only_uv = Path(folder) / "uv.txt"
            entry = locked_entry("uv", self.packages.read_text(encoding="utf-8"))
            only_uv.write_text(entry, encoding="utf-8")
            options = ["--retries=2", "--only-binary=:all:", "--no-deps", "--require-hashes"]
            command = [python, "-m", "pip", "install", *options, "-r", str(only_uv), *where]
            try:
                self.execute(command, "Fetching uv")
            except Failed as failed:
                if failed.says(_NO_SPACE) or failed.says(_NO_NETWORK):
                    raise
                return None
        return uv

    def install_with(self, uv, arguments, doing):
        """Install with uv, or with pip where there is no uv or it reaches nothing."""
        self.require_own_python()
        if uv:
            # Compiled now, as pip does: else the first imports take a second longer, and every one
            # does where Python may not write.
            options = ["--compile-bytecode", "--no-deps"]
            command = [uv, "pip", "install", "--python", self.python, *options, *arguments]
            try:
                self.execute(command, doing)
                return
            except Failed as failed:
                # Only pip reads pip's settings: a mirror or a certificate that uv knows nothing of.
                if not failed.says(_NO_NETWORK) or uv != program(self.environment, "uv"):
                    raise
        pip = [self.python, "-m", "pip", "install", "--retries=2", "--no-deps", *arguments]
        self.execute(pip, f"{doing} with pip")


def find_pythons():
    """Return the Pythons that really run here, this one first."""
    names = [sys.executable, "python3.12", "python3.11", "python3", "python"]
    commands = [[name] for name in names]
    if os.name == "nt":
        commands += [["py", "-3.12"], ["py", "-3.11"]]
    return [python for python in map(probe, commands) if python]


def choose(pythons):
    """Return the best Python for eventlab, None if none will do."""
    supported = [python for python in pythons if python.version.startswith(SUPPORTED)]
    return max(supported, key=lambda python: python.makes_environments, default=None)


def probe(command):
    """Return the Python that `command` starts, None if it starts none.

    It is run to find out: a shim of pyenv, or Windows' door to its shop, exists and is no Python.
    """
    facts = answer(command, _PROBE)
    if facts is None:
        return None
    path, version, able = facts
    return Python(os.fsdecode(path), version, able)


def prefix_of(python):
    """Return the folder into which this Python installs, None if it does not run."""
    prefix = answer([python], _PREFIX)
    return None if prefix is None else os.fsdecode(prefix)


def packages_of(python):
    """Return the folder in which this Python has its packages."""
    return os.fsdecode(answer([python], _PACKAGES))


def answer(command, script):
    """Return the value that a Python prints which runs a script; None if it is no Python."""
    try:
        done = subprocess.run(
            [*command, "-c", script],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=clean_environment(),
            timeout=30,
        )
        return literal_eval(done.stdout.decode("ascii"))
    except (OSError, ValueError, SyntaxError, subprocess.TimeoutExpired):
        return None


def in_utf8(path):
    """Return the path as a Python has it that takes paths for UTF-8, whatever this one does."""
    return os.fsencode(str(path)).decode("utf-8", "surrogateescape")


def is_same_folder(one, other):
    """Tell whether both paths lead to one folder that is there."""
    try:
        return one is not None and os.path.samefile(str(one), str(other))
    except OSError:
        return False


@contextmanager
def alone(folder):
    """Hold the lock of `folder`; whoever comes second waits.

    The tools that are started meanwhile hold it too: one that outlives a set-up that was killed
    still writes.
    """
    with open(str(folder / ".venv.lock"), "a", encoding="utf-8") as file:
        if not lock(file):
            say("Another set-up is at work in this folder: waiting for its end.")
            while not lock(file):
                time.sleep(LOCK_PAUSE_SECONDS)
        os.set_inheritable(file.fileno(), True)
        yield


def lock(file):
    """Lock an open file until the last process that has it open ends; tell whether it is so."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a disk that knows no locks, as some in a network: there it goes without
        return True
    return True


def put_in_place(made, place):
    """Put the environment `made` in its `place`; the one that is there goes only then."""
    old = place.with_name(OUT_OF_DATE)
    remove(old)
    if os.path.lexists(str(place)):
        place.rename(old)
    made.rename(place)
    remove(old)


def remove(folder):
    """Delete a folder, or a link to one; none is fine too."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(str(folder))


def replace_within(path, old, new):
    """Write a file anew with other bytes in the place of `old`, if it has them."""
    content = path.read_bytes()
    if old not in content:
        return
    arriving = path.with_name(path.name + ".arriving")
    shutil.copy2(str(path), str(arriving))  # a link to an installer's cache is left as it is
    arriving.write_bytes(content.replace(old, new))
    arriving.replace(path)


def program(environment, name):
    """Return the path of a program in an environment."""
    windows = os.name == "nt"
    folder = environment / ("Scripts" if windows else "bin")
    return str(folder / (name + ".exe" if windows else name))


def require_space(folder):
    """Stop before anything is fetched that would only fill the disk."""
    free = shutil.disk_usage(str(folder)).free // 1_000_000
    if free < SPACE_MEGABYTES:
        needs = f"expected {SPACE_MEGABYTES} MB of free space in {folder}, found {free} MB"
        raise Stop(f"the disk is full: {needs}. Free some, {AGAIN}")


def locked_entry(name, requirements):
    """Return the lines of one package, with its hashes, from the text of a requirements file."""
    return re.search(rf"(?ms)^{name}==.*?[^\\]\n", requirements).group()


def clean_environment():
    """Return the environment for tools: the caller's, without what leads away from `.venv`.

    They take paths for UTF-8: under the locale C the module venv fails at a letter beyond ASCII.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    return dict(kept, PYTHONUTF8="1", PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1")


def run_quietly(command, doing, folder):
    """Run a tool in `folder` to its end while one line shows what it does.

    Raises Failed with its output.
    """
    started = time.monotonic()
    process = start(command, folder)
    lines = []
    reader = threading.Thread(target=keep_lines, args=(process.stdout, lines), daemon=True)
    reader.start()
    try:
        while reader.is_alive():
            seconds = time.monotonic() - started
            show_progress(f"{doing} ({seconds:.0f} s) {lines[-1] if lines else ''}")
            reader.join(0.2)
    except KeyboardInterrupt:
        process.kill()
        raise
    finally:
        process.wait()
        show_progress("")
    if process.returncode:
        raise Failed("\n".join(lines) or f"{command[0]} ended with code {process.returncode}")
    say(f"{doing} ({time.monotonic() - started:.0f} s)")


def start(command, folder):
    """Start a tool whose output, errors among it, comes through one pipe.

    It gets what `alone` has made inheritable: the lock.
    """
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=str(folder),
            close_fds=False,
            env=clean_environment(),
        )
    except OSError as error:
        raise Failed(f"{command[0]} cannot be started: {error}") from error


def keep_lines(stream, lines):
    """Append each line of a tool's output to `lines` as it comes."""
    for line in stream:
        lines.append(line.decode("utf-8", "replace").strip())


def show_progress(text):
    """Renew the line that shows what goes on; on a terminal only."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 1
        say("\r" + text[:width].ljust(width) + "\r", end="")


def say(text, end="\n"):
    """Print, whatever letters the terminal knows."""
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "replace").decode(encoding), end=end, flush=True)


def explain(failed):
    """Return in one line what a failure means and what to do."""
    if failed.says(_NO_SPACE):
        return f"the disk is full: set-up needs {SPACE_MEGABYTES} MB. Free some space, {AGAIN}"
    if failed.says(_FORBIDDEN):
        return f"not allowed to write ({failed.last_line}). Use a folder of your own, {AGAIN}"
    if failed.says(_NOT_AS_LOCKED):
        return f"a package is not the one that requirements.txt pins. Fetch it anew, {AGAIN}"
    if failed.says(_NO_NETWORK):
        return f"the packages cannot be reached. Check the network or its proxy, {AGAIN}"
    return f"set-up stopped, and this is why: {failed}"


if __name__ == "__main__":
    sys.exit(main())
