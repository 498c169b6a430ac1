from zlib import crc32

import pytest

from eventlab import Lab


@pytest.fixture
def lab(request):
    """A lab with a chapter's name of its own, short enough for one."""
    name = request.node.name
    words = name[5:30].replace("[", "-").replace("]", "")
    with Lab(chapter=f"{words}-{crc32(name.encode())}") as lab:
        yield lab
