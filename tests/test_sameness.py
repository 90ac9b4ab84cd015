"""Two representations of one place say the same, or it is told where they differ."""

import copy
import json
from decimal import Decimal
from itertools import combinations, permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from writers import Anchor, Thing, json_list, write, xml_list

from samsvar.logic.decoding import decode
from samsvar.logic.sameness import (
    Terms,
    differences,
    element_differences,
    embedded_differences,
    link_differences,
    listed,
    spellings,
)
from samsvar.model.contract import Shape, ValueKind
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, JSON, XML
from samsvar.model.resource import Aspect, Difference, Link, Resource

K = ValueKind
SHARED = Path(__file__).resolve().parents[2] / "shared"
PAIRS = list(permutations(FORMATS, 2))
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(media_type: str, body: str | bytes) -> Resource:
    resource = decode(media_type, body.encode() if isinstance(body, str) else body)
    assert isinstance(resource, Resource), resource
    return resource


def one_place(left: Link, right: Link) -> bool:
    return left.href == right.href


def meant(found: tuple[Difference, ...]) -> list[Difference]:
    """Differences of meaning, without those of spelling."""
    return [each for each in found if each.aspect is not Aspect.LEXICAL]


# Things of any kind

TEXTS = st.text(
    st.one_of(
        st.sampled_from("aøÅ0 1.-&<>\"'/\\\n]"),
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"),
    ),
    max_size=12,
)
DIGITS = st.from_regex(r"\A[0-9]{1,5}\Z")
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12)
INSTANTS = st.builds(
    lambda point, fraction, zone: point.replace(microsecond=0).isoformat() + fraction + zone,
    st.datetimes().filter(lambda point: 1950 < point.year < 2100),
    st.sampled_from(["", ".7", ".86", ".703", ".1234567"]),
    st.sampled_from(["", "", "Z", "+01:00", "-03:30"]),
)
VALUES: dict[ValueKind, st.SearchStrategy[Any]] = {
    K.TEXT: st.one_of(TEXTS, DIGITS),
    K.INTEGER: st.integers(min_value=-(10**20), max_value=10**20),
    K.DECIMAL: DECIMALS,
    K.BOOLEAN: st.booleans(),
    K.INSTANT: INSTANTS,
    K.UUID: st.uuids().map(str),
}
NAMES = ["MessageId", "Subject", "ServiceCode", "ServiceEdition", "IsRead", "Amount", "ReplyOptions", "Sender", "Body"]


@st.composite
def shaped(draw: st.DrawFn, depth: int = 2) -> tuple[Shape, Any]:
    """A declared kind and a value of it, or None."""
    kinds = [*VALUES] + ([K.OBJECT, K.LIST] if depth else [])
    kind = draw(st.sampled_from(kinds))
    if kind is K.OBJECT:
        return draw(objects(depth - 1))
    if kind is K.LIST:
        return draw(lists(depth - 1))
    return Shape(kind), draw(st.none() | VALUES[kind])


@st.composite
def objects(draw: st.DrawFn, depth: int = 2, values: int = 1) -> tuple[Shape, Any]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=5, unique=True))
    members = {name: draw(shaped(depth)) for name in names}
    shape = Shape(K.OBJECT, members={name: shape for name, (shape, _) in members.items()})
    return shape, {name: value for name, (_, value) in members.items()}


@st.composite
def lists(draw: st.DrawFn, depth: int) -> tuple[Shape, Any]:
    ordered = draw(st.booleans())
    kind = draw(st.sampled_from([K.TEXT, K.INTEGER, K.OBJECT]))
    if kind is not K.OBJECT:
        return Shape(K.LIST, item=Shape(kind), ordered=ordered), draw(st.lists(VALUES[kind], max_size=4))
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True))
    kinds = {name: draw(st.sampled_from([*VALUES])) for name in names}
    item = Shape(K.OBJECT, members={name: Shape(each) for name, each in kinds.items()})
    value = st.fixed_dictionaries({name: st.none() | VALUES[each] for name, each in kinds.items()})
    # An object of nulls only cannot be told from no object once nulls are left out.
    items = draw(st.lists(value.filter(lambda each: any(part is not None for part in each.values())), max_size=4))
    return Shape(K.LIST, item=item, ordered=ordered), items


