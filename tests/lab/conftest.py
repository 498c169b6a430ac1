import pytest

from eventlab import Lab


@pytest.fixture
def lab(request):
    """A lab with a chapter's name of its own."""
    with Lab(chapter=request.node.name[5:45].replace("[", "-").replace("]", "")) as lab:
        yield lab
