from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import Producer

from eventlab.errors import CallError, TopicError, UsageError, ViewError
from eventlab.log import Cluster, Record, Topic, produce
from eventlab.log.schemas import Contract
from eventlab.views import Memory, SQLite, View, in_batches
from tests.conftest import FRAGILE
from tests.log.schemas.made import CENTS, contracts, field, record
from tests.looping import run
from tests.views.counts import (
    FOLDS,
    NOON,
    SQL,
    counted,
    counting,
    edges,
    filled,
    into_dict,
    into_sql,
    oracle,
)
from tests.waiting import until

pytestmark = pytest.mark.broker

# For what is not the store's doing: how a topic is followed.
IN_ONE_STORE = pytest.mark.parametrize(
    "kind",
    [
        "sqlite",
        pytest.param("memory", marks=pytest.mark.long),
        pytest.param("duckdb", marks=pytest.mark.long),
        pytest.param("postgres", marks=[pytest.mark.long, pytest.mark.database]),
    ],
)


@pytest.mark.parametrize(
    ("partitions", "batch"),
    [
        (1, 7),
        (3, 1),
        (3, 1000),
        *(pytest.param(*rest, marks=pytest.mark.long) for rest in [(1, 1), (1, 1000), (3, 7)]),
    ],
)
def test_it_is_what_its_topic_comes_to(new_topic, view_of, partitions, batch):
    """Whatever the batches and partitions, equal to pandas over the same topic."""
    topic = filled(new_topic(partitions), 200)
    view = view_of(topic, batch=batch).start()
    view.wait_for(view.end(), 60)
    assert counted(view) == oracle(topic)
    assert view.position == topic.end_offsets()
    assert view.newest == datetime.fromtimestamp(NOON / 1000 + 199, UTC)


@IN_ONE_STORE
def test_it_goes_on_as_its_topic_grows(new_topic, view_of):
    """It is behind while it rests, and older and older; then it has everything, and is not."""
    topic = filled(new_topic(), 20)
    view = view_of(topic).start()
    view.wait_for(20)
    assert (view.behind, view.age_seconds) == (0, 0)
    view.stop()
    filled(topic, 30, 20)
    assert view.behind == 30
    until(lambda: view.age_seconds > 0.1)
    assert sum(n for n, _ in counted(view).values()) == 20
    view.start()
    view.wait_for(view.end())
    assert counted(view) == oracle(topic)
    until(lambda: view.age_seconds == 0)


@IN_ONE_STORE
def test_an_idle_view_is_not_old(new_topic, view_of):
    """It looks where its topics end, though no record comes."""
    view = view_of(new_topic()).start()
    until(lambda: view.age_seconds == 0)
    assert (view.position, view.newest) == ({0: 0}, None)


def test_starting_and_stopping_twice_is_once(new_topic, view_of):
    """Also before the first start."""
    view = view_of(filled(new_topic(), 3))
    view.stop()
    with view.start() as same:
        assert same.start() is view
        view.wait_for(3)
    view.stop()
    assert not view.is_alive
    assert view.error is None


def test_it_stops_before_the_event_that_its_fold_raises_at(new_topic, name, kept):
    """It says where, and which line; all before is there, and mended it goes on from there."""
    topic = filled(new_topic(), 50)

    def fragile(rows, event, place):
        into_sql(rows, event, place)
        if place.offset == 33:
            event["no such field"]

    view = kept(View(name, fragile, of=topic, store=SQL)).start()
    with pytest.raises(
        ViewError, match=r"stopped at .*, partition 0, offset 33: .*'no such field'"
    ):
        view.wait_for(view.end())
    assert 'event["no such field"]' in str(view.error)
    assert (view.error.place.key, view.error.place.time.second) == ("c4", 33)
    assert isinstance(view.error.__cause__, KeyError)
    assert view.position == {0: 33}
    assert counted(view) == oracle(topic, end=33)
    view.start(into_sql)
    view.wait_for(view.end())
    assert counted(view) == oracle(topic)


