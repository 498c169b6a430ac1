"""Queries drawn at random over a stream of every type: each is run, or refused with a reason.

What the grammar makes of random words is in `grammar/test_parsing.py`; here the statements are
whole, so that what fails would fail in planning or while rows are computed.
"""

import json
import random

import pytest

from eventlab.errors import SqlError
from eventlab.sql.functions.registry import Functions
from eventlab.sql.running.trying import run_statements

COLUMNS = {
    "INT": "i",
    "BIGINT": "l",
    "DOUBLE": "d",
    "DECIMAL(6, 2)": "m",
    "STRING": "s",
    "BOOLEAN": "b",
    "BYTES": "y",
    "DATE": "dt",
    "TIME": "ti",
    "TIMESTAMP": "t",
    "ARRAY<INT>": "a",
    "ARRAY<STRING>": "words",
    "MAP<STRING, INT>": "mp",
    "STRUCT<x INT, y STRING>": "st",
}
SOURCE = (
    f"CREATE STREAM src (k STRING KEY, {', '.join(f'{n} {t}' for t, n in COLUMNS.items())})"
    " WITH (KAFKA_TOPIC='src', VALUE_FORMAT='JSON');"
)
ODD = [
    {"I": 2**31 - 1, "L": -(2**63), "D": 1e308, "M": 9999.99, "S": "", "T": 2**62, "DT": 10**7},
    {"I": 0, "L": 0, "D": -0.0, "M": 0, "S": "10", "B": True, "Y": "", "A": [], "MP": {}, "ST": {}},
    {"I": -1, "S": "é\U0001f600", "Y": "/w==", "A": [None, 3], "WORDS": ["", None], "TI": 86399999},
    {"S": '{"a":[1]}', "WORDS": ["b", "a"], "MP": {"a": None}, "ST": {"x": 1}, "DT": -(10**6)},
    {},
]
RECORDS = [
    ("src", key, json.dumps(row), time)
    for time, (key, row) in enumerate(zip("abab", ODD[:4], strict=True))
] + [("src", None, "{}", 5000), ("src", "a", None, 5001), ("src", "b", "[]", 9000)]
WRITTEN_OUT = ["NULL", "0", "-1", "2147483647", "2.5", "1E300", "''", "'('", "'UTC'"]
WRITTEN_OUT += [
    "'2020-02-30'",
    "TRUE",
    "ARRAY[1, NULL]",
    "MAP('a' := 1)",
    "STRUCT(x := 1)",
    "'yyyy'",
    "'$.a'",
]
LAMBDAS = ["x => x", "(x, y) => x + y", "x => x > 1", "(x, y, z) => z", "x => x / 0"]
FUNCTIONS = Functions.builtin().described()
WINDOWS = ["", "WINDOW TUMBLING (SIZE 5 SECONDS)", "WINDOW SESSION (1 SECOND)"]


class Draw:
    """What is drawn by one seed."""

    def __init__(self, seed: int):
        self.chance = random.Random(seed)

    def query(self) -> str:
        """Return a statement that makes a stream or a table."""
        shown = ", ".join(f"{self.expression()} AS z{number}" for number in range(2))
        match self.chance.randrange(4):
            case 0:
                where = f"{self.expression()} {self.chance.choice(['=', '<', '>='])} {self.value()}"
                return f"CREATE STREAM o AS SELECT k, {shown} FROM src WHERE {where};"
            case 1:
                return f"CREATE STREAM o AS SELECT k, {self.call('table')} AS z FROM src;"
            case 2:
                return f"CREATE STREAM o AS SELECT k, {shown} FROM src;"
        found = f"{self.call('aggregate')} AS z0, {self.call('aggregate')} AS z1"
        window = self.chance.choice(WINDOWS)
        return f"CREATE TABLE o AS SELECT k, {found} FROM src {window} GROUP BY k;"

    def expression(self, depth: int = 0) -> str:
        """Return a value, a call, or two of them with a sign between."""
        drawn = self.chance.random()
        if depth > 2 or drawn < 0.2:
            return self.value()
        if drawn < 0.8:
            return self.call("scalar", depth)
        if drawn < 0.9:
            return f"CAST({self.expression(depth + 1)} AS {self.chance.choice([*COLUMNS])})"
        sign = self.chance.choice(["+", "-", "*", "/", "%", "||"])
        return f"({self.expression(depth + 1)} {sign} {self.value()})"

    def call(self, kind: str, depth: int = 0) -> str:
        """Return a call whose arguments are mostly of the types that the function takes."""
        function = self.chance.choice([one for one in FUNCTIONS if one.kind == kind])
        parameters = self.chance.choice(function.variants).signature.parameters
        given = [self.argument(str(one.kind), depth) for one in parameters]
        return f"{function.name}({', '.join(given)})"

    def argument(self, kind: str, depth: int) -> str:
        """Return an argument, one time in four of any type."""
        if kind.startswith("LAMBDA"):
            return self.chance.choice(LAMBDAS)
        drawn = self.chance.random()
        if drawn < 0.15:
            return self.expression(depth + 1)
        fitting = [name for type_, name in COLUMNS.items() if type_.startswith(kind)]
        return self.chance.choice(fitting) if drawn < 0.75 and fitting else self.value()

    def value(self) -> str:
        """Return a column, or a value that is written out."""
        return self.chance.choice([*COLUMNS.values(), *WRITTEN_OUT])


@pytest.mark.parametrize("seed", range(3))
def test_each_is_run_or_refused(seed):
    """With a reason and what to do; what a row makes impossible leaves the others alone."""
    draw = Draw(seed)
    refusals = [_refusal(draw.query()) for _ in range(150)]
    assert all(error is None or error.remedy for error in refusals)
    assert 10 < refusals.count(None) < 140


def _refusal(query: str) -> SqlError | None:
    try:
        run_statements(SOURCE + query, RECORDS)
    except SqlError as error:
        return error
    return None
