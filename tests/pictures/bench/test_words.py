from eventlab.pictures.bench.run import run
from eventlab.pictures.bench.words import Words
from tests.pictures.bench.cases import ONE_LATE, SECOND, ms, scenario


def test_moments_are_read_off_a_clock():
    """Seconds where there are some, and the day where there are several."""
    words = Words.of(ONE_LATE)
    assert [words.clock(ms(at)) for at in (0, 300, 5, 0.25)] == [
        "12:00",
        "12:05",
        "12:00:05",
        "12:00:00.250",
    ]
    assert Words.of(scenario(0, 86_400)).clock(ms(5)) == "3 Mar 12:00:05"


def test_an_event_that_came_too_late_says_why():
    """Where the watermark stood, when its window closed, and by how much it was late."""
    late = scenario(0, 450, 240, length=300 * SECOND, grace=120 * SECOND)
    assert run(late).outcomes[2].words == (
        "arrived when the watermark stood at 12:07:30; its window 12:00 to 12:05 closed when the"
        " watermark reached 12:07 (its end and 2 min grace); 30 s too late"
    )


def said(kind, *seconds, **settings):
    made = scenario(*seconds, kind=kind, **{"length": 60 * SECOND, **settings})
    return [outcome.words for outcome in run(made).outcomes]


def test_the_exact_moment_is_too_late():
    """A window's end belongs to the next one."""
    assert said("tumbling", 0, 60, 5)[2].endswith(
        "closed when the watermark reached 12:01 (its end, without grace); just too late"
    )


def test_what_counts_says_where():
    """On time, and behind the watermark."""
    words = said("tumbling", 10, 30, 20)
    assert words[0] == "arrived when the watermark stood at 12:00:10; counted in 12:00 to 12:01"
    assert words[2] == (
        "arrived when the watermark stood at 12:00:30, 10 s behind it; counted in 12:00 to 12:01"
    )


def test_of_several_windows_the_nearest_is_said():
    """And how many earlier ones were missed, and where it counts all the same."""
    words = said("hopping", 0, 125, 70, hop=20 * SECOND)
    assert words[2].endswith(
        "its window 12:01 to 12:02 closed when the watermark reached 12:02 (its end, without"
        " grace); 5 s too late, and for 2 earlier windows too"
    )


def test_sessions_and_joins_have_words_of_their_own():
    """A session has a gap, and a join partners."""
    assert "its session at 12:00:05 closed after a gap of 1 min" in said("session", 0, 200, 5)[2]
    assert "its partners were waited for until 12:01:05" in said("inner join", 0, 200, 5)[2]
    assert said("inner join", 0)[0].endswith("found no partner")
    assert said("left join", 0)[0].endswith("came out alone, without a partner")
