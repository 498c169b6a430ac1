"""How values read as text, where ksqlDB writes them as Java does."""

from decimal import Decimal


def text_of_double(value: float) -> str:
    """Return a double as Java's Double.toString writes it: the shortest digits that give it back.

    Between a thousandth and ten millions it is written out, elsewhere with an exponent.

    Examples:
        >>> text_of_double(100.0), text_of_double(1e7), text_of_double(0.00012)
        ('100.0', '1.0E7', '1.2E-4')
    """
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        written = f"{Decimal(repr(value)):f}"
        return written if "." in written else f"{written}.0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    written = "".join(map(str, digits)).rstrip("0")
    power = int(exponent) + len(digits) - 1
    return f"{'-' if sign else ''}{written[0]}.{written[1:] or '0'}E{power}"