def test_one_that_takes_batches_stops_before_the_event_too(new_topic, name, kept):
    """Its batch is rolled back, and applied one by one up to there."""
    topic = filled(new_topic(2), 50)

    def fragile(rows, events, places):
        rows.executemany(
            "insert into counts values (?, 1, ?)"
            " on conflict(key) do update set n = n + 1, total = total + excluded.total",
            [
                (place.key, event["cents"])
                for event, place in zip(events, places, strict=True)
                if place.partition == 0 or place.offset != 13 or event["no such field"]
            ],
        )

    view = kept(View(name, in_batches(fragile), of=topic, store=SQL)).start()
    with pytest.raises(ViewError, match="partition 1, offset 13"):
        view.wait_for(view.end())
    assert view.position[1] == 13
    assert counted(view) == oracle(topic, end=view.position)
    view.start(into_sql)
    view.wait_for(view.end())
    assert counted(view) == oracle(topic)


def test_a_fold_that_fails_by_chance_stops_where_it_fails_again(new_topic, name, kept):
    """What was before that is there, and nothing twice."""
    topic = filled(new_topic(), 50)
    failing = {40, 20}

    def fragile(rows, event, place):
        into_sql(rows, event, place)
        if place.offset in failing and len(failing) < 2:
            failing.clear()
            raise ValueError("again, and earlier")
        if place.offset == 40 and failing:
            failing.discard(40)
            raise ValueError("at first")

    view = kept(View(name, fragile, of=topic, store=SQL)).start()
    with pytest.raises(ViewError, match=r"offset 20: .*and earlier"):
        view.wait_for(50)
    assert counted(view) == oracle(topic, end=20)
    view.start().wait_for(50)
    assert counted(view) == oracle(topic)


def test_in_memory_a_failed_event_leaves_nothing_once_it_is_mended(new_topic, name, kept):
    """Its rows, half of that event among them, are read until the others have come as far."""
    topic = filled(new_topic(), 50)

    def fragile(rows, event, place):
        into_dict(rows, event, place)
        if place.offset == 33:
            raise SystemExit("enough")

    view = kept(View(name, fragile, of=topic)).start()
    with pytest.raises(ViewError, match="SystemExit: enough"):
        view.wait_for(view.end())
    assert (view.position, sum(n for n, _ in counted(view).values())) == ({0: 33}, 34)
    view.start(into_dict)
    view.wait_for(view.end())
    assert counted(view) == oracle(topic)


def test_one_that_runs_takes_no_other_fold(new_topic, view_of):
    """Its rows would be made by two."""
    view = view_of(new_topic()).start()
    with pytest.raises(UsageError, match=r"view\.rebuild\(fold\)"):
        view.start(print)


def test_a_tombstone_comes_as_none_with_its_key(new_topic, name, kept):
    """The fold says what it means; here, that the row goes."""
    topic = new_topic()
    produce(topic, [Record("a", b'{"n": 1}'), Record("b", b'{"n": 2}'), Record("a", None)])

    def newest(rows, event, place):
        if event is None:
            del rows[place.key]
        else:
            rows[place.key] = event

    view = kept(View(name, newest, of=topic)).start()
    assert view.wait_for(3).read(dict) == {"b": {"n": 2}}


def test_what_cannot_be_decoded_is_passed_over_and_counted(new_topic, view_of):
    """With the reason of the last one."""
    topic = new_topic()
    produce(topic, [Record("a", b"{"), Record("a", b'{"cents": 5}'), Record("a", b"\xff")])
    view = view_of(topic).start().wait_for(3)
    assert counted(view) == {"a": (1, 5)}
    assert view.unreadable.records == 2
    assert view.unreadable.reason


NOTE = field("string", "note", default="-")
OLD, NEW, OTHER = contracts(record(CENTS), record(CENTS, NOTE), record(field("string", "price")))


@pytest.mark.parametrize("partitions", [pytest.param(1, marks=pytest.mark.long), 3])
def test_what_is_under_a_contract_is_read_by_it(new_topic, view_of, partitions):
    """Whichever version wrote it; the same when it is built anew, or as of a moment."""
    topic = new_topic(partitions)
    items = [(f"c{n % 7}", {"cents": n}) for n in range(40)]
    produce(topic, items[:20], contract=OLD)
    produce(topic, [(key, one | {"note": "x"}) for key, one in items[20:]], contract=NEW)
    right = oracle(topic, contract=OLD)
    view = view_of(topic, contract=OLD, batch=7).start()
    assert counted(view.wait_for(view.end())) == right
    assert sum(n for n, _ in right.values()) == 40
    with view.as_of(view.end()) as snapshot:
        assert counted(snapshot) == right
    assert counted(view.rebuild().wait()) == right
    view.stop()
    assert counted(view.start().wait_for(view.end())) == right


