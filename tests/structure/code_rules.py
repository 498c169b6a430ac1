"""How the package's code is written; each rule finds the places that break it in one module.

A rule is given all nodes of the module: to walk it anew for each rule takes longer than all rules.
"""

import ast
import re
from collections.abc import Iterator

from eventlab import errors

ERRORS = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.EventlabError)
}

PARTS = ("expected", "found", "remedy")

BANNED = {
    *("fate", "fates", "hand", "handed", "hands", "heed", "heeded", "heeds", "noting"),
    *("quiet", "quietly", "reckon", "reckoned", "reckons", "told", "wish", "wished", "wishes"),
}
# What a shop has on hand is the trade's own word, and stands so on the wire.
OF_THE_FIELD = {"on_hand", "_on_hand"}

# Functions for text, whichever way they are called.
_ALWAYS_TEXT = {
    *("read_text", "write_text", "TextIOWrapper", "popen", "getoutput", "getstatusoutput"),
    *("FileHandler", "RotatingFileHandler", "TimedRotatingFileHandler", "FileInput"),
}
# Where the others have their mode, and what it is where none is given.
_MODE_PLACES = {
    "open": (1, "r"),
    "fdopen": (1, "r"),
    "makefile": (0, "r"),
    "NamedTemporaryFile": (0, "w+b"),
    "TemporaryFile": (0, "w+b"),
    "SpooledTemporaryFile": (1, "w+b"),
}
# Where some have their encoding, if it is given by place.
_ENCODING_PLACES = {"read_text": 0, "write_text": 1, "TextIOWrapper": 1, "read": 1}
# `open` alone and these take a path first; anything else that has `open` is taken for a path.
_OPENED_BY_PATH = {"", "io", "codecs", "gzip", "bz2", "lzma"}
_COMPRESSED = {"gzip", "bz2", "lzma"}
_PARSERS = {"ConfigParser", "RawConfigParser", "SafeConfigParser"}
_PROCESSES = {"run", "Popen", "call", "check_call", "check_output"}
_MAKES_TEXT = {"text", "universal_newlines", "errors"}


