"""Lab: the one object that a notebook needs; it ties the rooms together and closes them again."""

import atexit
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from IPython.display import display

from eventlab import log, teach
from eventlab.broker import join
from eventlab.checked import checked
from eventlab.errors import UsageError, shown
from eventlab.lab.card import card, plain_card
from eventlab.lab.magics import register_sql
from eventlab.lab.names import checked_chapter, prefix_of, seat_name
from eventlab.lab.notebook import has_page, is_run_by_a_person, parameter
from eventlab.lab.opened import Close
from eventlab.lab.progress import Progress
from eventlab.lab.verbs import Verbs
from eventlab.live.renderer import use_renderer
from eventlab.processes.closing import after_fork, close_all
from eventlab.teach.progress import Kind, remember

if TYPE_CHECKING:  # pictures are Altair, and not every program shows one
    from eventlab.lab.experiment import Experiment
    from eventlab.pictures.pushed import PushPicture
    from eventlab.sql.answers import Explained

_open: dict[str, "Lab"] = {}


class Shown(Protocol):
    """What `show` takes: the pictures, charts and controls of eventlab."""

    def show(self) -> object:
        """Show it in the running cell's output."""

    def stop(self) -> object:
        """End it."""


Picture = TypeVar("Picture", bound=Shown)


class Lab(Verbs):
    """Join the broker, or start it, and show a small card; everything a chapter uses hangs on this.

    `chapter` ("00") is the prefix of the chapter's own topics and groups: two notebooks share the
    broker, and never each other's topics. Another Lab for the same chapter closes the one before.
    It closes by itself when the kernel ends; in a program use it as a context manager. Where a
    method takes a topic, its name will do. Raises SetupError and BrokerError.
    """

    @checked
    def __init__(self, chapter: str = "workbench") -> None:
        self.chapter = checked_chapter(chapter)
        earlier = _open.pop(self.chapter, None)
        if earlier is not None:
            earlier.close()
        self._forget_card: Close = _nothing
        with Progress() as progress:
            broker = join(seat_name(self.chapter), progress)
        cluster = log.Cluster(broker.client_settings, broker.when_away, lambda: broker.away)
        log.prepare(cluster)
        super().__init__(broker, cluster, prefix_of(self.chapter, shared=broker.external))
        self._on_stage: Experiment | None = None
        use_renderer()
        self._show_card()
        _open[self.chapter] = self
        register_sql(_newest)

    def __repr__(self) -> str:
        return f"Lab(chapter={self.chapter!r})"

    # -- what is shown -----------------------------------------------------------------------------

    @checked
    def show(self, picture: Picture) -> Picture:
        """Show a picture, chart or control in the running cell's output, and return it.

        It moves while cells run, and is stopped when its cell is run again, or when the lab closes;
        its own `stop()` leaves its picture in the notebook.

        Examples:
            >>> from eventlab.pictures import Lanes
            >>> lanes = lab.show(Lanes(lab.topic("orders"), readers=2))
            >>> lanes.stop()
        """
        if not hasattr(picture, "show") or not hasattr(picture, "stop"):
            raise UsageError(
                "This cannot be shown by the lab",
                expected="a picture, chart or control of eventlab.pictures or eventlab.live",
                found=f"{type(picture).__name__} {shown(picture)}",
                remedy="A chart of Altair's own is shown as the last value of a cell.",
            )
        self._opened.add(picture.stop)
        picture.show()
        return picture

    @checked
    def stage(
        self,
        title: str,
        act: Callable[..., Any],
        *,
        broken: Mapping[str, Any] | None = None,
        counts: Callable[..., dict[str, Any]] | None = None,
        acts: Mapping[str, Callable[[], object]] | None = None,
        turn: Mapping[str, Sequence[Any]] | None = None,
    ) -> "Experiment":
        """Put an experiment on the stage, and let it begin; see lab.experiment.Experiment.

        `act(lab, ...)` does it all, with the lab that it is given: it makes its topics, plays its
        events, and returns its picture. `broken` are the arguments that break it, at a switch on
        the stage; where the notebook's BREAK is true, from the beginning. What one can `turn` has
        a slider there: arguments with their values, as {"services": [2, 4, 8]}.

        Examples:
            >>> from eventlab.pictures import EventCards
            >>> def newest(lab, topic="orders"):
            ...     return EventCards(lab.topic(topic))
            >>> lab.stage("The newest orders", newest, broken={"topic": "payments"}).stop()
        """
        from eventlab.lab.experiment import Experiment

        experiment = Experiment(
            self,
            title,
            act,
            broken=broken or {},
            counts=counts,
            acts=acts or {},
            turn=turn or {},
            is_broken=bool(parameter("BREAK", False)),
        )
        self._opened.add(experiment.stop)
        if self._on_stage is not None:
            self._on_stage.rest()
        self._on_stage = experiment
        return experiment.show()

    # -- teaching ---------------------------------------------------------------------------------

    @checked
    def claim(self, claim: str, sentence: str, *, needs: str, **figures: Any) -> teach.Claim:
        """State what this run showed, with the figures that decide it; shown as one line.

        `needs` is the inequality that has to be true of the figures, such as "factor >= 3".
        The seed and whether the run was broken on purpose are the notebook's SEED and BREAK.

        Examples:
            >>> claim = lab.claim("00.more", "Ann pays more", needs="ann > bob", ann=20, bob=5)
            >>> claim.holds
            True
        """
        made = teach.Claim(
            claim,
            sentence,
            needs=needs,
            figures=figures,
            broken=bool(parameter("BREAK", False)),
            seed=parameter("SEED"),
            versions={"kafka": self.broker.version},
        )
        if made.holds and not made.broken:
            _note_progress("claim", made.claim)
        return made

    @checked
    def predict(self, about: str, question: str, options: Sequence[str] = (), **more: Any) -> Any:
        """Ask for a guess before the run, without waiting for it; see teach.predict.

        Examples:
            >>> guess = lab.predict("00.order", "Who pays more?", ["ann", "bob"])
        """
        from eventlab.live import acts_while_busy

        return teach.predict(about, question, options, prepare=acts_while_busy, **more)

    @checked
    def reveal(self, about: str, outcome: Any, why: str = "") -> Any:
        """Show the guess against what came out, and say why in a sentence with this run's figures.

        Examples:
            >>> guess = lab.predict("00.sum", "How many cents do both pay?")
            >>> lab.reveal("00.sum", 25).outcome
            25.0
        """
        return teach.reveal(about, outcome, why)

    def check(self, exercise: str, *answer: Any, **given: Any) -> teach.Verdict:
        """Judge the answer to an exercise; it never raises.

        Examples:
            >>> lab.check("01.1", ...).state
            'not yet'
        """
        verdict = teach.check(exercise, *answer, **given)
        if verdict.state == "right":
            _note_progress("exercise", verdict.exercise)
        return verdict

    # -- the end ----------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop everything that was opened and leave the broker; it ends with its last user.

        All is closed even where something cannot be: what that raised is raised at the end.

        Examples:
            >>> lab.close()
        """
        if _open.get(self.chapter) is self:
            del _open[self.chapter]
        close_all([self._close_opened, self._forget_card, self.broker.close])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    # -- how --------------------------------------------------------------------------------------

    def _begin(self, player: log.Playing, *, control: bool) -> None:
        super()._begin(player, control=control)
        if control:
            from eventlab.live import PlayerControl

            self.show(PlayerControl(player))

    def _pushed(self, picture: "PushPicture") -> "PushPicture":
        if not has_page():  # a program: it takes the rows from the picture's push
            return picture
        if is_run_by_a_person():
            return self.show(picture)
        picture.wait_a_little()
        self.show(picture).stop()
        return picture

    def _explained(self, explained: "Explained") -> Any:
        if not has_page():  # a program: it takes the rows
            return explained.frame()
        if explained.query is not None and not is_run_by_a_person():
            self._sql.engine.queries.settle(explained.query.target.name)
        picture = self.show(self._plan_graph(explained))
        if not is_run_by_a_person():
            picture.stop()
        return picture

    def _show_earlier(self, value: Any) -> None:
        if value is not None and has_page() and not hasattr(value, "show"):
            display(value)

    def _show_card(self) -> None:
        if not has_page():  # a plain script: IPython would print the dict of HTML
            print(plain_card(self.chapter, self.broker))
            return
        handle = display(card(self.chapter, self.broker), raw=True, display_id=True)
        if handle is None:
            return

        def renew(_state: object) -> None:
            handle.update(card(self.chapter, self.broker), raw=True)

        self._forget_card = self.broker.on_change(renew)


def _newest() -> Lab:
    """Return the lab that was made last."""
    if not _open:
        raise UsageError(
            "There is no lab whose topics could be asked",
            expected="a lab that is open",
            found="none",
            remedy='Write lab = Lab(chapter="00") in a cell before.',
        )
    return list(_open.values())[-1]


def _note_progress(kind: Kind, name: str) -> None:
    if is_run_by_a_person():
        remember(kind, name)


def _nothing() -> None:
    """Do nothing: there is no card to forget."""


@atexit.register
def _close_all() -> None:
    close_all([lab.close for lab in list(_open.values())])


def _forget_labs() -> list[Lab]:
    labs = list(_open.values())
    _open.clear()
    return labs


after_fork(_forget_labs)  # what the labs of its parent hold, a child is not to close
