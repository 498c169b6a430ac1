"""How many examples a property is tried with."""

from hypothesis import settings

FIRST_ANSWER = "first answer"  # the profile of make check
AT_MOST = 10


def examples(number: int) -> settings:
    """Ask for so many examples without a deadline; a first answer has no more than ten."""
    if settings.get_current_profile_name() == FIRST_ANSWER:
        number = min(number, AT_MOST)
    return settings(max_examples=number, deadline=None)
