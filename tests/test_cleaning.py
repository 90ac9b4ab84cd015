"""Cleaning: one value is one pseudonym wherever it stands, two stay two, and what goes out is what came in."""

import base64
import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, unquote

import pytest
from cleaned import (
    CONTRACT,
    KEY,
    PERSON,
    ROOT,
    account,
    broken,
    cleaned,
    cleaner,
    national,
    organisation,
    probe,
    response,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from samsvar.logic.cleaning.cleaner import Cleaner
from samsvar.logic.cleaning.patterns import Patterns
from samsvar.logic.cleaning.pseudonyms import Pair, Pseudonyms
from samsvar.model.contract import Access, Organisations
from samsvar.model.exchange import HAL_JSON, HAL_XML, JSON, XML, Failure, Probe, Response, Stage
from samsvar.model.privacy import Private

COMPANY = organisation(91067299)
BANK = account(1234567890)
NOBODY = "01819010355"


def value(one: Cleaner, text: object, name: str = "Name", **more: object) -> object:
    """What comes of the value of a member of JSON."""
    return json.loads(cleaned(one, json.dumps({name: text}), **more))[name]  # type: ignore[arg-type]


def element(one: Cleaner, text: str, name: str = "Name", write: Callable[[str], str] = html.escape) -> str:
    """What comes of the value of an element."""
    body = cleaned(one, f"<r><{name}>{write(text)}</{name}></r>", XML)
    return etree.fromstring(body.encode("utf-8", "surrogatepass"))[0].text or ""


# One value, one pseudonym


def test_a_number_is_the_same_in_every_format_place_and_spelling() -> None:
    one = cleaner()
    new = str(value(one, PERSON, "SocialSecurityNumber"))
    assert new != PERSON
    assert value(one, int(PERSON), "SocialSecurityNumber") == int(new)
    assert value(one, f"{PERSON[:6]} {PERSON[6:]}", "SocialSecurityNumber") == f"{new[:6]} {new[6:]}"
    assert value(one, f"{PERSON[:6]}-{PERSON[6:]}", "Unheard") == f"{new[:6]}-{new[6:]}"
    assert value(one, int(PERSON), "Unheard") == int(new)
    assert element(one, PERSON, "SocialSecurityNumber") == new
    assert element(one, PERSON, "Unheard", lambda text: f"&#48;{text[1:]}") == new
    assert element(one, PERSON, "Unheard", lambda text: f"<![CDATA[{text[:3]}]]>{text[3:]}") == new
    coded = base64.b64encode(PERSON.encode()).decode()
    assert value(one, coded, "MessageId") == base64.b64encode(new.encode()).decode()
    assert cleaned(one, f'{{"Unheard": "\\u0030{PERSON[1:]}"}}') == f'{{"Unheard": "\\u0030{new[1:]}"}}'
    links = json.loads(cleaned(one, json.dumps({"_links": {"self": {"href": f"{ROOT}/x/{PERSON}?a=%30{PERSON[1:]}"}}})))
    assert links["_links"]["self"]["href"] == f"{ROOT}/x/{new}?a=%30{new[1:]}"
    assert one.response(probe(), response("", Location=f"/api/{PERSON}", X_Who=PERSON)).headers[1:] == (
        ("Location", f"/api/{new}"),
        ("X-Who", new),
    )
    assert broken(one, f"no {PERSON}") == f"no {new}"
    assert one.response(probe(), Response(404, (), b"", f"No {PERSON}".encode())).reason == f"No {new}".encode()


@pytest.mark.parametrize("name", ["Name", "Subject", "Unheard", "AddressLine1", "Email", "MobileNumber", "PostCode"])
@given(text=st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=30))
@example(text="true")
@example(text="1e5")
@example(text="Kári Nordmann, kari@firma.no, 01819010354")
@example(text="&#48;1819010354 <b>Kari</b>")
@settings(max_examples=30)
def test_a_text_is_the_same_in_json_and_in_xml(name: str, text: str) -> None:
    one = cleaner()
    new = value(one, text, name)
    assert element(one, text, name) == new == value(one, text, name)
    if "]]>" not in text:
        assert element(one, text, name, lambda each: f"<![CDATA[{each}]]>") == new


