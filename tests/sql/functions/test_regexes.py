import pytest

from tests.sql.functions.calling import called


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["b.g", "a big bag"], "big"),
        (["(b)(.)g", "a big bag", 2], "i"),
        (["(b)(.)g", "a big bag", 3], None),
        (["(x)?big", "a big bag", 1], None),
        (["xyz", "a big bag"], None),
        (["b.g", None], None),
        (["(?<vowel>[ai])g", "a big bag", 1], "i"),
        (["(?<=b)a", "a bag"], "a"),
        ([r"\p{Upper}\p{Digit}+", "cell B12"], "B12"),
        ([r"[\p{Lower}_]+", "AB_c"], "_c"),
        ([r"\Qa.b\E", "axb a.b"], "a.b"),
        ([r"\d+\z", "1 22"], "22"),
        ([r"\d+\Z", "1 22\n"], "22"),
        ([r"\w+", "été"], "t"),
        (["a++b", "aab"], "aab"),
    ],
)
def test_the_first_match_is_taken(arguments, expected):
    """Written as Java writes expressions."""
    assert called("REGEXP_EXTRACT", *arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["b.g", "big bag bug"], ["big", "bag", "bug"]),
        (["b(.)g", "big bag", 1], ["i", "a"]),
        (["b(x)?.g", "big", 1], [None]),
        (["b.g", "cat"], []),
        (["b.g", "big", 1], None),
    ],
)
def test_all_matches_are_taken(arguments, expected):
    """An empty list where there are none."""
    assert called("REGEXP_EXTRACT_ALL", *arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["2025-03-01", "-", "/"], "2025/03/01"),
        (["2025-03", r"(\d+)-(\d+)", "$2.$1"], "03.2025"),
        (["2025-03", r"(\d+)-(\d+)", "$25"], "035"),
        (["key=1", r"(?<name>\w+)=", "${name}: "], "key: 1"),
        (["5", r"\d", r"\$\\"], "$\\"),
        (["ab", "(x)?a", "[$1]"], "[]b"),
        (["abc", "", "-"], "-a-b-c-"),
        (["abc", "b", None], None),
    ],
)
def test_matches_are_replaced(arguments, expected):
    """With $1 for the first group, and as many digits as there are groups."""
    assert called("REGEXP_REPLACE", *arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["a1b22c", r"\d+"], ["a", "b", "c"]),
        (["1a12", "1|2"], ["", "a", "", ""]),
        (["a1b", "(1)"], ["a", "b"]),
        (["abc", ""], ["a", "b", "c"]),
        (["a1b", r"\d*"], ["a", "", "b"]),
        (["", ""], [""]),
        (["abc", "x"], ["abc"]),
    ],
)
def test_a_text_is_split_at_matches(arguments, expected):
    """Groups in the expression are not among the pieces."""
    assert called("REGEXP_SPLIT_TO_ARRAY", *arguments) == expected


@pytest.mark.parametrize("pattern", ["(", "[a-z&&[^b]]", "[a[b]]", r"\p{L}", "*a", "(?<1>a)"])
def test_a_wrong_expression_is_refused(pattern):
    """What Python would read as something else, too."""
    with pytest.raises(ValueError, match=r"regular expression|class within|is not there"):
        called("REGEXP_EXTRACT", pattern, "abc")


@pytest.mark.parametrize("new", ["$", "a\\", "$x"])
def test_a_sign_alone_is_refused(new):
    """It has to be written with a backslash before it."""
    with pytest.raises(ValueError, match="stands alone"):
        called("REGEXP_REPLACE", "abc", "b", new)


@pytest.mark.parametrize("new", ["$2", "${name}"])
def test_a_group_that_is_not_there_is_refused(new):
    """By its number and by its name."""
    with pytest.raises(LookupError, match="group"):
        called("REGEXP_REPLACE", "abc", "(b)", new)
