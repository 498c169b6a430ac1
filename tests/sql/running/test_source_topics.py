"""Topics of streams and tables: made, emptied and deleted, and their schemas."""

import pytest

from eventlab.errors import SqlError
from eventlab.sql.syntax import Position
from tests.sql.engines import AVRO_ORDER, PAID, SUMS, frame

pytestmark = pytest.mark.broker


def test_a_topic_that_is_there_keeps_the_number_of_its_partitions(shop, topics):
    """Another number is refused with the one that it has, and nothing is created."""
    begin = "CREATE STREAM again (good STRING) WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON', "
    with pytest.raises(SqlError, match="PARTITIONS=1, or none") as caught:
        shop.execute(begin + "PARTITIONS=7);")
    assert "PARTITIONS=7" in caught.value.found
    assert caught.value.position == Position(1, len(begin) + 1)
    assert "AGAIN" not in shop.catalog.sources
    shop.execute(begin + "PARTITIONS=1);")
    assert len(topics("orders").partitions) == 1


def test_what_was_made_can_be_taken_back(shop, topics):
    """Queries end, sources are no more, and topics go that CREATE has made."""
    shop.execute("CREATE STREAM few (cents INT) WITH (KAFKA_TOPIC='few', VALUE_FORMAT='JSON', "
                 "PARTITIONS=1);" + SUMS)  # fmt: skip
    assert shop.has_made_topic_of("FEW")
    assert not shop.has_made_topic_of("ORDERS")
    shop.take_back(["CTAS_SUMS_1"], ["FEW", "SUMS", "ORDERS"])
    assert frame(shop, "SHOW QUERIES;").empty
    assert frame(shop, "SHOW STREAMS;").empty
    assert topics("orders").exists
    assert not topics("few").exists


def test_an_incompatible_schema_is_refused_before_anything_ends(avro, topics):
    """Where the subject is somebody else's; what was there goes on."""
    shop, registry = avro
    registry.register(f"{topics('sums').name}-value", AVRO_ORDER)
    shop.execute(f"{PAID}")
    with pytest.raises(SqlError, match="does not take the schema of these columns"):
        shop.execute("CREATE STREAM sums WITH (KAFKA_TOPIC='sums') AS SELECT * FROM paid;")
    assert set(shop.catalog.sources) == {"PAID"}
    assert not topics("sums").exists
    assert not shop.queries


def test_a_topic_that_is_emptied_may_have_another_schema(avro, topics):
    """Where its subject began with this engine; with the topic it goes."""
    shop, registry = avro
    shop.execute(f"{PAID} CREATE STREAM s AS SELECT * FROM paid;")
    shop.execute(
        "CREATE OR REPLACE STREAM s AS SELECT id, CAST(cents AS STRING) AS cents FROM paid;"
    )
    subject = f"{topics('S').name}-value"
    assert '"string"' in registry.version(subject).schema.text
    assert registry.version(subject).version == 1
    shop.execute("TERMINATE ALL; DROP STREAM s DELETE TOPIC;")
    assert registry.subjects() == [f"{topics('paid').name}-key", f"{topics('paid').name}-value"]


def test_without_a_registry_nothing_is_made(shop, topics):
    """And it is said what to do."""
    with pytest.raises(SqlError, match=r"needs a schema registry.*new_registry"):
        shop.execute(PAID)
    assert not topics("paid").exists
    assert set(shop.catalog.sources) == {"ORDERS"}
