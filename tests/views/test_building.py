import pytest

from eventlab.errors import StorageError, UsageError, ViewError
from eventlab.log import Record, produce
from eventlab.views import Memory, SQLite, View, in_batches
from eventlab.views.building import Bound, Building
from eventlab.views.folding import Folding
from tests.views.counts import (
    FOLDS,
    SCHEMA,
    SQL,
    counted,
    counting,
    filled,
    into_sql,
    oracle,
    suited,
)
from tests.waiting import until

pytestmark = pytest.mark.broker


@pytest.fixture
def opened(tmp_path):
    """Return what a view has in SQLite, begun."""
    opened = SQL.open(tmp_path / "sold")
    opened.begin()
    yield opened
    opened.end()


def built(topic, generation, bound=None, batch=10) -> Building:
    """Return what builds the counts of a topic."""
    return Building("sold", {topic: Folding(into_sql)}, generation, batch=batch, bound=bound)


def test_a_step_is_a_batch_and_a_transaction(new_topic, opened):
    """At most so many records, and the position with them."""
    topic = filled(new_topic(), 25)
    generation = opened.fresh(SQL)
    opened.show(generation)
    building = built(topic, generation)
    before = 0
    while before < 25:
        building.step()
        position = building.position[topic.name][0]
        assert position - before <= 10
        assert opened.reader.mark.offsets.get(topic.name, {}).get(0, 0) == position
        before = position
    building.close()
    generation.close()


def test_what_was_half_done_is_done_once(new_topic, opened):
    """Whoever goes on from the mark applies what comes after it."""
    topic = filled(new_topic(2), 60)
    generation = opened.fresh(SQL)
    opened.show(generation)
    first = built(topic, generation)
    while not first.step():
        pass
    first.close()
    generation.close()
    again = opened.kept(SQL)
    second = built(topic, again)
    second.build({topic.name: topic.end_offsets()})
    second.close()
    again.close()
    assert counted(opened.reader) == oracle(topic)


def test_rows_without_their_position_are_never_there(new_topic, opened, monkeypatch):
    """Whatever ends it between the two, the batch is rolled back, and applied once afterwards."""
    topic = filled(new_topic(), 10)
    generation = opened.fresh(SQL)
    opened.show(generation)
    keep = type(generation).keep

    def dies(self, mark):
        if mark.offsets[topic.name] != {0: 0}:
            raise MemoryError("in the middle")

    monkeypatch.setattr(type(generation), "keep", dies)
    building = built(topic, generation)
    with pytest.raises(MemoryError):
        building.build({topic.name: {0: 10}})
    assert counted(opened.reader) == {}
    monkeypatch.setattr(type(generation), "keep", keep)
    building.close()
    again = built(topic, generation)
    again.build({topic.name: {0: 10}})
    again.close()
    assert counted(opened.reader) == oracle(topic)
    generation.close()


def test_a_fold_may_change_its_event(new_topic, name, kept, store, kind):
    """Where it fails, each event is decoded anew: none is applied as it was changed before."""
    topic = filled(new_topic(), 20)
    broken = {7}

    def change(event, place):
        event["cents"] *= 100
        if place.offset in broken:
            raise ZeroDivisionError

    view = kept(View(name, counting(store, change), of=topic, store=store)).start()
    until(lambda: view.error)
    assert counted(view) == hundredfold(oracle(topic, end=7))
    broken.clear()
    view.start().wait_for(20)
    assert counted(view) == hundredfold(oracle(topic))


def test_a_fold_may_empty_the_list_that_it_gets(new_topic, name, kept):
    """Where it fails after that, the error still names the event, and a mended one has them all."""
    topic = filled(new_topic(), 20)
    broken = {True}

    def total(rows, events):
        rows["cents"] = rows.get("cents", 0) + sum(event["cents"] for event in events)
        events.clear()
        if broken:
            raise ZeroDivisionError

    view = kept(View(name, in_batches(total), of=topic)).start()
    error = until(lambda: view.error)
    assert "offset 0" in str(error)
    broken.clear()
    view.start().wait_for(20)
    assert view.read(dict)["cents"] == sum(total for _, total in oracle(topic).values())


def hundredfold(rows):
    """Return counts with a hundred times their sums."""
    return {key: (n, total * 100) for key, (n, total) in rows.items()}


def test_a_fold_that_takes_its_event_apart_is_told_of_its_own_error(new_topic, name, kept, store):
    """At the event where it was, and what is before that is there."""
    topic = filled(new_topic(), 20)

    def take(event, place):
        cents = event.pop("cents")
        if place.offset == 7:
            raise ZeroDivisionError
        event["cents"] = cents

    view = kept(View(name, counting(store, take), of=topic, store=store)).start()
    until(lambda: view.error)
    assert "offset 7: " in str(view.error)
    assert "ZeroDivisionError" in str(view.error)
    assert counted(view) == oracle(topic, end=7)


