"""As whom a program runs, and whose a folder is then."""

import os
import pickle
import stat
import sys

import pytest

from eventlab.database.ground import in_a_namespace, server_folder
from eventlab.database.identity import Identity

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
NOBODY = 65534
for_root = pytest.mark.skipif(not IS_ROOT, reason="only root becomes another user")
ASK = "import os; print(os.getuid(), os.getgid(), os.getgroups())"


def test_without_another_user_it_is_ourselves(tmp_path):
    """A program runs as we do, and a folder becomes private."""
    ours = Identity()
    done = ours.run([sys.executable, "-c", "print('é')"], tmp_path, dict(os.environ))
    assert done.stdout.strip() == "é"
    ours.own(tmp_path)
    if sys.platform != "win32":
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_what_it_says_of_its_failure_is_kept(tmp_path):
    """Status and standard error are in the result, for nobody else sees them."""
    done = Identity().run([sys.executable, "-c", "exit('no')"], tmp_path, dict(os.environ))
    assert (done.returncode, done.stderr.strip()) == (1, "no")


@for_root
def test_another_user_runs_it_and_owns_the_folder(tmp_path):
    """The program has that user's rights alone, root's groups excluded."""
    other = Identity(NOBODY, NOBODY)
    done = other.run(["/usr/bin/env", "id", "-u"], tmp_path, dict(os.environ))
    assert done.stdout.strip() == str(NOBODY)
    tmp_path.joinpath("file").touch()
    other.own(tmp_path)
    assert {tmp_path.stat().st_uid, tmp_path.joinpath("file").stat().st_uid} == {NOBODY}


@for_root
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has namespaces")
def test_in_a_namespace_it_is_another_user_and_what_it_makes_is_ours(tmp_path):
    """Within it is nobody, while its files are root's outside."""
    within = Identity(NOBODY, NOBODY, in_namespace=True)
    code = f"{ASK}; open('made', 'w', encoding='utf-8').close()"
    try:
        done = within.run([sys.executable, "-c", code], tmp_path, dict(os.environ))
    except OSError:
        pytest.skip("this machine allows no namespaces")
    assert done.stdout.startswith(f"{NOBODY} {NOBODY} ")
    assert tmp_path.joinpath("made").stat().st_uid == os.getuid()


def test_a_supervisor_gets_it_as_it_is():
    """It goes to another process in the plan."""
    made = Identity(1, 2, in_namespace=True)
    assert pickle.loads(pickle.dumps(made)) == made
    assert made.outer_user is None
    assert Identity(1, 2).outer_group == 2


def test_only_linux_has_namespaces(monkeypatch, tmp_path):
    """Elsewhere this way is refused before anything is tried."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(OSError, match="only Linux"):
        in_a_namespace(tmp_path, server_folder())
