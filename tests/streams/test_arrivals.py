import pickle
from datetime import UTC, datetime

from eventlab.streams import Arrival

ONE = Arrival({"n": 1}, "k", "orders", 2, 7, 1_741_003_200_123, 1_741_003_200_500, (("h", b"1"),))


def test_its_time_is_aware():
    """Milliseconds since 1970 are a moment in UTC."""
    assert ONE.timestamp == datetime(2025, 3, 3, 12, 0, 0, 123_000, tzinfo=UTC)


def test_it_travels_between_workers():
    """bytewax pickles what goes from one worker to another."""
    assert pickle.loads(pickle.dumps(ONE)) == ONE