@st.composite
def anchors(draw: st.DrawFn) -> list[Anchor]:
    rels = draw(st.lists(st.sampled_from(["self", "form", "attachment", "metadata", "find"]), max_size=5))
    found, selves = [], 0
    for number, rel in enumerate(rels):
        selves += rel == "self"
        if rel == "self" and selves > 1:
            continue
        attributes = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "name": TEXTS.filter(lambda text: text.lower() not in ("true", "false")),
                    "type": st.just("application/pdf"),
                    "encrypted": st.booleans(),
                    "filesize": st.integers(0, 99999),
                },
            )
        )
        found.append(Anchor(rel, f"/{rel}/{number}", rel == "find", {} if rel == "self" else attributes))
    return found


@st.composite
def things(draw: st.DrawFn) -> tuple[Shape, Thing]:
    shape, properties = draw(objects())
    return shape, Thing(properties, draw(anchors()))


NOISE = st.integers(0, 2**32).map(Random)


@pytest.mark.parametrize(("one", "other"), PAIRS)
@SLOW
@given(things(), NOISE)
def test_one_thing_written_in_two_formats_means_the_same(
    one: str, other: str, shaped_thing: tuple[Shape, Thing], noise: Random
) -> None:
    shape, thing = shaped_thing
    left, right = (read(each, write(thing, shape, each, noise)) for each in (one, other))
    assert differences(left, right, shape) == ()


@SLOW
@given(things(), NOISE)
def test_links_written_in_both_hal_formats_mean_the_same(shaped_thing: tuple[Shape, Thing], noise: Random) -> None:
    shape, thing = shaped_thing
    left, right = (read(each, write(thing, shape, each, noise)) for each in (HAL_JSON, HAL_XML))
    assert link_differences(left, right, one_place) == ()


# One change of meaning


