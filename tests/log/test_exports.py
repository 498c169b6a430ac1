"""What the room offers is what its `__all__` says."""

import subprocess
import sys

from eventlab import log


def test_exports_are_there_and_in_order():
    """Every public name exists, once, in alphabetical order."""
    assert [name for name in log.__all__ if not hasattr(log, name)] == []
    assert log.__all__ == sorted(set(log.__all__))


def loaded(modules: str, *wanted: str) -> list[str]:
    """Return which of some packages a process has that imports these modules."""
    code = f"import sys, {modules}; print(*[one for one in {wanted!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().split()


def test_whoever_uses_no_contract_loads_nothing_of_avro():
    """Neither the room nor the services that write and read JSON."""
    modules = "eventlab.log, eventlab.services.mesh, eventlab.services.consuming"
    assert loaded(modules, "avro", "fastavro", "httpx2") == []


def test_whoever_knows_a_contract_loads_no_http_client():
    """It is needed to ask for another version."""
    found = loaded("eventlab.log.schemas", "avro", "fastavro", "httpx", "httpx2", "authlib")
    assert found == ["avro", "fastavro"]
