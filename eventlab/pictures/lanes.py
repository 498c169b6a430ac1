"""The lanes of a topic, with those who read it, each at its own pace and place."""

from collections.abc import Iterator, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, NamedTuple

import altair as alt
import ipywidgets

from eventlab.arguments import required_whole_number
from eventlab.checked import checked
from eventlab.errors import UsageError
from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS, categories
from eventlab.live.values import in_words
from eventlab.live.widget import Feed
from eventlab.log import Batch, Follower, Topic
from eventlab.pictures.layers import Layers, only
from eventlab.pictures.picture import Picture

if TYPE_CHECKING:  # flows are half a second of imports, and not every chart shows one
    from eventlab.flows import Running

OTHERS = "others"
READER = "reader"
CHOSEN = "chosen reader"

_PLACES_PER_SECOND = 10
_MOST_READERS = 100  # each is a consumer with a thread
_SLOWEST = 8.0  # records a second; the others read two, three, four times as fast
KEEP = 20_000  # so many records and places are held, the newest
_LANE_PIXELS = 28
_PITCH_PIXELS = 56
_AROUND_PIXELS = 80  # the legend above, the axis below


class _Place(NamedTuple):
    """Where a reader stands in a partition."""

    name: str
    partition: int
    offset: int
    group: str


class Lanes(Picture):
    """Draw a topic's records as they come, and the places of those who read it.

    `readers` is how many readers of the picture's own follow the topic, each at a pace of its own:
    the control, or `rewind(reader)`, sets one back to the start. Or it is a running flow that reads
    the topic. `by` names a field; the records with the values in `highlight` are coloured. Raises
    UsageError, and TopicError where there is no such topic.
    """

    @checked
    def __init__(
        self,
        topic: Topic,
        *,
        readers: "int | Running",
        by: str | None = None,
        highlight: Sequence[str] = (),
    ) -> None:
        self._topic = topic
        self._by = by
        self._highlight = list(highlight)
        self._flow = None if isinstance(readers, int | Integral | str) else readers
        self._count = 0 if self._flow is not None else _required(readers)
        self._places: list[_Place] = []
        self._which = _choice(self._count)
        self._live = self._chart()
        super().__init__(self._live)
        self.readers: list[Follower] = []

    @checked
    def rewind(self, reader: int) -> None:
        """Set one of the picture's own readers back to the first offset of every partition.

        The first reader is 0. Raises UsageError for one that is not there; a flow has none here.
        """
        if self._flow is not None:
            raise UsageError(
                "This picture has no readers of its own",
                expected="lanes with a number of readers",
                found=f"the lanes of the flow {self._flow.name}",
                remedy="Show Lanes(topic, readers=3) to set a reader back.",
            )
        last = len(self.readers) - 1
        number = required_whole_number("reader", reader, at_least=0, at_most=last)
        self.readers[number].seek("earliest")

    def _feeds(self) -> Iterator[Feed]:
        for number in range(self._count):
            pace = _SLOWEST * (number + 1)
            reader = self._follow(self._topic, _read_on, per_second=pace)
            self.readers.append(reader)
            yield reader
        yield self._follow(self._topic, self._draw_records)
        yield self._again(self._draw_places, _PLACES_PER_SECOND)

    def _chart(self) -> LiveChart:
        whose = f"{self._count} readers" if self._flow is None else f"the flow {self._flow.name}"
        partitions = len(self._topic.partitions)
        return LiveChart(
            lanes_chart(partitions, self._highlight, can_choose=self._count > 0),
            alt=f"The partitions of {self._topic} as lanes, with the places of {whose}",
            key="id",
            keep=KEEP,
            controls=[self._control()] if self._count else [],
        )

    def _control(self) -> ipywidgets.HBox:
        back = ipywidgets.Button(description="Set it back to the start", layout={"width": "auto"})
        back.on_click(lambda _: self.rewind(self._which.value))
        return ipywidgets.HBox([self._which, back])

    def _draw_records(self, batch: Batch) -> None:
        columns = batch.columns
        partitions = columns["partition"]
        offsets = columns["offset"]
        values = columns.get(self._by or "", [None] * len(batch))
        self._live.push(
            id=[f"{number}-{offset}" for number, offset in zip(partitions, offsets, strict=True)],
            partition=partitions,
            offset=offsets,
            group=[value if value in self._highlight else OTHERS for value in values],
            what=[
                self._words(value, offset) for value, offset in zip(values, offsets, strict=True)
            ],
        )

    def _words(self, value: object, offset: int) -> str:
        return (
            f"offset {offset}"
            if self._by is None
            else f"{self._by} {in_words(value)}, offset {offset}"
        )

    def _draw_places(self) -> None:
        places = list(self._places_now())
        if places == self._places:
            return
        self._places = places
        self._live.push(
            id=[f"{place.name}-{place.partition}" for place in places],
            partition=[place.partition for place in places],
            offset=[place.offset for place in places],
            group=[place.group for place in places],
            what=[f"{place.name}, next offset {place.offset}" for place in places],
        )

    def _places_now(self) -> Iterator[_Place]:
        if self._flow is not None:
            for (topic, partition), offset in self._flow.positions.items():
                if topic == self._topic.name:
                    yield _Place(f"flow {self._flow.name}", partition, offset, READER)
        for number, reader in enumerate(self.readers):
            group = CHOSEN if number == self._which.value else READER
            for partition, offset in reader.position.items():
                yield _Place(f"reader {number}", partition, offset, group)