def places(shape: Shape, value: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Shape, Any]]:
    """Every value inside a value, with its path and shape."""
    found = [(path, shape, value)] if path else []
    if isinstance(value, dict):
        for name, each in value.items():
            found += places(shape.members[name], each, (*path, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            found += places(shape.item or Shape(), each, (*path, index))
    return found


def changed_text(text: str, draw: st.DrawFn) -> str:
    ways = [text + " ", " " + text, text + "0", "0" + text, text.swapcase(), text[:-1], text[1:], "\u00a0" + text]
    return draw(st.sampled_from([way for way in ways if way != text]))


CHANGES = {
    K.INTEGER: lambda value: value + 1,
    K.DECIMAL: lambda value: value + Decimal("0.01"),
    K.BOOLEAN: lambda value: not value,
    K.INSTANT: lambda value: _later(value),
    K.UUID: lambda value: value[:-1] + ("1" if value[-1] != "1" else "2"),
}


def _later(text: str) -> str:
    """A written time with another last digit before its zone."""
    at = max(index for index, char in enumerate(text.removesuffix("+01:00").removesuffix("-03:30")) if char.isdigit())
    return text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]


@st.composite
def changes(draw: st.DrawFn) -> tuple[Shape, Thing, Thing, str]:
    """A thing, the same with one change of meaning, and the property in which it is."""
    shape, thing = draw(things())
    spots = [spot for spot in places(shape, thing.properties) if spot[1].kind is not K.OBJECT]
    assume(spots)
    path, kind, value = draw(st.sampled_from(spots))
    other = copy.deepcopy(thing)
    holder: Any = other.properties
    for step in path[:-1]:
        holder = holder[step]
    if kind.kind is K.LIST:
        assume(value)
        gone = draw(st.integers(0, len(value) - 1))
        holder[path[-1]] = value[:gone] + value[gone + 1 :] if draw(st.booleans()) else [*value, value[gone]]
    elif value is None:
        holder[path[-1]] = "" if kind.kind is K.TEXT else draw(VALUES[kind.kind])
    elif kind.kind is K.TEXT and draw(st.booleans()):
        holder[path[-1]] = changed_text(value, draw)
    elif isinstance(path[-1], str) and draw(st.booleans()):
        del holder[path[-1]]
    else:
        holder[path[-1]] = changed_text(value, draw) if kind.kind is K.TEXT else CHANGES[kind.kind](value)
    return shape, thing, other, str(path[0])


@pytest.mark.parametrize(("one", "other"), list(combinations(FORMATS, 2)) + [(each, each) for each in FORMATS])
@SLOW
@given(changes(), NOISE)
def test_one_change_of_meaning_is_found_and_located(
    one: str, other: str, change: tuple[Shape, Thing, Thing, str], noise: Random
) -> None:
    shape, thing, changed, name = change
    left, right = read(one, write(thing, shape, one, noise)), read(other, write(changed, shape, other, noise))
    found = meant(differences(left, right, shape))
    assert found
    assert {each.where.partition(" / ")[0].partition("[")[0] for each in found} == {name}


@SLOW
@given(things(), NOISE, st.data())
def test_one_change_of_a_link_is_found(shaped_thing: tuple[Shape, Thing], noise: Random, data: st.DataObject) -> None:
    shape, thing = shaped_thing
    assume(thing.links)
    other = copy.deepcopy(thing)
    index = data.draw(st.integers(0, len(thing.links) - 1))
    way = data.draw(st.sampled_from(["href", "rel", "gone", "twice", "attribute", "templated"]))
    link = other.links[index]
    assume(way != "twice" or link.rel != "self")
    assume(not (way == "rel" and link.rel == "self"))
    if way == "gone":
        del other.links[index]
    elif way == "twice":
        other.links.append(link)
    elif way == "attribute":
        link.attributes["title"] = "x"
    elif way == "templated":
        link.templated = not link.templated
    else:
        setattr(link, way, getattr(link, way) + "x")
    left, right = (
        read(HAL_JSON, write(thing, shape, HAL_JSON, noise)),
        read(HAL_XML, write(other, shape, HAL_XML, noise)),
    )
    assert link_differences(left, right, one_place)


# Single rules, each in the words of the contract

LIST_OF_ROLES = Shape(K.LIST, item=Shape(K.OBJECT, members={"RoleId": Shape(K.INTEGER), "Name": Shape(K.TEXT)}))
DECLARED = Shape(
    K.OBJECT,
    members={
        "Code": Shape(K.TEXT),
        "Edition": Shape(K.INTEGER),
        "Price": Shape(K.DECIMAL),
        "Open": Shape(K.BOOLEAN),
        "Changed": Shape(K.INSTANT),
        "Guid": Shape(K.UUID),
        "Mobile": Shape(K.TEXT, also=(K.INTEGER,)),
        "ErrorCode": Shape(K.INTEGER, also=(K.TEXT,)),
        "Link": Shape(K.URI),
        "Contact": Shape(K.OBJECT, members={"Email": Shape(K.TEXT)}),
        "Roles": LIST_OF_ROLES,
        "Codes": Shape(K.LIST, item=Shape(K.OBJECT, members={"Code": Shape(K.TEXT), "Value1": Shape(K.TEXT)})),
        "Steps": Shape(K.LIST, item=Shape(K.TEXT), ordered=True),
    },
)

SAME = [
    ('{"Code": "0042"}', "<T><Code>0042</Code></T>"),
    ('{"Edition": 2}', "<T><Edition> 2\n</Edition></T>"),
    ('{"Price": 1.10}', "<T><Price>1.1</Price></T>"),
    ('{"Price": 12345678901234567890.123}', "<T><Price>12345678901234567890.1230</Price></T>"),
    ('{"Open": true}', "<T><Open>1</Open></T>"),
    ('{"Changed": "2013-11-20T19:50:54.86"}', "<T><Changed>2013-11-20T19:50:54.8600000+01:00</Changed></T>"),
    ('{"Changed": "2013-07-20T19:50:54"}', "<T><Changed>2013-07-20T17:50:54Z</Changed></T>"),
    ('{"Guid": "35abb71c-7243-46aa-9e6b-f1c986b9efaa"}', "<T><Guid>35ABB71C-7243-46AA-9E6B-F1C986B9EFAA</Guid></T>"),
    ('{"Code": "a\\r\\nb"}', "<T><Code>a\nb</Code></T>"),
    ('{"Code": null}', "<T/>"),
    ("{}", '<T><Code i:nil="true" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"/></T>'),
    ('{"Code": ""}', "<T><Code/></T>"),
    ("{}", "<T><Changed/></T>"),
    ('{"Edition": null}', "<T><Edition></Edition></T>"),
    ('{"Roles": []}', "<T/>"),
    ("{}", "<T><Roles>\n</Roles></T>"),
    ('{"Contact": {}}', "<T><Contact/></T>"),
    ('{"Contact": {"Email": "a"}}', "<T><Contact><Email>a</Email></Contact></T>"),
    ('{"Roles": [{"RoleId": 1}]}', "<T><Roles><Role><RoleId>1</RoleId></Role></Roles></T>"),
    ('{"Roles": [{"RoleId": 1}]}', "<T><Roles><RoleId>1</RoleId></Roles></T>"),
    ('{"Roles": [{"RoleId": 1, "Name": "a"}]}', "<T><Roles><Name>a</Name><RoleId>1</RoleId></Roles></T>"),
    (
        '{"Roles": [{"RoleId": 1}, {"RoleId": 2}]}',
        "<T><Roles><RoleId>2</RoleId></Roles><Roles><RoleId>1</RoleId></Roles></T>",
    ),
    (
        '{"Roles": [{"RoleId": 1}, {"RoleId": 2}]}',
        "<T><Roles><Role><RoleId>2</RoleId></Role><Role><RoleId>1</RoleId></Role></Roles></T>",
    ),
    ('{"Steps": ["a", "b"]}', "<T><Steps><string>a</string><string>b</string></Steps></T>"),
    ('{"Codes": [{"Code": "01"}]}', "<T><Codes><Code><Code>01</Code></Code></Codes></T>"),
    ('{"Codes": [{"Code": "01"}]}', "<T><Codes><Code>01</Code></Codes></T>"),
    ('{"News": [{"New": "01"}]}', "<T><News><New><New>01</New></New></News></T>"),
    ('{"News": [{"New": "01"}]}', "<T><News><New>01</New></News></T>"),
    ('{"Mobile": 99}', "<T><Mobile>99</Mobile></T>"),
    ('{"ErrorCode": "007"}', "<T><ErrorCode>007</ErrorCode></T>"),
    # What nobody declared is compared by what JSON shows.
    ('{"New": 1.0}', "<T><New>1.00</New></T>"),
    ('{"New": "1.0"}', "<T><New>1.0</New></T>"),
    ('{"New": false}', "<T><New>false</New></T>"),
    ('{"New": {"A": 1}}', "<T><New><A>1</A></New></T>"),
    ('{"New": [{"A": 1}]}', "<T><New><A>1</A></New></T>"),
    ('{"New": [{"A": 1}]}', "<T><New><Item><A>1</A></Item></New></T>"),
    ('{"New": ["x"]}', "<T><New><string>x</string></New></T>"),
    ('{"New": []}', "<T><New/></T>"),
]

OTHER = [
    ('{"Code": "0042"}', "<T><Code>42</Code></T>", "Code"),
    ('{"Code": "a "}', "<T><Code>a</Code></T>", "Code"),
    ('{"Code": "a"}', "<T><Code>A</Code></T>", "Code"),
    ('{"Code": "\u00e5"}', "<T><Code>a\u030a</Code></T>", "Code"),
    ('{"Code": ""}', "<T/>", "Code"),
    ('{"Code": null}', "<T><Code/></T>", "Code"),
    ('{"Edition": 2}', "<T><Edition>3</Edition></T>", "Edition"),
    ('{"Edition": 0}', "<T/>", "Edition"),
    ('{"Edition": 9007199254740993}', "<T><Edition>9007199254740992</Edition></T>", "Edition"),
    ('{"Price": 0.1}', "<T><Price>0.1000000000000000055</Price></T>", "Price"),
    ('{"Price": 1.5}', "<T><Price>1,5</Price></T>", "Price"),
    ('{"Open": false}', "<T/>", "Open"),
    ('{"Open": false}', "<T><Open>true</Open></T>", "Open"),
    ('{"Changed": "2013-11-20T19:50:54.86"}', "<T><Changed>2013-11-20T19:50:54</Changed></T>", "Changed"),
    ('{"Changed": "2013-11-20T19:50:54"}', "<T><Changed>2013-11-20T00:00:00</Changed></T>", "Changed"),
    ('{"Changed": "2013-11-20T19:50:54"}', "<T><Changed>2013-11-20T19:50:54Z</Changed></T>", "Changed"),
    ('{"Changed": "2013-11-20T19:50:54.8612345"}', "<T><Changed>2013-11-20T19:50:54.8612346</Changed></T>", "Changed"),
    ('{"ErrorCode": "007"}', "<T><ErrorCode>7</ErrorCode></T>", "ErrorCode"),
    ('{"code": "a"}', "<T><Code>a</Code></T>", "code"),
    ('{"Contact": {"Email": "a"}}', "<T><Contact><Email>b</Email></Contact></T>", "Contact / Email"),
    ('{"Contact": {"Email": "a"}}', "<T><Contact/></T>", "Contact"),
    ('{"Roles": [{"RoleId": 1}]}', "<T/>", "Roles"),
    ('{"Roles": [{"RoleId": 1}, {"RoleId": 1}]}', "<T><Roles><R><RoleId>1</RoleId></R></Roles></T>", "Roles[1]"),
    (
        '{"Roles": [{"RoleId": 1, "Name": "a"}, {"RoleId": 2, "Name": "b"}]}',
        "<T><Roles><R><RoleId>2</RoleId><Name>c</Name></R><R><RoleId>1</RoleId><Name>a</Name></R></Roles></T>",
        "Roles[1] / Name",
    ),
    ('{"Steps": ["a", "b"]}', "<T><Steps><s>b</s><s>a</s></Steps></T>", "Steps"),
    ('{"New": "1.0"}', "<T><New>1</New></T>", "New"),
    ('{"New": true}', "<T><New>yes</New></T>", "New"),
    ('{"New": ["x", "y"]}', "<T><New><s>x</s><s>z</s></New></T>", "New[1]"),
    ('{"New": "x"}', "<T/>", "New"),
    ('{"Code": "<b>x</b>"}', "<T><Code><b>x</b></Code></T>", "Code"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_these_two_say_the_same(left: str, right: str) -> None:
    one, other = read(JSON, left), read(XML, right)
    assert differences(one, other, DECLARED) == ()
    assert differences(other, one, DECLARED) == ()


@pytest.mark.parametrize(("left", "right", "where"), OTHER)
def test_these_two_differ_in_one_place(left: str, right: str, where: str) -> None:
    one, other = read(JSON, left), read(XML, right)
    assert where in [each.where for each in meant(differences(one, other, DECLARED))]
    assert meant(differences(other, one, DECLARED))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ('{"Edition": 2}', '{"Edition": "2"}'),
        ('{"New": 2}', '{"New": "2"}'),
        ('{"New": true}', '{"New": "true"}'),
        ('{"Roles": [{"RoleId": 1}]}', '{"Roles": {"RoleId": 1}}'),
        ('{"Steps": ["a"]}', '{"Steps": "a"}'),
    ],
)
def test_two_json_formats_write_a_value_as_the_same_kind(left: str, right: str) -> None:
    assert differences(read(HAL_JSON, left), read(JSON, right), DECLARED)


def test_a_value_that_sources_show_as_number_and_as_text_may_be_either() -> None:
    assert differences(read(HAL_JSON, '{"Mobile": 99}'), read(JSON, '{"Mobile": "99"}'), DECLARED) == ()


def test_a_moved_step_is_a_difference_of_order() -> None:
    found = differences(read(JSON, '{"Steps": ["a", "b"]}'), read(JSON, '{"Steps": ["b", "a"]}'), DECLARED)
    assert [each.aspect for each in found] == [Aspect.ORDER]


@pytest.mark.parametrize(
    ("json_text", "xml_text"),
    [
        ('{"Open": true}', "<T><Open>True</Open></T>"),
        ('{"Changed": "2013-11-20T19:50:54"}', "<T><Changed>20.11.2013 19:50:54</Changed></T>"),
        ('{"Changed": "2013-11-20T19:50:54"}', "<T><Changed>11/20/2013 7:50:54 PM</Changed></T>"),
    ],
)
def test_another_spelling_of_the_same_value_is_lexical(json_text: str, xml_text: str) -> None:
    left, right = read(JSON, json_text), read(XML, xml_text)
    assert [each.aspect for each in differences(left, right, DECLARED)] == [Aspect.LEXICAL]
    assert [each.aspect for each in spellings(right, DECLARED)] == [Aspect.LEXICAL]
    assert spellings(left, DECLARED) == ()


def test_what_is_no_value_of_its_kind_is_not_a_matter_of_spelling() -> None:
    left, right = read(JSON, '{"Open": "perhaps"}'), read(XML, "<T><Open>perhaps</Open></T>")
    assert differences(left, right, DECLARED) == spellings(left, DECLARED) == spellings(right, DECLARED) == ()


def test_a_long_text_is_shown_where_it_differs() -> None:
    text = "x" * 500
    found = differences(
        read(JSON, json.dumps({"Code": text + "a"})), read(JSON, json.dumps({"Code": text + "b"})), None
    )
    assert [(str(each.left)[-1], str(each.right)[-1]) for each in found] == [("a", "b")]


# Links in the stead of members

LINKED = read(HAL_JSON, '{"_links": {"self": {"href": "/m/1"}}}')
TERMS = Terms({"MessageLink": "self"})


def test_a_uri_member_stands_for_a_link() -> None:
    assert differences(LINKED, read(JSON, '{"MessageLink": "/m/1"}'), None, TERMS) == ()
    assert differences(LINKED, read(JSON, '{"Link": "/anywhere"}'), DECLARED, TERMS) == ()
    assert differences(LINKED, read(JSON, "{}"), None, TERMS) == ()


def test_a_uri_member_that_leads_elsewhere_than_its_link_differs() -> None:
    (found,) = differences(LINKED, read(JSON, '{"MessageLink": "/m/2"}'), None, TERMS)
    assert (found.where, found.left, found.right) == ("MessageLink", "/m/1", "/m/2")


def test_a_uri_member_that_only_one_plain_format_has_differs() -> None:
    assert differences(read(JSON, '{"Link": "/a"}'), read(XML, "<T/>"), DECLARED, TERMS)
    assert differences(read(HAL_JSON, '{"Link": "/a"}'), read(JSON, "{}"), DECLARED, TERMS)


# What HAL embeds and others write as members

EMBEDDING = [
    '{"Roles": {"_embedded": {"roles": [{"RoleId": 1}]}}}',
    '{"_embedded": {"roles": [{"RoleId": 1}]}}',
    '{"Roles": [{"RoleId": 1}]}',
]
EMBEDDING_XML = [
    '<resource><resource rel="Roles"><resource rel="Role"><RoleId>1</RoleId></resource></resource></resource>',
    '<resource><resource rel="roles"><RoleId>1</RoleId></resource></resource>',
    "<resource><Roles><Role><RoleId>1</RoleId></Role></Roles></resource>",
]


@pytest.mark.parametrize("left", EMBEDDING)
@pytest.mark.parametrize("right", EMBEDDING_XML)
def test_a_list_may_be_a_property_or_embedded(left: str, right: str) -> None:
    one, other = read(HAL_JSON, left), read(HAL_XML, right)
    assert differences(one, other, DECLARED) == ()
    assert embedded_differences(one, other, one_place) == ()
    changed = read(HAL_XML, right.replace(">1<", ">2<"))
    found = differences(one, changed, DECLARED) + embedded_differences(one, changed, one_place)
    assert found


def test_a_single_resource_may_be_a_property_or_embedded_with_a_name() -> None:
    left = read(HAL_JSON, '{"Contact": {"Email": "a"}}')
    xml = '<resource><resource rel="contactinformation" name="Contact"><Email>a</Email></resource></resource>'
    assert differences(left, read(HAL_XML, xml), DECLARED) == ()
    assert embedded_differences(left, read(HAL_XML, xml), one_place) == ()
    assert differences(left, read(HAL_XML, xml.replace(">a<", ">b<")), DECLARED)


# Lists

ELEMENT = Shape(K.OBJECT, members={"Id": Shape(K.TEXT), "Edition": Shape(K.INTEGER), "Name": Shape(K.TEXT)})


def elements(*names: str) -> tuple[Resource, ...]:
    return tuple(read(JSON, json.dumps({"Id": name[:1], "Name": name})) for name in names)


def told(found: tuple[Difference, ...]) -> list[tuple[str, str]]:
    return [(each.aspect.value, each.where) for each in found]


def test_a_list_with_the_same_elements_says_the_same() -> None:
    assert element_differences(elements("a", "b"), elements("b", "a"), ELEMENT, ("Id",)) == ()
    assert element_differences(elements("a", "b"), elements("b", "a"), ELEMENT) == ()


def test_a_list_tells_what_is_missing_extra_or_doubled() -> None:
    assert told(element_differences(elements("a", "b"), elements("a"), ELEMENT, ("Id",))) == [("element", "b")]
    assert told(element_differences(elements("a"), elements("a", "c"), ELEMENT, ("Id",))) == [("element", "c")]
    assert told(element_differences(elements("a"), elements("a", "a"), ELEMENT, ("Id",))) == [("element", "a")]
    assert told(element_differences(elements("a"), elements("a", "a"), ELEMENT)) == [("element", "[1]")]


def test_a_list_tells_another_order_where_order_means_something() -> None:
    found = element_differences(elements("a", "b", "c"), elements("a", "c", "b"), ELEMENT, ("Id",), ordered=True)
    assert told(found) == [("order", "b")]


def test_a_list_tells_a_value_inside_an_element() -> None:
    found = element_differences(elements("ax", "b"), elements("b", "ay"), ELEMENT, ("Id",))
    assert told(found) == [("value", "a / Name")]


def test_a_key_is_the_same_in_every_format() -> None:
    left = listed(read(JSON, '[{"Id": "x", "Edition": 2}, {"Id": "x", "Edition": 10}]'))
    right = listed(
        read(XML, "<ArrayOfE><E><Edition>10</Edition><Id>x</Id></E><E><Edition>02</Edition><Id>x</Id></E></ArrayOfE>")
    )
    assert element_differences(left, right, ELEMENT, ("Id", "Edition")) == ()


def test_a_list_of_plain_values_is_compared_too() -> None:
    left = listed(read(JSON, '["a", "b"]'))
    right = listed(read(XML, "<ArrayOfstring><string>b</string><string>a</string></ArrayOfstring>"))
    assert element_differences(left, right, None) == ()
    assert told(element_differences(left, right[:1], None)) == [("element", "[0]")]


@SLOW
@given(objects(), NOISE)
def test_a_list_written_in_two_formats_means_the_same(shaped_object: tuple[Shape, Any], noise: Random) -> None:
    shape, value = shaped_object
    shape.members["Number"] = Shape(K.INTEGER)  # type: ignore[index]
    group = [Thing({**value, "Number": number}) for number in range(3)]
    left, right = read(JSON, json_list(group, shape, noise)), read(XML, xml_list(group[::-1], shape, noise))
    assert element_differences(listed(left), listed(right), shape) == ()
    assert element_differences(listed(left), listed(right)[1:], shape)


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (HAL_JSON, '{"_embedded": {"messages": [{"Id": "a"}], "others": [{"Id": "b"}]}}'),
        (HAL_JSON, '{"_embedded": {"message": [{"Id": "a"}]}}'),
        (HAL_JSON, '[{"Id": "a"}]'),
        (HAL_XML, '<resource><resource rel="message"><Id>a</Id></resource></resource>'),
        (HAL_XML, "<resource><_embedded><messages><message><Id>a</Id></message></messages></_embedded></resource>"),
        (JSON, '[{"Id": "a"}]'),
        (XML, "<ArrayOfMessage><Message><Id>a</Id></Message></ArrayOfMessage>"),
        (XML, "<Messages><Message><Id>a</Id></Message></Messages>"),
    ],
)
def test_the_elements_of_a_list_are_found_in_every_format(media_type: str, body: str) -> None:
    assert [each.text("Id") for each in listed(read(media_type, body), ("messages",))] == ["a"]


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (HAL_JSON, '{"_embedded": {"messages": []}}'),
        (HAL_JSON, "{}"),
        (HAL_XML, "<resource/>"),
        (JSON, "[]"),
        (XML, "<A/>"),
    ],
)
def test_an_empty_list_has_no_elements(media_type: str, body: str) -> None:
    assert listed(read(media_type, body), ("messages",)) == ()


