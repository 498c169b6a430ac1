import subprocess
import sys

import pytest

from eventlab import Lab
from eventlab.errors import UsageError
from eventlab.events import Shop

pytestmark = pytest.mark.broker


def test_another_lab_for_the_chapter_takes_the_place_of_the_first(lab):
    """Running the set-up cell again closes what the earlier lab had opened."""
    player = lab.play(Shop(seed=1).orders(), into=lab.topic("orders"), speed=60, control=False)
    with Lab(chapter=lab.chapter) as again:
        assert player.status.state == "stopped"
        assert len(again.topics()) == 1


@pytest.mark.parametrize("chapter", ["", "a/b", 7, None])
def test_a_chapter_needs_a_plain_name(chapter):
    """It becomes the prefix of topics, so it is what a topic's name may be."""
    with pytest.raises(UsageError, match="A lab belongs to a chapter"):
        Lab(chapter=chapter)


def test_a_program_that_forgets_to_close_ends_all_the_same():
    """Nothing keeps the process, and nothing is printed at its end."""
    program = (
        "from eventlab import Lab; from eventlab.events import Shop\n"
        "lab = Lab(chapter='forgetful')\n"
        "lab.play(Shop(seed=1), into=lab.topic('all'), speed=600, control=False)\n"
        "lab.follow('all', lambda batch: None)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