def _choice(readers: int) -> ipywidgets.BoundedIntText:
    last = max(0, readers - 1)
    return ipywidgets.BoundedIntText(
        value=min(3, last), min=0, max=last, description="reader", layout={"width": "170px"}
    )


def _required(readers: object) -> int:
    return required_whole_number("readers", readers, at_least=1, at_most=_MOST_READERS)


def _read_on(_batch: Batch) -> None:
    """Do nothing: a reader of the lanes only has a place."""


def lanes_chart(
    partitions: int, highlights: Sequence[str], *, can_choose: bool = True, unit: str = "records"
) -> Layers:
    """Return a chart over the data "live", whose rows are records and readers' places.

    A row has `id` (its own key, so that a reader's place replaces the one before), `partition`,
    `offset` and `group`: one of `highlights` or OTHERS for a record, READER or CHOSEN for a place;
    `what` says in words what it is. `can_choose` tells whether there is a CHOSEN one.
    """
    names = [*highlights, OTHERS, READER, CHOSEN]
    explained = [*highlights, READER, *([CHOSEN] if can_choose else [])]
    hues = [*categories(len(highlights)), COLOURS["muted"], COLOURS["reader"], COLOURS["chosen"]]
    base = alt.Chart(alt.NamedData("live")).encode(
        x=alt.X(
            "offset:Q", title="offset in the partition", scale=alt.Scale(zero=True, nice=False)
        ),
        y=alt.Y("partition:O", title="partition", scale=alt.Scale(domain=list(range(partitions)))),
        color=alt.Color(
            "group:N",
            title=None,
            scale=alt.Scale(domain=names, range=hues),
            legend=alt.Legend(orient="top", values=explained, symbolOpacity=1),
        ),
        tooltip=[alt.Tooltip("what:N", title=unit)],
    )
    layers = [
        _ticks(base, [OTHERS], thickness=1, opacity=0.5),
        _ticks(base, highlights, thickness=3, opacity=1),
        _triangles(base, READER, size=80, edge="white"),
        _triangles(base, CHOSEN, size=120, edge=COLOURS["chosen"]),
    ]
    height = _PITCH_PIXELS * partitions + _AROUND_PIXELS
    return alt.layer(*layers).properties(height=height)


def _ticks(
    base: alt.Chart, groups: Sequence[str], *, thickness: float, opacity: float
) -> alt.Chart:
    chosen = only(base, groups, field="group")
    ticks: alt.Chart = chosen.mark_tick(
        thickness=thickness, opacity=opacity, yOffset=-8, size=_LANE_PIXELS
    )
    return ticks


def _triangles(base: alt.Chart, group: str, *, size: float, edge: str) -> alt.Chart:
    triangles: alt.Chart = only(base, [group], field="group").mark_point(
        shape="triangle-up",
        filled=True,
        size=size,
        stroke=edge,
        strokeWidth=0.5,
        yOffset=16,
        opacity=1,
    )
    return triangles