@pytest.mark.parametrize("name", ["Name", "Unheard", "MobileNumber", "PostCode", "OrganizationNumber"])
@given(number=st.integers(-(10**12), 10**12))
@settings(max_examples=30)
def test_a_number_is_the_same_as_a_number_of_json_and_in_xml(name: str, number: int) -> None:
    one = cleaner()
    assert str(value(one, number, name)) == element(one, str(number), name)


NEAR = st.sampled_from(["kari", "Kari", "KARI", "kári", " kari", "kari ", "kari.", "0150", "150", "kari n", "karin"])
NUMBERS = st.sampled_from(
    [PERSON, PERSON[1:], f"{PERSON[:6]} {PERSON[6:]}", NOBODY, COMPANY, f"{COMPANY} ", BANK, "91234567", "+4791234567"]
)
MAILS = st.sampled_from(["kari@firma.no", "Kari@firma.no", "KARI@firma.no", "kari@FIRMA.no", "ola@firma.no"])


@pytest.mark.parametrize("name", ["Name", "Unheard", "SocialSecurityNumber", "OrganizationNumber", "Email", "Mobile"])
@given(texts=st.lists(NEAR | NUMBERS | MAILS | st.text(min_size=1, max_size=8), min_size=2, max_size=12, unique=True))
@settings(max_examples=40)
def test_two_values_stay_two(name: str, texts: list[str]) -> None:
    one = cleaner()
    found = [str(value(one, text, name)) for text in texts]
    assert len(set(found)) == len(texts)


def test_a_value_does_not_depend_on_what_came_before() -> None:
    texts = ["Kari Nordmann", "kari@firma.no", PERSON, f"til {COMPANY}", "Ål 0150", "91234567"]
    one, two = cleaner(), cleaner()
    assert [value(one, text) for text in texts] == [value(two, text) for text in reversed(texts)][::-1]


# What is kept


@given(st.binary(max_size=80), st.sampled_from(["application/json", "text/html", "application/pdf", "", "text/plain"]))
def test_what_anybody_may_read_comes_back_byte_for_byte(body: bytes, label: str) -> None:
    type_ = next(name for name, row in CONTRACT.types.items() if row.access is Access.OPEN)
    said = cleaner().response(probe(type_=type_), response(body, label))
    assert said.body == body or re.search(rb"[0-9@%&+\\]", body)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "latin-1"])
def test_a_body_keeps_its_character_set(codec: str) -> None:
    body = '{"Name": "Bjørn Åse", "ServiceCode": "4481"}'.encode(codec)
    said = cleaner().response(probe(), response(body, f"application/json; charset={codec}")).body
    assert len(said) == len(body) and said != body
    assert json.loads(said.decode(codec))["ServiceCode"] == "4481"


@pytest.mark.parametrize(
    "body",
    [
        '{"ServiceCode": "4481", "MessageId": "a1507495", "X": true, "Y": "2026-10-01T10:00:00", "Z": 12.50}',
        '{ "X" : null , "X" : [ ] }\r\n',
        '{"Unheard": "application/hal+json; charset=utf-8", "Y": "PT1H", "Z": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}',
        '{"_links": {"self": {"href": "https://api.example/api/my/messages/a1?$top=5", "isTemplated": true}}}',
        "<a i:nil='true' xmlns:i=\"x\"><ServiceCode>4481</ServiceCode><!----></a>",
        '<resource rel="self" href="https://api.example/api"><link rel="find" href="/x{?y}"/></resource>',
    ],
)
def test_a_body_with_nothing_private_comes_back_as_it_was(body: str) -> None:
    assert cleaned(cleaner(), body) == body


@pytest.mark.parametrize("end", range(1, 60))
def test_a_body_that_breaks_off_is_cleaned_as_far_as_it_goes(end: int) -> None:
    one = cleaner()
    for body in ('{"Name": "Kari Nordmann", "Subject": "Hemmelig sak"}', "<r><Name>Kari Nordmann</Name><Subject>Hem</"):
        new = cleaned(one, body[:end])
        assert "Kari" not in new and "Nordm" not in new and "Hemm" not in new
        assert len(new) == len(body[:end])


# What is private without a model


