"""Cases that schemathesis draws from the OpenAPI description, what is asked of them, and its checks of an answer."""

import re
import subprocess
import sys
from collections import Counter
from functools import cache
from importlib.util import find_spec

import pytest

from samsvar.errors import UsageError
from samsvar.logic import operations
from samsvar.model.contract import Access
from samsvar.model.exchange import FORMATS, Exchange, Login, Probe, Response

if find_spec("schemathesis") is None:
    pytest.skip("the extra schemathesis is not installed", allow_module_level=True)

from generated import ALTINN2, every_case, of_order

from samsvar.logic.following import has_effect
from samsvar.logic.observing import Observed
from samsvar.running import Order

DOCUMENT = ALTINN2.openapi
FEW = ("listMessages", "getMessage", "getFormTask", "getJsonWebKeySet")
AGAIN = """
import sys
from samsvar.logic import operations
from samsvar.world.documents import read_contract
print([repr(one) for one in operations.cases(read_contract("altinn2").openapi, 2, 7, sys.argv[1:])])
"""
WITHOUT = """
import sys
from samsvar.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print("loaded:", sorted({name.split(".")[0] for name in sys.modules} & {"schemathesis", "jsonschema_rs", "requests"}))
"""


@cache
def run() -> Observed:
    return of_order(Order(size=12), count=3)


def python(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


# Drawing


def test_the_same_seed_gives_the_same_cases_in_this_process_and_in_another() -> None:
    here = operations.cases(DOCUMENT, 2, 7, FEW)
    assert operations.cases(DOCUMENT, 2, 7, FEW) == here
    assert python(AGAIN, *FEW).strip() == str([repr(one) for one in here])


def test_another_seed_gives_other_cases() -> None:
    assert operations.cases(DOCUMENT, 2, 7, FEW) != operations.cases(DOCUMENT, 2, 8, FEW)


def test_every_operation_without_an_effect_gets_right_and_wrong_cases_and_no_other_does() -> None:
    effects = {one.id for one in operations.operations(DOCUMENT) if one.effect}
    counts = Counter((one.operation, one.positive) for one in every_case(3, 1))
    assert effects == {"downloadIncomingFile", "downloadFile"}
    wanted = {one.id for one in operations.operations(DOCUMENT)} - effects
    assert set(counts) == {(id_, positive) for id_ in wanted for positive in (True, False)}
    assert max(counts.values()) == 3


def test_cases_are_told_apart_by_what_evidence_calls_them() -> None:
    found = [one.about for one in every_case(3, 1)]
    assert len(set(found)) == len(found)
    assert "listMessages negative 2" in found


def test_what_makes_a_read_polite_is_never_drawn() -> None:
    assert not [one for one in every_case(3, 1) if "markAsRead" in dict(one.query)]


def test_wrong_cases_are_wrong_and_searchable_lists_get_wrong_options_of_odata() -> None:
    wrong = [one for one in every_case(3, 1) if not one.positive]
    assert all(one.path or one.query for one in wrong)
    odata = {one.operation for one in wrong if any(name.startswith("$") for name, _ in one.query)}
    searchable = {one.id for one in operations.operations(DOCUMENT) if one.type and ALTINN2.types[one.type].searchable}
    assert searchable <= odata


def test_a_last_segment_stays_one_segment() -> None:
    values = [value for one in every_case(3, 1) for _, value in one.path]
    assert len(values) > 20
    assert not [value for value in values if not value.strip(" .") or re.search(r"[/\\]", value)]


def test_nothing_wanted_draws_nothing() -> None:
    assert operations.cases(DOCUMENT, 0, 1) == operations.cases(DOCUMENT, 3, 1, ()) == operations.cases({}, 3, 1) == ()


def test_without_schemathesis_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "schemathesis", None)
    assert not operations.installed()
    assert operations.checks(DOCUMENT) is None
    with pytest.raises(UsageError, match=re.escape("pip install 'samsvar[schemathesis]'")):
        operations.cases(DOCUMENT, 1, 1, FEW)


@pytest.mark.parametrize("arguments", [("--help",), ("check", "--quiet", "--select", "HTTP-1")], ids=["help", "check"])
def test_a_run_without_generated_operations_does_not_load_schemathesis(arguments: tuple[str, ...]) -> None:
    assert python(WITHOUT, *arguments).endswith("loaded: []\n")


def test_the_client_that_breaks_schemathesis_is_not_here() -> None:
    assert find_spec("niquests") is None


# Asking


def test_every_operation_that_was_seen_is_asked_rightly_and_wrongly() -> None:
    found = {one.probe.about.rpartition(" ")[0] for one in run().asked("operation")}
    ids = {about.partition(" ")[0] for about in found}
    assert found == {f"{id_} {word}" for id_ in ids for word in ("positive", "negative")}
    assert {"listMessages", "getMessage", "getAttachment", "listServices", "getFormTask", "getCodeList"} <= ids
    assert len(ids) > 30


