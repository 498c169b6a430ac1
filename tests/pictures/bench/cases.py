"""Scenarios for the bench's tests: random ones, and one in which exactly one event is late."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from eventlab.pictures.bench import Event, Scenario

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def event(number: int, seconds: float, key: str = "a", side: str = "left") -> Event:
    """Return an event so many seconds after noon."""
    return Event(str(number), NOON + seconds * SECOND, key, float(number), side)


def scenario(*seconds: float, **settings) -> Scenario:
    """Return events of one key at these seconds, in this order of arrival."""
    return Scenario(tuple(event(n, at) for n, at in enumerate(seconds, 1)), **settings)


def ms(seconds: float) -> int:
    """Return a moment so many seconds after noon, in milliseconds since 1970."""
    return event(0, seconds).milliseconds


# Windows of a minute with ten seconds grace: 12:00 closes when 75 arrives, and 40 comes after it.
ONE_LATE = scenario(10, 30, 75, 40, 80, length=60 * SECOND, grace=10 * SECOND)

# Few values, so that ties and late events are frequent.
rows = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from("ab"), st.sampled_from(["left", "right"])),
    min_size=1,
    max_size=25,
)
lengths = st.integers(0, 8).map(lambda seconds: seconds * SECOND)
positive = st.integers(1, 8).map(lambda seconds: seconds * SECOND)


@st.composite
def scenarios(draw, kind: str) -> Scenario:
    """Return random scenarios of a kind."""
    events = tuple(event(n, *row) for n, row in enumerate(draw(rows)))
    length = draw(positive)
    hop = min(draw(positive), length)
    settings = {"gap": draw(positive), "grace": draw(lengths), "bound": draw(lengths)}
    return Scenario(events, kind=kind, length=length, hop=hop, **settings)
