import pytest

from tests.sql.functions.calling import called


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("UCASE", ["Straße 9"], "STRASSE 9"),
        ("LCASE", ["ÉTÉ"], "été"),
        ("UCASE", [None], None),
        ("INITCAP", ["fresh  baked bREAD"], "Fresh  Baked Bread"),
        ("INITCAP", [""], ""),
        ("TRIM", ["\t a b \n"], "a b"),
        ("TRIM", ["\u00a0x\u00a0"], "\u00a0x\u00a0"),
        ("LEN", ["four"], 4),
        ("LEN", [b"\x00\x01"], 2),
        ("LEN", [None], None),
        ("CONCAT", ["tea", None, "pot"], "teapot"),
        ("CONCAT", [b"a", None, b"b"], b"ab"),
        ("CONCAT_WS", [", ", "salt", None, "oil"], "salt, oil"),
        ("CONCAT_WS", [None, "salt", "oil"], None),
        ("CONCAT_WS", [b"-", b"1", b"2"], b"1-2"),
        ("CONCAT_WS", [b"-", None], b""),
        ("REPLACE", ["banana", "an", "AN"], "bANANa"),
        ("REPLACE", ["banana", None, "AN"], None),
        ("ELT", [2, "a", "b"], "b"),
        ("ELT", [3, "a", "b"], None),
        ("ELT", [0, "a", "b"], None),
        ("ELT", [1, None, "b"], None),
        ("FIELD", ["b", "a", "b"], 2),
        ("FIELD", ["z", "a", "b"], 0),
        ("FIELD", [None, "a", None], 0),
    ],
)
def test_texts_are_changed_and_joined(name, arguments, expected):
    """Each function does what its line says, for bytes and NULL too."""
    assert called(name, *arguments) == expected


@pytest.mark.parametrize("name", ["SUBSTRING", "SUBSTR"])
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["harbour", 4], "bour"),
        (["harbour", 4, 2], "bo"),
        (["harbour", 4, 99], "bour"),
        (["harbour", 0, 2], "ha"),
        (["harbour", -3], "our"),
        (["harbour", -3, 2], "ou"),
        (["harbour", -99, 2], "ha"),
        (["harbour", 99], ""),
        (["harbour", 2, -1], ""),
        (["harbour", 2, None], None),
        ([b"harbour", 2, 2], b"ar"),
    ],
)
def test_a_part_begins_at_a_position(name, arguments, expected):
    """Counted from 1, or from the end, and never beyond it."""
    assert called(name, *arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["a;b;;c", ";"], ["a", "b", "", "c"]),
        ([";a", ";"], ["", "a"]),
        (["plain", ";"], ["plain"]),
        (["abc", ""], ["a", "b", "c"]),
        (["", ""], [""]),
        ([b"a--b", b"--"], [b"a", b"b"]),
        ([b"ab", b""], [b"a", b"b"]),
        ([b"", b""], [b""]),
        (["x", None], None),
    ],
)
def test_a_text_is_split(arguments, expected):
    """An empty delimiter takes every letter by itself."""
    assert called("SPLIT", *arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["ant=1,bee=2,ant=3", ",", "="], {"ant": "3", "bee": "2"}),
        (["ant=1,,bee,", ",", "="], {"ant": "1"}),
        (["ant=1=2", ",", "="], {"ant": "1"}),
        (["ant=", ",", "="], {"ant": ""}),
        (["", ",", "="], {}),
        (["ant=1", "", "="], None),
        (["ant=1", ",", ""], None),
        (["ant=1", "=", "="], None),
    ],
)
def test_entries_become_a_map(arguments, expected):
    """What has no key is left out."""
    assert called("SPLIT_TO_MAP", *arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["seashells", "s"], 1),
        (["seashells", "shell"], 4),
        (["seashells", "s", 2], 4),
        (["seashells", "s", 2, 2], 9),
        (["seashells", "s", 1, 4], 0),
        (["seashells", "s", -2], 4),
        (["seashells", "s", -1, 2], 4),
        (["seashells", "s", -1, 4], 0),
        (["aaaa", "aa", -1, 2], 2),
        (["aaaa", "aa", 1, 3], 3),
        (["sea", "z"], 0),
        (["sea", "s", 0], 0),
        (["sea", "s", 4], 0),
        (["sea", "s", 1, 0], 0),
        ([None, "s"], 0),
        (["sea", None], 0),
        (["sea", "s", None], None),
    ],
)
def test_a_part_is_found(arguments, expected):
    """From the front or from the back, the n-th time that it occurs."""
    assert called("INSTR", *arguments) == expected


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("LPAD", ["42", 5, "0"], "00042"),
        ("LPAD", ["x", 4, "ab"], "abax"),
        ("LPAD", ["long", 2, "-"], "lo"),
        ("RPAD", ["x", 4, "ab"], "xaba"),
        ("RPAD", ["", 3, "ab"], "aba"),
        ("RPAD", ["x", 0, "ab"], ""),
        ("RPAD", ["x", -1, "ab"], None),
        ("RPAD", ["x", 4, ""], None),
        ("LPAD", [b"x", 3, b"ab"], b"abx"),
        ("RPAD", [b"x", 3, b"ab"], b"xab"),
    ],
)
def test_a_text_is_filled_up(name, arguments, expected):
    """Or cut, on the right either way."""
    assert called(name, *arguments) == expected


@pytest.mark.parametrize("name", ["LPAD", "RPAD"])
def test_no_more_is_filled_in_than_a_record_holds(name):
    """Else one row would take all the memory."""
    assert len(called(name, "x", 1_000_001, "ab")) == 1_000_001
    with pytest.raises(ValueError, match="At most 1000000 signs"):
        called(name, "x", 2**31 - 1, "ab")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (65, "A"),
        (128512, "\U0001f600"),
        (-1, None),
        (0x110000, None),
        (0xD800, None),
        (r"\u0041", "A"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\u0041bc", "Abc"),
        (r"\u41", None),
        ("65", None),
        (None, None),
    ],
)
def test_a_letter_is_made_of_its_number(code, expected):
    """NULL where no letter has that number."""
    assert called("CHR", code) == expected


def test_half_a_letter_is_none():
    """It could not be written as UTF-8."""
    with pytest.raises(ValueError, match="utf-16"):
        called("CHR", r"\ud83d")
