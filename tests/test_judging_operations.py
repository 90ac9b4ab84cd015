"""What generated questions show: planted defects are seen, and no harmless difference is an alarm."""

import re
import sys
from collections.abc import Collection
from dataclasses import replace
from functools import cache
from importlib.util import find_spec

import pytest

if find_spec("schemathesis") is None:
    pytest.skip("the extra schemathesis is not installed", allow_module_level=True)

from foreign.campaign import ROWS
from foreign.serving import KEY, serve, token
from generated import ALTINN2, alarms, of_order, told

from samsvar.logic.judging.access import RULES as ACCESS
from samsvar.logic.judging.formats import RULES as FORMATS
from samsvar.logic.judging.models import RULES as MODELS
from samsvar.logic.judging.operations import CONTRIBUTIONS, SENSELESS, _checks
from samsvar.logic.observing import Observed
from samsvar.miniature import EVOLUTIONS
from samsvar.model.exchange import Probe, Response
from samsvar.model.verdict import Cause, Sight
from samsvar.running import Order

SMALL = Order(size=12)
CODE = re.compile(rb'"ServiceCode": ?"')
VARIATIONS = ("json-reversed", "hal-singular", "moved", "more-members", "gzip")


@cache
def kept() -> Observed:
    return of_order(SMALL, count=4)


def guarantees(found: Collection[tuple[str, str, str]]) -> set[str]:
    return {id_ for id_, _, _ in found}


def of_operation(probe: Probe, name: str) -> bool:
    return probe.question == "operation" and probe.about.startswith(f"{name} ")


# No false alarm


def test_the_contributions_are_to_guarantees_of_the_contract() -> None:
    assert set(CONTRIBUTIONS) == {"HTTP-1", "FORMAT-2", "MODEL-1", "LIST-5"} <= set(ALTINN2.guarantees)


def test_the_miniature_meets_what_generated_questions_ask() -> None:
    found = told(kept())
    assert {one.sight for all_ in found.values() for one in all_} == {Sight.MET}
    assert all(len(all_) > 10 for all_ in found.values())


@pytest.mark.parametrize("name", EVOLUTIONS)
def test_an_evolution_raises_no_alarm(name: str) -> None:
    assert alarms(of_order(Order(size=12, evolutions=(name,)))) == []


@pytest.mark.parametrize("name", VARIATIONS)
def test_a_foreign_environment_in_another_style_raises_no_alarm(name: str) -> None:
    with serve(ROWS[name]) as environment:
        secrets = {"SAMSVAR_API_KEY": KEY, "SAMSVAR_TOKEN": token()}
        observed = of_order(Order(target=environment.root, settings=secrets))
    assert len(observed.asked("operation")) > 40
    assert alarms(observed) == []


def test_the_environment_is_to_blame_for_an_answer_that_asks_to_wait() -> None:
    def busy(probe: Probe, said: Response) -> Response:
        return replace(said, status=503, body=b"") if probe.question == "operation" else said

    found = [one for all_ in told(of_order(SMALL, plant=busy)).values() for one in all_]
    assert found and all(one.sight is Sight.UNSEEN and one.cause is Cause.ENVIRONMENT for one in found)


def test_without_schemathesis_its_checks_are_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    observed = of_order(SMALL)
    _checks.cache_clear()
    monkeypatch.setitem(sys.modules, "schemathesis", None)
    found = told(observed)
    _checks.cache_clear()
    for id_ in ("HTTP-1", "FORMAT-2", "MODEL-1"):
        (one,) = found[id_]
        assert one.sight is Sight.UNSEEN and one.cause is Cause.HARNESS and "samsvar[schemathesis]" in one.because
    assert {one.sight for one in found["LIST-5"]} == {Sight.MET}


# Planted defects


def test_a_crash_on_a_query_that_nobody_can_understand_is_seen() -> None:
    def crashing(probe: Probe, said: Response) -> Response:
        hostile = probe.question == "operation" and "$filter=" in probe.url and said.status == 400
        return replace(said, status=500, reason=b"Oops", body=b"") if hostile else said

    found = alarms(of_order(SMALL, count=6, plant=crashing))
    assert guarantees(found) == {"LIST-5"}
    assert any("as the server's fault" in because for _, because, _ in found)


def test_a_crash_on_a_query_that_is_right_is_seen() -> None:
    def crashing(probe: Probe, said: Response) -> Response:
        right = of_operation(probe, "listServices") and " positive " in probe.about
        return replace(said, status=500, reason=b"Oops", body=b"") if right else said

    assert guarantees(alarms(of_order(SMALL, plant=crashing))) == {"HTTP-1"}


