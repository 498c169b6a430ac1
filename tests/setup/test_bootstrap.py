import ast
import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import bootstrap
from bootstrap import Failed, Python, Setup, Stop
from tests.waiting import until

pytestmark = pytest.mark.processes

ROOT = Path(bootstrap.__file__).parent
PYTHON_312 = Python("/somewhere/python3.12", "3.12.1", True)
PYTHON_313 = Python("/somewhere/python3.13", "3.13.0", True)
WITHOUT_VENV = Python("/usr/bin/python3.11", "3.11.2", False)

NO_NETWORK = "error: Failed to fetch: `uv`\n  Caused by: dns error: failed to lookup address"
NO_SPACE = "error: Failed to install: numpy\n  Caused by: No space left on device (os error 28)"
NO_WHEEL = "ERROR: No matching distribution found for uv"


class Tools:
    """Stand in for venv, pip and uv: note each command, make what it would make, or fail.

    `failing` has the output of each command that fails, by a part of its text.
    """

    def __init__(self, clone: Path, failing: dict[str, str] | None = None):
        self.clone = clone
        self.failing = failing or {}
        self.commands = []

    def __call__(self, command, doing, folder):
        assert folder == self.clone
        self.commands.append(command)
        for part, output in self.failing.items():
            if part in " ".join(command):
                raise Failed(output)
        if "venv" in command or "virtualenv" in command:
            self.make_environment(Path(command[-1]))

    def make_environment(self, folder: Path) -> None:
        """Make what venv makes, with one program in it that holds its path."""
        programs = folder / "bin"
        warm_up = f'echo "$@" >> "{self.clone}/warmed"\n# {shlex.quote(str(folder))}'
        script(programs / "eventlab", warm_up)
        (programs / "python").symlink_to(sys._base_executable)
        home = Path(sys._base_executable).parent
        (folder / "pyvenv.cfg").write_text(f"home = {home}\n", encoding="utf-8")

    def ran(self, *words: str) -> int:
        return sum(all(word in " ".join(command) for word in words) for command in self.commands)


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A clone in a folder with a letter beyond ASCII and others, on a machine without uv."""
    root = tmp_path / "Jörg's C# [1]"
    root.mkdir()
    for name in ("requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr(bootstrap, "find_pythons", lambda: [PYTHON_312])
    return root


def test_a_first_run_makes_fills_and_warms_and_a_second_does_nothing(clone):
    """The second time nothing at all is run again."""
    tools = Tools(clone)
    assert Setup(clone, tools).run() == 0
    assert tools.ran("-m venv", str(clone)) == 1
    assert tools.ran("uv pip install", "--no-deps", "--require-hashes") == 1
    assert tools.ran("uv pip install", "--no-deps", "--no-build-isolation", "-e .") == 1
    again = Tools(clone)
    assert Setup(clone, again).run() == 0
    assert again.commands == []
    assert (clone / "warmed").read_text(encoding="utf-8") == "warm-up\n"


def test_an_interrupted_installation_starts_again_from_nothing(clone):
    """What a killed set-up left behind is not trusted."""
    tools = Tools(clone)
    for name in (".vnew", ".vold", ".venv"):
        tools.make_environment(clone / name)
        (clone / name / "half-written").touch()
    assert Setup(clone, tools).run() == 0
    assert tools.ran("-m venv") == 1
    assert not list(clone.glob("*/half-written"))
    assert sorted(path.name for path in clone.glob(".v*")) == [".venv", ".venv.lock"]


def test_an_environment_is_put_in_place_when_it_is_complete(clone):
    """One that cannot be filled leaves the one before as it was."""
    Setup(clone, Tools(clone)).run()
    stamp = clone / ".venv" / "installed"
    stamp.write_text("out of date", encoding="utf-8")
    with pytest.raises(Failed):
        Setup(clone, Tools(clone, {"uv pip install": "odd thing"})).run()
    assert stamp.read_text(encoding="utf-8") == "out of date"
    assert Setup(clone, Tools(clone)).run() == 0
    text = (clone / ".venv/bin/eventlab").read_text(encoding="utf-8")
    assert shlex.quote(str(clone / ".venv")) in text
    assert ".vnew" not in text


def test_a_link_to_an_environment_elsewhere_is_replaced_and_not_followed(clone, tmp_path):
    """What it leads to is someone else's."""
    other = tmp_path / "other"
    other.mkdir()
    (clone / ".venv").symlink_to(other, target_is_directory=True)
    assert Setup(clone, Tools(clone)).run() == 0
    assert not (clone / ".venv").is_symlink()
    assert other.is_dir()


