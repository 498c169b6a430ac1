import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.teach.inequality import MOST_CHARACTERS, require_figures, verdict

FIGURES = {"huge": 10**11, "factor": 3.5, "read": 12_000, "lost": 0, "same": True, "codec": "lz4"}


@pytest.mark.parametrize(
    ("needs", "holds"),
    [
        ("factor >= 3", True),
        ("factor >= 3 and lost == 0", True),
        ("factor < 3 or lost > 0", False),
        ("not lost", True),
        ("same", True),
        ("not same", False),
        ("0 == lost < factor < 4", True),
        ("0 < lost < factor", False),
        ("read * 2 == 24_000", True),
        ("-factor + 4 <= 0.5 and read // 7 % 2 == 0", True),
        ("(read - 1) / 2 > factor", True),
        ("codec == 'lz4'", True),
        ('codec != "lz4"', False),
        ("codec < 'm'", True),
        ("lost == 0 or read / lost > 2", True),
    ],
)
def test_the_figures_decide(needs, holds):
    """Comparisons, also in chains, and, or, not, and arithmetic mean what they mean in Python."""
    assert verdict(needs, FIGURES) is holds


NUMBERS = ["a", "b", "c", "0", "1", "2.5", "7"]
TEXTS = ["t", "u", "'x'", '""', "'lz4'"]


def _joined(parts, operators):
    return st.builds("({} {} {})".format, parts, st.sampled_from(operators), parts)


ARITHMETIC = st.recursive(
    st.sampled_from(NUMBERS),
    lambda parts: st.one_of(
        _joined(parts, ["+", "-", "*", "/", "//", "%"]),
        st.builds("{}{}".format, st.sampled_from(["-", "+", "not "]), parts).map("({})".format),
    ),
    max_leaves=6,
)
COMPARISONS = ["<", "<=", "==", "!=", ">=", ">"]
COMPARED = st.one_of(
    _joined(ARITHMETIC, COMPARISONS),
    _joined(st.sampled_from(TEXTS), COMPARISONS),
    st.builds("{} < {} <= {}".format, ARITHMETIC, ARITHMETIC, ARITHMETIC).map("({})".format),
)
INEQUALITIES = st.recursive(
    COMPARED,
    lambda parts: st.one_of(
        _joined(parts, ["and", "or"]),
        _joined(ARITHMETIC | parts, ["and", "or"]),
        parts.map("(not {})".format),
    ),
    max_leaves=5,
)
PLAIN = st.one_of(
    st.integers(-20, 20), st.booleans(), st.floats(-1e6, 1e6, allow_nan=False), st.integers()
)
GIVEN = st.fixed_dictionaries(
    {"a": PLAIN, "b": PLAIN, "c": PLAIN, "t": st.text(max_size=3), "u": st.text(max_size=3)}
)


@given(INEQUALITIES.filter(lambda text: len(text) < MOST_CHARACTERS), GIVEN)
def test_python_itself_would_decide_alike(needs, figures):
    """Over the whole grammar: the same verdict, or an error exactly where Python has one."""
    needs = f"(a == a) and ({needs})"
    try:
        expected = eval(needs, {"__builtins__": {}}, dict(figures))
    except ArithmeticError:
        expected = UsageError
    if not isinstance(expected, bool):
        with pytest.raises(UsageError):
            verdict(needs, figures)
    else:
        assert verdict(needs, figures) is expected


