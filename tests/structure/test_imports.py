from importlinter.cli import lint_imports

from tests.structure.files import ROOT


def test_imports_point_one_way(monkeypatch, capsys):
    """A room knows only the rooms below it, as .importlinter draws the house."""
    monkeypatch.chdir(ROOT)
    exit_code = lint_imports(no_cache=True, no_logo=True)
    assert exit_code == 0, capsys.readouterr().out
