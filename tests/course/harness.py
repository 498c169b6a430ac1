"""What is true of every chapter, proved on one normal run of it and on one that is broken.

A chapter's own test module holds a subclass of ChapterTests with its number, its claims and the
answers to its exercises:

    class TestChapter01(ChapterTests):
        number = "01"
        claims = ("01.order",)
        answers = (Answer("01.1", "solved", solution("01", 1), "right"),)

papermill executes the chapter, and below its last cell each answer with the cells that judge it: in
the kernel of that one run. nbval compares what that run gave with the outputs that are kept.
"""

import copy
import itertools
import multiprocessing
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import nbformat
import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, IPyNbFile

from eventlab.course.chapters import ROOT, Chapter, chosen
from eventlab.ledger.entries import Section
from eventlab.ledger.evidence import evidence_in
from eventlab.teach import verdicts_in
from eventlab.tour import Run, execute
from tests.browser.chapter_page import claims, code_cells, index_of, set_speed

SOLUTIONS = ROOT / "notebooks" / "solutions"
LOAD_PROCESSES = os.cpu_count() or 1
OTHER_SEEDS = [11, 4711]
_BREAKS = re.compile(r"\.break_it\(|\.broken_counts\b")


@dataclass(frozen=True)
class Answer:
    """One answer to an exercise ("01.1"), and the state in which its check has to put it.

    Before it, the cells that have one of the words `again` in their source run once more, so that
    the answer meets what a learner's first answer meets.
    """

    exercise: str
    name: str
    source: str
    state: str
    again: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Return the words under which its cells are found in the executed notebook."""
        return f"{self.exercise} {self.name}"


@dataclass(frozen=True)
class Executed:
    """A chapter's run and the notebook that it left, the answers' cells apart from its own."""

    run: Run
    own: NotebookNode
    judged: dict[str, NotebookNode]

    def states(self, cells: NotebookNode) -> dict[str, str]:
        """Return the state of each exercise that these cells judged."""
        return {row["exercise"]: row["state"] for row in verdicts_in(cells)}


class Chapters:
    """Execute each chapter at most once normal and at most once broken."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._executed: dict[tuple[str, bool], Executed] = {}

    def normal(self, number: str, answers: Sequence[Answer]) -> Executed:
        """Return the run as the chapter is, with the answers judged at its end."""
        return self._once(number, answers, broken=False, whole=True)

    def broken(self, number: str, *, whole: bool = False) -> Executed:
        """Return the run with the chapter's condition removed, broken once more inside if whole."""
        return self._once(number, (), broken=True, whole=whole)

    def _once(
        self, number: str, answers: Sequence[Answer], *, broken: bool, whole: bool
    ) -> Executed:
        key = (number, broken)
        if key not in self._executed:
            # A new one each time: a run that took too long has left its own behind.
            folder = Path(mkdtemp(dir=self._folder))
            self._executed[key] = executed(number, folder, answers, whole=whole, BREAK=broken)
        return self._executed[key]


