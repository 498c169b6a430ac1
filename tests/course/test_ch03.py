from itertools import islice
from types import SimpleNamespace

import pytest

from eventlab.course import ch03
from eventlab.errors import UsageError
from eventlab.events import Shop
from eventlab.log import Batch
from eventlab.services import Answer, Faults
from eventlab.teach import check
from tests.course.harness import Answer as Given
from tests.course.harness import ChapterTests, solution

STORY = list(islice(Shop(seed=7).orders(), 60))


def judged(through, longest):
    return check("03.1", through, longest)


def test_blank_is_not_yet():
    """The dots of the exercise are no answer."""
    assert judged(..., ...).state == "not yet"


@pytest.mark.parametrize("through", [941.48, 941, 942])
def test_what_the_factors_leave_is_right(through):
    """Rounded or not."""
    assert judged(through, 10).state == "right"


@pytest.mark.parametrize(
    ("through", "longest", "hint"),
    [
        (940, 10, "multiply"),
        (990, 10, "all six of them"),
        (900, 10, "not what six factors"),
        (941, 11, "fewer than 900"),
        (941, 3, "0.99 ** 3 is 0.970"),
        ("941", 10, "Found '941' (str) for through"),
        (941, True, "Found True (bool) for longest"),
        (float("nan"), 10, "Found nan (float) for through"),
        (941, -100_000, "0.99 ** -100000 is 1.000"),
        (941, 10.4, "0.99 ** 10.4"),
        (941, float("nan"), "Found nan (float) for longest"),
    ],
)
def test_a_plausible_wrong_answer_is_helped_on(through, longest, hint):
    """Each slip gets the sentence that mends it."""
    verdict = judged(through, longest)
    assert verdict.state == "wrong"
    assert hint in verdict.message


@pytest.fixture
def shops():
    """Return the picture of two shops whose services are names alone."""
    topic = SimpleNamespace(end_offsets=lambda: {0: 0})

    def services(*names):
        return [SimpleNamespace(name=name, state="up") for name in names]

    return ch03.TwoShops(
        SimpleNamespace(players=[]),
        STORY,
        services("shop", "warehouse"),
        services("front end", "shipping"),
        orders=topic,
        shipped=topic,
    )


def test_a_story_of_few_orders_is_refused():
    """Nothing could be seen in its thirds."""
    with pytest.raises(UsageError, match="60 or more, found 59"):
        ch03.require_length(STORY[:59])


def play(shops, outcomes):
    """Let both fronts answer the first orders in this way: their outcomes, by order."""
    for number, (chained, evented) in enumerate(outcomes):
        shops._lab.players = [SimpleNamespace(report=SimpleNamespace(sent=number + 1))]
        shops.answered(Answer(number, "shop", chained, 0.02))
        shops.answered(Answer(number, "front end", evented, 0.005))


def batch(*numbers):
    """Return records of these orders, as they come from a topic."""
    made = Batch()
    made.fields = [{"order_id": STORY[number].order_id} for number in numbers]
    return made


def test_an_order_is_done_where_it_comes_out_of_the_last_topic(shops):
    """Accepted it waits; refused it is refused, whatever becomes of it later."""
    play(shops, [("200", "200"), ("503", "200"), ("503", "timeout")])
    shops._note_written(batch(0, 1, 2))
    shops._note_done(batch(0, 2))
    assert shops.states(ch03.LOG) == {0: ch03.DONE, 1: ch03.WAITS, 2: ch03.REFUSED}
    assert shops.states(ch03.CHAIN) == {0: ch03.DONE, 1: ch03.REFUSED, 2: ch03.REFUSED}


def test_what_was_accepted_and_is_not_in_the_log_is_lost_with_the_crash(shops):
    """Before it, it may still be written."""
    outcomes = [("200", "200")] * ch03.hang_of(STORY).stop
    play(shops, outcomes)
    written = range(1, len(outcomes))
    shops._note_written(batch(*written))
    shops._note_done(batch(*written))
    assert shops.states(ch03.LOG)[0] == ch03.WAITS
    play(shops, [*outcomes, ("refused", "refused")])
    states = shops.states(ch03.LOG)
    assert (states[0], states[1]) == (ch03.LOST, ch03.DONE)
    assert shops.scores()["beside the log: lost"] == 1


def test_each_lamp_says_how_its_service_fares(shops):
    """One that is frozen looks other than one that is killed; one that has ended does as before."""
    drawn = {}
    shops._live.push = lambda **row: drawn.update({row["id"][0]: row["state"][0]})
    shop, warehouse = shops._services[ch03.CHAIN]
    lamps = []
    for state in ("up", "ended", "killed", "failed", "frozen"):
        warehouse.state = state
        shops._draw()
        lamps.append(drawn[f"{ch03.CHAIN} warehouse"])
    assert lamps == ["●", "●", "✕", "✕", "‖"]
    assert drawn[f"{ch03.CHAIN} {shop.name}"] == "●"


def test_below_each_block_stands_what_is_lost_or_refused(shops):
    """Nobody has to count squares; what is lost says more than what was refused."""
    sums = {}
    shops._live.push = lambda **row: sums.update({row["id"][0]: row["words"][0]})
    outcomes = [("503", "200")] * (ch03.hang_of(STORY).stop + 1)
    play(shops, outcomes)
    shops._note_written(batch(*range(2, len(outcomes))))
    shops._note_done(batch(*range(2, len(outcomes))))
    shops._draw()
    assert sums[f"sum {ch03.CHAIN}"] == f"{len(outcomes)} refused"
    assert sums[f"sum {ch03.LOG}"] == "2 lost"


def test_both_shops_meet_the_same_outages():
    """The warehouses for a third; then the way to the log, until both fronts are back."""
    schedule = ch03.outages(STORY)
    seconds = [(order.at - STORY[0].at).total_seconds() for order in STORY]
    killed = {one.target: one.span_seconds for one in schedule.outages if one.trouble == "killed"}
    assert killed == {
        "warehouse": (seconds[20], seconds[40]),
        "shipping": (seconds[20], seconds[40]),
        "shop": (seconds[50], seconds[51]),
        "front end": (seconds[50], seconds[51]),
    }
    assert schedule.at("front end to log", seconds[44]) == Faults(mode="hang")
    assert schedule.at("front end to log", seconds[51]) is None


def test_the_figures_count_the_outage_alone(shops):
    """A third of the story, from its first third on."""
    outcomes = [("200", "200")] * 20 + [("503", "200")] * 19 + [("503", "timeout")]
    play(shops, outcomes + [("200", "200")] * 20)
    shops._note_written(batch(*range(60)))
    shops._note_done(batch(*range(60)))
    assert shops.figures() == {
        "accepted": 59,
        "done": 59,
        "refused_in_outage": 1,
        "refused_by_chain": 20,
        "slower": 1.0,
    }
    assert ch03.outcome(shops) == ch03.SERVED
    assert ch03.why(shops).startswith("Of 20 orders in the outage 19 were accepted")


class TestChapter03(ChapterTests):
    """A yes before the log has it, a chain of one, a call that waits, a team and a packer."""

    number = "03"
    claims = ("03.completes", "03.multiplies", "03.parcel", "03.redeploy", "03.waits")
    answers = (
        Given("03.1", "solved", solution("03", 1), "right"),
        Given("03.1", "six times ten", "through = 940\nlongest = 10", "wrong"),
    )
