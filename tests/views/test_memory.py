from collections import Counter

import pytest

from eventlab.errors import UsageError
from eventlab.views import Memory


def test_nothing_is_there_before_it_began(tmp_path):
    """Whoever reads sees what is new and empty, and no folder is made."""
    opened = Memory(Counter).open(tmp_path / "sold")
    assert opened.reader.read(type) is Counter
    assert not (tmp_path / "sold").exists()


def test_rows_by_key_need_a_dict(tmp_path):
    """What a function makes in its place is asked in its own way."""
    opened = Memory(list).open(tmp_path)
    with pytest.raises(UsageError, match="have no keys"):
        opened.reader.tables()
    assert Memory().open(tmp_path).reader.tables() == {"rows": {}}


def test_what_makes_no_rows_is_refused():
    """At once."""
    with pytest.raises(UsageError, match="new"):
        Memory({})
