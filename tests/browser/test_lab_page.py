"""The page that the tests in a browser drive."""

import pytest

pytestmark = pytest.mark.broker

SLOW_SPLASH = """() => {
    const soon = window.setTimeout;
    window.setTimeout = (act, ms, ...rest) => soon(act, ms === 200 ? 1500 : ms, ...rest);
    return () => { window.setTimeout = soon; };
}"""


@pytest.mark.long
def test_one_theme_may_follow_another_at_once(lab_page):
    """However long JupyterLab's splash takes to fade, as it does on a busy machine."""
    lab_page.open("00_welcome.ipynb")
    unslow = lab_page.page.evaluate_handle(SLOW_SPLASH)
    for name in ["JupyterLab Dark", "JupyterLab Light"]:
        lab_page.use_theme(name)
        assert lab_page.count("#jupyterlab-splash") == 0
    unslow.evaluate("undo => undo()")
    assert lab_page.errors == []


def test_an_exception_is_kept_with_where_it_was_raised(lab_page):
    """Its words alone do not tell JupyterLab's own from ours."""
    lab_page.open("00_welcome.ipynb")
    with lab_page.page.expect_event("pageerror"):
        lab_page.page.evaluate("setTimeout(function fails() { throw new Error('torn'); })")
    (error,) = lab_page.errors
    lab_page.errors.clear()
    assert error.startswith("torn\n    at fails ")
