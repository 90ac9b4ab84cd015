"""URLs are read once, strictly (cases H9 to H24 and H44 to H51)."""

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samsvar.world.addresses import (
    Address,
    Origin,
    Refusal,
    check_url,
    named_private,
    origin_of,
    plain_address,
    public,
    read_url,
)

HOME = Origin("https", "www.altinn.no", 443)

REFUSED = {
    "http://www.altinn.no/api/x": "downgrade",
    "https://www.altin.no/api/x": "host",
    "https://tt02.altinn.no/api/x": "environment-mix",
    "https://www.altinn.no:8443/": "port",
    "https://www.altinn.no./": "host-form",
    "https://user:pw@www.altinn.no/": "userinfo",
    "https://www.altinn.no@evil.example/": "userinfo",
    "https://www.altinn.no\\@evil.example/": "url-syntax",
    "https://evil.example#@www.altinn.no/": "host",
    "https://evil.example?@www.altinn.no/": "host",
    "https://www.altinn.no%2eevil.example/": "url-syntax",
    "https://www.altinn.no\t.evil.example/": "url-syntax",
    "https:/www.altinn.no/": "url-syntax",
    "https:www.altinn.no": "url-syntax",
    "https:///www.altinn.no/": "url-syntax",
    "//www.altinn.no/api": "url-syntax",
    "/api/my/messages": "url-syntax",
    "": "url-syntax",
    "https://www.\u0430ltinn.no/": "host",
    "https://www.xn--ltinn-3ve.no/": "host",
    "https://www\uff0ealtinn\uff0eno/": "host-form",
    "https://www.\u24d0ltinn.no/": "host-form",
    "https://www.al\u200btinn.no/": "host-form",
    "https://www.al\u00adtinn.no/": "host-form",
    "https://evil-www.altinn.no/": "environment-mix",
    "https://www.altinn.no.evil.example/": "host",
    "https://127.1/": "host-form",
    "https://0x7f.1/": "host-form",
    "https://2130706433/": "host-form",
    "https://0177.0.0.1/": "host-form",
    "https://[::ffff:127.0.0.1]/": "host-form",
    "https://[::1%25lo]/": "host-form",
    "https://[::1/": "url-syntax",
    "https://a b/": "url-syntax",
    "https://www.altinn.no:0/": "port",
    "https://www.altinn.no:99999/": "port",
    "https://www.altinn.no:22/": "port",
    "https://www.altinn.no:6379/": "port",
    "https://www.altinn.no:\u0664\u0664\u0663/": "port",
    "https://www.altinn.no:+443/": "port",
    "https://www.altinn.no/a\r\nX-Evil: 1": "url-syntax",
    "https://www.altinn.no/a\x00": "url-syntax",
    "https://www.altinn.no/a\x7f": "url-syntax",
    " https://www.altinn.no/a": "url-syntax",
    "https://www.altinn.no/a\ud800": "url-syntax",
    "https://www.altinn.no/%zz": "url-syntax",
    "https://www.altinn.no/100%": "url-syntax",
    'https://www.altinn.no/"': "url-syntax",
    "https://www.altinn.no/<b>": "url-syntax",
    "https://www.altinn.no/api/{who}/messages": "template",
    "https://www.altinn.no/api/../secret": "path",
    "https://www.altinn.no/api/%2e%2E/secret": "path",
    "https://www.altinn.no/api/a/../../..": "path",
    "https://www.altinn.no/" + "a" * 9_000: "url-length",
    **{f"{scheme}:x": "scheme" for scheme in ("file", "ftp", "data", "javascript", "mailto", "urn", "blob", "ws")},
}


@pytest.mark.parametrize(("url", "word"), REFUSED.items())
def test_what_is_not_asked_is_refused_with_its_word(url: str, word: str) -> None:
    found = read_url(url, HOME, "/api")
    assert isinstance(found, Refusal)
    assert found.reason == word, found


