"""The schemas by which statements write, registered before anything is written by them."""

from eventlab.sql.catalog import Source
from eventlab.sql.formats.serdes import subjects_of


def register(source: Source, *, only_new: bool = False) -> None:
    """Register the schemas of a source's key and value, where its formats have some.

    With `only_new` a subject that has a schema already is left as it is. Raises SqlError where the
    registry refuses one, and then the subject is as it was.
    """
    for subject in subjects_of(source):
        if not (only_new and subject.schemas.has(subject.name)):
            subject.schemas.register(subject.name, subject.schema)


def forget(source: Source, *, only_own: bool = False) -> None:
    """Delete the subjects of a topic that is no more; those alone that were `own` if that is said.

    Raises SqlError.
    """
    for subject in subjects_of(source):
        if not only_own or subject.schemas.is_own(subject.name):
            subject.schemas.forget(subject.name)
