"""Pictures as a lab offers them: each in one line, fed from the chapter's topics."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from eventlab import log
from eventlab.lab.part import LabPart

if TYPE_CHECKING:
    from eventlab.bench import WindowBench
    from eventlab.live import Card, EventCards, LiveChart
    from eventlab.pictures import (
        JoinPicture,
        LagPicture,
        Lanes,
        LatenessPicture,
        TablePicture,
        WindowPicture,
    )
    from eventlab.streams import Running, Table


class PicturePart(LabPart):
    """Charts and controls that move while cells run, and end with the lab."""

    def chart(
        self,
        chart: Any,
        *,
        follow: log.Topic | str | None = None,
        start: log.Start = "earliest",
        per_batch: Callable[[log.Batch], dict] | None = None,
        **options: Any,
    ) -> "LiveChart":
        """Show an Altair chart over alt.NamedData("live") that moves, and return it.

        `follow` names the topic whose events it draws, from `start` on; `per_batch` makes the
        columns of a batch, by default the events' own and `arrived`, the time it is now. Without
        `follow`, push rows yourself. Other options are LiveChart's: time, window, keep, key, alt,
        controls. `stop()` it from a cell to leave its picture in the notebook.
        """
        from eventlab.live import LiveChart

        live = LiveChart(chart, **options)
        if follow is not None:
            columns = per_batch or _with_arrival
            follower = log.follow(
                self._topic(follow), lambda batch: live.push(**columns(batch)), start=start
            )
            live.on_stop(follower.stop)
        self._opened.add(live.stop)
        return live.show()

    def show_lanes(self, topic: log.Topic | str, **options: Any) -> "Lanes":
        """Show a topic's partitions as lanes that fill, and the places of those who read it.

        `readers` is a running flow, or how many readers of the picture's own follow the topic: each
        has its own pace, and the control, or `rewind(reader)`, sets one back to the start. The
        records whose field `by` has a value in `highlight` are coloured.
        """
        from eventlab.pictures import Lanes

        lanes = Lanes(self._topic(topic), **options)
        self._opened.add(lanes.stop)
        return lanes

    def show_table(
        self,
        table: "Table | log.Topic | str",
        *,
        stream: log.Topic | str | None = None,
        **options: Any,
    ) -> "TablePicture":
        """Show the table that a changelog comes to, with the cells that change lit.

        `stream` is a topic whose newest events stand beside it; `changelog=True` shows the newest
        records of the changelog below. `replay(table)` lets it vanish and fill again. Other
        options: columns, most.
        """
        from eventlab.pictures import TablePicture

        source = self._topic(table) if isinstance(table, str) else table
        beside = None if stream is None else self._topic(stream)
        picture = TablePicture(source, stream=beside, **options)
        self._opened.add(picture.stop)
        return picture

    def show_windows(
        self,
        events: log.Topic | str,
        windows: log.Topic | str,
        late: log.Topic | str | None = None,
        **options: Any,
    ) -> "WindowPicture":
        """Show windows that open, fill and close over the events that come, and come late.

        `windows` is a topic of streams.Window, `late` one of streams.Late. Options: the `flow` that
        makes them and its `grace`, so that one sees windows close; `arrived`, the field that says
        when an event came; `value`, what the windows hold.
        """
        from eventlab.pictures import WindowPicture

        unkept = None if late is None else self._topic(late)
        picture = WindowPicture(self._topic(events), self._topic(windows), unkept, **options)
        self._opened.add(picture.stop)
        return picture

    def show_join(
        self, left: log.Topic | str, right: log.Topic | str, joined: log.Topic | str
    ) -> "JoinPicture":
        """Show the events of two topics that wait, match or stay alone, by a topic of joins."""
        from eventlab.pictures import JoinPicture

        picture = JoinPicture(*map(self._topic, (left, right, joined)))
        self._opened.add(picture.stop)
        return picture

    def show_lag(self, reader: "Running | str", **options: Any) -> "LagPicture":
        """Show how many records a flow, or one of the chapter's groups, has not read yet."""
        from eventlab.pictures import LagPicture

        known = self.name(reader) if isinstance(reader, str) else reader
        picture = LagPicture(known, cluster=self.cluster, **options)
        self._opened.add(picture.stop)
        return picture

    def show_lateness(self, topic: log.Topic | str) -> "LatenessPicture":
        """Show how late the events of a topic come, as a histogram."""
        from eventlab.pictures import LatenessPicture

        picture = LatenessPicture(self._topic(topic))
        self._opened.add(picture.stop)
        return picture

    def bench(self, events: Any, **settings: Any) -> "WindowBench":
        """Lay 1 to 200 events on a bench, where one drags them and sees their windows change.

        `events` are rows in the order of arrival: a DataFrame, dicts, or a bench.Scenario. `time`,
        `key`, `value` and `side` name the columns; the settings are those of a Scenario: kind,
        length, hop, gap, grace, bound, measure. A bytewax flow runs at every change.
        """
        from eventlab.bench import WindowBench

        bench = WindowBench(events, **settings)
        self._opened.add(bench.stop)
        return bench.show()

    def cards(self, *, follow: log.Topic | str, newest: int = 6) -> "EventCards":
        """Show the newest records of a topic as cards that fall into the log."""
        from eventlab.live import EventCards

        cards = EventCards(newest)
        follower = log.follow(
            self._topic(follow), lambda batch: cards.push(map(_card, batch.rows[-newest:]))
        )
        cards.on_stop(follower.stop)
        self._opened.add(cards.stop)
        return cards.show()

    def buttons(self, actions: dict[str, Callable[[], object]]):
        """Return a row of buttons; each runs its action at once, also while a cell runs."""
        from eventlab.live import Buttons

        return Buttons(actions)


def _with_arrival(batch: log.Batch) -> dict[str, list]:
    return batch.columns | {"arrived": [datetime.now(UTC)] * len(batch)}


def _card(row: dict[str, Any]) -> "Card":
    from eventlab.live import Card

    place = f"partition {row['partition']}, offset {row['offset']}"
    moment = datetime.fromtimestamp(row["timestamp"] / 1000, UTC)
    return Card(str(row.get("type", "record")), [f"key {row['key']}", f"{moment:%H:%M:%S}", place])