def test_two_at_once_install_once(clone):
    """The second waits for the first, and finds everything done."""
    entered, leave = threading.Event(), threading.Event()
    first, second = Tools(clone), Tools(clone)

    def slowly(*arguments):
        entered.set()
        assert leave.wait(60)
        first(*arguments)

    with ThreadPoolExecutor() as pool:
        one = pool.submit(Setup(clone, slowly).run)
        assert entered.wait(60)
        other = pool.submit(Setup(clone, second).run)
        with pytest.raises(TimeoutError):
            other.result(1)
        leave.set()
        assert (one.result(60), other.result(60)) == (0, 0)
    assert first.ran("-m venv") == 1
    assert second.commands == []
    assert (clone / "warmed").read_text(encoding="utf-8") == "warm-up\n"


KILLED = """
import os, sys
from pathlib import Path
import bootstrap
folder = Path(sys.argv[1])
with bootstrap.alone(folder):
    tool = bootstrap.start([sys.executable, "-c", "import time; time.sleep(60)"], folder)
    print(tool.pid, flush=True)
    os._exit(0)
"""


def test_a_tool_that_outlives_a_killed_set_up_holds_the_lock(clone):
    """What it still writes goes into no environment of the next set-up."""
    command = [sys.executable, "-c", KILLED, str(clone)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    with open(clone / ".venv.lock", "a", encoding="utf-8") as file:
        assert not bootstrap.lock(file)
        os.kill(int(done.stdout), signal.SIGKILL)
        until(lambda: bootstrap.lock(file))


@pytest.mark.parametrize("prefix", [sys.prefix, "/nowhere", None])
def test_nothing_is_installed_where_the_python_is_not_the_environment_s_own(
    clone, monkeypatch, prefix
):
    """In a damaged environment it would write into the user's own Python."""
    monkeypatch.setattr(bootstrap, "prefix_of", lambda python: prefix)
    tools = Tools(clone)
    with pytest.raises(Stop, match=r"and nothing was installed there\. Delete .*then run this"):
        Setup(clone, tools).run()
    assert tools.ran("-m pip") == tools.ran("uv pip") == 0


def test_the_folder_into_which_a_python_installs(tmp_path):
    """An environment that has lost its pyvenv.cfg leads to the Python that it was made from."""
    assert bootstrap.prefix_of(sys.executable) == sys.prefix
    Tools(tmp_path).make_environment(tmp_path / "made")
    python = str(tmp_path / "made" / "bin" / "python")
    assert bootstrap.is_same_folder(bootstrap.prefix_of(python), tmp_path / "made")
    (tmp_path / "made" / "pyvenv.cfg").unlink()
    assert not bootstrap.is_same_folder(bootstrap.prefix_of(python), tmp_path / "made")
    assert bootstrap.prefix_of("/no/such/python") is None


UNDER_THE_LOCALE_C = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("mode", ["0", "1"])
def test_eventlab_is_found_whatever_the_locale(clone, mode):
    """Python ends as it starts where a clone's path is spelled with letters beyond ASCII."""
    made = Setup(clone)
    base = sys._base_executable
    subprocess.run([base, "-m", "venv", "--without-pip", made.environment], check=True)
    packages = Path(bootstrap.packages_of(made.python))
    (clone / "eventlab.py").touch()
    (packages / "eventlab.pth").write_text(f"{clone}\n", encoding="utf-8")
    (packages / "other.pth").write_text(f"{clone}2\n", encoding="ascii", errors="ignore")
    odd = os.environ | UNDER_THE_LOCALE_C | {"PYTHONUTF8": mode}
    odd.pop("PYTHONPATH", None)
    starts = [made.python, "-c", "import eventlab, os; print(os.fsencode(eventlab.__file__))"]
    made.spell_root_in_ascii(packages)
    found = subprocess.run(starts, env=odd, cwd=packages, stdout=subprocess.PIPE, check=True)
    assert ast.literal_eval(found.stdout.decode("ascii")) == os.fsencode(clone / "eventlab.py")
    assert "import" not in (packages / "other.pth").read_text(encoding="utf-8")


def test_a_path_in_ascii_stays_as_the_installer_wrote_it(tmp_path):
    """Other tools read it too, and know only paths."""
    (tmp_path / "eventlab.pth").write_text(str(tmp_path), encoding="utf-8")
    Setup(tmp_path).spell_root_in_ascii(tmp_path)
    assert (tmp_path / "eventlab.pth").read_text(encoding="utf-8") == str(tmp_path)


def test_a_set_up_under_another_locale_is_the_same_one(clone):
    """What is installed for one is not made anew for the other, whichever came first."""
    Setup(clone, Tools(clone)).run()
    script = "import sys, bootstrap; print(bootstrap.Setup(bootstrap.Path(sys.argv[1])).run())"
    for odd in (UNDER_THE_LOCALE_C, {}):
        done = subprocess.run(
            [sys._base_executable, "-c", script, clone],
            env=os.environ | odd,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
        assert done.stdout == b"0\n"


def test_a_python_in_a_folder_of_any_letters_is_found(tmp_path):
    """Two Pythons exchange paths in bytes: they need not think alike of their letters."""
    folder = tmp_path / "é"
    subprocess.run([sys._base_executable, "-m", "venv", "--without-pip", folder], check=True)
    python = bootstrap.program(folder, "python")
    script = "import os, sys, bootstrap; print(os.fsencode(bootstrap.prefix_of(sys.argv[1])))"
    done = subprocess.run(
        [sys._base_executable, "-c", script, python],
        env=os.environ | UNDER_THE_LOCALE_C,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    assert ast.literal_eval(done.stdout.decode("ascii")) == os.fsencode(folder)


def test_an_interrupted_warm_up_does_not_install_again(clone):
    """A stage that is complete is kept when the next one fails."""
    tools = Tools(clone)
    Setup(clone, tools).run()
    (clone / ".venv" / "warm").unlink()
    again = Tools(clone)
    assert Setup(clone, again).run() == 0
    assert again.commands == []
    assert (clone / "warmed").read_text(encoding="utf-8") == "warm-up\n" * 2


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_other_pins_make_a_new_environment(clone, name):
    """After a pull that changes what is pinned, nothing old is left."""
    Setup(clone, Tools(clone)).run()
    with open(clone / name, "a", encoding="utf-8") as file:
        file.write("# changed\n")
    tools = Tools(clone)
    assert Setup(clone, tools).run() == 0
    assert tools.ran("-m venv") == 1


def test_a_moved_clone_makes_a_new_environment(clone):
    """The programs of an environment carry its path, so that they do not survive a move."""
    Setup(clone, Tools(clone)).run()
    moved = clone.rename(clone.with_name("moved"))
    tools = Tools(moved)
    assert Setup(moved, tools).run() == 0
    assert tools.ran("-m venv") == 1


def test_a_python_that_is_gone_makes_a_new_environment(clone):
    """An upgrade of the system's Python leaves a link to nothing behind, and that is noticed."""
    Setup(clone, Tools(clone)).run()
    python = clone / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(clone / "nothing")
    tools = Tools(clone)
    assert Setup(clone, tools).run() == 0
    assert tools.ran("-m venv") == 1


def test_another_home_is_warmed_up_too_without_installing_again(clone, monkeypatch):
    """EVENTLAB_HOME moves what the warm-up makes, and nothing else."""
    Setup(clone, Tools(clone)).run()
    monkeypatch.setenv("EVENTLAB_HOME", str(clone / "home"))
    tools = Tools(clone)
    assert Setup(clone, tools).run() == 0
    assert tools.commands == []
    assert (clone / "warmed").read_text(encoding="utf-8") == "warm-up\n" * 2


def test_a_failed_warm_up_fails_the_set_up_and_is_tried_again(clone):
    """The exit code is that of a failure, and no stamp claims otherwise."""
    tools = Tools(clone)
    Setup(clone, tools).run()
    (clone / ".venv" / "warm").unlink()
    script(clone / ".venv" / "bin" / "eventlab", "exit 3")
    assert Setup(clone, tools).run() == 1
    assert not (clone / ".venv" / "warm").exists()


def test_pip_installs_everything_where_uv_is_not_to_be_had(clone):
    """No wheel of uv for this platform is no reason to give up."""
    tools = Tools(clone, {"--only-binary": NO_WHEEL})
    assert Setup(clone, tools).run() == 0
    assert tools.ran("-m pip install", "--require-hashes", "requirements.txt") == 1
    assert tools.ran("-m pip install", "--no-build-isolation") == 1


def test_pip_goes_on_where_only_pip_knows_the_way(clone):
    """A mirror or a certificate of pip's own settings, unknown to uv, is enough."""
    tools = Tools(clone, {"/uv pip install": NO_NETWORK})
    assert Setup(clone, tools).run() == 0
    assert tools.ran("-m pip install", "--require-hashes", "requirements.txt") == 1


def test_a_missing_network_is_found_out_once(clone):
    """What failed for want of a network is not tried again in other ways, each with its waits."""
    tools = Tools(clone, {"-m pip": "ERROR: NewConnectionError(...)"})
    with pytest.raises(Failed):
        Setup(clone, tools).run()
    assert tools.ran("-m pip") == 1


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (NO_NETWORK, "the packages cannot be reached. Check the network"),
        (NO_SPACE, "the disk is full"),
        ("[Errno 28] No space left on device: '/x'", "the disk is full"),
        ("[Errno 122] Disk quota exceeded", "the disk is full"),
        ("[Errno 13] Permission denied: '/x/.venv'", "not allowed to write"),
        ("Hash mismatch for `numpy==2.0`", "a package is not the one that requirements.txt pins"),
    ],
)
def test_a_known_failure_is_one_clear_line(clone, monkeypatch, capsys, output, line):
    """Each says what is wrong and what to do, with the exit code of a failure."""
    tools = Tools(clone, {"-m pip": output})
    monkeypatch.setattr(bootstrap, "Setup", lambda root: Setup(clone, tools))
    assert bootstrap.main([]) == 1
    said = capsys.readouterr().out
    assert said.startswith(f"eventlab: {line}")
    assert said.endswith("then run this again.\n")
    assert said.count("\n") == 1


def test_an_unknown_failure_shows_what_the_tool_said(clone, monkeypatch, capsys):
    """Nothing that could help is hidden."""
    tools = Tools(clone, {"/uv pip": "one\nodd thing"})
    monkeypatch.setattr(bootstrap, "Setup", lambda root: Setup(clone, tools))
    assert bootstrap.main([]) == 1
    assert capsys.readouterr().out.endswith("and this is why: one\nodd thing\n")


def test_an_interrupt_is_no_traceback(clone, monkeypatch, capsys):
    """Ctrl-C says how to go on."""

    def interrupt(command, doing, folder):
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "Setup", lambda root: Setup(clone, interrupt))
    assert bootstrap.main([]) == 130
    assert capsys.readouterr().out == "\nStopped. Run this again to go on.\n"


