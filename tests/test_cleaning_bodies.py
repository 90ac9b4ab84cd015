"""Bodies are cut, not parsed: each leaf is seen with its names, and all that is no leaf stays, mistakes included."""

import codecs
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from cleaned import KEY
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from samsvar.logic.cleaning.bodies import Form, cleaned, filler, shape_of, text_of
from samsvar.logic.cleaning.edits import Edit
from samsvar.logic.cleaning.json_bodies import Leaf, cleaned_json
from samsvar.logic.cleaning.pseudonyms import Pseudonyms
from samsvar.logic.cleaning.xml_bodies import cleaned_xml, within


def leaves(walk: Callable[..., str], text: str, **more: bool) -> list[Leaf]:
    found: list[Leaf] = []

    def clean(leaf: Leaf) -> tuple[Edit, ...]:
        found.append(leaf)
        return ()

    assert walk(text, clean, **more) == text
    return found


def said(walk: Callable[..., str], text: str, **more: bool) -> dict[str, str]:
    return {leaf.name: leaf.text for leaf in leaves(walk, text, **more) if not leaf.member}


def other(letter: str) -> str:
    """Another letter of the same kind."""
    if letter.isascii() and letter.isdigit():
        return "7"
    if letter > "\uffff":
        return letter
    return ("ø" if not letter.isascii() else "Q" if letter.isupper() else "q") if letter.isalnum() else letter


def masked(leaf: Leaf) -> tuple[Edit, ...]:
    """Every letter and digit of a value replaced."""
    if leaf.member:
        return ()
    return (Edit(0, len(leaf.text), "".join(map(other, leaf.text))),)


# JSON

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)


@st.composite
def written(draw: st.DrawFn) -> str:
    """JSON in some style."""
    text = json.dumps(
        draw(documents), ensure_ascii=draw(st.booleans()), indent=draw(st.none() | st.integers(0, 3) | st.just("\t"))
    )
    return text.replace("/", "\\/") if draw(st.booleans()) else text


def mask(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: mask(each) for name, each in value.items()}
    if isinstance(value, list):
        return list(map(mask, value))
    return "".join(map(other, value)) if isinstance(value, str) else "number" if type(value) in (int, float) else value


@given(written())
def test_of_json_nothing_changes_but_values(text: str) -> None:
    strings = cleaned_json(text, lambda leaf: () if leaf.number else masked(leaf))
    assert mask(json.loads(strings)) == mask(json.loads(text))
    gaps = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
    assert gaps.sub('""', strings) == gaps.sub('""', text)


@given(written(), st.data())
def test_json_that_breaks_off_or_is_broken_comes_back_as_it_was(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    for broken in (text[:at], text[at:], text[:at] + data.draw(st.text(max_size=3)) + text[at:]):
        assert cleaned_json(broken, lambda leaf: ()) == broken
        assert len(cleaned_json(broken, masked)) == len(broken)


@given(st.text())
def test_what_is_no_json_loses_no_letter_between_its_tokens(text: str) -> None:
    new = cleaned_json(text, masked)
    assert [one for one in text if not one.isalnum()] == [one for one in new if not one.isalnum()]


def test_a_value_of_json_is_seen_with_its_name_and_those_around_it() -> None:
    found = leaves(cleaned_json, '{"a": {"b": ["x", 1, {"c": true}], "d": null}, "e": "y"}')
    assert Leaf("x", "b", ("", "a", "b")) in found
    assert Leaf("1", "b", ("", "a", "b"), number=True) in found
    assert Leaf("y", "e", ("",)) in found
    assert [leaf.text for leaf in found if leaf.member] == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"a": "Kari\\', ["Kari\\"]),
        ('{"a": "Kari', ["Kari"]),
        ("{'a': 'Kari N'}", ["'Kari", "N'"]),
        ("[INFO] user Kari", ["INFO", "user", "Kari"]),
        ('{"a": 1}\n"Kari"', ["1", "Kari"]),
        ('{"a": 1}\n{"a": 2}', ["1", "2"]),
        ('"Kari" "Ola"', ["Kari", "Ola"]),
        ('{"a": "Kari" "Ola"}', ["Kari", "Ola"]),
        ('{"a": 1, "a": 2}', ["1", "2"]),
        ('{"a": 12kari}', ["12kari"]),
        ('callback({"a": "Kari"})', ["callback(", "Kari", ")"]),
        ('{"a": [["Kari"]], "b": NaN}', ["Kari", "NaN"]),
        ("true false null", []),
        ('{"a": "\\u00d8d\\u00e9 \\ud83d\\ude00"}', ["Ødé 😀"]),
        ('{"a": "\\q \\u00"}', ["\\q \\u00"]),
    ],
)
def test_a_value_is_seen_whatever_is_wrong_around_it(text: str, values: list[str]) -> None:
    assert [leaf.text for leaf in leaves(cleaned_json, text) if not leaf.member] == values


