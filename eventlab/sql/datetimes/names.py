"""What months, days and halves of a day are called, as in English of the United States."""

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HALVES_OF_A_DAY = ("AM", "PM")
ERAS = ("BC", "AD")
LONG_ERAS = ("Before Christ", "Anno Domini")
QUARTERS = ("Q1", "Q2", "Q3", "Q4")
LONG_QUARTERS = ("1st quarter", "2nd quarter", "3rd quarter", "4th quarter")


def shortened(names: tuple[str, ...], width: int) -> tuple[str, ...]:
    """Return names as a letter of a pattern asks by its width: 3 short, 4 in full, 5 one letter."""
    if width == 4:
        return names
    return tuple(name[: 1 if width == 5 else 3] for name in names)
