import re

from eventlab import errors


def drawn() -> dict[str, str]:
    """Return the tree at the top of the module: each class and the class that it hangs on."""
    parents, path = {}, {}
    for line in errors.__doc__.splitlines():
        match = re.match(r"([│├└─ ]*)(\w+Error)\b", line)
        if match:
            depth = len(match[1]) // 4
            path[depth] = match[2]
            parents[match[2]] = path[depth - 1] if depth else "Exception"
    return parents


def real() -> dict[str, str]:
    """Return the same from the classes themselves."""
    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    return {kind.__name__: kind.__base__.__name__ for kind in classes}


def test_the_tree_that_is_drawn_is_the_real_one():
    """Whoever reads the top of the module knows what to catch."""
    assert drawn() == real()
    assert len(drawn()) > 10
