import pytest

from eventlab.errors import UsageError
from eventlab.sql.functions import declaring
from eventlab.sql.functions.declaring import aggregate, gathered, scalar, table_function
from eventlab.sql.functions.registry import Functions
from eventlab.sql.types import BYTES, INTEGER, STRING


@pytest.fixture
def declared(monkeypatch):
    """Return what is declared during one test, and nowhere else."""
    functions = Functions()
    monkeypatch.setattr(declaring, "_DECLARED", functions)
    return functions


def test_decorators_stack(declared):
    """One function under two names and for two types, and still a plain function."""

    @scalar("SIZE", "(text STRING) INT", "Count what is in it.")
    @scalar("SIZE", "(bytes BYTES) INT")
    @scalar("MAGNITUDE", "(text STRING) INT", "Count it too.", takes_null=True)
    def size(value):
        return len(value)

    assert size("abc") == 3
    assert declared.scalar("SIZE", [BYTES]).variant.compute is size
    assert declared.scalar("SIZE", [None]).kinds == (STRING,)
    assert declared.scalar("MAGNITUDE", [STRING]).variant.takes_null
    assert declared.function("SIZE").description == "Count what is in it."


def test_there_are_three_kinds(declared):
    """Each is what its decorator says."""
    aggregate("A", "(x INT) INT", "Add.", returns=lambda kinds: STRING)(abs)
    table_function("T", "(x INT) INT", "List.")(abs)
    assert declared.aggregate("A", [INTEGER]).returns == STRING
    assert declared.table("T", [INTEGER]).returns == INTEGER


def test_a_wrong_signature_is_refused_at_once():
    """When the module is read, not when a statement calls it."""
    with pytest.raises(UsageError, match="cannot be read"):
        scalar("WRONG", "text -> text", "Fail.")


def test_what_modules_declare_is_gathered():
    """A user's copy has it too."""
    assert gathered().described() == Functions.builtin().described()
