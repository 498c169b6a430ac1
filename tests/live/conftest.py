import pytest

from eventlab.live import output
from tests.live.showing import Notebook


@pytest.fixture
def notebook(monkeypatch):
    """Put a stand-in for IPython in place: `notebook(page=True)`."""

    def opened(*, page: bool) -> Notebook:
        standing_in = Notebook(page=page)
        monkeypatch.setattr(output, "get_ipython", lambda: standing_in)
        monkeypatch.setattr(output, "display", standing_in.display)
        monkeypatch.setattr(output, "_UNWATCHED_SECONDS", 0)
        return standing_in

    return opened
