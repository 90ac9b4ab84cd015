"""Bodies in the four formats become resources, and bodies that are not what they claim say why."""

import pytest

from samsvar.logic.decoding import decode
from samsvar.model.exchange import FORMATS
from samsvar.model.resource import Malformed, Resource

SAME = {
    "application/hal+json": b'{"Subject": "a ", "_links": {"self": {"href": "/m/1"}}}',
    "application/hal+xml": b'<resource href="/m/1"><Subject>a </Subject></resource>',
    "application/xml": b"<Message><Subject>a </Subject></Message>",
    "application/json": b'{"Subject": "a "}',
}


@pytest.mark.parametrize("media_type", FORMATS)
def test_each_format_is_read_into_the_same_model(media_type: str) -> None:
    resource = decode(media_type, SAME[media_type])
    assert isinstance(resource, Resource)
    assert resource.text("Subject") == "a "


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_body_that_is_empty_is_malformed(media_type: str) -> None:
    assert isinstance(decode(media_type, b""), Malformed)
