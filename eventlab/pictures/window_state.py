"""What a picture of windows has come to know, and the rows that show it with one grace or other."""

from collections.abc import Iterable, Iterator

from eventlab.pictures.newest import Newest
from eventlab.pictures.window_rows import (
    Bar,
    Dot,
    Row,
    bar_rows,
    dot_row,
    names,
    note_rows,
    offer_rows,
)
from eventlab.pictures.window_tally import Offer, WindowTally
from eventlab.pictures.window_values import Place, WindowValues
from eventlab.pictures.windows_chart import STREAM_TIME


class WindowState:
    """Hold events, what a flow with its own `grace` made of them, and the grace that is `shown`.

    With the flow's own grace the bars show what the flow gave; with another one what that would
    have given. `graces` are those to choose from; `has_times` tells whether arrivals are moments.
    It holds `keep` events, the newest. Not safe between threads.
    """

    def __init__(
        self, length: int, grace: int, graces: Iterable[int], *, has_times: bool, keep: int
    ) -> None:
        self.shown = grace
        self.watermark = -1.0
        self.is_over = False
        self._grace = grace
        self._graces = list(graces)
        self._has_times = has_times
        self._dots: Newest[str, Dot] = Newest(keep)
        self._reasons: Newest[str, str] = Newest(keep)
        self._values = WindowValues(keep)
        self._tally = WindowTally(length, keep)

    def __len__(self) -> int:
        return len(self._dots)

    @property
    def offer(self) -> Offer:
        """Return what the grace that is shown gives."""
        return self._tally.offer(self.shown)

    # -- what comes -----------------------------------------------------------------------------

    def add(self, one: str, partition: int, at: int, arrived: float, words: str) -> list[Row]:
        """Take an event in; return the rows of its dot, the watermark's step, and its window."""
        seen = self._tally.add(partition, at, arrived)
        self._dots[one] = Dot(one, at, arrived, seen, words)
        step = Row(f"stream {partition} {at}", STREAM_TIME, at, arrived, partition=partition)
        steps = [step] if seen.moves_time else []
        return [self._dot_row(one), *steps, *self._bar_rows(seen.place)]

    def add_reason(self, one: str, reason: str) -> list[Row]:
        """Take in why the flow dropped an event; return its row, if it has come."""
        self._reasons[one] = reason
        return [self._dot_row(one)] if one in self._dots else []

    def add_window(self, place: Place, key: str, value: float | None) -> list[str]:
        """Take in what the flow counted; return the ids of the rows that left to make room."""
        return [name for left in self._values.put(place, key, value) for name in names(left)]

    def pass_by(self, watermark: float | None, *, is_over: bool) -> list[Row]:
        """Move to the watermark of a flow, or to this picture's own; return what that closes.

        What this picture has not read yet is not passed. When the input of the flow `is_over`, all
        of its windows are closed.
        """
        own = self._tally.watermark
        before = self.watermark
        if own is not None and watermark is not None:
            self.watermark = max(before, min(watermark, own))
        if is_over:
            self.is_over = True
            return list(self._all_bar_rows())
        from_end = before - self.shown
        to_end = self.watermark - self.shown
        passed = [place for place in self.places() if from_end < place[1] <= to_end]
        return [row for place in passed for row in self._bar_rows(place)]

    # -- what is drawn --------------------------------------------------------------------------

    def places(self) -> list[Place]:
        """Return the windows that events or the flow have shown, the earliest first."""
        return sorted({*self._tally.places, *self._values.places})

    def window_rows(self, place: Place) -> list[Row]:
        """Return the rows of a window."""
        return list(self._bar_rows(place))

    def offer_rows(self) -> Iterator[Row]:
        """Yield what the grace gives, in words and on the curve of all that can be chosen."""
        offer = self.offer
        has_closed = self._tally.has_passed_a_window(self.shown)
        yield from note_rows(offer, has_delay=self._has_times, has_closed=has_closed)
        if self._has_times:
            yield from offer_rows([self._tally.offer(grace) for grace in self._graces], offer)

    def all_rows(self) -> Iterator[Row]:
        """Yield all that depends on the grace that is shown."""
        for one in self._dots:
            yield self._dot_row(one)
        yield from self._all_bar_rows()
        yield from self.offer_rows()

    def _dot_row(self, one: str) -> Row:
        reason = self._reasons.get(one) if self.shown == self._grace else None
        return dot_row(self._dots[one], self.shown, reason)

    def _all_bar_rows(self) -> Iterator[Row]:
        for place in self.places():
            yield from self._bar_rows(place)

    def _bar_rows(self, place: Place) -> Iterator[Row]:
        is_flows = self.shown == self._grace
        given = self._values.total(place) if is_flows else self._tally.counted(place, self.shown)
        return bar_rows(
            Bar(
                place,
                counted=given,
                missing=self._tally.missing(place, self.shown),
                is_closed=self.is_over or place[1] + self.shown <= self.watermark,
                closed_when=self._tally.closed_when(place, self.shown),
            )
        )