@pytest.mark.parametrize(
    ("body", "label"),
    [
        ('{"Unheard": "Kari Nordmann"}', HAL_JSON),
        ('{"Unheard": ["Kari Nordmann", ["Kari Nordmann"]]}', JSON),
        ('{"Kari Nordmann": 1}', JSON),
        ('["Kari Nordmann"]', JSON),
        ('"Kari Nordmann"', JSON),
        ('{"a": 1}\n"Kari Nordmann"\n', JSON),
        ("{'Name': 'Kari Nordmann'}", JSON),
        ('{"Unheard": "/Kari Nordmann"}', JSON),
        ('{"Name": "/KariNordmann"}', JSON),
        ('{"Unheard": "a/b; Kari Nordmann"}', JSON),
        ('{"_links": {"self": {"href": "/x", "title": "Kari Nordmann", "name": "KariNordmann"}}}', HAL_JSON),
        ('{"_links": {"self": {"href": "/x?name=Kari+Nordmann&userName=KariNordmann"}}}', HAL_JSON),
        ('{"_links": {"find": {"href": "/x?$filter=Name eq \'Kari Nordmann\'"}}}', HAL_JSON),
        ('{"Body": "<p title=\\"Kari Nordmann\\">Kari <b>Nordmann</b>&nbsp;</p>"}', JSON),
        ('{"Body": "{\\"Name\\": \\"Kari Nordmann\\"}"}', JSON),
        ('{"RequestMessage": {"nb": {"Kari": "Kari Nordmann"}}}', JSON),
        ('<r a="Kari Nordmann">Kari Nordmann</r>', XML),
        ("<r><Unheard i:nil='false'>Kari Nordmann</Unheard><!-- Kari Nordmann --></r>", XML),
        ("<r><![CDATA[Kari]]> <![CDATA[Nordmann]]></r>", XML),
        ('<!DOCTYPE r [<!ENTITY n "Kari Nordmann">]><r>&n;</r>', XML),
        ("<r><?note Kari Nordmann?></r>", XML),
        ("<html><title>Kari Nordmann</title><p onclick='hei(\"Kari Nordmann\")'>Kari Nordmann</p></html>", "text/html"),
        ("<html><script>var x = 'Kari Nordmann'</script><img alt='Kari Nordmann'></html>", "text/html"),
        ("Kari Nordmann", "text/plain"),
        ("[INFO] Kari Nordmann", "text/plain"),
        ("name=Kari+Nordmann&x=y", "application/x-www-form-urlencoded"),
        (
            "--b\r\nContent-Disposition: form-data; name=x\r\n\r\nKari Nordmann\r\n--b--",
            "multipart/form-data; boundary=b",
        ),
    ],
)
def test_a_name_is_private_wherever_a_caller_alone_may_read_it(body: str, label: str) -> None:
    new = cleaned(cleaner(), body, label)
    assert "Kari" not in new.replace('"Kari"', "") and "Nordmann" not in new


def test_a_number_of_an_organisation_is_private_where_it_stands_alone() -> None:
    one = cleaner()
    new = value(one, COMPANY, "Unheard")
    assert new != COMPANY and value(one, int(COMPANY), "Other") == int(str(new))
    assert cleaned(one, f'{{"_links": {{"o": {{"href": "/organizations/{COMPANY}"}}}}}}').endswith(f'/{new}"}}}}}}')


@pytest.mark.parametrize(
    ("whose", "form", "stays"),
    [
        (Organisations.NONE, "AS", True),
        (Organisations.ALL, "AS", False),
        (Organisations.SOLE_PROPRIETORS, "AS", True),
        (Organisations.SOLE_PROPRIETORS, "ENK", False),
        (Organisations.SOLE_PROPRIETORS, "", False),
    ],
)
def test_whose_organisation_numbers_are_private_is_for_the_profile_to_say(
    whose: Organisations, form: str, stays: bool
) -> None:
    one = cleaner(organisations=whose)
    body = {"OrganizationNumber": COMPANY, **({"OrganizationForm": form} if form else {})}
    assert (COMPANY in cleaned(one, json.dumps(body))) is stays


def test_texts_stay_where_the_profile_says_so_but_what_is_private_in_them_does_not() -> None:
    one = cleaner(texts=False)
    new = cleaned(one, json.dumps({"Subject": f"Brev til {PERSON}", "Name": "Kari Nordmann", "X": "Unheard"}))
    assert "Brev til" in new and "Unheard" in new and PERSON not in new and "Kari" not in new