# Links and embedded resources


def linked(*links: str) -> Resource:
    return read(HAL_XML, "<resource>" + "".join(f"<link {link}/>" for link in links) + "</resource>")


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (['rel="Form" href="/1"'], ['href="/1" rel="form"'], True),
        (['rel="form" href="/1"', 'rel="form" href="/2"'], ['rel="form" href="/2"', 'rel="form" href="/1"'], True),
        (['rel="form" href="/1" templated="false"'], ['rel="form" href="/1"'], True),
        (['rel="form" href="/1" encrypted="False"'], ['rel="form" href="/1"'], True),
        (['rel="form" href="/1" encrypted="True"'], ['rel="form" href="/1" encrypted="true"'], True),
        (['rel="form" href="/1" encrypted="0"'], ['rel="form" href="/1"'], True),
        (['rel="form" href="/1" encrypted="1"'], ['rel="form" href="/1" encrypted="true"'], True),
        (['rel="form" href="/1" encrypted="1"'], ['rel="form" href="/1"'], False),
        (['rel="form" href="/1" name="0"'], ['rel="form" href="/1"'], False),
        (['rel="form" href="/1" mime-type="a/b"'], ['rel="form" href="/1" type="a/b"'], True),
        (['rel="form" href="/1" encrypted="true"'], ['rel="form" href="/1"'], False),
        (['rel="form" href="/1" name="a"'], ['rel="form" href="/1" name="b"'], False),
        (['rel="form" href="/1" name="a"'], ['rel="form" href="/1"'], False),
        (['rel="form" href="/1" templated="true"'], ['rel="form" href="/1"'], False),
        (['rel="form" href="/1"'], ['rel="print" href="/1"'], False),
        (['rel="form" href="/1"', 'rel="form" href="/1"'], ['rel="form" href="/1"'], False),
        (['rel="form" href="/1"', 'rel="form" href="/2"'], ['rel="form" href="/1"', 'rel="form" href="/1"'], False),
        (['rel="form"'], ['rel="form" href="/1"'], False),
    ],
)
def test_links_are_compared_by_relation_target_and_attributes(left: list[str], right: list[str], same: bool) -> None:
    for one, other in ((left, right), (right, left)):
        assert (link_differences(linked(*one), linked(*other), one_place) == ()) is same


