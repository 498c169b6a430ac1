import pytest

from eventlab.live.places import Places


def test_a_new_key_takes_a_free_place_or_that_touched_longest_ago():
    """And keeps it for as long as it is touched."""
    places = Places(2)
    assert [places.take(key) for key in ("tea", "jam", "tea", "ham")] == [0, 1, 0, 1]
    assert (places.key_at(0), places.key_at(1), places.place_of("jam")) == ("tea", "ham", None)


def test_a_free_place_is_taken_again():
    """A key that has none frees none."""
    places = Places(2)
    places.take("tea")
    assert places.free("tea") == 0
    assert places.free("tea") is None
    assert places.take("jam") == 0


def test_keys_that_are_known_keep_their_places():
    """Whatever comes, goes, and comes back; others have what is left."""
    places = Places(3, ["tea", "jam"])
    assert places.key_at(1) == "jam"
    assert [places.take(key) for key in ("ham", "jam", "oil")] == [2, 1, 2]
    assert places.free("jam") == 1
    assert places.take("jam") == 1
    assert places.place_of("tea") == 0


def test_where_all_places_are_kept_another_key_has_none():
    """It is counted, and not shown."""
    assert Places(1, ["tea"]).take("jam") is None


@pytest.mark.parametrize("most", [1, 2])
def test_of_many_that_are_known_the_first_have_places(most):
    """As many as there are."""
    places = Places(most, ["tea", "jam", "ham"])
    assert places.place_of("ham") is None
