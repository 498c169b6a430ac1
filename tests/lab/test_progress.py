from types import SimpleNamespace

from eventlab.lab import progress
from eventlab.lab.progress import Progress


def test_it_is_one_output_that_is_empty_at_the_end(monkeypatch):
    """A start that fetches nothing shows nothing."""
    shown = []
    handle = SimpleNamespace(update=lambda html: shown.append(html.data))

    def display(html, display_id):
        shown.append(html.data)
        return handle

    monkeypatch.setattr(progress, "display", display)
    monkeypatch.setattr(progress, "has_page", lambda: True)
    with Progress():
        pass
    assert shown == []
    with Progress() as tell:
        tell("jars", 1, 2)
        tell("jars", 2, 2)
    assert ["value=1 max=2" in shown[0], "value=2 max=2" in shown[1]] == [True, True]
    assert shown[2:] == [""]


def test_a_program_sees_nothing_of_it(capsys):
    """There is no page that could show a bar."""
    with Progress() as tell:
        tell("jars", 1, 2)
    assert capsys.readouterr().out == ""
