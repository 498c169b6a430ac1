"""A topic in Flink's words."""

from datetime import timedelta

import pytest

from eventlab.errors import UsageError
from eventlab.flink.tables import create_table, quoted

_SERVERS = {"bootstrap.servers": "127.0.0.1:9092", "session.timeout.ms": "2500"}


def made(**others):
    """The statement for a table of orders."""
    taken = {"topic": "ch00.orders", "settings": _SERVERS, "wait": timedelta(0), "bounded": True}
    return create_table("orders", "country STRING, cents INT", **taken | others)


def test_it_says_where_and_how_to_read():
    """The whole statement, which Flink runs as it is."""
    assert made(wait=timedelta(days=1, minutes=5, milliseconds=250)) == (
        "CREATE TABLE `orders` (\n"
        "  country STRING, cents INT,\n"
        "  record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',\n"
        "  WATERMARK FOR record_time AS record_time"
        " - INTERVAL '1 00:05:00.250' DAY(3) TO SECOND(3)\n"
        ") WITH (\n"
        "  'connector' = 'kafka',\n"
        "  'topic' = 'ch00.orders',\n"
        "  'properties.bootstrap.servers' = '127.0.0.1:9092',\n"
        "  'properties.isolation.level' = 'read_committed',\n"
        "  'scan.startup.mode' = 'earliest-offset',\n"
        "  'scan.bounded.mode' = 'latest-offset',\n"
        "  'format' = 'json',\n"
        "  'json.timestamp-format.standard' = 'ISO-8601'\n"
        ")"
    )


def test_one_that_goes_on_has_no_end():
    """What comes later is read as well."""
    assert "bounded" not in made(bounded=False)


def test_a_name_may_have_any_letter():
    """It cannot end the statement."""
    assert quoted("a`b") == "`a``b`"
    assert "'topic' = 'it''s'" in made(topic="it's")


def test_a_cluster_with_passwords_is_refused():
    """Java's client says it otherwise, and a password would stand in the statement."""
    settings = _SERVERS | {"sasl.password": "secret", "security.protocol": "SASL_SSL"}
    with pytest.raises(UsageError, match=r"found sasl\.password, security\.protocol") as caught:
        made(settings=settings)
    assert "secret" not in str(caught.value)
