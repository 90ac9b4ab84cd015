"""Help pages as ASP.NET writes them, as others do, and as nobody should."""

import json
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.logic.decoding_help import NOTHING, HelpPage, Listed, Property, Section, bare, decode_help, unwrapped
from samsvar.miniature import help_pages
from samsvar.miniature.operations import OPERATIONS

FACTS = Path(__file__).resolve().parent.parent.parent / "shared" / "altinn2"


def read(text: str) -> HelpPage:
    return decode_help(text.encode())


def table(*rows: str, head: str = "<tr><th>Name</th><th>Description</th><th>Type</th></tr>") -> str:
    return f"<table class='help-page-table'><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def row(name: str, kind: str) -> str:
    return f"<tr><td class='parameter-name'>{name}</td><td><p>.</p></td><td class='parameter-type'>{kind}</td></tr>"


INDEX = """<!DOCTYPE html><html><head><title>GET not/this</title></head><body>
<h2 id="Messages">Messages</h2>
<table class="help-page-table"><thead><tr><th>API</th><th>Description</th></tr></thead><tbody>
<tr><td class="api-name"><a href="/api/Help/Api/GET-who-Messages_language">
GET {who}/Messages?language={language}&amp;$top={top}</a></td>
<td class="api-documentation"><p>GET is for reading.</p></td></tr>
<tr><td class="api-name"><a href="/api/Help/Api/DELETE-who-Messages-id">DELETE {who}/Messages/{id}</a></td>
<td></td></tr>
<tr><td class="api-name"><a href="/api/Help/Api/GET-who-Old">GET {who}/Old</a></td>
<td><p>[Removed] Use something else.</p></td></tr>
</tbody></table></body></html>"""


def test_an_index_lists_operations_with_their_parameters_and_pages():
    assert read(INDEX).operations == (
        Listed("GET", "{who}/Messages", ("language", "$top"), "/api/Help/Api/GET-who-Messages_language"),
        Listed("DELETE", "{who}/Messages/{id}", (), "/api/Help/Api/DELETE-who-Messages-id"),
        Listed("GET", "{who}/Old", (), "/api/Help/Api/GET-who-Old", removed=True),
    )


@pytest.mark.parametrize(
    "text",
    [
        "<table><tr><td>GET</td><td><a href='x'>{who}/Messages</a></td></tr></table>",
        "<table><tr><td>Reads.</td><td><a href='x'>/{who}/Messages/</a></td><td> get </td></tr></table>",
        "<TABLE><TR><TD CLASS=other><A title='t' HREF='x'>\n  GET\n {who}/Messages </A></TABLE>",
        "<ul><li><a href='x'><b>GET</b> <code>{who}/Messages</code></a></ul>",
        "<p><a href=x>GET: {who}/Messages</a>",
        "<div><a href='#top'>Top</a><a href=' x '>GET /{who}/Messages</a><a href='x'>GET {who}/Messages</a></div>",
    ],
)
def test_an_operation_is_a_method_and_a_path_however_they_are_marked_up(text):
    assert read(text).operations == (Listed("GET", "{who}/Messages", (), "x"),)


@pytest.mark.parametrize(
    "text",
    [
        "<p>GET {who}/Messages</p>",
        "<table><tr><td>GET it now</td></tr></table>",
        "<a href='x'>Get</a>",
        "<table><tr><td>GET",
    ],
)
def test_words_are_no_operation(text):
    assert read(text).operations == ()


@pytest.mark.parametrize(
    "text",
    [
        "<ul><li>GET {who}/Messages</ul>",
        "<li><span>GET</span><a href='x'>/{who}/Messages</a></li>",
        "<div class=op><span>GET</span>\n<span>/<i>{who}</i>/Messages</span></div>",
        "<h3>GET https://www.example/{who}/Messages</h3>",
        "<dl><dt><code>get</code> {who}/Messages<dd>Reads.</dl>",
    ],
)
def test_a_line_that_is_a_method_and_a_path_is_an_operation_whatever_of_it_is_linked(text):
    assert [(one.method, one.path) for one in read(text).operations] == [("GET", "{who}/Messages")]


def test_a_mark_that_a_part_may_be_left_out_is_no_query():
    found = read("<a href='x'>GET lists/{name}/{version?}?language={language}</a>").operations
    assert found == (Listed("GET", "lists/{name}/{version?}", ("language",), "x"),)