def test_too_little_space_stops_before_anything_is_fetched(clone, monkeypatch):
    """A disk that will not do is not filled first."""
    monkeypatch.setattr(
        bootstrap.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(9, 8, 5_000_000)
    )
    tools = Tools(clone)
    with pytest.raises(Stop, match=r"expected 1200 MB of free space in .*, found 5 MB"):
        Setup(clone, tools).run()
    assert tools.commands == []


def test_a_newer_python_alone_borrows_uv_to_fetch_an_older_one(clone, monkeypatch):
    """Where only 3.13 is there, uv's own Python 3.12 is tried before giving up."""
    monkeypatch.setattr(bootstrap, "find_pythons", lambda: [PYTHON_313])
    tools = Tools(clone)
    assert Setup(clone, tools).run() == 0
    assert tools.ran("uv venv", "--python 3.12") == 1
    assert tools.ran("uv pip install", "--require-hashes") == 1


def test_the_environment_of_this_python_is_filled_on_demand(clone, tmp_path, monkeypatch):
    """Under conda and on Binder nothing is made anew, and nothing is removed."""
    prefix = tmp_path / "conda"
    script(prefix / "bin" / "eventlab", f'echo "$@" > "{tmp_path}/warmed"')
    monkeypatch.setattr(sys, "prefix", str(prefix))
    monkeypatch.setattr(bootstrap, "prefix_of", lambda python: str(prefix))
    tools = Tools(clone)
    assert Setup(clone, tools).run_here() == 0
    assert tools.ran("venv ") == 0
    assert tools.ran(f"{prefix}/bin/uv pip install --python {sys.executable}") == 2
    assert (tmp_path / "warmed").read_text(encoding="utf-8") == "warm-up\n"