INNER = '{"Forms": [%s]}'
FORM = '{"Id": %d, "_links": {"schema": {"href": "/xsd/%d"}}}'
FORM_XML = '<Form><Id>%d</Id><link rel="schema" href="/xsd/%d"/></Form>'


def inner(*pairs: tuple[int, int]) -> Resource:
    return read(HAL_JSON, INNER % ",".join(FORM % pair for pair in pairs))


def inner_xml(*pairs: tuple[int, int]) -> Resource:
    return read(HAL_XML, "<resource><Forms>" + "".join(FORM_XML % pair for pair in pairs) + "</Forms></resource>")


def test_links_of_inner_objects_belong_to_those_objects() -> None:
    assert link_differences(inner((1, 1), (2, 2)), inner_xml((2, 2), (1, 1)), one_place) == ()
    swapped = link_differences(inner((1, 1), (2, 2)), inner_xml((1, 2), (2, 1)), one_place)
    assert [each.where for each in swapped] == ["Forms[0]/_links/schema", "Forms[1]/_links/schema"]


def test_a_changed_value_beside_a_link_is_no_difference_of_links() -> None:
    assert link_differences(inner((1, 1), (2, 2)), inner_xml((1, 1), (3, 2)), one_place) == ()


def box(*subjects: str, rel: str = "messages") -> Resource:
    items = [{"Id": each[:1], "Subject": each, "_links": {"self": {"href": f"/{each[:1]}"}}} for each in subjects]
    return read(HAL_JSON, json.dumps({"_embedded": {rel: items}}))