ATTACHMENTS = "Collection of <a href='/m?modelName=Attachment'>Attachment</a>"
PAGE = f"""<html><body><h1>GET {{who}}/Messages/{{id}}</h1><h2>Request Information</h2><h3>URI Parameters</h3>
{table(row("who", "string"), row("id", "string"))}<h3>Body Parameters</h3><p>None.</p>
<h2>Response Information</h2><h3>Resource Description</h3>
<a href="/api/Help/ResourceModel?modelName=Message">Message</a>
{table(row("MessageId", "string"), row("Attachments", ATTACHMENTS), row("Codes", "integer[]"))}
<h3>Response Formats</h3><div>
<h4 class="sample-header">application/hal+xml</h4><div><b>Sample:</b><p>Sample not available.</p></div>
<h4 class="sample-header">application/json, text/json</h4><div><b>Sample:</b><pre class="wrapped">{{
  "MessageId": "&lt;a&gt; &amp; b"
}}</pre></div></div></body></html>"""


def test_the_page_of_an_operation_has_parameters_a_model_and_samples():
    found = read(PAGE)
    assert found.parameters == ("who", "id")
    request, response = found.tables
    assert (request.section, response.section) == (Section.REQUEST, Section.RESPONSE)
    assert response.name == "Message"
    assert response.rows == (
        Property("MessageId", "string"),
        Property("Attachments", "Attachment", True, "/m?modelName=Attachment"),
        Property("Codes", "integer", True),
    )
    assert dict(found.links) == {
        "Message": "/api/Help/ResourceModel?modelName=Message",
        "Attachment": "/m?modelName=Attachment",
    }
    (sample,) = found.samples
    assert sample.media_types == ("application/json", "text/json")
    assert json.loads(sample.text) == {"MessageId": "<a> & b"}


def test_a_page_of_a_model_is_named_by_its_heading():
    (found,) = read(f"<h1>ReplyOption</h1><p>One of them.</p>{table(row('Text', 'string'))}").tables
    assert (found.name, found.section) == ("ReplyOption", Section.NONE)


def test_columns_are_known_by_their_heads_and_without_heads_by_their_classes():
    turned = table(
        "<tr><td>integer</td><td>3</td><td>Id</td></tr>", head="<tr><th>Data type</th><th>#</th><th>PROPERTY:</th></tr>"
    )
    bare_rows = "<table>" + row("Id", "integer") + "</table>"
    for text in (turned, bare_rows):
        assert [one.rows for one in read(text).tables] == [(Property("Id", "integer"),)]


def test_a_table_of_words_of_an_enumeration_is_no_model():
    head = "<tr><th>Name</th><th>Value</th><th>Description</th></tr>"
    assert read(table("<tr><td>Unread</td><td>0</td><td></td></tr>", head=head)).tables == ()


def test_samples_in_tabs_have_their_media_types_on_the_tab():
    text = """<h3>Response Formats</h3><ul><li><a href="#json1">application/json</a></li>
    <li><a href="#xml1">application/xml</a></li></ul>
    <div id="json1"><pre>{"a": 1}</pre></div><div id="xml1"><pre>&lt;a/&gt;</pre></div>"""
    found = [(one.media_types, one.text) for one in read(text).samples]
    assert found == [(("application/json",), '{"a": 1}'), (("application/xml",), "<a/>")]


@pytest.mark.parametrize(
    ("words", "inner", "collection"),
    [
        ("Collection of Message", "Message", True),
        ("collection  of string", "string", True),
        ("List<Message>", "Message", True),
        ("Message[]", "Message", True),
        ("Collection", "Collection", False),
        ("string", "string", False),
        ("", "", False),
    ],
)
def test_words_for_many_are_told_from_words_for_one(words, inner, collection):
    assert unwrapped(words) == (inner, collection)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   \n",
        b"\0\0\0",
        b"\xff\xfe<\0h\0",
        b"%PDF-1.4",
        b'{"a": "<tr><td>GET a</td></tr>"}',
        b"<!-- only a comment -->",
        b"<?xml version='1.0' encoding='utf-16'?>",
        b"<!DOCTYPE x [<!ENTITY a '" + b"b" * 100 + b"'><!ENTITY c '&a;&a;'>]><p>&c;</p>",
        b"<div>" * 100_000,
        b"<" * 1_000_000,
        b"<p>" + b"x" * 5_000_000,
    ],
    ids=range(12),
)
def test_what_is_no_page_says_nothing(body):
    assert decode_help(body) == NOTHING


