"""What an act is given for the lab: the same verbs, for one run of an experiment."""

from collections.abc import Iterable
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from eventlab import log
from eventlab.errors import UsageError
from eventlab.lab.ramp import length_seconds, spacing_seconds
from eventlab.lab.verbs import Verbs

if TYPE_CHECKING:  # a chapter without flows needs none of this
    from eventlab.flows import Running
    from eventlab.services import EventService, FaultSchedule, HttpService, Mesh, Registry
    from eventlab.services.breakable import Breakable
    from eventlab.services.machinery import Machinery
    from eventlab.services.scheduled import ScheduledFaults
    from eventlab.views import View

_FIRST = 10


class Side(Verbs):
    """What an act is given for the lab: its verbs, on names that belong to one run alone."""

    def __init__(self, lab: Verbs, name: str) -> None:
        own = f"{name}." if name else ""
        super().__init__(lab.broker, lab.cluster, lab._prefix + own)
        self._lab = lab
        self.players: list[log.Playing] = []
        self.flows: list[Running] = []
        self.scheduled: list[ScheduledFaults] = []
        self.spacing_seconds = 0.0
        self.story_seconds = 0.0
        self.needs_kafka = False
        self.has_ended = False

    def new_topic(self, name: log.Topic | str, *arguments: Any, **settings: Any) -> log.Topic:
        """Make a topic anew and empty; whoever else of the lab plays into it is stopped."""
        self._require_going_on()
        self.needs_kafka = True
        self._lab._opened.close_at(f"into {self.topic(name)}")
        return super().new_topic(name, *arguments, **settings)

    def play(self, events: Iterable[Any], **options: Any) -> log.Playing:
        """Play events into a topic, from when all runs of the experiment stand on the stage."""
        if not isinstance(events, Iterable):
            return super().play(events, **options)  # which says what it expected
        self.story_seconds = max(self.story_seconds, length_seconds(events))
        items = iter(events)
        first = list(islice(items, _FIRST))
        self.spacing_seconds = spacing_seconds(first)
        return super().play(chain(first, items), **options)

    def run(self, flow: Any, **options: Any) -> "Running":
        """Run a flow in the background, until the experiment ends or is played again."""
        self._require_going_on()
        running = super().run(flow, **options)
        self.flows.append(running)
        return running

    def view(self, name: str, *arguments: Any, **options: Any) -> "View":
        """Build a view of a topic; one of the same name of another run is stopped."""
        self._require_going_on()
        view = super().view(name, *arguments, **options)
        self._lab._opened.add(view.stop, f"view {view.name}")
        return view

    def _end_view(self, name: str) -> None:
        super()._end_view(name)
        self._lab._opened.close_at(f"view {name}")

    def serve(self, name: str, *arguments: Any, **options: Any) -> "HttpService":
        """Start an HTTP service; one of the same name of another run is stopped."""
        self._take_name_of_service(name)
        service = super().serve(name, *arguments, **options)
        self._lab._opened.add(service.stop, self._place_of_service(name))
        return service

    def subscribe(self, name: str, *arguments: Any, **options: Any) -> "EventService":
        """Start an event-driven service; one of the same name of another run is stopped."""
        self._take_name_of_service(name)
        service = super().subscribe(name, *arguments, **options)
        self._lab._opened.add(service.stop, self._place_of_service(name))
        return service

    def new_registry(self) -> "Registry":
        """Start a schema registry anew and empty; another one of the same names is stopped."""
        self._require_going_on()
        self._lab._opened.close_at(self._place_of_registry)
        registry = super().new_registry()
        if not registry.external:
            self._lab._opened.add(registry.stop, self._place_of_registry)
        return registry

    def close(self) -> None:
        """End all that the run has opened, for good; what it has sent stays known."""
        self.has_ended = True
        self._close_opened()

    def breakables(self) -> "dict[str, Breakable]":
        """Return what can be broken of its services, and between them."""
        return {} if self._own_mesh is None else self._own_mesh.breakables()

    def rest(self) -> None:
        """End the processes of its services; what they have done stays."""
        mesh = self._own_mesh
        self._own_mesh = None
        if mesh is not None:
            mesh.close()

    def _scheduled(self, faults: "FaultSchedule") -> "ScheduledFaults":
        scheduled = super()._scheduled(faults)
        self.scheduled.append(scheduled)
        return scheduled

    @property
    def _mesh(self) -> "Mesh":
        self._require_going_on()
        return super()._mesh

    @property
    def _machinery(self) -> "Machinery":
        return self._lab._machinery  # what services are made of is imported once for all runs

    def _require_going_on(self) -> None:
        if self.has_ended:
            raise UsageError(
                "This run of the experiment has ended",
                expected="one that stands on the stage",
                found="one that was stopped, or begun anew",
                remedy="Use the lab that the act is given by the run that goes on.",
            )

    def _take_name_of_service(self, name: str) -> None:
        """Stop a service of this name of another run: both would keep the same views, or group."""
        self._require_going_on()
        if self._own_mesh is None or name not in self._own_mesh.services:
            self._lab._opened.close_at(self._place_of_service(name))

    def _place_of_service(self, name: str) -> str:
        return f"service {self._prefix}{name}"

    def _begin(self, player: log.Playing, *, control: bool) -> None:
        self._require_going_on()
        for topic in player.topics:
            self._require_own(topic)
        self.players.append(player)
        self._lab._opened.add(player.stop, f"into {player.place}")

    def _require_own(self, topic: log.Topic) -> None:
        if not topic.name.startswith(self._prefix):
            raise UsageError(
                "An act plays into topics of its own run",
                expected="a topic that was made with the lab that the act is given",
                found=str(topic),
                remedy="Use the act's first argument in place of the notebook's lab.",
            )
