"""The small real data that comes with a clone of the project, each file held to its checksum."""

import hashlib
from pathlib import Path

from eventlab.errors import SetupError, shown

FOLDER = Path(__file__).resolve().parents[2] / "datasets"


def read_dataset(name: str, folder: Path = FOLDER) -> bytes:
    """Return the bytes of a file of `datasets/`.

    Raises SetupError when it is missing, or is not what SHA256SUMS says.
    """
    known = _checksums(folder)
    if name not in known:  # such as one that leads out of the folder
        raise SetupError(
            "there is no such data set",
            expected=f"one of {', '.join(known)}",
            found=shown(name),
            remedy="Name a file of datasets/ as SHA256SUMS has it.",
        )
    expected = known[name]
    value = _read(folder / name)
    found = hashlib.sha256(value).hexdigest()
    if found != expected:
        raise SetupError(
            f"the data in {folder / name} are not those that belong there",
            expected=f"checksum {expected}",
            found=found,
            remedy=f"Bring the file back with: git checkout -- datasets/{name}",
        )
    return value


def _checksums(folder: Path) -> dict[str, str]:
    lines = _read(folder / "SHA256SUMS").decode().splitlines()
    return {name: checksum for checksum, name in (line.split() for line in lines)}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SetupError(
            "the data that come with eventlab cannot be read",
            expected=f"the file {path}",
            found=error.strerror or str(error),
            remedy="Install eventlab from a clone: pip install --no-deps -e .",
        ) from None
