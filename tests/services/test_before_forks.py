import subprocess
import sys

_THREADS = """
import psutil
import eventlab.services.before_forks
print(psutil.Process().num_threads())
"""


def test_what_is_begun_before_a_fork_starts_no_thread():
    """A fork would lose it in the middle of what it does."""
    done = subprocess.run(
        [sys.executable, "-c", _THREADS], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == "1\n"
    assert done.stderr == ""