def test_what_a_contract_cannot_read_is_passed_over_and_counted(new_topic, view_of):
    """As what is no JSON is, with both versions in the reason; the rest goes on."""
    topic = new_topic()
    produce(topic, [("a", {"cents": 5})], contract=OLD)
    produce(topic, [Record("a", b'{"cents": 7}')])
    produce(topic, [("a", {"cents": 9, "note": "x"})], contract=NEW)
    produce(topic, [("a", {"price": "5.00"})], contract=OTHER)
    view = view_of(topic, contract=NEW).start().wait_for(4)
    assert counted(view) == {"a": (2, 14)}
    assert view.unreadable.records == 2
    assert "version 2 of orders-value cannot read an event" in view.unreadable.reason
    assert "one of version 3" in view.unreadable.reason


def test_a_registry_that_is_away_stops_it_and_costs_nothing(new_topic, view_of):
    """What it cannot know is not passed over: it stands before that, and goes on from there."""

    class Away:
        is_away = True

        def schema(self, schema_id):
            if self.is_away:
                raise CallError("The schema registry does not answer")
            return NEW._registered.schema

    topic = new_topic()
    produce(topic, [("a", {"cents": 5})], contract=OLD)
    produce(topic, [("a", {"cents": 7, "note": "x"})], contract=NEW)
    registry = Away()
    view = view_of(topic, contract=Contract(OLD._registered, registry), batch=1).start()
    with pytest.raises(CallError, match="does not answer"):
        view.wait_for(2)
    assert (view.position, counted(view)) == ({0: 1}, {"a": (1, 5)})
    assert view.unreadable.records == 0
    registry.is_away = False
    assert counted(view.start().wait_for(2)) == {"a": (2, 12)}


def test_of_several_topics_some_have_a_contract(new_topic, name, kept):
    """And the others are JSON."""
    orders, names = new_topic(), new_topic()
    produce(orders, [("c1", {"cents": 5})], contract=OLD)
    produce(names, [Record("c1", b'{"name": "Ann"}')])

    def name_it(rows, event, place):
        rows["name"] = event["name"]

    folds = {orders: into_dict, names: name_it}
    view = kept(View(name, folds, contract={orders: OLD})).start()
    assert view.wait_for(view.end()).read(dict) == {"c1": (1, 5), "name": "Ann"}
    assert view.unreadable.records == 0


def test_several_topics_have_a_fold_each(new_topic, name, kept):
    """And offsets each."""
    orders, names = filled(new_topic(2), 30), new_topic()
    produce(names, [Record(f"c{n}", b'{"name": "customer %d"}' % n) for n in range(7)])

    def name_it(rows, event, place):
        rows[f"name of {place.key}"] = event["name"]

    view = kept(View(name, {orders: into_dict, names: name_it})).start()
    rows = view.wait_for(view.end()).read(dict)
    assert view.position == {orders.name: orders.end_offsets(), names.name: {0: 7}}
    assert rows["name of c4"] == "customer 4"
    assert {key: row for key, row in rows.items() if len(key) == 2} == oracle(orders)
    with pytest.raises(UsageError, match="the topics too"):
        view.wait_for({0: 3})
    with pytest.raises(UsageError, match=r"a dict of folds by topic, found"):
        view.rebuild(into_dict)


@IN_ONE_STORE
def test_it_stands_behind_the_marker_of_a_transaction(new_topic, view_of, cluster):
    """The last offset of the topic is no record; what was aborted is not applied."""
    topic = new_topic()
    producer = Producer(cluster.settings | {"transactional.id": topic.name})
    producer.init_transactions(20)
    for end in (producer.commit_transaction, producer.abort_transaction):
        producer.begin_transaction()
        producer.produce(topic.name, b'{"cents": 1}', "a")
        producer.flush()  # what was never sent is not aborted
        end(20)
    until(lambda: topic.end_offsets(committed=True) == {0: 4})
    view = view_of(topic).start().wait_for(4)
    assert (counted(view), view.behind) == ({"a": (1, 1)}, 0)


@IN_ONE_STORE
def test_new_partitions_are_taken_in(new_topic, view_of):
    """From their first record."""
    topic = filled(new_topic(1), 10)
    view = view_of(topic).start()
    view.wait_for(10)
    topic.add_partitions(3)
    until(lambda: len(view.position) == 3)
    filled(topic, 40, 10)
    view.wait_for(view.end())
    assert counted(view) == oracle(topic)


