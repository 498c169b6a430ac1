"""What makes an operator of ours: bytewax's own decorator, and a call that is checked first."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import bytewax.dataflow

from eventlab.checked import checked
from eventlab.errors import EventlabError, UsageError

Builder = TypeVar("Builder", bound=Callable[..., Any])


def operator(builder: Builder) -> Builder:
    """Make an operator, as bytewax's decorator does, that refuses wrong arguments by UsageError."""
    made = checked(bytewax.dataflow.operator(builder))

    @wraps(made)
    def added(*arguments: Any, **options: Any) -> Any:
        try:
            return made(*arguments, **options)
        except EventlabError:
            raise
        except ValueError as error:
            raise _refused_step(error) from error

    return cast("Builder", added)


def _refused_step(error: ValueError) -> Exception:
    """Return the error of a step that bytewax does not add to a flow; any other as it is."""
    if "step" not in str(error):
        return error
    return UsageError(
        "This step cannot be added to the flow",
        expected="a name without a dot that no other step of the flow has",
        found=str(error),
        remedy='Give the step a name of its own, such as "counts".',
    )