@pytest.mark.parametrize("charset", ["utf-16", "no-such", "idna", "base64", "utf-8\0", "punycode"])
def test_a_charset_that_is_none_or_is_not_true_is_no_trouble(charset):
    assert isinstance(decode_help(INDEX.encode(), charset), HelpPage)


def test_entities_and_other_documents_are_never_fetched():
    text = "<!DOCTYPE html SYSTEM 'http://nowhere.example/x.dtd'><p><a href=x>GET a&nbsp;</a></p>"
    assert read(text).operations == (Listed("GET", "a", (), "x"),)


def test_a_deep_page_and_a_wide_one_are_read_in_bounds():
    decode_help(b"<table><tr><td>" * 5_000 + b"<a href=x>GET a</a>")
    rows = "".join(row(f"Name{number}", "string") for number in range(5_000))
    assert len(read(table(rows)).tables[0].rows) == 5_000


def test_more_operations_and_longer_paths_than_anybody_has_are_left_out():
    assert len(read("<a href=x>GET a</a>" * 10 + "".join(f"<a>GET {n}/x</a>" for n in range(9_000))).operations) < 3_000
    assert read(f"<a>GET {'?' * 600}</a><a>GET {'a' * 600}</a>").operations == ()


PIECES = st.sampled_from(
    [
        "<table>",
        "</table>",
        "<tr>",
        "<td>",
        "</td>",
        "<th>Name",
        "<th>Type",
        "<a href='",
        "<a href=x?modelName=",
        "'>",
        "</a>",
        "GET ",
        "{who}/x",
        "?",
        "&amp;",
        "<pre>",
        "</pre>",
        "application/json",
        "<h3>Response",
        "<h3>Request",
        "<!--",
        "]]>",
        "Collection of ",
        "[]",
        "[Removed]",
        "<svg>",
        "<script>",
        "\0",
        "&#0;",
        "&#x110000;",
        "<dl><dt>",
        "<select><option>",
    ]
)


@given(st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=40).map(lambda found: "".join(found).encode())))
def test_nothing_that_comes_raises(body):
    found = decode_help(body)
    assert all(one.method and one.path is not None for one in found.operations)
    assert all(one.rows for one in found.tables)


@given(st.data())
def test_a_page_that_is_cut_or_changed_anywhere_is_read_as_far_as_it_goes(data):
    page = (PAGE + INDEX).encode()
    at = data.draw(st.integers(0, len(page)))
    until = data.draw(st.integers(at, len(page)))
    changed = page[:at] + data.draw(st.binary(max_size=8)) + page[until:]
    assert isinstance(decode_help(changed), HelpPage)


@given(st.lists(st.sampled_from(OPERATIONS), max_size=8, unique=True))
def test_what_is_written_into_an_index_is_read_from_it(rows):
    lines = "".join(
        f"<tr><td><a href='{number}'>{method} {escape(help_pages.shown(path, names))}</a></td></tr>"
        for number, (method, path, names, _) in enumerate(rows)
    )
    found = read(f"<table>{lines}</table>").operations
    assert found == tuple(
        Listed(method, path, names, str(number)) for number, (method, path, names, _) in enumerate(rows)
    )


def test_the_indexes_of_the_miniature_are_read_whole():
    found = [
        one for owners in (False, True) for one in decode_help(help_pages.index("/api", owners).encode()).operations
    ]
    assert [(one.method, one.path, one.query) for one in found if "serviceowner" not in one.path]
    assert {(one.method, one.path) for one in found} == {(method, path) for method, path, _, _ in OPERATIONS}


@pytest.mark.parametrize("model", ["Message", "ReplyOption"])
def test_a_class_of_the_miniature_is_read_with_its_types(model):
    (found,) = decode_help((help_pages.resource_model(model, "/api") or "").encode()).tables
    expected = help_pages.CLASSES[model]
    assert {one.name: f"Collection of {one.type}" if one.collection else one.type for one in found.rows} == expected
    assert bare(found.name) == bare(model)


@pytest.mark.skipif(not FACTS.exists(), reason="the stored facts about the API are not here")
def test_the_stored_names_of_pages_are_those_of_the_miniature():
    endpoints = json.loads((FACTS / "endpoints.json").read_text(encoding="utf-8"))["endpoints"]
    named = [
        source.partition(" ")[2].lower()
        for one in endpoints
        for source in one.get("source", [])
        if source.startswith(("help GET-", "sohelp GET-"))
    ]
    assert len(named) >= 3
    whole = {name.partition("_")[0] for name in help_pages.PAGES}
    assert {name.partition("_")[0] for name in named} <= whole
