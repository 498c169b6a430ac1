from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from eventlab.live import PlayerControl
from tests.waiting import until


@dataclass(frozen=True)
class Status:
    state: str = "playing"
    sent: int = 1200
    acknowledged: int = 1100
    virtual_time: datetime | None = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)
    events_per_second: float = 250.4
    error: Exception | None = None


class Player:
    """Play nothing, and remember what was asked for."""

    def __init__(self, **status):
        self.speeds, self.status = [600.0], Status(**status)

    @property
    def speed(self):
        return self.speeds[-1]

    @speed.setter
    def speed(self, speed):
        self.speeds.append(speed)

    def play(self):
        self.status = replace(self.status, state="playing")

    def pause(self):
        self.status = replace(self.status, state="paused")

    def stop(self):
        self.status = replace(self.status, state="stopped")


@pytest.fixture
def control(monkeypatch):
    """A control for a player, and its parts: pause, stop, speed, line."""
    monkeypatch.setattr("eventlab.live.player_control._LOOKS_PER_SECOND", 100)
    controls = []

    def made(player):
        controls.append(PlayerControl(player).start())
        row, line = controls[-1].children
        return controls[-1], *row.children, line

    yield made
    for one in controls:
        one.stop()


def test_the_line_says_how_the_player_fares(control):
    """What was sent, what of it is acknowledged, the story's time and the rate."""
    *_, line = control(Player())
    assert line.value == (
        "<b>playing</b> · 1,200 events sent · 1,100 acknowledged · "
        "Thu 01 Jan 09:30:00 in the story · 250 events a second"
    )


def test_pause_and_play_are_one_button(control):
    """It shows what it would do next, and the player does it."""
    player = Player()
    _, button, *_ = control(player)
    assert button.icon == "pause"
    button.click()
    assert (player.status.state, button.icon) == ("paused", "play")
    button.click()
    assert (player.status.state, button.icon) == ("playing", "pause")


def test_the_slider_sets_the_speed(control):
    """Its last place is as fast as the machine can, which the player calls 0."""
    player = Player()
    _, _, _, speed, _ = control(player)
    speed.value = 3600.0
    assert player.speed == 3600
    speed.index = len(speed.options) - 1
    assert player.speed == 0


def test_the_slider_follows_a_speed_that_code_sets(control):
    """Also one that it did not offer, and without setting any other on the way."""
    player = Player()
    _, _, _, speed, _ = control(player)
    player.speed = 42.0
    until(lambda: speed.value == 42)
    assert player.speeds == [600, 42]


def test_the_stop_button_ends_the_player_and_the_control(control):
    """Nothing can be pressed afterwards, nobody looks any more, and the last line stays."""
    player = Player(virtual_time=None, acknowledged=1200)
    widget, _, end, _, line = control(player)
    end.click()
    until(lambda: end.disabled)
    until(lambda: not widget._ticker.is_alive)
    assert line.value == "<b>stopped</b> · 1,200 events sent"


def test_an_error_is_in_the_line(control):
    """Escaped, and with the state."""
    *_, line = control(Player(state="failed", error=ValueError("no <broker>")))
    assert line.value.startswith("<b>failed</b>")
    assert line.value.endswith("no &lt;broker&gt;")


def test_on_a_page_the_line_takes_the_controls_place_at_the_end(control, notebook):
    """The saved notebook has it, in an output that does not change its height."""
    page = notebook(page=True)
    player = Player()
    widget, *_ = control(player)
    widget.show()
    player.status = replace(player.status, state="finished")
    until(lambda: page.renewals)
    (data,) = page.renewals
    assert "<b>finished</b>" in data["text/html"]
    assert "min-height" in data["text/html"]
    assert data["text/plain"] == "PlayerControl"


def test_without_a_page_the_line_is_there_after_each_cell(control, notebook):
    """papermill drops what a thread shows between cells."""
    page = notebook(page=False)
    player = Player()
    widget, *_ = control(player)
    widget.show()
    page.end_cell()
    player.status = replace(player.status, state="finished", sent=2000)
    until(lambda: not widget._ticker.is_alive)
    page.end_cell()
    assert [data["text/html"].count("finished") for data in page.renewals] == [0, 1]


def test_what_is_spoken_changes_with_the_state_and_not_with_every_count(control):
    """A screen reader would talk without end; at the end it tells how many were sent."""
    player = Player()
    *_, line = control(player)
    until(lambda: line.spoken == "playing")
    player.status = replace(player.status, sent=1300)
    until(lambda: "1,300" in line.value)
    assert line.spoken == "playing"
    player.stop()
    until(lambda: line.spoken == "stopped, 1,300 events sent")
    failed = Player(state="failed", error=ValueError("no broker"))
    *_, line = control(failed)
    until(lambda: line.spoken == "failed: no broker")


def test_to_make_one_starts_nothing_and_to_show_it_twice_is_harmless(notebook):
    """It looks at the player from its showing on."""
    page = notebook(page=True)
    widget = PlayerControl(Player())
    assert (widget._ticker.is_alive, page.shown) == (False, None)
    assert widget.show() is widget.show()
    widget.stop()
    widget.stop()
    assert len(page.renewals) == 1


def test_a_player_that_cannot_say_how_it_fares_is_an_error_in_the_line(control):
    """In place of the last words for ever."""
    player = Player()
    *_, line = control(player)
    del player.status
    until(lambda: line.value.startswith("AttributeError"))
