import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap
from bootstrap import Failed, Python, Setup, Stop

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
        self.environment = clone / ".venv"
        self.failing = failing or {}
        self.commands = []

    def __call__(self, command, doing):
        self.commands.append(command)
        for part, output in self.failing.items():
            if part in " ".join(command):
                raise Failed(output)
        if command[-1] == str(self.environment):
            self.make_environment()

    def make_environment(self):
        folder = self.environment / "bin"
        script(folder / "python", f'exec "{sys.executable}" "$@"')
        script(folder / "eventlab", f'echo "$@" >> "{self.environment.parent}/warmed"')

    def ran(self, *words: str) -> int:
        return sum(all(word in " ".join(command) for word in words) for command in self.commands)


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A clone in a folder with a space and a letter beyond ASCII, on a machine without uv."""
    root = tmp_path / "mein Körper"
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
    assert tools.ran("uv pip install", "--no-deps", "--no-build-isolation", f"-e {clone}") == 1
    again = Tools(clone)
    assert Setup(clone, again).run() == 0
    assert again.commands == []
    assert (clone / "warmed").read_text() == "warm-up\n"


def test_an_interrupted_installation_starts_again_from_nothing(clone):
    """What a killed set-up left behind is not trusted."""
    tools = Tools(clone)
    tools.make_environment()
    leftover = clone / ".venv" / "half-written"
    leftover.touch()
    assert Setup(clone, tools).run() == 0
    assert not leftover.exists()


def test_an_interrupted_warm_up_does_not_install_again(clone):
    """A stage that is complete is kept when the next one fails."""
    tools = Tools(clone)
    Setup(clone, tools).run()
    (clone / ".venv" / "warm").unlink()
    again = Tools(clone)
    assert Setup(clone, again).run() == 0
    assert again.commands == []
    assert (clone / "warmed").read_text() == "warm-up\n" * 2


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_other_pins_make_a_new_environment(clone, name):
    """After a pull that changes what is pinned, nothing old is left."""
    Setup(clone, Tools(clone)).run()
    with open(clone / name, "a") as file:
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
    assert (clone / "warmed").read_text() == "warm-up\n" * 2


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

    def interrupt(command, doing):
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
    with pytest.raises(Stop, match=r"expected 1000 MB of free space in .*, found 5 MB"):
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
    tools = Tools(clone)
    assert Setup(clone, tools).run_here() == 0
    assert tools.ran("venv ") == 0
    assert tools.ran(f"{prefix}/bin/uv pip install --python {sys.executable}") == 2
    assert (tmp_path / "warmed").read_text() == "warm-up\n"


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
    assert bootstrap.locked_entry("uv", (ROOT / "requirements.txt").read_text()).count("--hash") > 5


def test_settings_that_lead_away_from_the_environment_are_dropped(monkeypatch):
    """An active environment or PYTHONPATH of the caller does not decide where things go."""
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    assert "/elsewhere" not in bootstrap.clean_environment().values()


def test_a_tool_that_fails_tells_all_that_it_printed(capsys):
    """Its output and its errors come in one message; a success is one line."""
    command = [sys.executable, "-c", "import sys; print('a'); sys.stdout.flush(); sys.exit('b')"]
    with pytest.raises(Failed, match="a\nb"):
        bootstrap.run_quietly(command, "Trying")
    bootstrap.run_quietly([sys.executable, "-c", ""], "Trying")
    assert capsys.readouterr().out == "Trying (0 s)\n"


def test_a_tool_that_is_not_there_is_a_failure_like_any_other():
    """No traceback for a program that cannot be started."""
    with pytest.raises(Failed, match="/no/such/tool cannot be started"):
        bootstrap.run_quietly(["/no/such/tool"], "Trying")


def test_any_terminal_can_show_it():
    """A path with letters that the terminal does not know is no reason to fail."""
    command = [sys.executable, "-c", "import bootstrap; bootstrap.say('Körper')"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout == "K?rper\n"


def test_an_old_python_understands_the_file():
    """A Python that is too old can still say so, instead of a syntax error."""
    ast.parse((ROOT / "bootstrap.py").read_text(), feature_version=(3, 6))
