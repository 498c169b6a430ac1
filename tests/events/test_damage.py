import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import EventError
from eventlab.events import decode, encode
from eventlab.events.damage import damaged
from tests.events.examples import EXAMPLES


@given(st.sampled_from(EXAMPLES), st.floats(0, 1, exclude_max=True))
def test_no_reader_can_decode_what_is_damaged(event, size):
    """Whatever the event and the way, decoding is one clear error, with and without a contract."""
    _, value = damaged(encode(event), size)
    for contract in (None, type(event)):
        with pytest.raises(EventError):
            decode(value, contract)


@pytest.mark.parametrize(("size", "length"), [(0, 1), (0.25 - 2**-54, -1)])
def test_truncated_is_never_nothing_and_never_all(size, length):
    """From the smallest to the largest size, at least one byte is left and one is gone."""
    whole = encode(EXAMPLES[1])
    assert damaged(whole, size) == ("truncated", whole[:length])


@pytest.mark.parametrize(
    ("size", "reason", "field"),
    [
        (0.1, "truncated", ""),
        (0.3, "another encoding", ""),
        (0.6, "no event id", "event_id"),
        (0.9, "no time zone", "at"),
    ],
)
def test_the_reason_is_what_the_reader_finds(size, reason, field):
    """A contract broken in one field is reported for that field."""
    found, value = damaged(encode(EXAMPLES[1]), size)
    assert found == reason
    with pytest.raises(EventError, match=f"'{field}'" if field else "cannot be read"):
        decode(value)
