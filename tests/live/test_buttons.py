import threading

import pytest

from eventlab.errors import UsageError
from eventlab.live import Buttons
from tests.waiting import until


def parts(buttons):
    """Return the buttons themselves and the line under them."""
    row, note = buttons.children
    return row.children, note


def test_a_press_runs_the_action_and_says_that_it_is_done():
    """The page does not wait for it, and the buttons are off meanwhile."""
    go_on = threading.Event()
    (press, other), note = parts(Buttons({"Stop <it>": lambda: go_on.wait(20), "Start": print}))
    press.click()
    assert (press.disabled, other.disabled, note.value) == (True, True, "Stop &lt;it&gt; …")
    go_on.set()
    until(lambda: not press.disabled)
    assert (note.value, note.spoken) == ("Stop &lt;it&gt;: done.", "Stop <it>: done.")
    assert not other.disabled


def test_what_an_action_raises_is_one_line():
    """It is not lost in a thread, and the buttons work again."""
    (press,), note = parts(Buttons({"Divide": lambda: 1 / 0}))
    press.click()
    until(lambda: not press.disabled)
    assert note.value == "ZeroDivisionError: division by zero"


def test_a_notebook_without_a_kernel_says_which_buttons_there_were():
    """On GitHub, or as papermill's result; the text is the same in every run."""
    data = Buttons({"Stop <it>": print, "Start": print})._repr_mimebundle_()
    assert data["text/plain"] == "Buttons: Stop <it>, Start"
    assert data["text/html"] == "<div>Buttons: Stop &lt;it&gt;, Start</div>"
    assert "application/vnd.jupyter.widget-view+json" in data


def test_they_are_shown_once_and_stopped_they_are_off(monkeypatch):
    """Showing and stopping twice is harmless."""
    shown = []
    monkeypatch.setattr("eventlab.live.buttons.display", shown.append)
    buttons = Buttons({"Start": print})
    assert buttons.show() is buttons.show() is shown[0]
    assert len(shown) == 1
    buttons.stop()
    buttons.stop()
    assert [press.disabled for press in parts(buttons)[0]] == [True]


@pytest.mark.parametrize("actions", [{}, {"Start": None}, [print]])
def test_a_button_without_an_action_is_refused(actions):
    """A function that was called in place of being passed is a slip that everybody makes."""
    with pytest.raises(UsageError, match="a label and a function"):
        Buttons(actions)