def test_a_document_is_of_the_same_length_and_another_for_another() -> None:
    one = cleaner()
    say = [
        one.response(probe(type_="AttachmentData"), response(body, "application/pdf")).body
        for body in (b"%PDF-1.4 Kari \x00\xff", b"%PDF-1.4 Ola  \x00\xff", b"%PDF-1.4 Kari \x00\xff")
    ]
    assert say[0] == say[2] != say[1] and b"Kari" not in say[0] and len(say[0]) == 16
    text = one.response(probe(type_="AttachmentData"), response('{"a": 1.5e3, "b": "Kari"}', "application/json")).body
    assert json.loads(text) and b"Kari" not in text


# Errors, header fields, failures


def test_an_error_keeps_its_words_but_for_those_that_were_seen_to_be_private() -> None:
    one = cleaner()
    name, mail = str(value(one, "Kari Nordmann")), str(value(one, "kari@firma.no", "Email"))
    said = cleaned(one, '{"Message": "KARI_NORDMANN (Kari%20Nordmann, kari@firma.no) has no Karinord"}', status=403)
    assert said == f'{{"Message": "{name.upper().replace(" ", "_")} ({quote(name)}, {mail}) has no Karinord"}}'


def test_of_two_names_that_were_seen_the_longer_counts() -> None:
    one = cleaner()
    short, long = value(one, "Kari Nordmann"), value(one, "Kari Nordmann Hansen")
    assert cleaned(one, '"Kari Nordmann Hansen og Kari Nordmann"', status=403) == f'"{long} og {short}"'


def test_an_error_about_what_anybody_may_read_may_speak_of_somebody() -> None:
    one = cleaner()
    name = value(one, "Kari Nordmann")
    type_ = next(name for name, row in CONTRACT.types.items() if row.access is Access.OPEN)
    assert cleaned(one, '"not for Kari Nordmann"', status=500, type_=type_) == f'"not for {name}"'


def test_a_name_that_became_the_name_of_a_member_is_private_even_after_an_error_had_it() -> None:
    one = cleaner()
    cleaned(one, '{"Kari Nordmann": 1}', status=404)
    assert "Kari" not in cleaned(one, '{"Kari Nordmann": 1}')


SESSION = "0a1b2c3d4e5f6a7b8c9d"


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("Set-Cookie", f"ASP.NET_SessionId={SESSION}; path=/; HttpOnly", "ASP.NET_SessionId=removed; path=/; HttpOnly"),
        (
            "Set-Cookie",
            "a=b=c; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
            "a=removed; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
        ),
        ("Set-Cookie", f"a=1; path=/, b={SESSION}; path=/", "a=removed; path=/, b=removed; path=/"),
        ("Set-Cookie", "a=; Max-Age=0", "a=; Max-Age=0"),
        ("set-cookie", SESSION, "removed"),
        ("ApiKey", SESSION, "removed"),
        ("Authorization", f"Bearer {SESSION}", "removed"),
        ("X-Api-Key", "short", "removed"),
        ("X-Csrf-Token", "short", "removed"),
        ("X-Altinn-EnterpriseUser-Authentication", "a2FyaTprYXJp", "removed"),
        ("Access-Control-Allow-Origin", "https://kari@firma.no", "https://kari@firma.no"),
        ("Content-Type", "application/hal+json; charset=utf-8", "application/hal+json; charset=utf-8"),
        ("Vary", "Accept, Origin", "Accept, Origin"),
        ("X-Gateway-Version", "Granite 2", "Granite 2"),
    ],
)
def test_a_header_field_keeps_what_is_nobodys(name: str, text: str, left: str) -> None:
    found = cleaner().response(probe(), Response(200, ((name, text),), b"{}", b"OK"))
    assert found.headers == ((name, left),)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("X-Altinn-UserName", "Nordmann"),
        ("X-Display-Name", "Kari Nordmann"),
        ("Content-Disposition", 'attachment; filename="Kari; Nordmann.pdf"'),
        ("Content-Disposition", "attachment; filename=Nordmann.pdf; filename*=UTF-8''Kari%20Nordmann%C3%B8.pdf"),
        ("Content-Type", 'application/pdf; name="Kari Nordmann.pdf"'),
        ("Location", "/api/x?name=Kari+Nordmann"),
        ("Link", '</api/x?userName=Nordmann>; rel="next"'),
    ],
)
def test_a_header_field_tells_no_name(name: str, text: str) -> None:
    ((_, new),) = cleaner().response(probe(), Response(200, ((name, text),), b"{}", b"OK")).headers
    assert "Kari" not in new and "Nordmann" not in new and len(new) == len(text)


