from eventlab.sql.formats.serde import Serde, Unreadable


def test_a_serde_is_a_way_there_and_a_way_back():
    """What cannot be read is a ValueError that says why."""
    serde = Serde(lambda data: [data.decode()], lambda values: values[0].encode())
    assert serde.read(serde.write(["pen"])) == ["pen"]
    assert issubclass(Unreadable, ValueError)
