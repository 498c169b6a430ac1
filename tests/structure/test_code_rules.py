import ast
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from tests.structure.code_rules import (
    home_made_words,
    incomplete_errors,
    own_conversions,
    packed_assignments,
    texts_without_encoding,
)
from tests.structure.files import ROOT, modules, tracked_files

Rule = Callable[[list[ast.AST]], Iterator[ast.AST]]

IN_THE_PACKAGE = [incomplete_errors, packed_assignments, home_made_words, own_conversions]


def nodes_of(code: str) -> list[ast.AST]:
    """Return all that a module is made of."""
    return list(ast.walk(ast.parse(code)))


@cache
def places() -> dict[Rule, list[str]]:
    """Return each place that breaks a rule: a module is parsed once for all, and forgotten."""
    found: dict[Rule, list[str]] = {rule: [] for rule in [*IN_THE_PACKAGE, texts_without_encoding]}
    package = set(modules())
    for path in tracked_files():
        if path.suffix != ".py":
            continue
        nodes = nodes_of((ROOT / path).read_text(encoding="utf-8"))
        for rule in found:
            if rule is texts_without_encoding or path in package:
                found[rule] += [f"{path}:{node.lineno}" for node in rule(nodes)]
    return found


@pytest.mark.xdist_group("modules parsed")
@pytest.mark.parametrize("rule", IN_THE_PACKAGE)
def test_the_package_is_written_so(rule):
    """Errors say what to do, statements do one thing, names are the field's, time has an owner."""
    assert places()[rule] == []


@pytest.mark.xdist_group("modules parsed")
def test_every_text_names_its_encoding():
    """Not the package's alone: set-up, tests and benchmarks run on odd machines too."""
    assert places()[texts_without_encoding] == []


@pytest.mark.parametrize(
    ("rule", "code", "lines"),
    [
        (incomplete_errors, 'raise TopicError("No topic")', [1]),
        (incomplete_errors, 'raise TopicError("No", expected="a", remedy="Make it.")', [1]),
        (incomplete_errors, 'raise TopicError("No", expected="a", found="", remedy="b")', [1]),
        (incomplete_errors, "\nraise UsageError", [2]),
        (
            incomplete_errors,
            'raise TopicError("No topic", expected="one", found="none", remedy="Make it.")',
            [],
        ),
        (
            incomplete_errors,
            'raise TopicError("No topic", expected="one", found=it, remedy=f"Make {it}.")',
            [],
        ),
        (incomplete_errors, 'raise ValueError("No")', []),
        (packed_assignments, "a, b = 1, 2", [1]),
        (packed_assignments, "self.a, self.b = b, a", [1]),
        (packed_assignments, "a, b = b, a", []),
        (packed_assignments, "a, b = pair()", []),
        (packed_assignments, "place = topic, 1", []),
        (home_made_words, "def _hand_over(): pass", [1]),
        (home_made_words, "class LastWish: pass", [1]),
        (home_made_words, "one.fates", [1]),
        (home_made_words, "from eventlab.bench import fates", [1]),
        (home_made_words, "call(QUIET_KERNEL=1)", [1]),
        (home_made_words, "stock.on_hand", []),
        (home_made_words, "handle, handler, shorthand", []),
        (own_conversions, "datetime.fromtimestamp(at / 1000, UTC)", [1]),
        (own_conversions, "EPOCH + timedelta(milliseconds=at)", [1]),
        (own_conversions, "int(at.timestamp() * 1000)", [1]),
        (own_conversions, "grace // timedelta(milliseconds=1)", [1]),
        (own_conversions, "timedelta(milliseconds=50)", []),
        (own_conversions, "now.timestamp()", []),
        (own_conversions, "milliseconds(at)", []),
        (texts_without_encoding, "path.read_text()", [1]),
        (texts_without_encoding, "Path(name).write_text(text)", [1]),
        (texts_without_encoding, "(folder / name).read_text(encoding=None)", [1]),
        (texts_without_encoding, 'path.read_text(encoding="locale")', [1]),
        (texts_without_encoding, 'path.read_text("utf-8")', []),
        (texts_without_encoding, 'path.write_text(text, encoding="utf-8")', []),
        (texts_without_encoding, "path.read_bytes()", []),
        (texts_without_encoding, "open(path)", [1]),
        (texts_without_encoding, 'io.open(path, mode="w")', [1]),
        (texts_without_encoding, 'open(path, "rb")', []),
        (texts_without_encoding, 'open(path, "w", encoding="utf-8")', []),
        (texts_without_encoding, "with path.open() as file: pass", [1]),
        (texts_without_encoding, "rows = csv.reader(path.open(newline=''))", [1]),
        (texts_without_encoding, 'paths[0].open("a")', [1]),
        (texts_without_encoding, 'paths[0].open("ab")', []),
        (
            texts_without_encoding,
            'os.open(path, os.O_RDONLY)\nImage.open(path)\npage.open("x.html")',
            [],
        ),
        (texts_without_encoding, "lease.open()", []),
        (texts_without_encoding, 'gzip.open(path)\ngzip.open(path, "wb")', []),
        (texts_without_encoding, 'gzip.open(path, "rt")', [1]),
        (texts_without_encoding, 'os.fdopen(descriptor, "w")\nos.fdopen(descriptor)', [1, 2]),
        (texts_without_encoding, 'os.fdopen(descriptor, "wb")', []),
        (texts_without_encoding, "connection.makefile()", [1]),
        (texts_without_encoding, 'connection.makefile("rb")', []),
        (texts_without_encoding, 'NamedTemporaryFile("w")', [1]),
        (texts_without_encoding, "tempfile.TemporaryFile(mode='w+')", [1]),
        (texts_without_encoding, "tempfile.NamedTemporaryFile()", []),
        (texts_without_encoding, "io.TextIOWrapper(file)", [1]),
        (texts_without_encoding, 'io.TextIOWrapper(file, "utf-8")', []),
        (texts_without_encoding, "ConfigParser().read(path)", [1]),
        (texts_without_encoding, "ini = configparser.ConfigParser()\nini.read(path)", [2]),
        (texts_without_encoding, "ini = ConfigParser()\nini.read(path, 'utf-8')", []),
        (texts_without_encoding, "file.read(size)", []),
        (texts_without_encoding, "subprocess.run(command, text=True)", [1]),
        (texts_without_encoding, "Popen(command, universal_newlines=True)", [1]),
        (texts_without_encoding, 'subprocess.run(command, errors="replace")', [1]),
        (texts_without_encoding, 'subprocess.run(command, text=True, encoding="utf-8")', []),
        (texts_without_encoding, "subprocess.run(command, text=False)", []),
        (texts_without_encoding, 'chart.mark_text(text="late").encode(text="count()")', []),
        (texts_without_encoding, "subprocess.getoutput(command)\nos.popen(command)", [1, 2]),
        (texts_without_encoding, "logging.FileHandler(path)", [1]),
        (texts_without_encoding, "logging.basicConfig(filename=path)", [1]),
        (texts_without_encoding, "logging.basicConfig(level=10)", []),
    ],
)
def test_a_rule_finds_what_breaks_it(rule, code, lines):
    """And nothing else."""
    assert sorted({node.lineno for node in rule(nodes_of(code))}) == lines
