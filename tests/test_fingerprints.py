"""One meaning has one fingerprint, and another meaning another."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_sameness import DECLARED, OTHER, SAME, SLOW, changes, read, things
from writers import Thing, write

from samsvar.logic.fingerprints import fingerprint
from samsvar.model.contract import Shape
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, JSON, XML
from samsvar.model.resource import Link, Resource

NOISE = st.integers(0, 2**32).map(Random)


def target(link: Link) -> str:
    return "place of " + link.href.rpartition("/")[2]


def mark(resource: Resource, shape: Shape | None = DECLARED) -> str:
    return fingerprint(resource, shape, target)


@SLOW
@given(things(), NOISE)
def test_a_fingerprint_is_the_same_in_every_format(shaped_thing: tuple[Shape, Thing], noise: Random) -> None:
    shape, thing = shaped_thing
    bare = Thing(thing.properties)
    assert len({mark(read(each, write(bare, shape, each, noise)), shape) for each in FORMATS}) == 1
    assert len({mark(read(each, write(thing, shape, each, noise)), shape) for each in (HAL_JSON, HAL_XML)}) == 1


@SLOW
@given(changes(), NOISE, st.sampled_from(FORMATS))
def test_one_change_of_meaning_changes_the_fingerprint(
    change: tuple[Shape, Thing, Thing, str], noise: Random, media_type: str
) -> None:
    shape, thing, changed, _ = change
    marks = {mark(read(media_type, write(each, shape, media_type, noise)), shape) for each in (thing, changed)}
    assert len(marks) == 2


# What is not declared may look otherwise in XML: a list of one like an object.
DECLARED_PAIRS = [pair for pair in SAME if "New" not in pair[0]]


@pytest.mark.parametrize(("left", "right"), DECLARED_PAIRS)
def test_what_says_the_same_has_one_fingerprint(left: str, right: str) -> None:
    assert mark(read(JSON, left)) == mark(read(XML, right))


@pytest.mark.parametrize(("left", "right", "where"), OTHER)
def test_what_differs_has_two_fingerprints(left: str, right: str, where: str) -> None:
    assert mark(read(JSON, left)) != mark(read(XML, right)), where


def test_urls_are_no_part_of_a_fingerprint() -> None:
    one = read(HAL_JSON, '{"Link": "/a/7", "_links": {"self": {"href": "/old/1"}}}')
    other = read(HAL_JSON, '{"Link": "/b/7", "_links": {"self": {"href": "/new/1"}}}')
    third = read(HAL_JSON, '{"Link": "/a/7", "_links": {"self": {"href": "/old/2"}}}')
    assert mark(one) == mark(other) != mark(third)


def test_the_order_of_a_list_is_part_of_a_fingerprint_where_it_means_something() -> None:
    one, other = ('[{"Code": "a"}, {"Code": "b"}]', '[{"Code": "b"}, {"Code": "a"}]')
    assert mark(read(JSON, one)) == mark(read(JSON, other))
    ordered = Shape(item=DECLARED, ordered=True)
    assert mark(read(JSON, one), ordered) != mark(read(JSON, other), ordered)


def test_an_embedded_place_counts_as_a_link_to_it() -> None:
    one = read(HAL_JSON, '{"_embedded": {"messages": [{"Code": "a", "_links": {"self": {"href": "/1"}}}]}}')
    other = read(HAL_XML, '<resource><resource rel="message" href="/moved/1"><Code>a</Code></resource></resource>')
    assert mark(one) == mark(other)