def test_a_page_for_people_that_calls_itself_json_is_seen_among_refusals() -> None:
    def pages(probe: Probe, said: Response) -> Response:
        if probe.question != "operation" or said.status != 400:
            return said
        return replace(said, headers=(("Content-Type", "application/json"),), body=b"<html><body>No</body></html>")

    observed = of_order(SMALL, plant=pages)
    found = [one for one in FORMATS["FORMAT-3"](observed) if one.sight is Sight.UNMET]
    assert found and all("not well-formed json" in one.because for one in found)
    assert alarms(observed) == []


def test_private_content_without_login_at_one_address_is_seen() -> None:
    content = b'{"Name": "KATT HAKK", "UserName": "katt"}'

    def open_door(probe: Probe, said: Response) -> Response:
        if not of_operation(probe, "getMyProfile") or said.status == 200:
            return said
        return replace(said, status=200, headers=(("Content-Type", "application/json"),), body=content)

    observed = of_order(SMALL, plant=open_door)
    found = [one for one in ACCESS["AUTH-3"](observed) if one.sight is Sight.UNMET]
    assert [one.because for one in found] == ["a private resource comes without login"]
    assert found[0].url.endswith("/my/profile")


def test_a_number_of_elements_that_is_none_and_is_ignored_is_seen() -> None:
    def ignoring(probe: Probe, said: Response) -> Response:
        if probe.question != "operation" or said.status != 400 or "$top=" not in probe.url:
            return said
        return Response(200, (("Content-Type", probe.header("Accept") or ""),), b"", b"OK")

    found = alarms(of_order(SMALL, count=6, plant=ignoring))
    assert guarantees(found) == {"LIST-5"}
    assert any("$top" in because for _, because, _ in found)


def test_another_media_type_with_a_query_is_seen() -> None:
    def relabelled(probe: Probe, said: Response) -> Response:
        if not of_operation(probe, "listServices") or said.status != 200:
            return said
        return replace(said, headers=(("Content-Type", "application/vnd.own+json"),))

    assert guarantees(alarms(of_order(SMALL, plant=relabelled))) == {"FORMAT-2"}


def test_a_model_that_is_another_with_a_query_is_seen() -> None:
    def renumbered(probe: Probe, said: Response) -> Response:
        json_ = said.status == 200 and probe.header("Accept") == "application/hal+json"
        if not json_ or not of_operation(probe, "getFormTask"):
            return said
        return replace(said, body=CODE.sub(b'"ServiceCode": 1, "Old": "', said.body))

    assert guarantees(alarms(of_order(SMALL, plant=renumbered))) == {"MODEL-1"}


def test_a_model_that_is_another_everywhere_is_not_told_again() -> None:
    def renumbered(_probe: Probe, said: Response) -> Response:
        return replace(said, body=CODE.sub(b'"ServiceCode": 1, "Old": "', said.body))

    observed = of_order(SMALL, plant=renumbered)
    assert alarms(observed) == []
    assert any(one.sight is Sight.UNMET for one in MODELS["MODEL-1"](observed))


# What nobody can understand


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("$top", "abc"),
        ("$top", "-1"),
        ("$skip", "1e5"),
        ("$skip", "null"),
        ("$filter", "'"),
        ("$filter", "Name 'x'"),
        ("$filter", "!!"),
        ("$filter", "Name eq 'x"),
        ("$orderby", "Name sideways"),
        ("$orderby", "!"),
        ("$orderby", "Name,,Type"),
    ],
)
def test_a_value_that_nobody_can_understand_is_known(option: str, value: str) -> None:
    assert SENSELESS[option](value)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("$top", "5"),
        ("$top", " 5 "),
        ("$top", "+5"),
        ("$top", "5.0"),
        ("$top", ""),
        ("$top", "99999999999999999999"),
        ("$skip", "-0"),
        ("$filter", "Name eq 'it''s'"),
        ("$filter", "startswith(Name,'x')"),
        ("$filter", "MarkedUnread"),
        ("$filter", "true"),
        ("$filter", " "),
        ("$orderby", "Name desc, Type"),
        ("$orderby", "length(Name)"),
        ("$orderby", ""),
    ],
)
def test_a_value_that_some_reader_understands_is_let_be(option: str, value: str) -> None:
    assert not SENSELESS[option](value)