ASKED = {
    "HTTPS://WWW.ALTINN.NO/api/x": "/api/x",
    "https://www.altinn.no": "/",
    "https://www.altinn.no?x=1": "/?x=1",
    "https://www.altinn.no:443/api": "/api",
    "https://www.altinn.no:/api": "/api",
    "https://www.altinn.no/api/organizations/00210    ": "/api/organizations/00210%20%20%20%20",
    "https://www.altinn.no/api/x?$filter=Type eq 'A'": "/api/x?$filter=Type%20eq%20'A'",
    "https://www.altinn.no/api/bl\u00e5b\u00e6r": "/api/bl%C3%A5b%C3%A6r",
    "https://www.altinn.no/api/a/./b/../c": "/api/a/c",
    "https://www.altinn.no/api/a/%2e%2e/b": "/api/b",
    "https://www.altinn.no/api//a;b=1": "/api//a;b=1",
    "https://www.altinn.no/api/%0d%0aX-Evil:%201": "/api/%0d%0aX-Evil:%201",
    "https://www.altinn.no/api/x?a=..#part": "/api/x?a=..",
    "https://www.altinn.no/api/.well-known/x": "/api/.well-known/x",
}


@pytest.mark.parametrize(("url", "target"), ASKED.items())
def test_what_is_asked_goes_out_as_this_target(url: str, target: str) -> None:
    assert read_url(url, HOME, "/api") == Address(HOME, target)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://www.altin.no/", "1 letters differ"),
        ("https://www.xn--ltinn-3ve.no/", "look-alike of www.altinn.no"),
        ("https://www.\u0430ltinn.no/", "xn--"),
        ("https://www.altinn.no.evil.example/", "only contains"),
    ],
)
def test_a_host_that_could_be_mistaken_is_named_as_such(url: str, words: str) -> None:
    assert words in str(check_url(url, HOME))


def test_no_part_of_a_user_name_or_password_is_repeated() -> None:
    assert "hemmelig" not in str(check_url("https://ola:hemmelig@www.altinn.no/", HOME))


def test_http_is_for_loopback_only() -> None:
    assert origin_of("http://127.0.0.1:8080/api") == Origin("http", "127.0.0.1", 8080)
    assert origin_of("http://localhost/") == Origin("http", "localhost", 80)
    assert origin_of("http://[::1]:81/") == Origin("http", "::1", 81)
    refusal = origin_of("http://10.0.0.1/")
    assert isinstance(refusal, Refusal) and refusal.reason == "downgrade"


def test_an_origin_is_written_as_a_host_field_writes_it() -> None:
    assert str(Origin("https", "www.altinn.no", 443)) == "https://www.altinn.no"
    assert str(Origin("https", "::1", 8443)) == "https://[::1]:8443"


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("aZ9-._~:/?@!$&'()*+,;=%[]{}\\ #\t\u00e5\u0430"), max_size=20))
def test_the_short_way_agrees_with_the_long_one(tail: str) -> None:
    url = "https://www.altinn.no/" + tail
    short = plain_address(url, HOME)
    if short is not None:
        long = read_url(url.replace("https", "HTTPS"), HOME, "/")
        assert long == short


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30), st.sampled_from(["https://www.altinn.no/", "https://www.altinn.no", "https://", ""]))
def test_any_text_gives_a_sendable_address_of_the_origin_or_a_refusal(tail: str, start: str) -> None:
    found = read_url(start + tail, HOME)
    if isinstance(found, Address):
        assert found.origin == HOME
        assert found.target.isascii() and found.target.isprintable() and " " not in found.target


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "0.0.0.0", "240.0.0.1"),
        *("::1", "fc00::1", "fe80::1", "ff02::1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::"),
    ],
)
def test_addresses_that_are_not_for_everybody_are_not_public(text: str) -> None:
    assert not public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["8.8.8.8", "2001:4860:4860::8888"])
def test_addresses_for_everybody_are_public(text: str) -> None:
    assert public(ipaddress.ip_address(text))


def test_a_root_says_itself_that_it_is_private() -> None:
    hosts = ("127.0.0.1", "10.0.0.7", "localhost", "altinn-mock", "tt.internal", "::1")
    assert all(named_private(Origin("https", host, 443)) for host in hosts)
    assert not any(named_private(Origin("https", host, 443)) for host in ("www.altinn.no", "8.8.8.8"))