def test_the_environment_of_an_unsuitable_python_is_refused(clone, monkeypatch):
    """Nothing is installed where bytewax cannot be."""
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    tools = Tools(clone)
    with pytest.raises(Stop, match=r"expected Python 3.12 or 3.11, found 3.13.0"):
        Setup(clone, tools).run_here()
    assert tools.commands == []


@pytest.mark.parametrize(
    "failing", [{"--only-binary": NO_WHEEL}, {"--python 3.12": "error: no such host"}]
)
def test_no_suitable_python_at_all_is_one_clear_line(clone, monkeypatch, failing):
    """It names the versions that were found and the one to install."""
    monkeypatch.setattr(bootstrap, "find_pythons", lambda: [PYTHON_313, PYTHON_313])
    with pytest.raises(
        Stop, match=r"^expected Python 3.12 or 3.11, found 3.13.0; .*Install Python"
    ):
        Setup(clone, Tools(clone, failing)).run()


def test_a_python_without_venv_is_served_by_uv(clone, monkeypatch):
    """Debian's Python without its package python3-venv is good enough."""
    monkeypatch.setattr(bootstrap, "find_pythons", lambda: [WITHOUT_VENV])
    tools = Tools(clone)
    assert Setup(clone, tools).run() == 0
    assert tools.ran("uv venv", "--python /usr/bin/python3.11") == 1


