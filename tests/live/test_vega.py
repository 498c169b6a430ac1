import gzip

import pytest
import vl_convert

from eventlab.errors import StorageError
from eventlab.live.vega import vega_bundle, vega_is_ready, warm_up_vega


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home in which nothing was made yet, and a bundler that takes no time."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    made = []
    monkeypatch.setattr(vl_convert, "javascript_bundle", lambda *a, **k: made.append(a) or "js")
    return tmp_path, made


def test_the_bundle_is_made_once(home):
    """The warm-up makes it, says so, and does nothing the second time."""
    _, made = home
    told = []
    assert not vega_is_ready()
    warm_up_vega(lambda *progress: told.append(progress))
    warm_up_vega(lambda *progress: told.append(progress))
    assert told == [("Vega for live charts", 0, 1), ("Vega for live charts", 1, 1)]
    assert vega_is_ready()
    assert gzip.decompress(vega_bundle()) == b"js"
    assert len(made) == 1


def test_without_a_warm_up_the_first_chart_makes_it(home):
    """It is kept for the next one, and no half-written file is left."""
    folder, made = home
    assert gzip.decompress(vega_bundle()) == b"js"
    assert gzip.decompress(vega_bundle()) == b"js"
    assert len(made) == 1
    assert [path.suffix for path in (folder / "cache" / "vega").iterdir()] == [".gz"]


def flipped(bundle):
    """Return the bundle with one bit in its middle turned."""
    middle = len(bundle) // 2
    return bundle[:middle] + bytes([bundle[middle] ^ 1]) + bundle[middle + 1 :]


@pytest.mark.parametrize(
    "damaged",
    [lambda bundle: b"", lambda bundle: b"nonsense", lambda bundle: bundle[:-3], flipped],
    ids=["empty", "nonsense", "cut", "flipped"],
)
def test_a_damaged_bundle_is_made_again(home, damaged):
    """It is noticed by its own checksum."""
    folder, made = home
    vega_bundle()
    (path,) = (folder / "cache" / "vega").iterdir()
    path.write_bytes(damaged(path.read_bytes()))
    assert not vega_is_ready()
    assert gzip.decompress(vega_bundle()) == b"js"
    assert len(made) == 2


def test_a_folder_that_cannot_be_written_is_one_error(home):
    """It names the folder and what to set."""
    folder, _ = home
    (folder / "cache").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(StorageError, match="EVENTLAB_HOME"):
        vega_bundle()


def test_the_real_bundle_exports_vega_embed():
    """What the page imports is Vega with its default export."""
    source = gzip.decompress(vega_bundle()).decode()
    assert "as default" in source or "export default" in source
    assert "vega" in source.lower()