def box_xml(*subjects: str, rel: str = "message") -> Resource:
    return read(
        HAL_XML,
        "<resource>"
        + "".join(
            f'<resource rel="{rel}" href="/{s[:1]}"><Id>{s[:1]}</Id><Subject>{s}</Subject></resource>' for s in subjects
        )
        + "</resource>",
    )


@pytest.mark.parametrize("key", [("Id",), ()])
def test_what_is_embedded_is_compared_whatever_its_relation(key: tuple[str, ...]) -> None:
    def compared(left: Resource, right: Resource) -> list[tuple[str, str]]:
        return told(embedded_differences(left, right, one_place, ELEMENT, key, ("messages",)))

    assert compared(box("a", "b"), box_xml("b", "a")) == []
    assert compared(box("a", "b"), box_xml("a", "b", rel="item")) == []
    assert compared(box("ax", "b"), box_xml("ay", "b"))[0][0] == "value"
    assert [aspect for aspect, _ in compared(box("a", "b"), box_xml("a"))] == ["embedded"]
    assert compared(box("a"), box_xml()) == [("embedded", "messages")]
    assert compared(box(), box_xml()) == []


def test_a_link_inside_what_is_embedded_is_compared() -> None:
    xml = '<resource><resource rel="messages" href="/b"><Id>a</Id><Subject>a</Subject></resource></resource>'
    found = embedded_differences(box("a"), read(HAL_XML, xml), one_place, ELEMENT, ("Id",), ("messages",))
    assert told(found) == [("link", "messages / a / _links/self")]


# Vectors of others

HALBUILDER = SHARED / "vectors" / "hal" / "halbuilder_pairs"


@pytest.mark.skipif(not HALBUILDER.is_dir(), reason="the public test vectors are not beside this checkout")
@pytest.mark.parametrize("path", sorted(HALBUILDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_halbuilder_pair_means_the_same(path: Path) -> None:
    left, right = read(HAL_JSON, path.read_bytes()), read(HAL_XML, path.with_suffix(".xml").read_bytes())
    assert differences(left, right, None) == ()
    assert link_differences(left, right, one_place) == ()
    assert embedded_differences(left, right, one_place) == ()


def test_a_self_link_written_as_attribute_and_as_element_is_one_link() -> None:
    both = read(HAL_XML, '<resource href="/1"><link rel="self" href="/1"/></resource>')
    once = read(HAL_JSON, '{"_links": {"self": {"href": "/1"}}}')
    assert link_differences(once, both, one_place) == ()
    other = read(HAL_XML, '<resource href="/1"><link rel="self" href="/2"/></resource>')
    assert link_differences(once, other, one_place)
