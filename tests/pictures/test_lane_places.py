"""Where readers stand, and what is written under them."""

import random
from itertools import pairwise

import pytest

from eventlab.pictures.lane_places import ids, in_short, labels_of, places_of_all, places_of_one
from eventlab.pictures.lanes_chart import CHOSEN, READER


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([], ""), ([4], "4"), ([2, 1], "1–2"), ([1, 2, 3, 7, 9, 10], "1–3, 7, 9–10")],
)
def test_numbers_are_said_in_short(numbers, words):
    """Neighbours as a range."""
    assert in_short(numbers) == words


def test_readers_that_stand_apart_have_labels_of_their_own():
    """Under each its number, counted from 1."""
    assert labels_of({0: 5, 1: 20, 2: 40}, letter=5) == {0: "1", 1: "2", 2: "3"}


def test_readers_that_stand_together_share_a_label():
    """Written once, so that no number lies on another."""
    assert labels_of({0: 5, 1: 6, 2: 9, 3: 40}, letter=5) == {0: "1–3", 1: "", 2: "", 3: "4"}


@pytest.mark.parametrize("seed", range(20))
def test_no_label_meets_another(seed):
    """Wherever ten readers stand, each label has its own room, and each reader is in one."""
    offsets = dict(enumerate(random.Random(seed).choices(range(80), k=10)))
    labels = labels_of(offsets, letter=2)
    written = sorted((offsets[n], words) for n, words in labels.items() if words)
    for (at, words), (next_at, next_words) in pairwise(written):
        assert at + len(words) < next_at - len(next_words)
    assert sum(count(words) for _, words in written) == 10


def count(words):
    """Return how many readers a label names."""
    ends = [[int(end) for end in part.split("–")] for part in words.split(", ")]
    return sum(end[-1] - end[0] + 1 for end in ends)


def test_the_chosen_reader_has_a_label_of_its_own():
    """Also where others stand."""
    places = places_of_all([{0: 5}] * 4, chosen=1, letter=1)
    assert [place.label for place in places] == ["1, 3–4", "reader 2", "", ""]


def test_every_reader_has_a_place_in_each_of_its_partitions():
    """And the chosen one stands out."""
    places = places_of_all([{0: 3, 1: 4}, {1: 9}], chosen=1, letter=0)
    assert ids(places) == {"reader 1-0", "reader 1-1", "reader 2-1"}
    assert [place.group for place in places] == [READER, READER, CHOSEN]
    assert [place.offset for place in places] == [3, 4, 9]


def test_who_reads_alone_needs_no_number():
    """A flow has its name."""
    (place,) = places_of_one("flow audit", {2: 7})
    assert (place.id, place.offset, place.label) == ("flow audit-2", 7, "")
