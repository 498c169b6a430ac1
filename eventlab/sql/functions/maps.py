"""Maps: their keys and values, made of arrays, put together."""

from typing import Any

from eventlab.sql.functions.declaring import scalar
from eventlab.sql.functions.values import in_hash_order

Map = dict[str, Any]


@scalar("MAP_KEYS", "(map MAP<STRING, V>) ARRAY<STRING>", "The keys of a map.")
def map_keys(entries: Map) -> list[str]:
    """Return the keys of a map."""
    return list(in_hash_order(entries))


@scalar("MAP_VALUES", "(map MAP<STRING, V>) ARRAY<V>", "The values of a map.")
def map_values(entries: Map) -> list[Any]:
    """Return the values of a map."""
    return list(in_hash_order(entries).values())


@scalar(
    "MAP_UNION",
    "(first MAP<STRING, V>, second MAP<STRING, V>) MAP<STRING, V>",
    "The entries of two maps; of a key that both have, that of the second.",
    takes_null=True,
)
def map_union(first: Map | None, second: Map | None) -> Map | None:
    """Return two maps as one, None where both are."""
    if first is None and second is None:
        return None
    return {**(first or {}), **(second or {})}


@scalar(
    "AS_MAP",
    "(keys ARRAY<STRING>, values ARRAY<V>) MAP<STRING, V>",
    "A map of the keys in one array to the values in another, NULL where that is shorter.",
)
def as_map(keys: list[str], values: list[Any]) -> Map:
    """Return a map of keys and values."""
    missing = [None] * (len(keys) - len(values))
    return dict(zip(keys, values + missing, strict=False))


@scalar(
    "ENTRIES",
    "(map MAP<STRING, V>, sorted BOOLEAN) ARRAY<STRUCT<K STRING, V V>>",
    "The entries of a map as structs of K and V, sorted by K where that is asked for.",
)
def entries_of(entries: Map, is_sorted: bool) -> list[dict[str, Any]]:
    """Return the entries of a map."""
    ordered = dict(sorted(entries.items())) if is_sorted else in_hash_order(entries)
    return [{"K": key, "V": value} for key, value in ordered.items()]
