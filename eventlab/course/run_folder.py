"""A folder for the files of one run of an experiment."""

import shutil
import tempfile
from pathlib import Path

from eventlab.folders import data_folder, named_folder
from eventlab.lab.verbs import Verbs


def run_folder(lab: Verbs, name: str) -> Path:
    """Return a new, empty folder for a run's files; it goes when the run ends.

    No two runs share one: who still looks at the files of a run that has ended, a picture or a
    service, would bring some of them back among those of the next.
    """
    runs = named_folder(data_folder() / "runs", lab.name(name))
    shutil.rmtree(runs, ignore_errors=True)  # what a kernel that was killed has left
    runs.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=runs))
    lab.keep(lambda: shutil.rmtree(folder, ignore_errors=True))
    return folder
