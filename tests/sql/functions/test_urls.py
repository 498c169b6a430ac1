import pytest

from tests.sql.functions.calling import called

SHOP = "https://ann@shop.example.org:8443/list/new%20ones?page=2&sort=price%2Bname&all#top%21"


@pytest.mark.parametrize(
    ("name", "url", "expected"),
    [
        ("PROTOCOL", SHOP, "https"),
        ("HOST", SHOP, "shop.example.org"),
        ("PORT", SHOP, 8443),
        ("PATH", SHOP, "/list/new ones"),
        ("QUERY", SHOP, "page=2&sort=price+name&all"),
        ("FRAGMENT", SHOP, "top!"),
        ("PORT", "http://shop.example.org", None),
        ("PATH", "http://shop.example.org", ""),
        ("QUERY", "http://shop.example.org", None),
        ("FRAGMENT", "http://shop.example.org", None),
        ("PROTOCOL", "shop.example.org/list", None),
        ("HOST", "shop.example.org/list", None),
        ("PATH", "shop.example.org/list", "shop.example.org/list"),
        ("HOST", "http://10.0.0.1:80/", "10.0.0.1"),
        ("HOST", "http://[::1]:80/", "[::1]"),
        ("HOST", "http://under_score/", None),
        ("HOST", "file:///notes.txt", None),
        ("PATH", "file:///notes.txt", "/notes.txt"),
        ("PATH", "mailto:ann@example.org", None),
        ("PROTOCOL", "mailto:ann@example.org", "mailto"),
        ("HOST", None, None),
    ],
)
def test_an_address_has_parts(name, url, expected):
    """Decoded; NULL where a part is not there."""
    assert called(f"URL_EXTRACT_{name}", url) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("page", "2"), ("sort", "price+name"), ("all", ""), ("none", None), ("", None), (None, None)],
)
def test_a_parameter_is_found_by_its_name(name, expected):
    """Empty where it stands without a value."""
    assert called("URL_EXTRACT_PARAMETER", SHOP, name) == expected


@pytest.mark.parametrize(
    "url", ["", "http://a b/", "http://", "1a:b", "http://a/%zz", "http://a/<b>"]
)
def test_what_is_no_address_is_refused(url):
    """The value is NULL, and it is reported."""
    with pytest.raises(ValueError, match=r"no address|no scheme|no host"):
        called("URL_EXTRACT_HOST", url)


@pytest.mark.parametrize(
    ("text", "written"),
    [("tea & cake", "tea+%26+cake"), ("~a-b_c.d*", "%7Ea-b_c.d*"), ("thé", "th%C3%A9"), ("", "")],
)
def test_a_text_is_a_parameter_and_comes_back(text, written):
    """Whatever stands in it."""
    assert called("URL_ENCODE_PARAM", text) == written
    assert called("URL_DECODE_PARAM", written) == text


def test_half_an_escape_is_refused():
    """It would be read as something else."""
    with pytest.raises(ValueError, match="not whole"):
        called("URL_DECODE_PARAM", "100%")
