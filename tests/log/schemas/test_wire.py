"""Confluent's wire format."""

import pytest

from eventlab.errors import EventError
from eventlab.log.schemas.wire import framed, head


@pytest.mark.parametrize("schema_id", [1, 256, 2**31])
def test_a_value_begins_with_a_zero_and_its_schema(schema_id):
    """In five bytes, the most significant first, and gives both back."""
    assert head(schema_id) == b"\0" + schema_id.to_bytes(4, "big")
    assert framed(head(schema_id) + b"event") == (schema_id, b"event")


@pytest.mark.parametrize("value", [b"", b"\0\0\0\0", b'{"cents": 20}', b"\1\0\0\0\1event"])
def test_what_names_no_schema_is_said(value):
    """A message in JSON, or one that was cut: in one error, with what stands there."""
    with pytest.raises(EventError, match="names no schema: expected a zero byte") as caught:
        framed(value)
    assert repr(value) in str(caught.value)
