"""The page that the tests in a browser drive."""

import pytest

pytestmark = pytest.mark.broker


def test_an_exception_is_kept_with_where_it_was_raised(lab_page):
    """Its words alone do not tell JupyterLab's own from ours."""
    lab_page.open("00_welcome.ipynb")
    with lab_page.page.expect_event("pageerror"):
        lab_page.page.evaluate("setTimeout(function fails() { throw new Error('torn'); })")
    (error,) = lab_page.errors
    lab_page.errors.clear()
    assert error.startswith("torn\n    at fails ")