def test_a_word_of_the_protocol_that_is_also_a_subject_stays() -> None:
    one = cleaner()
    cleaned(one, '{"Subject": "Application", "Summary": "Forbidden", "Body": "Gzip, br", "Name": "Correspondence"}')
    said = one.response(
        probe(),
        Response(403, (("Content-Type", "application/json"), ("Vary", "Accept-Encoding")), b"", b"Forbidden"),
    )
    assert said.reason == b"Forbidden" and said.first("Content-Type") == "application/json"
    links = cleaned(one, '{"_links": {"self": {"href": "/api/metadata/Correspondence/5682"}}}')
    assert "/metadata/Correspondence/5682" in links
    assert {each.value for each in one.known()} & {"Application", "Forbidden"} == set()


@pytest.mark.parametrize(
    "text", ["Response", "credentials", "Interactions", "MessageList", "Correspondence", "Portalview", "Reportees"]
)
def test_a_subject_that_is_a_word_of_ours_keeps_no_recording_from_being_written(text: str) -> None:
    one = cleaner()
    assert text not in cleaned(one, json.dumps({"Subject": text})) and not list(one.known())


def test_a_cookie_of_the_target_is_removed_where_it_is_echoed() -> None:
    one = cleaner()
    one.response(probe(), response("{}", Set_Cookie=f"s={SESSION}; path=/"))
    assert SESSION not in cleaned(one, f'{{"Message": "session {SESSION} is over"}}', status=500)
    assert SESSION in {each.value for each in one.known()}


@pytest.mark.parametrize("codec", ["utf-8", "latin-1"])
def test_a_reason_phrase_keeps_its_character_set(codec: str) -> None:
    one = cleaner()
    name = str(value(one, "Bjørn Åsen"))
    said = one.response(probe(), Response(404, (), b"", "Fant ikke Bjørn Åsen".encode(codec))).reason
    assert said == f"Fant ikke {name}".encode(codec)


def test_a_failure_and_what_had_come_by_then_are_cleaned() -> None:
    one = cleaner()
    part = Response(200, (("Content-Type", HAL_JSON),), b'{"Name": "Kari Nordm', b"OK")
    said = one.failure(probe(), Failure(Stage.FRAMING, f"closed after {PERSON}", part))
    assert PERSON not in said.because and said.response is not None and b"Kari" not in said.response.body


def test_a_credential_of_the_run_leaves_a_number_of_json_a_number() -> None:
    assert json.loads(cleaned(cleaner("12345678"), '{"X": 12345678, "Y": "12345678"}')) == {"X": 0, "Y": "removed"}


def test_what_is_known_is_every_value_that_was_replaced_and_how_often() -> None:
    one = cleaner("secret-of-the-run")
    cleaned(one, json.dumps({"Name": "Kari Nordmann", "SocialSecurityNumber": PERSON, "ServiceCode": "4481"}))
    assert {(each.kind, each.value) for each in one.known()} == {
        (Private.NAME, "Kari Nordmann"),
        (Private.NATIONAL_ID, PERSON),
        (Private.CREDENTIAL, "secret-of-the-run"),
    }
    assert one.counts() == {Private.NAME: 1, Private.NATIONAL_ID: 1}
    assert PERSON not in one.issued() and len(one.issued()) == 2


def test_a_name_that_is_said_openly_is_nobodys_secret_however_it_is_spelled() -> None:
    one = cleaner()
    cleaned(one, '{"Name": "SKATTEETATEN oslo", "ServiceOwner": "Skatteetaten, Oslo"}')
    assert [each.value for each in one.known()] == []


# Out again