def test_every_type_that_was_seen_is_asked() -> None:
    described = {one.type for one in operations.operations(DOCUMENT)}
    seen = {visit.type for visit in run().visits.values() if visit.best is not None}
    assert {one.probe.type for one in run().asked("operation")} >= seen & described


def test_questions_stay_in_the_api_are_polite_and_have_no_effect() -> None:
    observed = run()
    for reading in observed.asked("operation"):
        url = reading.probe.url
        assert reading.probe.method == "GET"
        assert observed.in_api(url) and not has_effect(observed, url)
        assert url == observed.polite(url, reading.probe.type)
    messages = [one for one in observed.asked("operation") if one.probe.type == "Message"]
    assert messages and all("markAsRead=false" in one.probe.url for one in messages)


def test_what_is_private_is_asked_once_without_login_and_nothing_else_is() -> None:
    observed = run()
    logins = Counter((one.probe.about.partition(" ")[0], one.probe.login) for one in observed.asked("operation"))
    assert {login for _, login in logins} == {Login.GIVEN, Login.NONE}
    for one in observed.asked("operation"):
        row = observed.type(one.probe.type)
        assert row is not None
        assert logins[one.probe.about.partition(" ")[0], Login.NONE] == (row.access is Access.USER)


def test_every_media_type_is_asked_for() -> None:
    assert {one.asked for one in run().asked("operation")} >= set(FORMATS)


def test_another_key_is_asked_for_where_the_address_ends_in_the_key_and_nowhere_else() -> None:
    observed = of_order(Order(size=12, evolutions=("urls-opaque",)), count=3)
    made_up = [one for one in observed.asked("operation") if one.asked and one.probe.place is None]
    assert {one.status for one in made_up} == {404}
    assert {one.probe.type for one in made_up} >= {"Message", "Reportee"}
    seen = {
        visit.best.probe.url.partition("?")[0].rpartition("/")[0] for visit in observed.visits.values() if visit.best
    }
    assert {one.probe.url.partition("?")[0].rpartition("/")[0] for one in made_up} <= seen


def test_where_addresses_say_nothing_every_place_is_asked_where_it_was_seen() -> None:
    observed = of_order(Order(size=12, evolutions=("urls-opaque",)), count=3)
    asked = [one for one in observed.asked("operation") if one.probe.place is not None]
    assert len(asked) > 100
    # There are no role requirements of a service that is not there.
    assert {one.probe.type for one in asked if one.status == 404} <= {"RoleRequirementList"}


# Checking


def complaints(operation: str, status: int, media_type: str, body: bytes) -> dict[str, str]:
    checks = operations.checks(DOCUMENT)
    assert checks is not None
    said = Response(status, (("Content-Type", media_type),), body, b"OK")
    exchange = Exchange(1, Probe("operation", "https://api.example/api/my/messages"), said, None)
    return dict(checks.complaints(operation, exchange))


LIST = "listMessages"
JSON = "application/json"
EMBEDDED = b'{"_embedded": {"messages": [{"MessageId": 1}]}}'


@pytest.mark.parametrize(
    ("operation", "status", "media_type", "body", "wrong"),
    [
        (LIST, 500, "text/html", b"x", {"not_a_server_error", "status_code_conformance"}),
        (LIST, 201, JSON, b"[]", {"status_code_conformance"}),
        (LIST, 200, "text/html", b"x", {"content_type_conformance"}),
        (LIST, 200, JSON, b'[{"MessageId": "a1"}]', {"response_schema_conformance"}),
        (LIST, 200, "application/hal+json", EMBEDDED, {"response_schema_conformance"}),
        ("getMessagePrint", 200, "text/plain", b"x", {"content_type_conformance"}),
    ],
)
def test_a_check_that_fails_is_named(
    operation: str, status: int, media_type: str, body: bytes, wrong: set[str]
) -> None:
    found = complaints(operation, status, media_type, body)
    assert set(found) == wrong
    assert all(found.values()) and not any("\n" in told for told in found.values())


@pytest.mark.parametrize(
    ("operation", "status", "media_type", "body"),
    [
        (LIST, 200, JSON, b"[]"),
        (LIST, 200, "application/hal+json; charset=utf-8", b'{"_embedded": {"messages": []}, "More": 1}'),
        (LIST, 200, "application/xml", b"<a/>"),
        (LIST, 404, "text/html", b"x"),
        (LIST, 429, "text/plain", b"x"),
        ("getAttachment", 200, "image/png", b"x"),
        ("getMyProfile", 200, JSON, b'{"Name": "Ola", "Unknown": []}'),
        ("nobody described it", 500, JSON, b"x"),
    ],
)
def test_what_the_description_allows_is_not_complained_of(
    operation: str, status: int, media_type: str, body: bytes
) -> None:
    assert complaints(operation, status, media_type, body) == {}