def test_a_topic_made_anew_ends_it(new_topic, view_of):
    """Its rows are those of another topic: one error says so, also when it is to go on."""
    topic = filled(new_topic(), 20)
    view = view_of(topic, keep=True).start()
    view.wait_for(20)
    topic.reset(1)
    until(lambda: view.error is not None)
    assert "is of a topic that is no more" in str(view.error)
    with pytest.raises(ViewError, match="with keep=False"):
        view.start()
    filled(topic, 30)
    with pytest.raises(ViewError, match="with keep=False"):
        view.start()


@IN_ONE_STORE
def test_nothing_of_a_topic_made_anew_is_in_the_rows(new_topic, view_of):
    """Though it has records at the position that the view has reached."""
    topic = filled(new_topic(), 8)
    view = view_of(topic).start().wait_for(8)
    before = counted(view)
    topic.reset(1)
    filled(topic, 200)
    until(lambda: view.error)
    assert "is of a topic that is no more" in str(view.error)
    assert (counted(view), view.position) == (before, {0: 8})


def test_records_that_are_gone_before_it_read_them_are_one_error(new_topic, view_of):
    """It never leaves a gap in silence."""
    topic = filled(new_topic(), 20)
    view = view_of(topic, keep=True).start()
    view.wait_for(20)
    view.stop()
    filled(topic, 20, 20)
    _delete_before(topic, 30)
    with pytest.raises(
        ViewError, match=r"no longer has what the view .* expected offset 20, found"
    ):
        view.start()
    fresh = view_of(topic).start()
    assert counted(fresh.wait_for(40)) == oracle(topic)  # what is left


def _delete_before(topic, offset):
    from confluent_kafka import TopicPartition

    places = [TopicPartition(topic.name, 0, offset)]
    (done,) = topic.cluster.admin.delete_records(places).values()
    done.result(20)


@IN_ONE_STORE
def test_waiting_ends_with_one_error(new_topic, view_of):
    """For what the log has not, with where it ends; for a partition that is none; before it began.

    Nothing of it ends the view.
    """
    view = view_of(filled(new_topic(), 5))
    with pytest.raises(ViewError, match=r"has not begun"):
        view.wait_for(5)
    view.start()
    with pytest.raises(ViewError, match=r"expected {0: 6} within 0.2 s, .*the log ends at {0: 5}"):
        view.wait_for(6, timeout_seconds=0.2)
    with pytest.raises(UsageError, match="has no partition 1"):
        view.wait_for({1: 0})
    assert view.wait_for(5).is_alive


@IN_ONE_STORE
def test_an_event_loop_can_wait_for_it(new_topic, view_of):
    """As a service does that has just written."""
    view = view_of(filled(new_topic(), 5)).start()
    assert run(view.reaches({0: 5}))
    assert not run(view.reaches(6, 0.01))


def test_an_event_loop_waits_for_no_view_that_has_not_begun(new_topic, view_of):
    """It is told so, and not that there is no such partition."""
    view = view_of(filled(new_topic(), 5))
    with pytest.raises(ViewError, match="has not begun"):
        run(view.reaches({0: 5}))


def test_its_own_fold_may_stop_it(new_topic, name, kept, store):
    """It ends behind that batch, with its rows, and lets others write."""
    topic = filled(new_topic(), 20)
    views = []

    def stop(event, place):
        if place.offset == 7:
            views[0].stop()

    views.append(kept(View(name, counting(store, stop), of=topic, store=store, batch=10)))
    views[0].start()
    until(lambda: not views[0].is_alive)
    assert views[0].error is None
    assert counted(views[0]) == oracle(topic, end=views[0].position)
    views[0].start(FOLDS[type(store)]).wait_for(20)
    assert counted(views[0]) == oracle(topic)


@IN_ONE_STORE
def test_waiting_ends_when_it_is_stopped(new_topic, view_of):
    """Nobody waits for what does not come."""
    view = view_of(filled(new_topic(), 5)).start()
    view.wait_for(5)
    view.stop()
    with pytest.raises(ViewError, match="has not reached"):
        view.wait_for(6, timeout_seconds=100)


@IN_ONE_STORE
def test_no_topic_is_one_error(new_topic, view_of):
    """And its name can be used when there is one."""
    topic = new_topic()
    topic.delete()
    view = view_of(topic)
    with pytest.raises(TopicError, match="There is no topic"):
        view.start()
    filled(topic.create(), 3)
    assert counted(view.start().wait_for(3)) == oracle(topic)


