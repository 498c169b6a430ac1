import pytest

from eventlab.errors import StorageError, ViewError
from eventlab.views import Memory, SQLite, View
from eventlab.views.building import Bound, Building
from eventlab.views.folding import Folding
from tests.views.counts import SCHEMA, SQL, counted, filled, into_sql, oracle

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
