"""What an act takes and returns."""

from datetime import timedelta

import pytest

from eventlab.errors import UsageError
from eventlab.lab.acts import (
    BREAK,
    kinds_of,
    require_free_names,
    required_buttons,
    required_counts,
    value_words,
)


def act(lab, key="customer", *others, group=None, **more):
    """Take a switch by place and one by name."""


def counting(lab, late_kept=True):
    """Take a switch whose name is two words."""


def test_a_switch_has_a_default_and_a_value_that_breaks():
    """In words for whoever looks."""
    whole, broken = kinds_of(act, {"key": "order", "group": "all"}, is_broken=False)
    assert (whole.name, whole.arguments) == ("", {"key": "customer", "group": None})
    assert (broken.name, broken.arguments) == ("broken", {"key": "order", "group": "all"})
    assert (whole.caption, broken.caption) == (
        "key: customer, group: none",
        "key: order, group: all",
    )
    assert kinds_of(act, {"key": "order"}, is_broken=True)[0].arguments == {"key": "order"}


def test_a_switch_of_several_words_is_said_without_underscores():
    """What stands on the scoreboard is read by people who know no Python yet."""
    captions = [one.caption for one in kinds_of(counting, {"late_kept": False}, is_broken=False)]
    assert captions == ["late kept: yes", "late kept: no"]


@pytest.mark.parametrize(
    ("wrong", "broken", "expected"),
    [
        (lambda lab, key: None, {"key": 1}, "a default for key"),
        (lambda lab, a, b: None, {}, "a default for a, b"),
        (lambda *, lab: None, {}, "first argument is the lab"),
        (lambda: None, {}, "a function of the lab"),
        (int, {}, "a function of the lab"),
        (None, {}, "a function of the lab"),
        (lambda lab, **more: None, {"more": 1}, "have a default: none"),
        (lambda lab, key=1, /: None, {"key": 2}, "have a default: none"),
        (act, {"nothing": 1}, "have a default: key, group"),
        (act, [("key", 1)], "a dict of the arguments"),
    ],
)
def test_an_act_that_cannot_be_called_is_refused(wrong, broken, expected):
    """With what it should be."""
    with pytest.raises(UsageError, match=expected):
        kinds_of(wrong, broken, is_broken=False)


@pytest.mark.parametrize(
    ("value", "words"),
    [(True, "yes"), (None, "none"), (1026, "1,026"), (timedelta(hours=1), "1 h"), (act, "act")],
)
def test_values_are_said_as_a_learner_reads_them(value, words):
    """Yes and no, lengths, numbers with commas."""
    assert value_words(value) == words


def test_counts_and_buttons_are_dicts_with_words():
    """What they are is said by whose they are."""
    assert required_counts({"lost": 3}, "counts") == {"lost": 3}
    assert required_buttons({"Stop": print}, "acts") == {"Stop": print}
    with pytest.raises(UsageError, match="What counts returns"):
        required_counts(None, "counts")
    with pytest.raises(UsageError, match=r"What Lanes\.acts returns"):
        required_buttons({"Stop": 1}, "Lanes.acts")


def test_the_name_of_the_stage_s_own_switch_is_not_free():
    """Whoever gives it to a button hears what the switch is for."""
    require_free_names({"Break": print, "Walk away": print}, "acts")
    with pytest.raises(UsageError, match=r"another name in Lanes\.acts.*broken={\.\.\.}"):
        require_free_names({BREAK: print}, "Lanes.acts")
