from decimal import Decimal

import pytest

from tests.sql.functions.calling import called

ORDER = '{"id": 7, "total": 12.50, "buyer": {"name": "Ann", "@vip": true}, "lines": [[1], null]}'


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.id", "7"),
        ("$.total", "12.50"),
        ("$.buyer.name", "Ann"),
        ("$.buyer.@vip", "true"),
        ("$['buyer']['name']", "Ann"),
        ('$["buyer"].name', "Ann"),
        ("$.buyer", '{"name":"Ann","@vip":true}'),
        ("$.lines", "[[1],null]"),
        ("$.lines[0][0]", "1"),
        ("$.lines[1]", "null"),
        ("$.lines[2]", None),
        ("$.lines.x", None),
        ("$.none", None),
        ("$.id.deeper", None),
        (None, None),
    ],
)
def test_a_field_is_found_at_its_path(path, expected):
    """A text as it is, anything else as JSON, with the digits that it had."""
    assert called("EXTRACTJSONFIELD", ORDER, path) == expected


@pytest.mark.parametrize("path", ["id", "$id", "$.", "$..id", "$.lines[-1]", "$.lines[*]", ""])
def test_what_is_no_path_is_refused(path):
    """One that would find several, too."""
    with pytest.raises(ValueError, match="is no path"):
        called("EXTRACTJSONFIELD", ORDER, path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", True),
        (' {"a": [1, 2.5e3]} ', True),
        ('"abc"', True),
        ("null", True),
        ("", False),
        (" ", False),
        ("abc", False),
        ("12ab", False),
        ("2025-03-01", False),
        ("NaN", False),
        ("{'a': 1}", False),
        ("[1, 2", False),
        (r'"\u00e9"', True),
        (r'"\ud83d\ude00"', True),
        (r'"\ud83d"', False),
        ("[" * 100_000, False),
        (None, False),
    ],
)
def test_json_is_known(text, expected):
    """As it is written, and no other notation."""
    assert called("IS_JSON_STRING", text) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("[1, [2, 3]]", 2), ("[]", 0), ("{}", None), ("5", None), (None, None)]
)
def test_the_length_of_an_array(text, expected):
    """Of the outermost one."""
    assert called("JSON_ARRAY_LENGTH", text) == expected


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("[1, 2]", 2, True),
        ("[1, 2]", 3, False),
        ("[1, 2]", 2.0, False),
        ("[1, 2.0]", 2.0, True),
        ("[1, 2.0]", Decimal("2.0"), False),
        ("[true]", 1, False),
        ("[1]", True, False),
        ("[false]", False, True),
        ('["a", "b"]', "b", True),
        ('[["b"]]', "b", False),
        ("[null]", None, True),
        ("[1]", None, False),
        ("{}", 1, False),
        ("abc", 1, False),
        (None, 1, None),
    ],
)
def test_a_value_is_in_an_array(text, value, expected):
    """Where the type is the same too."""
    assert called("JSON_ARRAY_CONTAINS", text, value) is expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (['{"a": 1, "b": 2}', '{"a": 3}'], '{"a":3,"b":2}'),
        (["[1]", "[2, 3]"], "[1,2,3]"),
        (["[1]", '{"a": null}', "4"], '[1,{"a":null},4]'),
        (["1", "2"], "[1,2]"),
        (["1", ""], None),
        (["1", None], None),
    ],
)
def test_json_is_put_together(texts, expected):
    """Objects to an object, everything else to an array."""
    assert called("JSON_CONCAT", *texts) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("JSON_ITEMS", '[1, "a", {"b": 2.0}]', ["1", '"a"', '{"b":2.0}']),
        ("JSON_ITEMS", "[]", []),
        ("JSON_KEYS", '{"b": 1, "a": {"c": 2}}', ["b", "a"]),
        ("JSON_KEYS", "[]", None),
        ("JSON_KEYS", "", None),
        ("JSON_RECORDS", '{"b": 1, "a": "x", "n": null}', {"b": "1", "a": "x", "n": "null"}),
        ("JSON_RECORDS", "12", None),
        ("JSON_RECORDS", None, None),
    ],
)
def test_json_is_taken_apart(name, text, expected):
    """Values stay JSON."""
    assert called(name, text) == expected


def test_what_is_no_array_has_no_items():
    """The value is NULL, and it is reported."""
    with pytest.raises(ValueError, match="no JSON array"):
        called("JSON_ITEMS", "{}")


@pytest.mark.parametrize(
    ("number", "expected"), [("1e3", "1000"), ("-2.50", "-2.50"), ("1e-7", "0.0000001")]
)
def test_numbers_are_written_out(number, expected):
    """Without an exponent, unless that would be without end."""
    assert called("JSON_ITEMS", f"[{number}]") == [expected]
    assert len(called("JSON_ITEMS", "[1e999999]")[0]) < 20


def nested(depth):
    return '{"a":' * depth + "1" + "}" * depth


def test_json_may_be_nested():
    """A hundred deep and more."""
    assert called("JSON_CONCAT", nested(100)) == nested(100)


def test_json_that_is_nested_too_deeply_is_refused():
    """It ends no query."""
    with pytest.raises(ValueError, match="nested too deeply"):
        called("JSON_CONCAT", nested(100_000))