def incomplete_errors(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    """Yield where an error of ours does not say what was expected, what was found, what to do."""
    for node in nodes:
        is_made = isinstance(node, ast.Call) and _name(node.func) in ERRORS
        is_bare = isinstance(node, ast.Raise) and _name(node.exc) in ERRORS
        if is_bare or (is_made and not _is_complete(node)):
            yield node


def packed_assignments(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    """Yield where one statement assigns several values, unless it swaps them."""
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
            targets = [target for target in node.targets if isinstance(target, ast.Tuple)]
            if any(_words(target) != _words(node.value) for target in targets):
                yield node


def home_made_words(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    """Yield where a name has one of the words that the field has better ones for."""
    for node in nodes:
        if any(BANNED & set(_parts(name)) for name in _names(node) if name not in OF_THE_FIELD):
            yield node


def own_conversions(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    """Yield where milliseconds are made of a moment or a duration, or the other way."""
    for node in nodes:
        is_from = isinstance(node, ast.Call) and _is_from_milliseconds(node)
        is_to = isinstance(node, ast.BinOp) and _is_to_milliseconds(node)
        if is_from or is_to:
            yield node


def _is_from_milliseconds(call: ast.Call) -> bool:
    lengths = [one.value for one in call.keywords if one.arg == "milliseconds"]
    varies = any(not isinstance(length, ast.Constant) for length in lengths)
    name = _name(call.func)
    return name == "fromtimestamp" or (name == "timedelta" and varies)


def _is_to_milliseconds(operation: ast.BinOp) -> bool:
    sides = (operation.left, operation.right)
    called = [_name(side.func) for side in sides if isinstance(side, ast.Call)]
    is_division = isinstance(operation.op, ast.Div | ast.FloorDiv)
    return "timestamp" in called or ("timedelta" in called and is_division)


def texts_without_encoding(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    """Yield where text is read or written in whatever encoding the machine is set to."""
    parsers = set(_config_parsers(nodes))
    unused = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if not isinstance(node, ast.Call) or _names_encoding(node):
            continue
        is_file = _opens_text(node) and not (_is_bare_open(node) and id(node) in unused)
        is_parser = _name(node.func) == "read" and _owner(node.func) in parsers
        if is_file or is_parser or _starts_text_process(node):
            yield node


def _config_parsers(nodes: list[ast.AST]) -> Iterator[str]:
    """Yield what a module calls its parsers, whose `read` opens a file, as that of a file does not.

    The name of their class is among them: `ConfigParser().read(path)`.
    """
    yield from _PARSERS
    for node in nodes:
        is_assigned = isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if is_assigned and _name(node.value.func) in _PARSERS:
            yield from map(_name, node.targets)


def _owner(function: ast.AST) -> str:
    """Return whose method it is: `path` of path.open, `Path` of Path(name).open, "" of open."""
    if not isinstance(function, ast.Attribute):
        return ""
    owner = function.value
    return _name(owner.func if isinstance(owner, ast.Call) else owner) or "something"


def _names_encoding(call: ast.Call) -> bool:
    place = _ENCODING_PLACES.get(_name(call.func))
    if place is not None and len(call.args) > place:
        return True
    given = [one.value for one in call.keywords if one.arg == "encoding"]
    return any(
        not (isinstance(value, ast.Constant) and value.value in (None, "locale")) for value in given
    )


def _opens_text(call: ast.Call) -> bool:
    name = _name(call.func)
    if name in _ALWAYS_TEXT:
        return True
    if name == "basicConfig":
        return any(one.arg == "filename" for one in call.keywords)
    if name == "open" and _owner(call.func) not in _OPENED_BY_PATH:
        return _opens_path(call)
    if name in _MODE_PLACES:
        place, default = _MODE_PLACES[name]
        if _owner(call.func) in _COMPRESSED:
            default = "b"
        return "b" not in _mode(call, place, default)
    return False


def _opens_path(call: ast.Call) -> bool:
    """Tell whether `x.open(...)` opens a path for text, by what it is given: a mode or nothing."""
    if isinstance(call.func, ast.Attribute) and _owner(call.func) == "os":
        return False
    mode = _mode(call, 0, "r")
    return set(mode) <= set("rwxabt+U") and "b" not in mode


def _is_bare_open(call: ast.Call) -> bool:
    """Tell whether it is `x.open()`; as a statement of its own that opens no file to read."""
    return _name(call.func) == "open" and not call.args and not call.keywords


def _mode(call: ast.Call, place: int, default: str) -> str:
    given = [one.value for one in call.keywords if one.arg == "mode"] or call.args[place:]
    if not given:
        return default
    is_text = isinstance(given[0], ast.Constant) and isinstance(given[0].value, str)
    return given[0].value if is_text else "unknown b"


def _starts_text_process(call: ast.Call) -> bool:
    if _name(call.func) not in _PROCESSES:
        return False
    asked = [one.value for one in call.keywords if one.arg in _MAKES_TEXT]
    return any(not (isinstance(value, ast.Constant) and not value.value) for value in asked)


def _name(node: ast.AST | None) -> str:
    """Return the last part of a name: TopicError of errors.TopicError."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_complete(call: ast.Call) -> bool:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if None in given:  # it passes on what it was given itself
        return True
    return all(part in given and not _is_nothing(given[part]) for part in PARTS)


def _is_nothing(value: ast.AST) -> bool:
    if isinstance(value, ast.IfExp):
        return _is_nothing(value.body) or _is_nothing(value.orelse)
    return isinstance(value, ast.Constant) and value.value == ""


def _words(values: ast.Tuple) -> list[str]:
    return sorted(map(ast.unparse, values.elts))


def _names(node: ast.AST) -> list[str]:
    """Return the names that a node itself says."""
    fields = ("id", "attr", "arg", "name", "asname")
    found = [getattr(node, field, None) for field in fields]
    return [name for name in found if isinstance(name, str)]


def _parts(name: str) -> list[str]:
    """Return the words of a name, in snake case or camel case."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
