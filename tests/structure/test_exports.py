import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import eventlab
from tests.structure.files import ROOT, modules

ROOMS = [path.parent for path in modules() if path.name == "__init__.py" and len(path.parts) == 3]


def imported_names(room: Path) -> set[str]:
    """Return the public names that the room's front door brings in."""
    tree = ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8"))
    imports = (node for node in tree.body if isinstance(node, ast.ImportFrom))
    ours = (node for node in imports if node.module.startswith("eventlab"))
    return {alias.asname or alias.name for node in ours for alias in node.names}


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_a_room_exports_what_it_says(room):
    """What comes in at a room's front door is its public surface, neither more nor less."""
    module = import_module(".".join(room.parts))
    exports = getattr(module, "__all__", [])
    assert imported_names(room) - set(exports) == set()
    assert [name for name in exports if not hasattr(module, name)] == []


def test_importing_it_brings_nothing_heavy():
    """The broker's supervisor, the processes of flows and the command line import it too."""
    program = "import eventlab, sys; print({'pandas', 'IPython', 'altair'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8")
    assert (done.stdout, done.stderr) == ("set()\n", "")


@pytest.mark.parametrize("name", eventlab.__all__)
def test_every_public_name_is_there(name):
    """Lab, which is imported on first use, is."""
    assert getattr(eventlab, name).__name__ == name


def test_another_name_is_not_there():
    """A slip in a name is Python's own error, and dir() shows what there is."""
    with pytest.raises(AttributeError, match="has no attribute 'Laboratory'"):
        _ = eventlab.Laboratory
    assert dir(eventlab) == eventlab.__all__
