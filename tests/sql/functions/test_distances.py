import pytest

from tests.sql.functions.calling import called

GENEVA = (46.2044, 6.1432)
LAUSANNE = (46.5197, 6.6323)


def test_a_degree_on_the_equator_is_111_kilometers():
    """A 360th of the way round."""
    assert called("GEO_DISTANCE", 0.0, 10.0, 0.0, 11.0) == pytest.approx(111.19, abs=0.01)


def test_it_is_as_far_there_as_back():
    """And nothing to where one is."""
    there = called("GEO_DISTANCE", *GENEVA, *LAUSANNE)
    assert there == pytest.approx(called("GEO_DISTANCE", *LAUSANNE, *GENEVA))
    assert called("GEO_DISTANCE", *GENEVA, *GENEVA) == 0


@pytest.mark.parametrize("unit", ["km", " KM ", "kilometres", "", None])
def test_it_is_in_kilometers(unit):
    """Unless it is said otherwise."""
    expected = called("GEO_DISTANCE", *GENEVA, *LAUSANNE)
    assert called("GEO_DISTANCE", *GENEVA, *LAUSANNE, unit) == expected


@pytest.mark.parametrize("unit", ["mi", "Miles"])
def test_it_may_be_in_miles(unit):
    """As whole radii of the Earth have it."""
    kilometers = called("GEO_DISTANCE", *GENEVA, *LAUSANNE)
    miles = called("GEO_DISTANCE", *GENEVA, *LAUSANNE, unit)
    assert miles == pytest.approx(kilometers * 3959 / 6371)


def test_no_place_is_at_no_distance():
    """NULL, whichever of the four it is."""
    assert called("GEO_DISTANCE", *GENEVA, None, 6.6) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([91.0, 0.0, 0.0, 0.0], "no place at latitude 91"),
        ([0.0, 0.0, 0.0, 181.0], "longitude 181"),
        ([0.0, 0.0, 0.0, 1.0, "furlong"], "no unit furlong"),
    ],
)
def test_places_that_are_none_are_refused(arguments, message):
    """And so are other units."""
    with pytest.raises(ValueError, match=message):
        called("GEO_DISTANCE", *arguments)
