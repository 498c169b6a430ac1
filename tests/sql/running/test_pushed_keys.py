"""The keys of rows, as one reads them."""

import pytest

from eventlab.sql.planning.rows import key_text, windowed_key
from eventlab.sql.running.pushed_keys import pushed_key


@pytest.mark.parametrize(
    ("values", "words"), [(["ann"], "ann"), ([1, "tea"], "1, tea"), (["ann", None], "ann, NULL")]
)
def test_a_key_is_its_values_in_words(values, words):
    """With the beginning of its window, where it is of one."""
    text = key_text(values)
    assert pushed_key(text) == (words, None)
    assert pushed_key(windowed_key(text, 1000, 2000), has_window=True) == (words, 1000)


def test_no_key_has_no_words():
    """As events without one have."""
    assert pushed_key(None) == ("", None)
