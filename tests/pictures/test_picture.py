from types import SimpleNamespace

from IPython.core.formatters import DisplayFormatter

from eventlab.pictures.picture import Picture


def test_as_a_cell_s_last_value_it_shows_nothing_more(capsys):
    """It was shown when it was made."""
    picture = Picture()
    assert DisplayFormatter().format(picture) == ({}, {})
    assert capsys.readouterr().out == ""
    assert repr(picture) == "Picture"


def test_stopped_its_chart_is_stopped():
    """Once is enough for both."""
    stops = []
    picture = Picture()
    picture.chart = SimpleNamespace(stop=lambda: stops.append("stopped"))
    picture.stop()
    assert stops == ["stopped"]
