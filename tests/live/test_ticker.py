import threading

from eventlab.live import Ticker
from tests.waiting import until


def test_it_acts_until_it_is_stopped_and_once_more():
    """What came last is passed on too, and a second start or stop does nothing."""
    acts = []
    ticker = Ticker(lambda: acts.append(threading.current_thread()), per_second=200)
    ticker.start()
    ticker.start()
    until(lambda: len(acts) > 2)
    ticker.stop()
    count = len(acts)
    assert acts[-1] is threading.current_thread()
    assert len(set(acts)) == 2
    assert not acts[0].is_alive()
    ticker.stop()
    assert len(acts) == count


def test_to_make_one_starts_nothing():
    """It acts from its start on."""
    acts = []
    ticker = Ticker(lambda: acts.append(1), per_second=200)
    assert (ticker.is_alive, acts) == (False, [])


def test_it_may_stop_itself():
    """The act that stops its own ticker neither waits for itself nor goes on."""
    acts = []

    def act():
        acts.append(1)
        ticker.stop()

    ticker = Ticker(act, per_second=200)
    ticker.start()
    until(lambda: len(acts) == 2)
    until(lambda: not ticker.is_alive)
    assert len(acts) == 2


def test_what_the_act_raises_ends_it_and_is_kept():
    """Whoever listens hears of it, and it is not tried once more at the end."""
    heard, acts = [], []

    def act():
        acts.append(1)
        raise ValueError("no")

    ticker = Ticker(act, per_second=200, on_error=heard.append)
    ticker.start()
    until(lambda: heard)
    ticker.stop()
    assert heard == [ticker.error]
    assert str(ticker.error) == "no"
    assert len(acts) == 1