SEGMENTS = st.one_of(
    st.sampled_from(
        [PERSON, PERSON[1:], f"{PERSON[:6]}%20{PERSON[6:]}", f"%30{PERSON[1:]}", NOBODY, COMPANY, f"r{COMPANY}", BANK]
    ),
    st.sampled_from(["kari@firma.no", "kari%40firma.no", "Kari@firma.no", "KARI@firma.no", "bj%C3%B8rn@firma.no"]),
    st.sampled_from(
        ["Kari.Nordmann", "kari", "OLA", "bj%c3%b8rn", "4481", "my", "a1507495", "R%26D", "100%", "%ff", "+"]
    ),
    st.sampled_from([base64.b64encode(PERSON.encode()).decode().rstrip("="), PERSON.encode().hex(), f"_{PERSON}_"]),
    st.sampled_from(["3f2504e0-4f89-41d3-9a0c-0305e82c3301", f"{PERSON},{NOBODY}", "{id}", "ø", ":", "~a.b"]),
    st.text("abcæ019%@.'-_+ ", max_size=12).map(lambda text: text.replace(" ", "%20")),
)
LITERALS = st.sampled_from(["Kari Nordmann", "O'Hara", "Kari", PERSON, "4481", "kari@firma.no", "bjørn", "true", ""])
TERMS = st.builds(
    lambda name, text, code: quote(f"{name} eq '{text.replace(chr(39), chr(39) * 2)}'", safe="$'()" if code else ""),
    st.sampled_from(["Name", "Subject", "ServiceCode", "SocialSecurityNumber", "MessageId"]),
    LITERALS,
    st.booleans(),
)
PARAMETERS = st.tuples(
    st.sampled_from(["code", "name", "email", "fnr", "$top", "language", "userName", "q", "token", "postCode"]),
    SEGMENTS | TERMS,
)


@st.composite
def urls(draw: st.DrawFn) -> str:
    path = "/".join(["organizations" if draw(st.booleans()) else "my", *draw(st.lists(SEGMENTS, max_size=4))])
    query = "&".join(
        [
            *("=".join(one) for one in draw(st.lists(PARAMETERS, max_size=3))),
            *(f"$filter={one}" for one in draw(st.lists(TERMS, max_size=1))),
        ]
    )
    return f"{ROOT}/{path}{'?' if query else ''}{query}"


BEFORE = json.dumps({"UserName": "Kari.Nordmann", "Name": "Kari Nordmann", "Subject": "bjørn", "PostCode": "4481"})
MORE = json.dumps({"UserName": "bjørn", "PostCode": "4482", "Mobile": "91234567", "City": "find"})


@given(st.lists(urls(), min_size=1, max_size=6), st.booleans())
@settings(max_examples=200)
def test_a_link_that_is_followed_leads_where_the_target_meant(links: list[str], seen: bool) -> None:
    one = cleaner()
    if seen:
        cleaned(one, BEFORE)
        cleaned(one, MORE, type_="EnterpriseUser")
    body = json.dumps({"_links": {f"l{at}": {"href": url} for at, url in enumerate(links)}})
    new = [link["href"] for link in json.loads(cleaned(one, body))["_links"].values()]
    asked = [one.restored(Probe("read", url)).url for url in new]
    # Two spellings of one address of mail in one run may go out as one of them.
    assert list(map(unquote, asked)) == list(map(unquote, links))


@given(SEGMENTS | TERMS, st.sampled_from(["/", "?code=", "?fnr=", "/organizations/", "?$filter="]))
def test_a_piece_of_a_link_goes_back_as_it_was_written(piece: str, before: str) -> None:
    one = cleaner()
    url = f"{ROOT}{before}{piece}"
    new = json.loads(cleaned(one, json.dumps({"_links": {"self": {"href": url}}})))["_links"]["self"]["href"]
    assert one.restored(Probe("read", new)).url == url


@given(urls())
def test_a_link_is_the_same_in_every_format(url: str) -> None:
    one = cleaner()
    in_json = json.loads(cleaned(one, json.dumps({"_links": {"self": {"href": url}}})))["_links"]["self"]["href"]
    for mark in "'\"":
        written = html.escape(url, quote=False).replace(mark, f"&#{ord(mark)};")
        body = cleaned(one, f"<resource rel={mark}self{mark} href={mark}{written}{mark}/>", HAL_XML)
        assert etree.fromstring(body.encode()).get("href") == in_json


