import os
import re

import pytest

from tests.structure.files import ROOT, modules, tracked_files

# Put together here, so that this file does not contain what it looks for.
_ADDRESSES = [
    "py" + r"pi\.org",
    "python" + r"hosted\.org",
    "maven" + r"\.org|maven" + r"\.apache\.org",
    "npm" + r"js\.(org|com)",
    "cra" + r"tes\.io",
    "anaconda" + r"\.(org|com)",
]
_MACHINE = [
    "/wo" + "rk/",
    "/ro" + "ot/",
    "/opt/" + "wheels",
    "/home/" + r"(?!jovyan)\w",
    "/Us" + "ers/",
]


def found(pattern: str) -> list[str]:
    """Return where the pattern stands, in any tracked text file."""
    places = []
    for path in tracked_files():
        try:
            lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        places += [f"{path}:{n}" for n, line in enumerate(lines, 1) if re.search(pattern, line)]
    return places


@pytest.mark.parametrize("address", _ADDRESSES)
def test_no_file_names_a_registry(address):
    """Whoever uses a mirror sets it in the installer, and nothing here overrides it."""
    assert found(address) == []


@pytest.mark.parametrize("path", _MACHINE)
def test_no_file_names_a_path_of_some_machine(path):
    """Everything works in any folder."""
    assert found(path) == []


def test_something_is_looked_through():
    """The search itself finds what is there."""
    assert found(r"^name = \"eventlab\"$")


def test_the_environment_files_are_identical():
    """Conda and Binder get the same Python; Binder only looks into its own folder."""
    at_root = (ROOT / "environment.yml").read_bytes()
    assert (ROOT / "binder" / "environment.yml").read_bytes() == at_root
    assert b"- python=3.12\n" in at_root


@pytest.mark.parametrize("script", [".ci/run", "binder/postBuild", "binder/start"])
def test_scripts_can_be_executed(script):
    """Whoever starts them does it by their name alone."""
    assert os.access(ROOT / script, os.X_OK)
    assert (ROOT / script).read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")


def test_no_module_is_a_drawer_for_everything():
    """A module has a purpose, and its name says it."""
    drawers = {"util", "utils", "common", "helper", "helpers", "misc", "base", "core"}
    assert [path for path in modules() if drawers & {path.stem, *path.parts[:-1]}] == []


def test_every_module_has_its_test():
    """eventlab/room/module.py is tested in tests/room/test_module.py."""
    tested = set(tracked_files())
    mirrored = {
        path: ROOT.joinpath("tests", *path.parts[1:-1], f"test_{path.stem}.py").relative_to(ROOT)
        for path in modules()
        if path.stem != "__init__"
    }
    assert {str(path): str(test) for path, test in mirrored.items() if test not in tested} == {}
