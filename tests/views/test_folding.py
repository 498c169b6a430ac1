import pickle
from asyncio import CancelledError
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import cloudpickle
import pytest

from eventlab.errors import FoldError, UsageError
from eventlab.log import Batch, Cluster, Topic
from eventlab.views import Place, in_batches
from eventlab.views.folding import FoldFailed, Folding, foldings, stopped, with_fold
from tests.log.schemas.made import CENTS, contracts, record
from tests.views.counts import edges, into_duckdb
from tests.views.messages import message

CLUSTER = Cluster({"bootstrap.servers": "127.0.0.1:1"})
BATCH = Batch(
    [
        message(0, 4, b'{"n": 1}', b"a"),
        message(1, 2, b"{", b"a"),
        message(1, 3, None, b"b"),
        message(0, 5, b'{"n": 3}', b"a"),
    ]
)


def test_each_event_is_applied_in_order():
    """A record without a value is None."""
    rows = []
    Folding(lambda writer, event: writer.append(event)).apply(rows, "orders", BATCH, 3)
    assert rows == [{"n": 1}, None, {"n": 3}]


def test_who_wants_the_place_gets_it():
    """Topic, partition, offset, time, key."""
    rows = []

    def note(writer, event, place):
        writer.append((event, place))

    Folding(note).apply(rows, "orders", BATCH, 2)
    assert rows == [
        ({"n": 1}, Place("orders", 0, 4, 1000, "a")),
        (None, Place("orders", 1, 3, 1000, "b")),
    ]
    assert rows[0][1].time == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)


class Lazy:
    """Has to be awaited, though it does not look so."""

    async def __call__(self, rows, event):
        """Do nothing yet."""


async def awaited(rows, event):
    """Do nothing yet."""


def gone_through(rows, event):
    """Do nothing yet."""
    yield rows


async def gone_through_and_awaited(rows, event):
    """Do nothing yet."""
    yield rows


@pytest.mark.parametrize(
    "fold",
    [
        Lazy(),
        lambda rows, event: awaited(rows, event),
        lambda rows, event: gone_through(rows, event),
        lambda rows, event: gone_through_and_awaited(rows, event),
        lambda rows, event: rows | {event["n"]: event},
    ],
)
@pytest.mark.parametrize("batches", [False, True])
def test_what_only_returns_what_it_should_do_is_refused(fold, batches):
    """It would do nothing, in silence."""
    one = in_batches(lambda rows, events: fold(rows, events[0])) if batches else fold
    with pytest.raises(FoldError, match="returns what it should do"):
        Folding(one).apply({}, "orders", BATCH, 1)


@pytest.mark.parametrize(
    "fold",
    [
        lambda rows, event: rows.setdefault(event["n"], {"a": 1}),
        lambda rows, event: event,
        lambda rows, event: rows.update(a=1) or rows,
        lambda rows, event: {},
        lambda rows, event: rows.get("x", 7),
    ],
)
def test_a_fold_may_return_what_it_likes_otherwise(fold):
    """Nobody looks at it."""
    Folding(fold).apply({}, "orders", BATCH, 1)


@pytest.mark.parametrize("error", [KeyboardInterrupt, CancelledError, GeneratorExit, SystemExit])
def test_whatever_a_fold_raises_is_its_own(error):
    """In the thread of its view, where nobody interrupts anything."""

    def fail(rows, event):
        raise error

    with ThreadPoolExecutor(1) as threads:
        applied = threads.submit(Folding(fail).apply, {}, "orders", BATCH, 1)
    assert isinstance(applied.exception(), FoldFailed)


@pytest.mark.parametrize("takes_place", [True, False])
def test_it_is_known_at_which_event_it_raises(takes_place):
    """By its index among those that can be decoded."""

    def fragile(rows, event):
        rows.append(event["n"])

    fold = (lambda rows, event, place: fragile(rows, event)) if takes_place else fragile
    rows = []
    with pytest.raises(FoldFailed) as failed:
        Folding(fold).apply(rows, "orders", BATCH, 3)
    assert failed.value.index == 1
    assert isinstance(failed.value.__cause__, TypeError)
    assert rows == [1]


def test_what_was_raised_is_told_with_the_line():
    """And that the event was a record without a value."""

    def fragile(rows, event):
        return event["n"]

    with pytest.raises(FoldFailed) as failed:
        Folding(fragile).apply([], "orders", BATCH, 3)
    error = stopped("sold", "orders", BATCH, failed.value)
    assert "sold stopped at orders, partition 1, offset 3" in str(error)
    assert "a record without a value, which comes as None" in error.expected
    assert 'return event["n"]' in error.remedy
    assert error.place.key == "b"