@pytest.mark.broker
@pytest.mark.notebook
class ChapterTests:
    """Prove of one chapter what every chapter promises."""

    number: str
    claims: tuple[str, ...]
    answers: tuple[Answer, ...]
    # Whether its own tests look at what a broken run breaks once more, where both runs are broken.
    whole_when_broken = False

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Judge each answer in a test of its own."""
        if "answer" in metafunc.fixturenames:
            answers = metafunc.cls.answers
            metafunc.parametrize("answer", answers, ids=[answer.label for answer in answers])

    @pytest.fixture
    def normal(self, executed_chapters: Chapters) -> Executed:
        """Return the chapter's one normal run."""
        return executed_chapters.normal(self.number, self.answers)

    @pytest.fixture
    def broken(self, executed_chapters: Chapters) -> Executed:
        """Return the chapter's one broken run.

        Others use its broker: a chapter that stops it asks for `fragile` here.
        """
        return executed_chapters.broken(self.number, whole=self.whole_when_broken)

    def test_every_claim_holds(self, normal):
        """The chapter runs to its end, and what it says it shows."""
        assert_every_claim_holds(normal.run, self.claims)

    def test_without_its_condition_no_claim_holds(self, broken):
        """Each claim can fail: broken on purpose it does, and says so."""
        assert broken.run.error == ""
        assert {claim["claim"] for claim in broken.run.flipped} == set(self.claims)
        assert all(claim["broken"] for claim in broken.run.claims)

    def test_its_part_of_the_ledger_is_as_it_should_be(self, normal, broken):
        """Each argument has a claim, all hold, and one of them flips; both runs have a picture."""
        section = section_of(self.number, normal, broken)
        assert section.faults == []
        assert section.normal.still.alt
        assert section.broken.still.alt

    def test_every_exercise_is_open_until_it_is_answered(self, normal):
        """The chapter as it is handed out judges each of its blanks as not yet done."""
        exercises = {answer.exercise for answer in self.answers}
        assert normal.states(normal.own) == dict.fromkeys(exercises, "not yet")
        solved = [answer.exercise for answer in self.answers if answer.state == "right"]
        assert sorted(solved) == sorted(exercises)

    def test_an_answer_is_judged(self, normal, answer):
        """The solution is right, and what goes wrong most easily is not."""
        cells = normal.judged[answer.label]
        assert normal.states(cells) == {answer.exercise: answer.state}, outputs_of(cells)

    def test_what_is_kept_comes_out_again(self, normal, nbval_cells):
        """nbval finds the outputs that are kept in the chapter among those of the run."""
        (chapter,) = chosen((self.number,))
        kept = {cell.cell["id"]: cell for cell in nbval_cells(chapter.path)}
        came = {cell.id: cell.outputs for cell in normal.own.cells if cell.id in kept}
        assert set(came) == set(kept)
        for name, cell in kept.items():
            same = cell.compare_outputs(came[name], cell.cell.outputs)
            assert same, "\n".join(cell.comparison_traceback)

    @pytest.mark.long
    def test_broken_it_may_be_broken_once_more(self, tmp_path):
        """A learner who has removed the condition gets to the end, and the switch is harmless."""
        done = executed(self.number, tmp_path, BREAK=True).run
        assert done.error == ""
        assert {claim["claim"] for claim in done.flipped} == set(self.claims)

    @pytest.mark.long
    @pytest.mark.parametrize("seed", OTHER_SEEDS)
    def test_another_story_bears_the_claims_out_too(self, tmp_path, seed):
        """Whatever the seed."""
        done = executed(self.number, tmp_path, SEED=seed).run
        assert_every_claim_holds(done, self.claims)
        assert {claim["seed"] for claim in done.claims} == {seed}

    @pytest.mark.long
    @pytest.mark.timeout(400)
    def test_a_loaded_machine_bears_the_claims_out_too(self, tmp_path):
        """However slow everything is that the claims compare."""
        with loaded_machine():
            done = executed(self.number, tmp_path).run
        assert_every_claim_holds(done, self.claims)

    @pytest.mark.long
    @pytest.mark.timeout(1500)
    def test_a_restart_at_any_cell_of_its_core_is_safe(self, lab_page):
        """The kernel goes at each cell in turn, and the run from the top gets past the place."""
        (chapter,) = chosen((self.number,))
        lab_page.open(chapter.path.name)
        set_speed(lab_page, 0)
        further = index_of(lab_page, "## Going further")
        end = further if further > 0 else lab_page.cell_count()
        core = [cell for cell in code_cells(lab_page) if cell < end]
        for cell in core:
            lab_page.restart_kernel()
            lab_page.command("notebook:clear-all-cell-outputs")
            lab_page.run_cells(0, cell, wait_seconds=120)
            assert lab_page.error_outputs() == [], cell
            assert all(claims(lab_page).values()), cell
        assert list(claims(lab_page)) == core_claims(chapter.path)

    @pytest.fixture
    def nbval_cells(self, request, monkeypatch) -> Callable[[Path], list[IPyNbCell]]:
        """Return what gives nbval's own cells of a notebook, those alone that it would compare."""
        return lambda path: compared_cells(path, request, monkeypatch)


def assert_every_claim_holds(done: Run, claims: Sequence[str]) -> None:
    """Fail unless a run came to its end and made these claims, and each of them holds."""
    assert done.error == ""
    assert done.flipped == []
    assert {claim["claim"] for claim in done.claims} == set(claims)


def core_claims(path: Path) -> list[str]:
    """Return the claims that a chapter makes before it goes further."""
    cells = itertools.takewhile(
        lambda cell: "## Going further" not in cell.source, nbformat.read(path, as_version=4).cells
    )
    return [name for cell in cells for name in re.findall(r'lab\.claim\(\s*"([^"]+)"', cell.source)]


