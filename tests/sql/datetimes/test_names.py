from eventlab.sql.datetimes.names import MONTHS, WEEKDAYS, shortened


def test_names_are_shortened_by_the_width():
    """Three letters, the whole name, or one letter."""
    assert [shortened(MONTHS, width)[8] for width in (3, 4, 5)] == ["Sep", "September", "S"]
    assert shortened(WEEKDAYS, 3)[-1] == "Sun"
