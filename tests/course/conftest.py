"""All that runs a chapter stays on one worker, where it shares the chapter's two runs."""

import pytest

from tests.course.harness import Chapters, ChapterTests


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a chapter together: two runs at once would empty each other's topics."""
    for item in items:
        tests = getattr(item, "cls", None)
        if tests and issubclass(tests, ChapterTests):
            item.add_marker(pytest.mark.xdist_group(f"chapter {tests.number}"))


@pytest.fixture(scope="session")
def executed_chapters(tmp_path_factory: pytest.TempPathFactory) -> Chapters:
    """Return what executes each chapter once normal and once broken, however many tests ask."""
    return Chapters(tmp_path_factory.mktemp("chapters"))