def test_escapes_of_json_stay_escapes() -> None:
    text = '{"a": "\\u00d8d\\u00C6\\n\\/x \\ud83d\\ude00"}'
    assert cleaned_json(text, masked) == '{"a": "\\u00f8q\\u00F8\\n\\/q \\ud83d\\ude00"}'


def test_only_the_nearest_names_of_a_deep_value_are_told() -> None:
    (leaf,) = [one for one in leaves(cleaned_json, '{"a":' * 5_000 + "1") if not one.member]
    assert len(leaf.above) < 100
    (leaf,) = leaves(cleaned_xml, "<a>" * 5_000 + "x")
    assert len(leaf.above) < 100


# XML

names = st.sampled_from(["a", "Name", "x:b", "resource"])
plain = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12)


@st.composite
def elements(draw: st.DrawFn, depth: int = 2) -> str:
    """An element in some style."""
    name, quote_ = draw(names), draw(st.sampled_from(["'", '"']))
    value = draw(plain).replace("&", "&amp;").replace("<", "&lt;").replace(quote_, f"&#{ord(quote_)};")
    inside = "".join(
        draw(
            st.lists(
                st.one_of(
                    plain.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")),
                    plain.map(lambda text: f"<![CDATA[{text.replace(']]>', '')}]]>"),
                    plain.map(lambda text: f"<!--{text.replace('-', '')}-->"),
                    plain.map(lambda text: "".join(f"&#{ord(one)};" for one in text)),
                    elements(depth - 1) if depth else st.just(" "),  # type: ignore[call-arg]
                ),
                max_size=4,
            )
        )
    )
    gap = draw(st.sampled_from([" ", "\n  "]))
    return f"<{name}{gap}c{draw(st.sampled_from(['=', ' = ']))}{quote_}{value}{quote_}>{inside}</{name}>"


def tree(text: str) -> Any:
    root = etree.fromstring(f'<r xmlns:x="urn:x">{text}</r>'.encode())
    return [
        (one.tag, sorted(one.attrib), "".join(map(other, one.text or "")), "".join(map(other, one.tail or "")))
        for one in root.iter()
        if isinstance(one.tag, str)
    ]


@given(elements())
def test_of_xml_nothing_changes_but_values(text: str) -> None:
    new = cleaned_xml(text, masked)
    assert tree(new) == tree(text)
    assert cleaned_xml(text, lambda leaf: ()) == text


@given(elements(), st.data())
def test_xml_that_breaks_off_or_is_broken_comes_back_as_it_was(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    for broken in (text[:at], text[at:], text[:at] + data.draw(st.text(max_size=3)) + text[at:]):
        assert cleaned_xml(broken, lambda leaf: ()) == broken
        assert cleaned_xml(broken, lambda leaf: (), page=True) == broken


@given(st.text())
def test_no_text_is_lost_as_xml(text: str) -> None:
    assert cleaned_xml(text, lambda leaf: ()) == text


def test_a_value_of_xml_is_one_whatever_it_is_cut_into() -> None:
    text = "<a><Name>Kari <![CDATA[& O]]><!-- x -->d&#233;<?p y?>n</Name></a>"
    assert said(cleaned_xml, text)["Name"] == "Kari & Odén"
    assert cleaned_xml(text, masked) == "<a><Name>Qqqq <![CDATA[& Q]]><!-- q -->q&#248;<?p q?>q</Name></a>"


def test_a_value_of_xml_is_seen_with_its_name_and_those_around_it() -> None:
    text = '<l><r:Names xmlns:r="urn:r"><string>Kari</string></r:Names><a B:c="d"/><e>f</e></l>'
    found = leaves(cleaned_xml, text)
    assert Leaf("Kari", "Names", ("l",)) in found
    assert Leaf("d", "c", ("l", "<a>")) in found and Leaf("f", "e", ("l",)) in found


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('<!DOCTYPE a [<!ENTITY n "Kari">]><a>x</a>', ["DOCTYPE a [", ' n "Kari"', "]>", "x"]),
        ("<a>Kari</a", ["Kari"]),
        ("<a>Kari</", ["Kari</"]),
        ("<a>Kari", ["Kari"]),
        ('<a b="Kari', ['<a b="Kari']),
        ("<a b='x'>Kari</c>Ola", ["x", "Kari", "Ola"]),
        ("<?xml version='1.0'?><?p Kari?><a/>", [" Kari"]),
        ("<!--Kari", ["Kari"]),
        ("<![CDATA[Kari", ["Kari"]),
        ("<a><b></b>Kari</a>", ["Kari"]),
        ("<a>&unknown; Kari &</a>", ["& Kari &"]),
        ("<a>1 < 2 Kari</a>", ["1 < 2 Kari"]),
    ],
)
def test_a_value_of_xml_is_seen_whatever_is_wrong_around_it(text: str, values: list[str]) -> None:
    assert [leaf.text for leaf in leaves(cleaned_xml, text)] == values


