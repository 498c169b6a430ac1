"""How far apart two places on Earth are. Source: ksqlDB's reference, "Scalar functions"."""

import math

from eventlab.sql.functions.declaring import scalar

_KILOMETERS = ("", "km", "kilometer", "kilometers", "kilometre", "kilometres")
_MILES = ("mi", "mile", "miles")
_RADII = dict.fromkeys(_KILOMETERS, 6371) | dict.fromkeys(_MILES, 3959)


@scalar(
    "GEO_DISTANCE",
    "(latitude DOUBLE, longitude DOUBLE, to_latitude DOUBLE, to_longitude DOUBLE, unit STRING?)"
    " DOUBLE",
    "Measure the way between two places as the crow flies, in km or miles.",
    takes_null=True,
)
def distance(
    latitude: float | None,
    longitude: float | None,
    to_latitude: float | None,
    to_longitude: float | None,
    unit: str | None = None,
) -> float | None:
    """Return the distance on a great circle, by the haversine formula.

    Raises ValueError for a place that is none, and for a unit that is not there.
    """
    if latitude is None or longitude is None or to_latitude is None or to_longitude is None:
        return None
    _check(latitude, longitude)
    _check(to_latitude, to_longitude)
    radius = _RADII.get((unit or "").strip().lower())
    if radius is None:
        raise ValueError(f"There is no unit {unit}: it is km or miles")
    north = math.radians(latitude)
    to_north = math.radians(to_latitude)
    across = _half_sine(to_longitude - longitude) * math.cos(north) * math.cos(to_north)
    return 2 * math.asin(math.sqrt(_half_sine(to_latitude - latitude) + across)) * radius


def _half_sine(degrees: float) -> float:
    return math.sin(math.radians(degrees) / 2) ** 2


def _check(latitude: float, longitude: float) -> None:
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(f"There is no place at latitude {latitude}, longitude {longitude}")
