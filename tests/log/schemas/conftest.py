from collections.abc import Iterator

import pytest

from eventlab.log.schemas.schema_topic import made_anew
from tests.services.registries import serving


@pytest.fixture
def registry_url(new_topic) -> Iterator[str]:
    """Return the URL of a registry of this test's own."""
    with serving(made_anew(new_topic())) as url:
        yield url
