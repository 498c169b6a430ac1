import pytest

from eventlab.moments import EPOCH, from_milliseconds
from eventlab.sql.datetimes.zones import fixed_zone, offset_text, zone

SUMMER = from_milliseconds(1_752_000_000_000)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("UTC", 0),
        ("z", 0),
        ("+2", 7200),
        ("-0530", -19_800),
        ("+05:45", 20_700),
        ("+01:02:03", 3723),
        ("GMT+3", 10_800),
        ("Europe/Paris", 7200),
        ("europe/paris", 7200),
        ("CET", 7200),
        ("PST", -25_200),
    ],
)
def test_a_zone_is_known_by_its_names(name, seconds):
    """A short name is the region's, so it has its summer time too."""
    assert zone(name).offset_seconds(SUMMER) == seconds


def test_a_region_has_its_summer_time():
    """What it is called, too; a fixed offset is called as it is written."""
    london = zone("Europe/London")
    assert [london.short_name(SUMMER), zone("+0200").short_name(SUMMER)] == ["BST", "+02:00"]
    assert zone("America/New_York").short_name(EPOCH) == "EST"


@pytest.mark.parametrize("name", ["Mars/Crater", "", "+19", "+05:61", "../UTC", "+1:2:3:4"])
def test_what_is_no_zone_is_refused(name):
    """Java's zones end at 18 hours."""
    with pytest.raises(ValueError):  # noqa: PT011
        zone(name)


def test_offsets_are_written_as_iso_8601_does():
    """Seconds only where there are some."""
    texts = [offset_text(seconds) for seconds in (0, 3600, -5400, 3661)]
    assert texts == ["Z", "+01:00", "-01:30", "+01:01:01"]
    assert fixed_zone(-3600).name == "-01:00"
