"""The two ways in which the process of a service is made."""

import pytest

from eventlab.processes.forking import CAN_FORK

BOTH = pytest.mark.parametrize(
    "how",
    [
        pytest.param(
            "fork", marks=pytest.mark.skipif(not CAN_FORK, reason="no safe fork on this system")
        ),
        "spawn",
    ],
    indirect=True,
)
