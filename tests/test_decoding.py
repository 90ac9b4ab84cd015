"""Bodies in the four formats become resources, and bodies that are not what they claim say why."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samsvar.logic.decoding import bare_media_type, decode, decoder_of
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, JSON, XML
from samsvar.model.resource import Kind, Link, Malformed, Record, Resource, Scalar, Sequence

SHARED = Path(__file__).resolve().parents[2] / "shared"


def read(media_type: str, body: str | bytes, charset: str | None = None) -> Resource:
    resource = decode(media_type, body.encode() if isinstance(body, str) else body, charset)
    assert isinstance(resource, Resource), resource
    return resource


def refused(media_type: str, body: str | bytes, charset: str | None = None) -> str:
    """The layer at which a body is refused."""
    malformed = decode(media_type, body.encode() if isinstance(body, str) else body, charset)
    assert isinstance(malformed, Malformed), malformed
    assert malformed.because
    return malformed.layer


def codes(resource: Resource) -> list[str]:
    return [oddity.code for oddity in resource.oddities]


# Media types


@pytest.mark.parametrize(
    ("field", "bare"),
    [
        (None, ("", None)),
        ("", ("", None)),
        ("application/HAL+json", ("application/hal+json", None)),
        ("application/json;charset=utf-8", ("application/json", "utf-8")),
        ('text/xml ; profile="a;b"; Charset="UTF-8"; v=1', ("text/xml", "UTF-8")),
        ("application/json; charset='utf-8'", ("application/json", "utf-8")),
        ("application/json; charset=", ("application/json", None)),
    ],
)
def test_a_content_type_is_read_without_case_and_with_any_parameters(
    field: str | None, bare: tuple[str, str | None]
) -> None:
    assert bare_media_type(field) == bare


@pytest.mark.parametrize(
    "media_type", ["text/json", "application/problem+json", "application/vnd.x.hal+xml", "text/xml"]
)
def test_a_relative_of_a_format_is_read_as_its_family(media_type: str) -> None:
    assert decoder_of(media_type)


@pytest.mark.parametrize("media_type", ["", "application/pdf", "text/html", "json", "application/xhtml"])
def test_a_body_of_another_type_is_no_data(media_type: str) -> None:
    assert refused(media_type, "{}") == "type"


# JSON


def test_numbers_keep_every_digit_as_written() -> None:
    body = '{"a": 1.10, "b": 12345678901234567890123, "c": 1E400, "d": -0}'
    members = dict(read(JSON, body).properties.members)
    assert members == {
        "a": Scalar("1.10", Kind.NUMBER),
        "b": Scalar("12345678901234567890123", Kind.NUMBER),
        "c": Scalar("1E400", Kind.NUMBER),
        "d": Scalar("-0", Kind.NUMBER),
    }
    assert read(JSON, '{"a": ' + "9" * 5000 + "}").text("a") == "9" * 5000


def test_json_shows_the_kind_of_each_value() -> None:
    resource = read(JSON, '{"t": "x", "f": false, "n": null, "l": [1, "2"], "o": {"p": true}}')
    assert dict(resource.properties.members) == {
        "t": Scalar("x", Kind.TEXT),
        "f": Scalar("false", Kind.BOOLEAN),
        "n": Scalar("", Kind.NULL),
        "l": Sequence((Scalar("1", Kind.NUMBER), Scalar("2", Kind.TEXT))),
        "o": Record((("p", Scalar("true", Kind.BOOLEAN)),)),
    }


@pytest.mark.parametrize(
    "body",
    [
        "",
        "  ",
        "{",
        '{"a": 1,}',
        "{'a': 1}",
        '{"a": 1} {"b": 2}',
        '{"a": 1} x',
        '{"a": NaN}',
        "[Infinity]",
        "[-Infinity]",
        "[01]",
        "[+1]",
        "[.5]",
        "[0x1]",
        '{"a": 1, "a": 1}',
        '{"a": 1, "\\u0061": 2}',
        '{"x": [{"b": 1, "b": 2}]}',
        '["\\ud800"]',
        '{"\\udc00": 1}',
        '["a\tb"]',
        '["a\nb"]',
        "// no\n{}",
        "\ufeff\ufeff{}",
        "<a/>",
    ],
)
def test_what_is_not_strict_json_is_refused(body: str) -> None:
    assert refused(JSON, body) == "json"
    assert refused(HAL_JSON, body) == "json"


def test_a_surrogate_pair_is_a_character() -> None:
    assert read(JSON, '{"a": "\\ud83d\\ude00"}').text("a") == "\U0001f600"


@pytest.mark.parametrize("body", ["[" * 65, '{"a":' * 65 + "1" + "}" * 65, "[" * 100_000, '{"a":[' * 50_000])
def test_json_that_is_nested_too_deep_is_refused_before_it_is_parsed(body: str) -> None:
    assert refused(JSON, body) == "limit"


def test_json_of_64_levels_is_read_and_brackets_in_texts_are_no_levels() -> None:
    read(JSON, "[" * 64 + "]" * 64)
    assert read(JSON, json.dumps({"a": "[{" * 1000})).text("a") == "[{" * 1000


def test_json_of_too_many_values_is_refused_but_commas_in_texts_are_no_values() -> None:
    assert refused(JSON, "[" + "1," * 500_000 + "1]") == "limit"
    read(JSON, json.dumps({"a": "," * 500_001}))


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (b'{"a": "\xc0\xaf"}', None),
        (b'{"a": "\x80"}', None),
        (b'{"a": "\xed\xa0\x80"}', None),
        ('{"a": "ø"}'.encode("latin-1"), None),
        ('{"a": "ø"}'.encode("latin-1"), "iso-8859-1"),
        ('{"a": "ø"}'.encode(), "iso-8859-1"),
        ('{"a": "ø"}'.encode(), "us-ascii"),
        ('{"a": "ø"}'.encode("utf-16"), None),
        ('{"a": "ø"}'.encode("utf-16"), "utf-8"),
        ('{"a": "ø"}'.encode("utf-16"), "utf-16be"),
        (b"{}", "utf-7"),
        (b"{}", "klingon"),
    ],
)
def test_json_whose_bytes_are_not_what_its_charset_says_is_refused(body: bytes, charset: str | None) -> None:
    assert refused(JSON, body, charset) == "charset"


@pytest.mark.parametrize(
    ("encoding", "charset"),
    [("utf-8", None), ("utf-8", "UTF-8"), ("utf-8", "utf8"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16")],
)
def test_json_in_the_charset_that_it_names_is_read(encoding: str, charset: str | None) -> None:
    assert read(JSON, '{"a": "ø"}'.encode(encoding), charset).text("a") == "ø"


def test_ascii_is_ascii_in_any_charset() -> None:
    assert read(JSON, b'{"a": "o"}', "iso-8859-1").text("a") == "o"


def test_a_byte_order_mark_before_json_is_read_and_noted() -> None:
    assert codes(read(JSON, b"\xef\xbb\xbf{}")) == ["bom"]


@given(st.binary(max_size=60), st.sampled_from(FORMATS), st.sampled_from([None, "utf-8", "utf-16", "iso-8859-1", "x"]))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_a_resource_or_malformed(body: bytes, media_type: str, charset: str | None) -> None:
    assert isinstance(decode(media_type, body, charset), Resource | Malformed)


MARKUP = st.sampled_from(
    ["{", "}", "[", "]", ",", ":", '"_links"', '"_embedded"', '"href"', '"a"', "1", "null", "true"],
) | st.sampled_from(
    [
        "<resource>",
        "</resource>",
        "<link",
        "<link/>",
        " rel='a'",
        " href='b'",
        ">",
        "/>",
        "<a>",
        "</a>",
        "<_embedded>",
        "</_embedded>",
        "<links>",
        "</links>",
        "x",
        "<ArrayOfA>",
        "</ArrayOfA>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
    ],
)


@given(st.lists(MARKUP, max_size=14).map("".join), st.sampled_from(FORMATS))
@settings(max_examples=100, deadline=None)
def test_any_markup_is_a_resource_or_malformed(body: str, media_type: str) -> None:
    assert isinstance(decode(media_type, body.encode()), Resource | Malformed)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["_links", "_embedded", "href", "self", "Rel", "a"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSONS, st.sampled_from([JSON, HAL_JSON]))
@settings(max_examples=100, deadline=None)
def test_any_json_is_a_resource_however_odd_its_links_are(value: object, media_type: str) -> None:
    read(media_type, json.dumps(value))


# HAL+JSON


def test_links_are_gathered_with_where_they_stand() -> None:
    resource = read(
        HAL_JSON,
        '{"_links": {"self": {"href": "/1"}, "form": [{"href": "/f/1", "name": "a"}, {"href": "/f/2"}]},'
        ' "Forms": [{"Id": 1, "_links": {"schema": {"href": "/x"}}}]}',
    )
    assert [(link.rel, link.href, link.node) for link in resource.links] == [
        ("self", "/1", "_links/self"),
        ("form", "/f/1", "_links/form[0]"),
        ("form", "/f/2", "_links/form[1]"),
        ("schema", "/x", "Forms[0]/_links/schema"),
    ]
    assert resource.properties == Record((("Forms", Sequence((Record((("Id", Scalar("1", Kind.NUMBER)),)),))),))


def test_altinn_spellings_of_link_members_are_read_and_noted() -> None:
    resource = read(
        HAL_JSON,
        '{"_links": {"find": {"href": "/{id}", "isTemplated": true}, "print": {"href": "/p", "mime-type": "a/b"},'
        ' "attachment": [{"href": "/a", "fileName": "a.txt", "encrypted": false, "filesize": 16027, "title": null}]}}',
    )
    find, printed, attachment = resource.links
    assert find.templated
    assert printed.attribute("type") == "a/b"
    assert attachment.attributes == (("filename", "a.txt"), ("encrypted", "false"), ("filesize", "16027"))
    assert codes(resource) == ["isTemplated", "mime-type"]


def test_raw_link_objects_are_read_and_noted() -> None:
    resource = read(
        JSON,
        '{"RoleId": 1, "_links": [{"Rel": "roledefinition", "Href": "/85", "Title": null, "MimeType": null,'
        ' "IsTemplated": false, "FileSize": 0}]}',
    )
    (link,) = resource.links
    assert (link.rel, link.href, link.templated, link.node) == ("roledefinition", "/85", False, "_links/roledefinition")
    assert "raw-links" in codes(resource)
    assert resource.properties.get("_links") is None


def test_a_link_written_as_text_is_read_and_noted() -> None:
    resource = read(HAL_JSON, '{"_links": {"self": "/1"}}')
    assert resource.links == (Link("self", "/1", node="_links/self"),)
    assert codes(resource) == ["string-link"]


@pytest.mark.parametrize(
    "links",
    [
        '{"self": {}}',
        '{"self": {"href": null}}',
        '{"self": {"href": 1}}',
        '{"self": {"href": {"x": 1}}}',
        '{"self": 5}',
        '{"self": null}',
        '{"self": [[]]}',
        '"self"',
        "7",
        '[{"Href": "/1"}]',
        "[3]",
    ],
)
def test_a_broken_link_is_a_link_that_says_what_is_wrong(links: str) -> None:
    (link,) = read(HAL_JSON, f'{{"_links": {links}}}').links
    assert link.broken


def test_embedded_resources_are_grouped_by_relation() -> None:
    resource = read(
        HAL_JSON, '{"_embedded": {"messages": [{"Id": "a"}, {"Id": "b"}], "owner": {"Name": "c"}, "none": null}}'
    )
    assert [(rel, len(group)) for rel, group in resource.embedded] == [("messages", 2), ("owner", 1), ("none", 0)]
    assert [each.text("Id") for each in resource.embedded[0][1]] == ["a", "b"]


def test_a_property_that_is_a_hal_list_of_its_own_is_embedded_under_its_name() -> None:
    resource = read(
        HAL_JSON, '{"Roles": {"_links": {"self": {"href": "/r"}}, "_embedded": {"roles": [{"RoleId": 1}]}}}'
    )
    ((name, (roles,)),) = resource.embedded
    assert name == "Roles"
    assert roles.link("self")
    assert roles.embedded[0][1][0].text("RoleId") == "1"


# Plain JSON


def test_plain_json_is_an_object_a_list_or_a_value() -> None:
    assert read(JSON, '{"a": 1}').elements is None
    assert [each.text("a") for each in read(JSON, '[{"a": 1}, {"a": 2}]').elements or ()] == ["1", "2"]
    assert read(JSON, "[]").elements == ()
    assert read(JSON, '"eyJ"').scalar == Scalar("eyJ", Kind.TEXT)


def test_links_in_plain_json_are_read_and_noted() -> None:
    resource = read(JSON, '{"a": 1, "_links": {"self": {"href": "/1"}}}')
    assert resource.link("SELF")
    assert codes(resource) == ["links-in-plain"]
    assert resource.properties == Record((("a", Scalar("1", Kind.NUMBER)),))


# XML


def test_structure_that_means_nothing_is_not_read() -> None:
    plain = read(XML, "<T><A>x&lt;y</A><B>  two </B></T>")
    noisy = read(
        XML,
        '<?xml version="1.0"?><!-- c --><p:T xmlns:p="urn:x" xmlns:q="urn:x" z="1">\n <q:A><![CDATA[x<]]>&#121;</q:A>'
        "<?pi?>\r\n\t<p:B>  t<!-- c -->w&#x6F; </p:B></p:T>",
    )
    assert noisy.properties == plain.properties
    assert plain.text("B") == "  two "


def test_xml_nil_is_null_and_an_empty_element_is_empty_text() -> None:
    resource = read(
        XML, '<T xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><A i:nil="true"/><B i:nil="1"/><C/></T>'
    )
    assert [node for _, node in resource.properties.members] == [
        Scalar("", Kind.NULL),
        Scalar("", Kind.NULL),
        Scalar("", Kind.UNTYPED),
    ]


def test_an_xml_element_with_children_is_left_untyped() -> None:
    one = Record((("RoleId", Scalar("1", Kind.UNTYPED)),), untyped=True)
    resource = read(XML, "<T><Roles><Role><RoleId>1</RoleId></Role></Roles></T>")
    assert resource.properties.get("Roles") == Record((("Role", one),), untyped=True)


def test_text_beside_child_elements_is_kept() -> None:
    assert read(XML, "<T><Body>see <b>this</b></Body></T>").properties.get("Body") == Record(
        (("b", Scalar("this", Kind.UNTYPED)), ("", Scalar("see ", Kind.UNTYPED))), untyped=True
    )


def test_plain_xml_is_an_object_a_list_or_a_value() -> None:
    assert read(XML, "<Message><A>1</A><A>2</A></Message>").elements is None
    assert [each.text("A") for each in read(XML, "<ArrayOfM><M><A>1</A></M></ArrayOfM>").elements or ()] == ["1"]
    assert [each.text("A") for each in read(XML, "<Ms><M><A>1</A></M><M><A>2</A></M></Ms>").elements or ()] == [
        "1",
        "2",
    ]
    assert read(XML, "<ArrayOfM/>").elements == ()
    assert [each.scalar for each in read(XML, "<ArrayOfstring><string>a</string></ArrayOfstring>").elements or ()] == [
        Scalar("a", Kind.UNTYPED)
    ]
    assert read(XML, '<string xmlns="urn:x">eyJ</string>').scalar == Scalar("eyJ", Kind.UNTYPED)
    assert read(XML, "<string/>").scalar == Scalar("", Kind.UNTYPED)
    assert read(XML, "<Message/>").scalar is None


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<a>",
        "<a/><b/>",
        "<a b='1' b='2'/>",
        "<p:a/>",
        "<a>&nbsp;</a>",
        "<a>&#0;</a>",
        "<a>\x01</a>",
        "<a>&</a>",
        "<a b=1/>",
        " <?xml version='1.0'?><a/>",
        "<?xml version='1.1'?><a/>",
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM 'http://127.0.0.1/a.dtd'><a/>",
        "<?xml version='1.0'?>\n<!-- " + "x" * 1_000_000 + " --><?pi?><!DOCTYPE a><a/>",
        "{}",
    ],
)
def test_what_is_not_xml_without_doctype_is_refused(body: str) -> None:
    assert refused(XML, body) == "xml"
    assert refused(HAL_XML, body) == "xml"


def test_a_doctype_is_found_in_utf_16_too() -> None:
    assert refused(XML, "<!DOCTYPE a><a/>".encode("utf-16")) == "xml"


def test_the_word_doctype_in_a_text_is_text() -> None:
    assert read(XML, "<T><Body><![CDATA[<!DOCTYPE html>]]></Body></T>").text("Body") == "<!DOCTYPE html>"


@pytest.mark.parametrize("levels", [129, 257, 100_000])
def test_xml_that_is_nested_too_deep_is_refused(levels: int) -> None:
    assert refused(XML, "<a>" * levels + "x" + "</a>" * levels) == "limit"
    assert refused(HAL_XML, "<resource>" * levels + "</resource>" * levels) == "limit"


@pytest.mark.parametrize("tag", ["a", "resource"])
def test_xml_of_120_levels_is_read(tag: str) -> None:
    read(HAL_XML, f"<{tag}>" * 120 + f"</{tag}>" * 120)


def test_a_text_of_11_megabytes_is_refused() -> None:
    assert refused(XML, "<a>" + "x" * 11_000_000 + "</a>") == "limit"


DECLARED_UTF_8 = '<?xml version="1.0" encoding="utf-8"?><T><a>ø</a></T>'
DECLARED_UTF_16 = '<?xml version="1.0" encoding="utf-16"?><T><a>ø</a></T>'
DECLARED_LATIN = '<?xml version="1.0" encoding="ISO-8859-1"?><T><a>ø</a></T>'


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (DECLARED_UTF_8.encode(), None),
        (DECLARED_UTF_8.encode("utf-8-sig"), None),
        (DECLARED_UTF_8.encode("latin-1"), "iso-8859-1"),  # RFC 7303: Content-Type outranks the declaration
        (DECLARED_UTF_8.encode("utf-16"), "utf-16"),
        (DECLARED_UTF_16.encode("utf-16"), None),
        (DECLARED_UTF_16.encode(), "utf-8"),
        (DECLARED_LATIN.encode("latin-1"), None),
        (DECLARED_LATIN.encode(), "utf-8"),
        ("<T><a>ø</a></T>".encode("cp1252"), "windows-1252"),
        ("<T><a>ø</a></T>".encode("utf-16-le"), "utf-16le"),
    ],
)
def test_xml_in_the_charset_that_counts_is_read(body: bytes, charset: str | None) -> None:
    assert read(XML, body, charset).text("a") == "ø"


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (DECLARED_UTF_8.encode("latin-1"), None),
        (DECLARED_UTF_8.encode("utf-16"), None),
        (DECLARED_UTF_8.encode(), "iso-8859-1"),
        (DECLARED_UTF_8.encode(), "us-ascii"),
        (DECLARED_UTF_8.encode("utf-8-sig"), "utf-16"),
        (DECLARED_LATIN.encode(), None),
        (DECLARED_UTF_16.encode("utf-16-le"), "utf-16"),
        (b"<?xml version='1.0' encoding='utf-7'?><a/>", None),
        (b"<?xml version='1.0' encoding='x-none'?><a/>", None),
        (b"<a/>", "utf-7"),
        (b"<a>\xc0\xaf</a>", None),
    ],
)
def test_xml_whose_bytes_are_not_what_its_charset_says_is_refused(body: bytes, charset: str | None) -> None:
    assert refused(XML, body, charset) == "charset"


# HAL+XML


def test_a_hal_xml_resource_has_its_self_link_in_attributes() -> None:
    resource = read(
        HAL_XML,
        '<resource rel="message" href="/1"><link rel="form" href="/f/1" name="a"/><link href="/f/2" rel="form"/>'
        '<link rel="find" href="/{id}" isTemplated="True"/><Subject>x</Subject></resource>',
    )
    assert resource.rel == "message"
    assert [(link.rel, link.href, link.node) for link in resource.links] == [
        ("self", "/1", "_links/self"),
        ("form", "/f/1", "_links/form[0]"),
        ("form", "/f/2", "_links/form[1]"),
        ("find", "/{id}", "_links/find"),
    ]
    assert resource.links[1].attribute("name") == "a"
    assert resource.links[3].templated
    assert resource.properties == Record((("Subject", Scalar("x", Kind.UNTYPED)),), untyped=True)
    assert codes(resource) == ["isTemplated"]


def test_nested_resources_are_embedded_by_relation_in_document_order() -> None:
    resource = read(
        HAL_XML,
        '<resource><resource rel="m" href="/1"><Id>a</Id></resource><resource rel="p" name="Owner"><N>b</N></resource>'
        '<resource rel="m"><Id>c</Id></resource></resource>',
    )
    assert [(rel, len(group)) for rel, group in resource.embedded] == [("m", 2), ("p", 1)]
    assert resource.embedded[1][1][0].name == "Owner"
    assert [each.text("Id") for each in resource.embedded[0][1]] == ["a", "c"]


def test_links_of_inner_elements_are_gathered_with_where_they_stand() -> None:
    resource = read(
        HAL_XML,
        '<resource><Forms><Form><Id>1</Id><link rel="schema" href="/x/1"/></Form>'
        '<Form><link rel="schema" href="/x/2"/></Form></Forms></resource>',
    )
    assert [(link.href, link.node) for link in resource.links] == [
        ("/x/1", "Forms/Form[0]/_links/schema"),
        ("/x/2", "Forms/Form[1]/_links/schema"),
    ]


@pytest.mark.parametrize(
    "wrapped",
    [
        '<links><link rel="self" href="/1"/></links>',
        '<_links><self href="/1"/></_links>',
        "<_links><self><href>/1</href></self></_links>",
        "<Links><Link><Rel>self</Rel><Href>/1</Href></Link></Links>",
    ],
)
def test_links_in_a_wrapper_are_read(wrapped: str) -> None:
    resource = read(HAL_XML, f"<resource>{wrapped}<A>x</A></resource>")
    assert [(link.rel, link.href, link.broken) for link in resource.links] == [("self", "/1", "")]
    assert [name for name, _ in resource.properties.members] == ["A"]


@pytest.mark.parametrize(
    "wrapped",
    [
        '<_embedded><resource rel="m"><Id>a</Id></resource><resource rel="m"><Id>b</Id></resource></_embedded>',
        "<_embedded><m><Id>a</Id></m><m><Id>b</Id></m></_embedded>",
        "<_embedded><m><x><Id>a</Id></x><x><Id>b</Id></x></m></_embedded>",
        "<m><resource><Id>a</Id></resource><resource><Id>b</Id></resource></m>",
    ],
)
def test_embedded_resources_in_a_wrapper_are_read(wrapped: str) -> None:
    ((rel, group),) = read(HAL_XML, f"<resource>{wrapped}</resource>").embedded
    assert (rel, [each.text("Id") for each in group]) == ("m", ["a", "b"])


@pytest.mark.parametrize("link", ["<link/>", '<link href="/1"/>', '<link rel="x"/>'])
def test_a_broken_link_element_says_what_is_wrong(link: str) -> None:
    (found,) = read(HAL_XML, f"<resource>{link}</resource>").links
    assert found.broken


def test_a_property_that_is_called_link_is_a_property() -> None:
    resource = read(HAL_XML, "<resource><link>text</link><links>none</links></resource>")
    assert (resource.links, resource.text("link"), resource.text("links")) == ((), "text", "none")
    assert read(XML, "<T><Link/></T>").links == ()


def test_links_in_plain_xml_are_read_and_noted() -> None:
    resource = read(XML, '<T><A>1</A><link rel="self" href="/1"/></T>')
    assert resource.link("self")
    assert codes(resource) == ["links-in-plain"]


# What others keep as test vectors

VECTORS = SHARED / "vectors"
SUITE = VECTORS / "json_edge" / "test_parsing"
SAMPLES = SHARED / "altinn2" / "samples"
NOT_BESIDE = "the reference material is not beside this checkout"
# The suite lets duplicate names pass; two clients may read such an object as two things, so we do not.
DUPLICATES = ("y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json")


@pytest.mark.skipif(not SUITE.is_dir(), reason=NOT_BESIDE)
def test_the_json_test_suite_is_judged_as_it_asks() -> None:
    verdicts = {path.name: decode(JSON, path.read_bytes()) for path in sorted(SUITE.glob("*.json"))}
    accepted = {name for name, each in verdicts.items() if isinstance(each, Resource)}
    assert len(verdicts) > 300
    assert {name for name in verdicts if name.startswith("y_")} - accepted == set(DUPLICATES)
    assert not {name for name in accepted if name.startswith("n_")}


@pytest.mark.skipif(not VECTORS.is_dir(), reason=NOT_BESIDE)
def test_documents_of_spring_hateoas_are_read() -> None:
    paths = sorted((VECTORS / "hal" / "spring_hateoas").glob("*.json"))
    assert len(paths) > 30
    assert not [path.name for path in paths if isinstance(decode(HAL_JSON, path.read_bytes()), Malformed)]


@pytest.mark.skipif(not VECTORS.is_dir(), reason=NOT_BESIDE)
def test_documents_made_to_hurt_xml_parsers_are_refused() -> None:
    verdicts = {path.name: decode(XML, path.read_bytes()) for path in (VECTORS / "xml_security").glob("*.xml")}
    assert {name for name, each in verdicts.items() if isinstance(each, Resource)} == {"simple.xml", "simple-ns.xml"}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=NOT_BESIDE)
def test_every_sample_of_altinn_is_read() -> None:
    rows = json.loads((SAMPLES / "index.json").read_text("utf-8"))["samples"]
    # Two are kept as printed in the documentation, with "..." in them.
    whole = [row for row in rows if not row["file"].endswith(".raw.txt")]
    assert len(whole) > 80
    verdicts = {row["file"]: decode(row["media_type"], (SAMPLES / row["file"]).read_bytes()) for row in whole}
    assert not {name: each for name, each in verdicts.items() if isinstance(each, Malformed)}
    assert not [link for each in verdicts.values() if isinstance(each, Resource) for link in each.links if link.broken]
