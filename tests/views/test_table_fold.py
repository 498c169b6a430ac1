import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.log import Record, produce
from eventlab.streams import table_at
from eventlab.views import Place, View, newest


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 9))))
def test_it_keeps_the_last_of_each_key(history):
    """By pandas: and no key whose last has no value."""
    rows: dict = {}
    for key, event in history:
        newest(rows, event, Place("stock", 0, 0, 0, key))
    frame = pandas.DataFrame(history, columns=["key", "n"]).drop_duplicates("key", keep="last")
    assert rows == dict(frame.dropna().values.tolist())


@pytest.mark.broker
def test_a_view_of_it_is_the_topics_table(new_topic, name, kept):
    """Row by row what streams.table_at says, deleted keys among them."""
    topic = new_topic()
    changes = [("a", b'{"n": 1}'), ("b", b'{"n": 2}'), ("a", None), ("c@1-2", b'{"n": 3}')]
    produce(topic, [Record(key, value) for key, value in changes])
    rows = kept(View(name, newest, of=topic)).start().wait_for(4).read(dict)
    assert rows == table_at(topic).to_dict("index")
