import os
import re
import shutil
import subprocess

import pytest

from eventlab.log import Topic
from eventlab.sql.server.held import SqlServer
from tests.structure.files import ROOT

pytestmark = [
    pytest.mark.broker,
    pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here"),
]

_PAGE = (ROOT / "docs" / "sql_server.md").read_text(encoding="utf-8")
_PAIRS = re.findall(r"```bash\n(.*?)```\n\n```text\n(.*?)```", _PAGE, re.DOTALL)


def test_each_command_answers_as_the_page_says(cluster):
    """A reader who types them one after the other sees the same."""
    with SqlServer(f"page-{os.getpid()}") as server:
        for command, answer in _PAIRS:
            asked = command.replace("http://localhost:8088", server.url)
            done = subprocess.run(["bash", "-c", asked], capture_output=True, encoding="utf-8")
            assert done.stdout.rstrip() == answer.rstrip(), done.stderr
    assert len(_PAIRS) == _PAGE.count("```bash")
    Topic(cluster, "rides").delete()
