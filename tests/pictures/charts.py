"""What a picture's chart holds."""


def rows(picture) -> dict[str, dict]:
    """Return the rows of a chart by their ids."""
    columns = picture.chart.rows
    if not columns:
        return {}
    records = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return {record["id"]: record for record in records}