@pytest.mark.parametrize("fails", [False, True])
def test_rows_that_a_fold_has_committed_are_built_anew(new_topic, name, kept, durable, fails):
    """With a mended fold; those without a position are never gone on from."""
    topic = filled(new_topic(), 8)

    def commit(rows, event, place):
        FOLDS[type(durable)](rows, *one(durable, event, place))
        rows.execute("commit")
        if fails and place.offset == 5:
            raise ZeroDivisionError

    view = kept(View(name, suited(durable, commit), of=topic, store=durable)).start()
    until(lambda: view.error)
    view.start(FOLDS[type(durable)]).wait_for(8)
    assert counted(view) == oracle(topic)


def one(store, event, place):
    """Return an event and its place as the counts of a store take them."""
    return ([event], [place]) if store.takes_batches_only else (event, place)


def test_what_is_unreadable_is_counted_once(new_topic, name, kept, store):
    """Up to the event at which it stops, and on from there."""
    topic = new_topic()
    good = b'{"cents": 1}'
    produce(topic, [Record("a", value) for value in (b"{", b"{", good, good, b"{", good)])
    broken = {3}

    def fail(event, place):
        if place.offset in broken:
            raise ZeroDivisionError

    view = kept(View(name, counting(store, fail), of=topic, store=store)).start()
    until(lambda: view.error)
    assert view.unreadable.records == 2
    broken.clear()
    assert view.start().wait_for(6).unreadable.records == 3


def test_rows_of_another_topic_are_not_gone_on_from(new_topic, name, kept, durable):
    """Nor those of a topic that the view is of no longer; one more is taken in."""
    one, other = filled(new_topic(), 3), filled(new_topic(), 3)
    fold = FOLDS[type(durable)]

    def view(*topics):
        folds = dict.fromkeys(topics, fold)
        return kept(View(name, folds, store=durable, keep=True))

    view(one).start().wait_for(3).stop()
    with pytest.raises(UsageError, match=r"built from other topics: .*keep=False"):
        view(other).start()
    both = view(one, other).start()
    both.wait_for(both.end()).stop()
    with pytest.raises(UsageError, match="built from other topics"):
        view(one).start()


def test_a_bound_is_never_passed(new_topic, opened):
    """Of each partition its own, and those that it does not name are left out."""
    topic = filled(new_topic(3), 60)
    ends = {0: 4, 2: 9}
    generation = opened.fresh(SQL)
    building = built(topic, generation, Bound({topic.name: ends}), batch=1000)
    building.build({topic.name: ends})
    building.close()
    opened.show(generation)
    generation.close()
    assert opened.reader.position == ends
    assert counted(opened.reader) == oracle(topic, end=ends)


def test_a_position_beyond_the_end_is_one_error(new_topic, opened):
    """The log has lost what was there."""
    topic = filled(new_topic(), 5)
    generation = opened.fresh(SQL)
    with generation.transaction():
        generation.keep(generation.mark.__class__({topic.name: {0: 9}}))
    with pytest.raises(ViewError, match="expected offset 9, found offsets 0 to 5"):
        built(topic, generation)
    generation.close()


def test_a_disk_that_fills_up_ends_it_and_costs_nothing(new_topic, name, kept):
    """With room again it goes on with the batch that had none."""
    topic = filled(new_topic(), 100)
    sizes = iter([12, 10_000])

    def wide(rows, event, place):
        if place.offset == 0:
            rows.execute(f"pragma max_page_count = {next(sizes)}")
        rows.execute("insert into blobs values (?, zeroblob(4000))", [place.offset])
        into_sql(rows, event, place)

    store = SQLite(f"{SCHEMA}; create table blobs(n, b)")
    view = kept(View(name, wide, of=topic, store=store)).start()
    with pytest.raises(StorageError, match="is full"):
        view.wait_for(100)
    view.start().wait_for(100)
    assert counted(view) == oracle(topic)


def test_memory_is_as_bounded(new_topic, tmp_path):
    """Every store is built by the same steps."""
    topic = filled(new_topic(), 10)
    store = Memory()
    opened = store.open(tmp_path)
    generation = opened.fresh(store)
    fold = Folding(lambda rows, event, place: rows.update({place.offset: event["cents"]}))
    bound = Bound({topic.name: {0: 6}})
    building = Building("sold", {topic: fold}, generation, batch=4, bound=bound)
    building.build(bound.offsets)
    building.close()
    assert sorted(generation.rows) == [*range(6)]
