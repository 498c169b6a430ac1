import os
import subprocess
import sys

import pytest

from tests.structure.files import ROOT

SCRIPT = ROOT / ".ci" / "changed_chapters.py"
ALL = ["tests/course/test_ch00.py", "tests/course/test_ch01.py"]


def git(folder, *arguments):
    """Run git as somebody."""
    somebody = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run(["git", *somebody, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder, *names):
    """Change these files and commit them."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("changed\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "change")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with two chapters and three commits on its branch main."""
    monkeypatch.delenv("EVENTLAB_SINCE", raising=False)
    root = tmp_path / "project"
    (root / ".ci").mkdir(parents=True)
    (root / ".ci" / SCRIPT.name).write_text(SCRIPT.read_text(encoding="utf-8"), encoding="utf-8")
    git(root, "init", "-b", "main")
    commit(root, "notebooks/00_a.ipynb", "notebooks/01_b.ipynb", "eventlab/log/reading.py")
    commit(root, "README.md")
    return root


def changed(root, **environment):
    """Return what the script prints in this project."""
    done = subprocess.run(
        [sys.executable, root / ".ci" / SCRIPT.name],
        env=os.environ | environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.splitlines()


def test_nothing_of_a_chapter_changed(project):
    """A page or a room that is not the chapters' own asks for no long run."""
    assert changed(project) == []


@pytest.mark.parametrize(
    "file",
    [
        "notebooks/01_b.ipynb",
        "notebooks/solutions/01_1.py",
        "eventlab/course/ch01.py",
        "tests/course/test_ch01.py",
    ],
)
def test_a_file_of_one_chapter_runs_that_chapter(project, file):
    """Notebook, solution, checks and tests are found by the number, committed or not."""
    commit(project, file)
    assert changed(project) == ["tests/course/test_ch01.py"]
    commit(project, "README.md")
    (project / file).write_text("not committed", encoding="utf-8")
    assert changed(project) == ["tests/course/test_ch01.py"]


@pytest.mark.parametrize(
    "file", ["eventlab/teach/claim.py", "eventlab/course/chapters.py", "tests/course/harness.py"]
)
def test_a_file_of_all_chapters_runs_them_all(project, file):
    """What judges every chapter may change every one."""
    commit(project, file)
    assert changed(project) == ALL


def test_a_branch_is_compared_with_the_point_where_it_left_main(project):
    """All its commits count, not only the last."""
    git(project, "update-ref", "refs/remotes/origin/main", "HEAD")
    commit(project, "notebooks/00_a.ipynb")
    commit(project, "README.md")
    assert changed(project) == ["tests/course/test_ch00.py"]


def test_somebody_may_name_the_commit(project):
    """A server that knows what was pushed says since when."""
    assert changed(project, EVENTLAB_SINCE="HEAD") == []
    assert changed(project, EVENTLAB_SINCE="no-such-commit") == ALL


def test_a_clone_without_a_past_runs_them_all(project, tmp_path):
    """One commit alone cannot say what changed."""
    git(tmp_path, "clone", "--depth", "1", project.as_uri(), "shallow")
    assert changed(tmp_path / "shallow") == ALL
