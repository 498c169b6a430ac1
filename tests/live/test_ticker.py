import threading

from eventlab.live import Ticker
from tests.waiting import until


def test_it_acts_until_it_is_stopped_and_once_more():
    """What came last is passed on too, and a second stop does nothing."""
    acts = []
    ticker = Ticker(lambda: acts.append(threading.current_thread()), per_second=200)
    until(lambda: len(acts) > 2)
    ticker.stop()
    count = len(acts)
    assert acts[-1] is threading.current_thread()
    assert not acts[0].is_alive()
    ticker.stop()
    assert len(acts) == count


def test_it_may_stop_itself():
    """The act that stops its own ticker neither waits for itself nor goes on."""
    acts = []

    def act():
        acts.append(1)
        ticker.stop()

    ticker = Ticker(act, per_second=200)
    until(lambda: len(acts) == 2)
    until(lambda: not ticker._thread.is_alive())
    assert len(acts) == 2


def test_it_does_not_keep_the_process():
    """Its thread is a daemon."""
    ticker = Ticker(lambda: None, per_second=10)
    assert ticker._thread.daemon
    ticker.stop()