def section_of(number: str, normal: Executed, broken: Executed) -> Section:
    """Return what the ledger has of a chapter, from the runs that its tests have."""
    (chapter,) = chosen((number,))
    runs = [evidence_in(executed.own, error=executed.run.error) for executed in (normal, broken)]
    return Section(chapter, *runs)


def compared_cells(path: Path, request, monkeypatch) -> list[IPyNbCell]:
    """Return those cells of a notebook whose outputs nbval compares when it is lax."""
    monkeypatch.setattr(request.config.option, "nbval_lax", True)
    file = IPyNbFile.from_parent(request.session, path=path)
    return [cell for cell in file.collect() if cell.options["check"]]


def solution(number: str, exercise: int) -> str:
    """Return the solution that is kept apart from the chapter."""
    return (SOLUTIONS / f"{number}_{exercise}.py").read_text(encoding="utf-8")


def executed(
    number: str,
    folder: Path,
    answers: Sequence[Answer] = (),
    *,
    whole: bool = True,
    **parameters: object,
) -> Executed:
    """Execute a chapter at full speed as the tour does, the answers judged in the same kernel."""
    (chapter,) = chosen((number,))
    answered = folder / f"answered_{chapter.path.name}"
    notebook = with_answers(nbformat.read(chapter.path, as_version=4), answers)
    nbformat.write(notebook if whole else without_breaking(notebook), answered)
    target = folder / chapter.path.name
    run = execute(Chapter(number, answered), target, {"SPEED": 0} | parameters)
    return taken_apart(run, nbformat.read(target, as_version=4), answers)


def with_answers(notebook: NotebookNode, answers: Sequence[Answer]) -> NotebookNode:
    """Return a copy of a chapter that goes on with each answer and the cells that judge it."""
    answered = copy.deepcopy(notebook)
    for answer in answers:
        for cell in judging_cells(notebook, answer):
            answered.cells.append(relabelled(cell, answer.label))
    return answered


def without_breaking(notebook: NotebookNode) -> NotebookNode:
    """Return a copy of a chapter that plays nothing broken beside itself, for it is broken."""
    alone = copy.copy(notebook)
    alone.cells = [
        cell
        for cell in notebook.cells
        if cell.cell_type != "code" or not _BREAKS.search(cell.source)
    ]
    return alone


def judging_cells(notebook: NotebookNode, answer: Answer) -> list[NotebookNode]:
    """Return the cells that judge an answer: what runs again, the filled blank, up to the check."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    again = [cell for cell in code if any(words in cell.source for words in answer.again)]
    blanks = [n for n, cell in enumerate(code) if "exercise" in cell.metadata.get("tags", [])]
    blank = blanks[int(answer.exercise.partition(".")[2]) - 1]
    asks = f'lab.check("{answer.exercise}"'
    check = next(n for n, cell in enumerate(code) if n > blank and asks in cell.source)
    filled = nbformat.v4.new_code_cell(answer.source)
    return [*again, filled, *code[blank + 1 : check + 1]]


def relabelled(cell: NotebookNode, label: str) -> NotebookNode:
    """Return a cell of the same source that belongs to an answer."""
    return nbformat.v4.new_code_cell(cell.source, metadata={"answer": label})


def taken_apart(run: Run, notebook: NotebookNode, answers: Sequence[Answer]) -> Executed:
    """Return a run with the chapter's own cells and those of each answer apart."""

    def belonging_to(label: str | None) -> NotebookNode:
        part = copy.copy(notebook)
        part.cells = [cell for cell in notebook.cells if cell.metadata.get("answer") == label]
        return part

    judged = {answer.label: belonging_to(answer.label) for answer in answers}
    return Executed(run, belonging_to(None), judged)


def outputs_of(notebook: NotebookNode) -> str:
    """Return what the cells of code gave, for whoever reads a failure."""
    return "\n".join(str(cell.outputs) for cell in notebook.cells if cell.cell_type == "code")


@contextmanager
def loaded_machine() -> Iterator[None]:
    """Keep every core busy with something else."""
    busy = [multiprocessing.Process(target=_count, daemon=True) for _ in range(LOAD_PROCESSES)]
    for process in busy:
        process.start()
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.join()


def _count() -> None:
    for _ in itertools.count():
        pass