def fine(rows, event):
    """Do nothing."""


def test_what_takes_batches_gets_lists():
    """A batch at once, or lists of one; with the places of all."""
    rows = []
    folding = Folding(in_batches(lambda writer, events, places: writer.append((events, places))))
    folding.apply(rows, "orders", BATCH, 2)
    places = [Place("orders", 0, 4, 1000, "a"), Place("orders", 1, 3, 1000, "b")]
    assert rows == [([{"n": 1}, None], places)]
    rows.clear()
    folding.apply(rows, "orders", BATCH, 2, singly=True)
    assert rows == [([{"n": 1}], places[:1]), ([None], places[1:])]
    folding.apply(rows, "orders", BATCH, 0)
    assert len(rows) == 2


def test_what_takes_batches_fails_as_one():
    """Nobody knows at which event, until they are applied one by one."""
    folding = Folding(in_batches(lambda writer, events: [event["n"] for event in events]))
    with pytest.raises(FoldFailed) as failed:
        folding.apply([], "orders", BATCH, 3)
    assert failed.value.is_of_batch
    with pytest.raises(FoldFailed) as failed:
        folding.apply([], "orders", BATCH, 3, singly=True)
    assert (failed.value.index, failed.value.is_of_batch) == (1, False)


async def waits(rows, event):
    """Do nothing, when it is called."""


def yields(rows, event):
    yield


@pytest.mark.parametrize(
    "fold",
    [
        *(None, 7, "count", lambda: 1, lambda rows: 1),
        *(lambda rows, event, place, more: 1, waits, yields),
    ],
)
def test_what_cannot_be_called_with_an_event_is_no_fold(fold):
    """Nor what would do nothing when it is called."""
    with pytest.raises(UsageError, match="cannot build a view"):
        Folding(fold)


def test_what_has_a_default_is_not_passed():
    """It is the learner's own."""
    rows = []
    Folding(lambda writer, event, scale=2: writer.append(scale)).apply(rows, "orders", BATCH, 1)
    assert rows == [2]


def test_a_mended_fold_takes_the_place_of_its_own():
    """Of several those that are named; what it leaves out stays."""
    orders, names = (Topic(CLUSTER, name) for name in ("orders", "names"))
    both = foldings({orders: fine, names: fine}, None)

    def mended(rows, event):
        return None

    changed = with_fold("shop", both, {names: mended})
    assert [one.fold for one in changed.values()] == [fine, mended]
    with pytest.raises(UsageError, match="is not built from other"):
        with_fold("shop", both, {Topic(CLUSTER, "other"): mended})
    with pytest.raises(UsageError, match="a dict of folds by topic"):
        with_fold("shop", both, mended)


def test_a_fold_that_takes_batches_goes_to_another_process():
    """By its name where it is a decorator's, else with its function."""
    assert pickle.loads(pickle.dumps(into_duckdb)) is into_duckdb
    assert pickle.loads(pickle.dumps(Folding(into_duckdb))).fold is into_duckdb
    again = pickle.loads(pickle.dumps(in_batches(edges)))
    assert again.fold is edges
    assert pickle.loads(cloudpickle.dumps(in_batches(lambda rows, events: 7)))([], []) == 7


def test_a_contract_is_that_of_its_topic():
    """It stays when a fold is mended; the topics without one are read as JSON."""
    orders, names = Topic(CLUSTER, "orders"), Topic(CLUSTER, "names")
    (contract,) = contracts(record(CENTS))
    assert foldings(fine, orders, contract)[orders].contract is contract
    assert foldings(fine, orders, {orders: contract})[orders].contract is contract
    both = foldings({orders: fine, names: fine}, None, {orders: contract})
    for folds in (both, with_fold("sold", both, {orders: print, names: fine})):
        assert [folds[topic].contract for topic in (orders, names)] == [contract, None]
    one = foldings(fine, orders, contract)
    assert with_fold("sold", one, fine)[orders].contract is contract


def test_a_contract_that_has_no_topic_is_one_error():
    """One for several topics, or for a topic that the view does not read."""
    orders, names = Topic(CLUSTER, "orders"), Topic(CLUSTER, "names")
    (contract,) = contracts(record(CENTS))
    with pytest.raises(UsageError, match="a contract for orders or names, found Contract"):
        foldings({orders: fine, names: fine}, None, contract)
    with pytest.raises(UsageError, match="a contract for orders, found one of names"):
        foldings(fine, orders, {names: contract})