@pytest.mark.parametrize("name", ["Name", "Subject", "UserName", "SocialSecurityNumber", "Email"])
@pytest.mark.parametrize("text", ["Kari Nordmann", "O'Hara", PERSON, "kari@firma.no", "bjørn & co", "4481"])
def test_what_a_filter_of_ours_compares_is_what_the_target_knows(name: str, text: str) -> None:
    one = cleaner()
    new = str(value(one, text, name))
    asked = {
        pseudo: quote(f"{name} eq '{pseudo.replace(chr(39), chr(39) * 2)}'", safe="$'()") for pseudo in (text, new)
    }
    url = f"{ROOT}/my/messages?$filter="
    assert unquote(one.restored(Probe("read", url + asked[new])).url) == unquote(url + asked[text])


def test_an_id_of_the_target_that_equals_a_pseudonym_is_left_alone() -> None:
    one = cleaner()
    code = value(one, "0150", "PostCode")
    for url in (
        f"{ROOT}/metadata/formtask/{code}/1",
        f"{ROOT}/x?$filter=ServiceCode eq '{code}'",
        f"{ROOT}/x?c={code}",
    ):
        assert one.restored(Probe("read", url)).url == url


def test_a_header_field_of_a_probe_says_what_the_target_knows() -> None:
    one = cleaner()
    new = str(value(one, PERSON, "SocialSecurityNumber"))
    asked = one.restored(probe(headers=(("X-Who", new), ("Accept", HAL_JSON))))
    assert asked.headers == (("X-Who", PERSON), ("Accept", HAL_JSON))


def test_what_the_target_echoes_of_what_we_asked_is_cleaned_to_what_we_asked() -> None:
    one = cleaner()
    new = str(value(one, PERSON, "SocialSecurityNumber"))
    asked = one.restored(Probe("read", f"{ROOT}/{new}/messages"))
    body = json.dumps({"_links": {"self": {"href": asked.url}}})
    assert json.loads(cleaned(one, body))["_links"]["self"]["href"] == f"{ROOT}/{new}/messages"


def test_a_pseudonym_that_comes_from_the_target_is_a_number_like_any_other() -> None:
    # A synthetic number of a test environment may be what stands for somebody else: only the table tells.
    one = cleaner()
    new = str(value(one, PERSON, "SocialSecurityNumber"))
    again = str(value(one, new, "SocialSecurityNumber"))
    assert again not in (new, PERSON)
    mail = str(value(one, "kari@firma.no", "Email"))
    assert str(value(one, mail, "Email")).endswith("@example.invalid") and value(one, mail, "Email") != mail


def test_no_pseudonym_of_a_text_looks_like_somebodys_number() -> None:
    one, look = cleaner(), Patterns(Pseudonyms(KEY), lambda _: True, lambda _: ())
    for number in range(2_000):
        text = f"sak {number:04d}0000000 av +47{number:09d}"
        if not look.edits(text):
            new = str(value(one, text, "Subject"))
            assert look.edits(new) == (), text


def test_a_document_holds_no_number_by_chance() -> None:
    body = b"%PDF-1.4 \x00" + bytes(200_000)
    said = cleaner().response(probe(type_="AttachmentData"), response(body, "application/pdf")).body
    assert len(said) == len(body) and not re.search(rb"[0-9]{3}", said)


def test_a_later_life_goes_on_with_the_pseudonyms_and_links_of_the_earlier_one() -> None:
    one, two = cleaner(), cleaner()
    body = json.dumps(
        {"Name": "Kari Nordmann", "_links": {"self": {"href": f"{ROOT}/x?code=Kari%2fN&fnr=%30{PERSON[1:]}"}}}
    )
    new = cleaned(one, body)
    two.take_back(Pair.of(pair.kind, pair.kept(), pair.pseudonym) for pair in one.fresh())
    assert cleaned(two, body) == new
    url = json.loads(new)["_links"]["self"]["href"]
    assert two.restored(Probe("read", url)).url == json.loads(body)["_links"]["self"]["href"]
    assert not any(pair.value == PERSON for pair in two.fresh())


def test_a_kind_of_person_shows_in_the_pseudonym() -> None:
    one = cleaner()
    for day, month in ((1, 1), (41, 1), (1, 41), (41, 66), (12, 81)):
        old = national(day, month, 77, 200)
        new = str(value(one, old, "SocialSecurityNumber"))
        assert (int(new[0]) > 3) == (day > 40) and int(new[2:4]) > 80
