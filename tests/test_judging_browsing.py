"""CORS-9: what the word of a browser means, with a browser that says what it is told to."""

from dataclasses import replace
from functools import cache

import pytest
from small_environment import ORIGINS, kept
from stage import explore

from samsvar.logic.asking import browsing, cross_origin
from samsvar.logic.judging.browsing import CONTRIBUTIONS, RULES
from samsvar.logic.observing import Observed
from samsvar.model.contract import Contract
from samsvar.model.exchange import Client, Failure, Login, Means, Probe, Response, Stage
from samsvar.model.verdict import Cause, Finding, Sight
from samsvar.world.documents import read_contract

MEANS = Means(
    key=True,
    login=True,
    logins=(Login.TOKEN, Login.PASSWORD),
    origins=ORIGINS,
    clients=(Client.BROWSER,),
)
NO = Failure(Stage.SHARING, "the browser keeps the answer from script: MissingAllowOriginHeader")


@cache
def contract() -> Contract:
    return read_contract("altinn2")


def fair(probe: Probe) -> Response | Failure:
    """A browser that lets pages of registered origins read, and no others."""
    return kept(probe) if probe.header("Origin") in ORIGINS else NO


def observed_of(by_browser=fair, means: Means = MEANS) -> Observed:
    def environment(probe: Probe) -> Response | Failure:
        return by_browser(probe) if probe.by is Client.BROWSER else kept(probe)

    rounds = ((cross_origin.ask,), (browsing.ask,))
    return explore(environment, contract(), rounds=rounds, means=means).observed


def findings(by_browser=fair, means: Means = MEANS) -> tuple[Finding, ...]:
    return tuple(RULES["CORS-9"](observed_of(by_browser, means)))


def asked(observed: Observed) -> list[tuple[str, str, str, Login]]:
    """Question, origin, media type and login of what a browser asked."""
    readings = observed.asked(browsing.READABLE, browsing.KEPT_FROM)
    return [
        (one.probe.question, one.probe.header("Origin") or "", one.probe.header("Accept") or "", one.probe.login)
        for one in readings
    ]


def test_a_fair_browser_shows_the_guarantee_kept_and_every_question_is_an_observation() -> None:
    found = findings()
    assert {one.sight for one in found} == {Sight.MET}
    assert len(found) == len(asked(observed_of()))


def test_script_asks_in_each_format_with_each_login_and_from_each_kind_of_page() -> None:
    told = asked(observed_of())
    readable = [row[1:] for row in told if row[0] == browsing.READABLE]
    formats = {accept for _, accept, login in readable if login is Login.TOKEN}
    assert len(formats) == 4 and {accept for _, accept, login in readable if login is Login.NONE} == formats
    assert {login for *_, login in readable} == {Login.NONE, Login.NO_LOGIN, Login.TOKEN, Login.PASSWORD}
    assert {origin for origin, *_ in readable} == set(ORIGINS)
    others = {(origin, login) for question, origin, _, login in told if question == browsing.KEPT_FROM}
    assert {origin for origin, _ in others} >= {"null", "https://samsvar-uregistrert.example"}
    assert len({origin for origin, _ in others}) == 3
    assert {login for _, login in others} == {Login.NONE, Login.TOKEN, Login.PASSWORD}


@pytest.mark.parametrize("means", [Means(origins=ORIGINS), Means(clients=(Client.BROWSER,))])
def test_nothing_is_asked_without_a_browser_or_without_an_origin(means: Means) -> None:
    assert asked(observed_of(means=means)) == []


@pytest.mark.parametrize("login", [Login.TOKEN, Login.IDPORTEN, Login.MASKINPORTEN, Login.PASSWORD])
def test_every_login_that_is_no_certificate_is_one_of_script(login: Login) -> None:
    means = replace(MEANS, logins=(Login.CERTIFICATE, login))
    assert {row[-1] for row in asked(observed_of(means=means))} == {Login.NONE, Login.NO_LOGIN, login}


def test_what_the_browser_keeps_from_a_registered_page_is_unmet() -> None:
    found = findings(lambda probe: NO)
    unmet = [one for one in found if one.sight is Sight.UNMET]
    assert unmet and all("cannot read" in one.because and "MissingAllowOrigin" in one.observed for one in unmet)


def test_what_another_page_reads_is_unmet_and_the_page_is_named() -> None:
    found = findings(lambda probe: kept(probe))
    unmet = [one for one in found if one.sight is Sight.UNMET]
    assert unmet and any("(null)" in one.because for one in unmet)


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.SHARING])
def test_no_other_failure_of_a_browser_speaks_of_the_target(stage: Stage) -> None:
    found = findings(lambda probe: Failure(stage, "so it was"))
    assert {one.sight for one in found} == {Sight.UNSEEN}
    assert Cause.TARGET not in {one.cause for one in found}


def test_script_that_is_refused_what_others_get_is_unmet() -> None:
    found = findings(lambda probe: Response(401) if probe.header("Origin") in ORIGINS else NO)
    unmet = [one for one in found if one.sight is Sight.UNMET]
    assert unmet and all("is refused" in one.because and len(one.exchanges) == 2 for one in unmet)


def test_a_busy_target_is_not_judged() -> None:
    """Nor is it kept, though strangers read nothing: nobody was seen to read."""
    found = findings(lambda probe: Response(503) if probe.header("Origin") in ORIGINS else NO)
    assert {one.sight for one in found} == {Sight.UNSEEN}
    assert Sight.UNMET not in {one.sight for one in found} and Sight.UNSEEN in {one.sight for one in found}


@pytest.mark.parametrize(("shown", "sight"), [(True, Sight.MET), (False, Sight.UNMET)])
def test_the_warning_of_a_list_has_to_be_seen_by_script(shown: bool, sight: Sight) -> None:
    def environment(probe: Probe) -> Response | Failure:
        said = fair(probe) if probe.by is Client.BROWSER else kept(probe)
        listed = probe.type == "MessageList" and isinstance(said, Response)
        if not listed or (probe.by is Client.BROWSER and not shown):
            return said
        return replace(said, headers=(*said.headers, (cross_origin.WARNING, "1")))

    seen = explore(environment, contract(), rounds=((cross_origin.ask,), (browsing.ask,)), means=MEANS).observed
    assert {one.sight for one in CONTRIBUTIONS["CORS-10"](seen)} == {sight}


def test_what_script_read_is_no_answer_of_the_api_for_other_rules() -> None:
    """Header fields are missing from it, which must not count against the target."""
    seen = observed_of()
    assert not [one for one in seen.readings if one.probe.by is Client.BROWSER]
