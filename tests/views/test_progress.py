from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from eventlab.views.progress import Progress
from tests.looping import run
from tests.waiting import until


def at(offset: int) -> dict:
    """Return a position of one partition."""
    return {"orders": {0: offset}}


def begun() -> Progress:
    """Return one that goes on."""
    progress = Progress({"orders": {}})
    progress.begin(at(0))
    return progress


def test_who_waits_is_woken_when_it_is_there():
    """By another thread."""
    progress = begun()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(progress.wait, at(3), 60)
        for offset in range(4):
            progress.move(at(offset))
        assert waiting.result()


def test_nobody_waits_for_what_goes_no_further():
    """Before and after its end."""
    progress = begun()
    error = ValueError("the end")
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(progress.wait, at(3), 60)
        progress.end(error)
        assert not waiting.result()
    assert not progress.wait(at(3), 60)
    assert progress.wait(at(0), 0)
    assert progress.error is error


def test_going_on_forgets_the_error():
    """It is another life."""
    progress = begun()
    progress.end(ValueError("the end"))
    progress.begin(at(1))
    assert progress.error is None


@given(st.lists(st.integers(1, 20)), st.integers(0, 5))
def test_each_is_called_once_when_it_is_due(wanted, last):
    """Or at the end."""
    progress = begun()
    called = []
    for number, offset in enumerate(wanted):
        progress.when(at(offset), lambda number=number: called.append(number))
    for offset in range(1, last + 1):
        progress.move(at(offset))
    due = [number for number, offset in enumerate(wanted) if offset <= last]
    assert sorted(called) == due
    progress.end(None)
    assert sorted(called) == [*range(len(wanted))]


def test_who_is_forgotten_is_not_called():
    """As a request that has waited long enough."""
    progress = begun()
    called = []

    def call():
        called.append(1)

    progress.when(at(1), call)
    progress.forget(call)
    progress.move(at(1))
    assert called == []


def test_what_is_there_is_called_at_once():
    """So is what goes no further."""
    progress = begun()
    called = []
    progress.when(at(0), lambda: called.append("there"))
    progress.end(None)
    progress.when(at(9), lambda: called.append("over"))
    assert called == ["there", "over"]


def test_an_event_loop_waits_too():
    """Until it is there, or time is up, or it goes no further; nobody is called afterwards."""
    progress = begun()

    async def wait(offset, seconds):
        return await progress.arrives(at(offset), seconds)

    assert not run(wait(1, 0.01))
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(run, wait(1, 60))
        until(lambda: progress._calls)
        progress.move(at(1))
        assert waiting.result()
        over = threads.submit(run, wait(2, 60))
        until(lambda: progress._calls)
        progress.end(None)
        assert not over.result()
    assert progress._calls == []
    assert run(wait(1, 0))
