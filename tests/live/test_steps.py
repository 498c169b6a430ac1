import pytest

from eventlab.live.steps import StepSlider

SPEEDS = [("1", 1.0), ("60", 60.0), ("full", 0.0)]


def test_it_stands_at_a_value_and_has_a_word_for_it():
    """The page moves its index, code its value."""
    slider = StepSlider("speed", SPEEDS, 60)
    assert (slider.words, slider.index) == (["1", "60", "full"], 1)
    slider.index = 2
    assert slider.value == 0
    slider.value = 1
    assert slider.index == 0


def test_other_options_come_with_their_value():
    """The two never disagree for long enough to be seen."""
    slider = StepSlider("speed", SPEEDS, 60)
    slider.offer([("42", 42.0), *SPEEDS], 42)
    assert (slider.words[0], slider.index, slider.value) == ("42", 0, 42)


def test_what_is_not_offered_cannot_be_set():
    """It is the control's business to offer it first."""
    with pytest.raises(ValueError, match="not in list"):
        StepSlider("speed", SPEEDS, 7)