def test_a_python_without_venv_and_uv_is_served_by_virtualenv(clone, monkeypatch):
    """And where that is missing too, one clear line names the package to install."""
    monkeypatch.setattr(bootstrap, "find_pythons", lambda: [WITHOUT_VENV])
    tools = Tools(clone, {"--only-binary": NO_WHEEL})
    assert Setup(clone, tools).run() == 0
    assert tools.ran("/usr/bin/python3.11 -m virtualenv") == 1
    shutil.rmtree(clone / ".venv")
    tools.failing["virtualenv"] = "No module named virtualenv"
    with pytest.raises(Stop, match=r"lacks its module venv.*apt-get install python3.11-venv"):
        Setup(clone, tools).run()


def test_a_shim_that_starts_nothing_is_no_python(tmp_path, monkeypatch):
    """pyenv puts a python3.12 on the PATH that only prints how to get one."""
    script(tmp_path / "python3.12", "echo 'pyenv: python3.12: command not found' >&2; exit 127")
    script(tmp_path / "python3.11", f'exec "{sys.executable}" "$@"')
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
    found = bootstrap.find_pythons()
    assert [python.version for python in found] == ["{}.{}.{}".format(*sys.version_info)]


def test_an_environment_is_made_from_the_python_behind_an_environment(monkeypatch):
    """Run by .venv's own Python, the set-up does not saw off its branch."""
    found = bootstrap.probe([sys.executable])
    assert found.path == sys._base_executable
    assert found.makes_environments


def test_the_first_python_that_can_make_environments_is_chosen():
    """Order counts only among those that are equally able."""
    assert bootstrap.choose([PYTHON_313, WITHOUT_VENV, PYTHON_312]) == PYTHON_312
    assert bootstrap.choose([PYTHON_313, WITHOUT_VENV]) == WITHOUT_VENV
    assert bootstrap.choose([PYTHON_313]) is None


def test_uv_is_installed_by_its_own_hashed_lines():
    """Only uv's entry is taken, with all its hashes, and not that of a name that begins alike."""
    wanted = "uv==2 \\\n    --hash=sha256:b \\\n    --hash=sha256:c\n"
    text = "uv-build==1 \\\n    --hash=sha256:a\n" + wanted + "    # via eventlab\nvine==3\n"
    assert bootstrap.locked_entry("uv", text) == wanted
    assert (
        bootstrap.locked_entry("uv", (ROOT / "requirements.txt").read_text(encoding="utf-8")).count(
            "--hash"
        )
        > 5
    )


def test_settings_that_lead_away_from_the_environment_are_dropped(monkeypatch):
    """An active environment or PYTHONPATH of the caller does not decide where things go."""
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    assert "/elsewhere" not in bootstrap.clean_environment().values()


def test_a_tool_that_fails_tells_all_that_it_printed(capsys):
    """Its output and its errors come in one message; a success is one line."""
    command = [sys.executable, "-c", "import sys; print('a'); sys.stdout.flush(); sys.exit('b')"]
    with pytest.raises(Failed, match="a\nb"):
        bootstrap.run_quietly(command, "Trying", ROOT)
    bootstrap.run_quietly([sys.executable, "-c", ""], "Trying", ROOT)
    assert capsys.readouterr().out == "Trying (0 s)\n"


def test_a_tool_that_is_not_there_is_a_failure_like_any_other():
    """No traceback for a program that cannot be started."""
    with pytest.raises(Failed, match="/no/such/tool cannot be started"):
        bootstrap.run_quietly(["/no/such/tool"], "Trying", ROOT)


def test_any_terminal_can_show_it():
    """A path with letters that the terminal does not know is no reason to fail."""
    command = [sys.executable, "-c", "import bootstrap; bootstrap.say('Körper')"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8")
    assert done.stdout == "K?rper\n"


def test_an_old_python_understands_the_file():
    """A Python that is too old can still say so, instead of a syntax error."""
    ast.parse((ROOT / "bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 6))