def test_the_declaration_of_xml_and_its_namespaces_are_no_values() -> None:
    assert leaves(cleaned_xml, '<?xml version="1.0" encoding="utf-8"?>\n<a xmlns="urn:a" xmlns:b=\'c\'/>') == []


def test_an_element_of_a_page_may_lack_its_end() -> None:
    found = leaves(cleaned_xml, '<p>a<br>b</p><img alt="c"><Name>d</Name>', page=True)
    assert Leaf("d", "Name", ()) in found


@pytest.mark.parametrize(
    ("edit", "left"),
    [
        (Edit(2, 6, "wxyz"), [Edit(2, 3, "w"), Edit(0, 3, "xyz")]),
        (Edit(2, 6, "w"), [Edit(2, 3, "w"), Edit(0, 3, "")]),
    ],
)
def test_an_edit_of_a_value_in_pieces_is_shared_among_them(edit: Edit, left: list[Edit]) -> None:
    assert [within(edit, 0, 3), within(edit, 3, 3)] == left


# Forms and characters


@pytest.mark.parametrize(
    ("label", "body", "form"),
    [
        ("application/hal+json", b'{"a":1}', Form.JSON),
        ("", b"\xef\xbb\xbf [1]", Form.JSON),
        ("application/json", b"Kari", Form.JSON),
        ("text/plain", b"<a/>", Form.XML),
        ("application/json", b"<html><p>", Form.HTML),
        ("text/html; charset=x", b"<p>", Form.HTML),
        ("application/xml", b"Kari", Form.XML),
        ("text/plain", b"Kari", Form.TEXT),
        ("", b"Kari", Form.TEXT),
        ("application/pdf", b"%PDF-1.4 Kari", Form.OPAQUE),
        ("", b"PK\x03\x04Kari", Form.OPAQUE),
        ("", b"\xff\xd8\xff\xe0\x10Kari", Form.OPAQUE),
        ("application/octet-stream", b"Bj\xf8rn", Form.OPAQUE),
        ("text/csv", b"Bj\xf8rn;1", Form.TEXT),
        ("", b"Kari\0\0\0", Form.OPAQUE),
        ("", "{}".encode("utf-16"), Form.JSON),
    ],
)
def test_a_body_is_read_as_what_it_looks_like_else_as_what_it_is_called(label: str, body: bytes, form: Form) -> None:
    assert shape_of(label, body) is form


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_characters_become_the_same_bytes_again(codec: str) -> None:
    body = '{"Name": "Bjørn"}'.encode(codec)
    found = text_of("", body)
    assert found is not None and found.text.encode(found.codec, found.errors) == body
    assert "Bjørn" in found.text


@given(st.binary(), st.sampled_from(["", "text/plain; charset=iso-8859-1", "application/json; charset=utf-16"]))
def test_any_bytes_are_read_or_are_none(body: bytes, declared: str) -> None:
    found = text_of(declared, body)
    assert found is None or found.text.encode(found.codec, found.errors) == body


def test_letters_in_a_narrow_set_are_letters_even_when_nothing_says_so() -> None:
    found = text_of("", "Bjørn Åse, blåbær".encode("latin-1"))
    assert found is not None and "Bjørn" in found.text


def test_utf_8_that_breaks_off_is_still_utf_8() -> None:
    found = text_of("", "Bjørn Åse, blåbær".encode()[:-2])
    assert found is not None and "Bjørn" in found.text and found.codec == "utf-8"


def test_a_mark_of_byte_order_stays() -> None:
    body = codecs.BOM_UTF8 + b'{"a": "b"}'
    found = text_of("", body)
    assert found is not None and cleaned(Form.JSON, found.text, masked).encode().startswith(codecs.BOM_UTF8)


def test_filler_is_as_long_and_differs_where_what_it_stands_for_does() -> None:
    table = Pseudonyms(KEY)
    one, two = (filler(b"%PDF-1.4\n", body, table) for body in (b"%PDF-1.7 Kari", b"%PDF-1.7 Oley"))
    assert len(one) == 13 and one.startswith(b"%PDF-1.4\n") and one != two
    assert filler(b"%PDF-1.4\n", b"%PDF-", table) == b"%PDF-"