def test_as_of_every_offset_it_is_what_it_was(new_topic, view_of):
    """Equal to pandas over the records before it."""
    topic = filled(new_topic(), 7)
    view = view_of(topic, batch=3)
    for offset in range(8):
        with view.as_of(offset) as then:
            assert counted(then) == oracle(topic, end=offset)
            assert then.position == {0: offset}


def test_as_of_a_moment_it_has_the_events_before_it(new_topic, view_of):
    """By the events' own times, whatever partition they are in."""
    topic = filled(new_topic(3), 40)
    then = datetime.fromtimestamp(NOON / 1000, UTC) + timedelta(seconds=17)
    assert counted(view_of(topic).as_of(then)) == oracle(topic, until=then)


def test_as_of_a_position_that_the_log_has_not(new_topic, view_of):
    """It says how far the log is."""
    view = view_of(filled(new_topic(), 5))
    with pytest.raises(UsageError, match=r"expected a position up to {0: 5}, found {0: 6}"):
        view.as_of(6)


def test_a_kept_one_goes_on_and_another_begins_anew(new_topic, name, kept):
    """By the file: who goes on applies only what is new."""
    topic = filled(new_topic(), 20)
    applied = []

    def noted(rows, event, place):
        applied.append(place.offset)
        into_sql(rows, event, place)

    def view(keep):
        return kept(View(name, noted, of=topic, store=SQL, keep=keep)).start()

    view(True).wait_for(20).stop()
    filled(topic, 5, 20)
    again = view(True).wait_for(25)
    assert applied == [*range(25)]
    assert counted(again) == oracle(topic)
    again.stop()
    anew = view(False).wait_for(25)
    assert applied == [*range(25), *range(25)]
    assert counted(anew) == oracle(topic)


def test_a_graph_is_a_dict_of_edges(new_topic, name, kept):
    """Memory takes whatever a function makes."""
    from collections import defaultdict

    topic = new_topic()
    pairs = [("ann", "bob"), ("bob", "cid"), ("ann", "cid")]
    produce(topic, [{"who": who, "whom": whom} for who, whom in pairs])
    store = Memory(lambda: defaultdict(set))
    view = kept(View(name, edges, of=topic, store=store)).start().wait_for(3)
    second = view.read(lambda rows: {two for one in rows["ann"] for two in rows.get(one, ())})
    assert second == {"cid"}


def test_full_text_is_a_virtual_table(new_topic, name, kept):
    """In SQLite's own way; a difference sees its rows and not its shadows."""
    topic = new_topic()
    produce(topic, [{"text": "red running shoes"}, {"text": "a blue shoe"}, {"text": "a hat"}])

    def index(rows, event):
        rows.execute("insert into texts values (?)", [event["text"]])

    store = SQLite("create virtual table texts using fts5(text, tokenize = 'porter')")
    view = kept(View(name, index, of=topic, store=store)).start().wait_for(3)
    found = view.sql("select text from texts where texts match ? order by bm25(texts)", ["shoe"])
    assert set(found["text"]) == {"red running shoes", "a blue shoe"}
    assert view.tables()["texts"][3] == {"text": "a hat"}
    assert list(view.tables()) == ["texts"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "is built from a topic"),
        ({"of": None}, "is built from a topic"),
        ({"batch": 0}, "batch"),
        ({"name": ""}, "name"),
        ({"name": "a/b"}, "folder"),
        ({"store": "sqlite"}, "store"),
        ({"fold": lambda rows: None}, "cannot build a view"),
    ],
)
def test_wrong_arguments_are_refused(new_topic, arguments, words):
    """Before anything is begun."""
    topic = {} if not arguments or "of" in arguments else {"of": new_topic()}
    with pytest.raises(UsageError, match=words):
        View(**({"name": "v", "fold": into_dict} | topic | arguments))


@FRAGILE
def test_it_outlives_a_restart_of_the_broker(fragile, name, kept):
    """While the broker is away it says so, and is read; when it is back it goes on."""
    topic = filled(Topic(Cluster(fragile.client_settings), name).reset(), 10)
    view = kept(View(name, into_sql, of=topic, store=SQL)).start().wait_for(10)
    fragile.stop()
    until(lambda: view.trouble)
    assert counted(view)
    fragile.start()
    filled(topic, 10, 10)
    view.wait_for(20, 60)
    assert counted(view) == oracle(topic)
    until(lambda: view.trouble == "")