@pytest.mark.parametrize(
    "attack",
    [
        "__import__('os').system('true') == 0 or lost",
        "factor.__class__ == lost",
        "codec.format(lost) == 'lz4'",
        "codec[0] == 'l'",
        "codec[:1] == 'l'",
        "[lost][0] == 0",
        "(lost, 0) == (0, lost)",
        "{lost} == {0}",
        "{'a': lost} == {}",
        "lost in (0, 1)",
        "lost not in [1]",
        "lost is 0",
        "lost is not read",
        "(lambda: lost)() == 0",
        "lambda: lost",
        "[n for n in (lost,)] == [0]",
        "any(n for n in (lost,))",
        "(n := lost) == 0",
        "f'{lost}' == '0'",
        "f'{lost!r:>{read}}' == ''",
        "lost if same else read",
        "await lost",
        "(yield lost)",
        "*lost,",
        "lost == None",
        "lost == ...",
        "lost == True",
        "codec == b'lz4'",
        "lost == 3j",
        "factor < 1e999",
        "read ** read ** read > 0",
        "read << read > 0",
        "read & 1 == 0",
        "lost | read > 0",
        "~lost == -1",
        "read @ read > 0",
        "print(lost)",
        "lost == 0; lost",
        "import os",
        "lost = 0",
        "lost == 0 # and read == 0",
        "lost == 0 or" + " lost == 0 or" * 30 + " same",
        "lost\n== 0",
        "(" * 250 + "lost" + ")" * 250,
        "not " * 120 + "lost.real",
        "lost == 0\x00",
        "",
        "   ",
        "lost ==",
        None,
        b"lost == 0",
        True,
        0,
    ],
)
def test_anything_else_is_refused(attack):
    """Calls, attributes, indices, other names, and whatever could run or take for ever."""
    with pytest.raises(UsageError) as caught:
        verdict(attack, FIGURES)
    assert caught.value.remedy


def test_the_deepest_inequality_that_is_read_fits_on_the_stack():
    """Nobody meets a RecursionError."""
    assert verdict("-" * (MOST_CHARACTERS - 9) + "lost == 0", FIGURES) is True


def test_a_refused_part_is_named_even_where_it_would_not_be_reached():
    """What is left out by `or` is held to the grammar too."""
    with pytest.raises(UsageError, match=r"found len\(codec\) in"):
        verdict("lost == 0 or len(codec) > 2", FIGURES)


def test_an_unknown_name_is_answered_with_the_figures():
    """A slip in a name says which there are, and how to give one."""
    with pytest.raises(UsageError, match=r"no figure of its claim: lots: expected one of huge"):
        verdict("lots == 0 or lost == 0", FIGURES)
    with pytest.raises(UsageError, match=r"Give it to the claim as a figure: lots=\.\.\."):
        require_figures("lots == 0", {"lost"})


@pytest.mark.parametrize("needs", ["1 < 2", "'a' == 'a'", "not 0"])
def test_an_inequality_that_cannot_fail_is_refused(needs):
    """Where no figure decides, there is no claim."""
    with pytest.raises(UsageError, match="without a figure cannot fail"):
        verdict(needs, FIGURES)


@pytest.mark.parametrize("needs", ["factor", "read - 1", "codec", "lost and same", "same and read"])
def test_a_number_is_no_verdict(needs):
    """A forgotten comparison does not pass for true."""
    with pytest.raises(UsageError, match=r"is true or false.*Compare it"):
        verdict(needs, FIGURES)


@pytest.mark.parametrize(
    ("needs", "named"),
    [
        ("read / lost > 2", "lost 0, read 12000"),
        ("read // lost > 2", "lost 0, read 12000"),
        ("read % lost == 0", "lost 0, read 12000"),
        ("codec > read", "codec 'lz4', read 12000"),
        ("codec == 3", "codec 'lz4'"),
        ("same != codec", "codec 'lz4', same True"),
        ("0 < read < codec", "codec 'lz4', read 12000"),
        ("codec + codec == 'x'", "codec 'lz4'"),
        ("codec * read == 'x'", "codec 'lz4', read 12000"),
        ("codec % read == 'x'", "codec 'lz4', read 12000"),
        ("-codec == 'x'", "codec 'lz4'"),
        ("(huge" + " * huge" * 30 + ") / factor > 0", "factor 3.5, huge 100000000000"),
    ],
)
def test_what_cannot_be_computed_names_its_figures(needs, named):
    """A division by zero, a text beside a number, a number beyond all floats."""
    with pytest.raises(UsageError) as caught:
        verdict(needs, FIGURES)
    assert caught.value.found == named
    assert "cannot be computed" in caught.value.summary


def test_a_claim_may_overflow_to_infinity_as_python_does():
    """Only figures have to be finite; what is computed from them compares as floats do."""
    assert verdict("a * a > 1", {"a": 1e300}) is True
    assert math.isinf(1e300 * 1e300)
