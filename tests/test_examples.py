"""The examples of the documentation as data, as they are asked, and what is made of the answers."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from small_environment import ORIGINS, kept, path_of
from stage import ROOT, explore

from samsvar.errors import ContractError
from samsvar.logic.asking import examples as asking
from samsvar.logic.contracts import check_document
from samsvar.logic.judging.examples import RULES, SAYS
from samsvar.logic.observing import Observed, observe
from samsvar.miniature import credentials, serve
from samsvar.model.contract import Contract
from samsvar.model.exchange import Client, Evidence, Failure, Login, Means, Probe, Response, Stage
from samsvar.model.verdict import Finding, Sight
from samsvar.running import Order, way_to
from samsvar.running import explore as run
from samsvar.running.orders import clients_there
from samsvar.world.commands import installed
from samsvar.world.documents import parse, read_contract
from samsvar.world.served import ServedEnvironment

MEANS = Means(key=True, login=True, origins=ORIGINS, clients=(Client.CURL, Client.POWERSHELL))
needs_curl = pytest.mark.skipif(Client.CURL not in installed(), reason="curl is not installed")
CONTRACTS = Path(__file__).parents[1] / "contracts"


@cache
def contract() -> Contract:
    return read_contract("altinn2")


# -- as data


def schema() -> dict[str, object]:
    return json.loads((CONTRACTS / "schema" / "examples.schema.json").read_text("utf-8"))


def document() -> dict[str, list[dict[str, object]]]:
    return parse("examples.yaml", (CONTRACTS / "altinn2" / "examples.yaml").read_bytes())


def test_the_schema_knows_what_can_be_judged_and_nothing_else() -> None:
    row = json.loads(json.dumps(schema()))["$defs"]["example"]["properties"]["says"]["items"]["enum"]
    assert set(row) == set(SAYS)


def test_an_unknown_expectation_is_refused_with_those_that_are_known() -> None:
    broken = document()
    broken["examples"][0]["says"] = ["sings"]
    with pytest.raises(ContractError) as caught:
        check_document("examples.yaml", broken, schema())
    assert "'sings' is not one of" in str(caught.value) and "stays-unread" in str(caught.value)


def test_the_documented_kinds_of_examples_are_all_there() -> None:
    rows = contract().examples
    assert {("my/messages", "application/hal+json"), ("my/messages", "application/hal+xml")} <= {
        (row.path, dict(row.headers).get("Accept")) for row in rows
    }
    assert {row.by for row in rows} == {Client.OWN, Client.CURL, Client.POWERSHELL}
    assert {name for row in rows for name in row.query} == {"$skip", "$top", "$filter", "markAsRead"}
    assert all(row.sources and row.statement["nb"] for row in rows)


def test_every_expectation_is_said_by_some_example() -> None:
    assert {name for row in contract().examples for name in row.says} == set(SAYS)


# -- as they are asked


def looked(environment: Callable[[Probe], Response | Failure] = kept, means: Means = MEANS) -> Observed:
    return explore(environment, contract(), rounds=((asking.ask,),), means=means).observed


def put(observed: Observed) -> dict[str, Probe]:
    """The first probe of each example."""
    found: dict[str, Probe] = {}
    for reading in observed.readings:
        name = reading.probe.question
        if name.startswith(asking.PREFIX) and not reading.probe.about:
            found[name.removeprefix(asking.PREFIX)] = reading.probe
    return found


def test_the_check_of_a_domain_is_put_by_its_clients_as_it_stands() -> None:
    probes = put(looked())
    for name, client in (("origin-by-curl", Client.CURL), ("origin-by-powershell", Client.POWERSHELL)):
        probe = probes[name]
        assert (probe.url, probe.by, probe.login) == (f"{ROOT}/metadata/", client, Login.NONE)
        assert probe.headers == (("Origin", ORIGINS[0]),)


def test_without_clients_samsvar_puts_the_same_request_once() -> None:
    probes = put(looked(means=replace(MEANS, clients=())))
    assert probes["origin-by-curl"].by is Client.OWN and "origin-by-powershell" not in probes
    only = put(looked(means=replace(MEANS, clients=(Client.POWERSHELL,))))
    assert only["origin-by-powershell"].by is Client.POWERSHELL and "origin-by-curl" not in only


def test_nothing_private_is_asked_for_without_a_login_and_nothing_of_origins_without_one() -> None:
    probes = put(looked(means=Means()))
    assert set(probes) == {"services"}
    assert all(probe.login is Login.NONE for probe in probes.values())


def test_a_message_is_read_politely_and_an_owner_is_one_that_has_written() -> None:
    observed = miniature()
    probes = put(observed)
    assert probes["message-left-unread"].url.endswith("?markAsRead=false")
    assert unquote(probes["three-of-an-owner"].url).endswith("?$filter=ServiceOwner eq 'Skatteetaten'&$top=3")
    assert "CreatedDate gt DateTime'2018-01-22T00:00:00' and ServiceOwner eq 'Skatteetaten'" in unquote(
        probes["of-an-owner-since"].url
    )
    assert not any("markAsRead=true" in probe.url for probe in probes.values())


# -- what is made of the answers


ORDER = Order(select=("EXAMPLE",), clients=(), walks="none", generated=0)


@cache
def ran() -> tuple[Evidence, Observed]:
    """The miniature, asked by samsvar alone."""
    return run(ORDER, contract(), contract().profiles["default"])


def miniature() -> Observed:
    return ran()[1]


def found(observed: Observed, example: str = "", sight: Sight | None = None) -> list[Finding]:
    every = list(RULES["EXAMPLE-1"](observed))
    return [one for one in every if example in one.place and sight in (None, one.sight)]


def test_the_miniature_does_what_the_page_says() -> None:
    observed = miniature()
    assert found(observed, sight=Sight.UNMET) == []
    assert {one.place for one in found(observed, sight=Sight.MET)} == {
        f"example {row.id}" for row in contract().examples if row.id != "origin-by-powershell"
    }


def test_a_client_that_was_not_run_is_told_with_what_to_do() -> None:
    (curl,) = found(miniature(), "origin-by-curl", Sight.UNSEEN)
    (shell,) = found(miniature(), "origin-by-powershell")
    assert "curl was not run: it is not installed" in curl.because
    assert "PowerShell was not run" in shell.because and shell.sight is Sight.UNSEEN


Change = Callable[[Probe, Response], Response]


def changed(example: str, change: Change, about: str = "") -> Observed:
    """The evidence of the whole miniature, with one answer changed."""
    evidence, _ = ran()
    exchanges = tuple(
        replace(one, response=change(one.probe, one.response))
        if one.response is not None and (one.probe.question, one.probe.about) == (f"{asking.PREFIX}{example}", about)
        else one
        for one in evidence.exchanges
    )
    assert exchanges != evidence.exchanges
    return observe(replace(evidence, exchanges=exchanges), contract(), contract().profiles["default"])


def as_status(status: int, *without: str) -> Change:
    def change(probe: Probe, response: Response) -> Response:
        kept_fields = tuple(pair for pair in response.headers if pair[0] not in without)
        return replace(response, status=status, headers=kept_fields)

    return change


def as_type(media_type: str) -> Change:
    def change(probe: Probe, response: Response) -> Response:
        fields = tuple(pair for pair in response.headers if pair[0] != "Content-Type")
        return replace(response, headers=(*fields, ("Content-Type", media_type)))

    return change


def without_elements(probe: Probe, response: Response) -> Response:
    read = json.loads(response.body)
    read["_embedded"]["messages"] = []
    return replace(response, body=json.dumps(read).encode())


def of_another_owner(probe: Probe, response: Response) -> Response:
    read = json.loads(response.body)
    for one in read["_embedded"]["messages"][:1]:
        one |= {"ServiceOwner": "Noen andre", "MessageId": "b9999999"}
    return replace(response, body=json.dumps(read).encode())


def doubled(probe: Probe, response: Response) -> Response:
    read = json.loads(response.body)
    read["_embedded"]["messages"] *= 2
    return replace(response, body=json.dumps(read).encode())


ALLOW = "Access-Control-Allow-Origin"
WRONG = [
    ("messages-hal-json", as_status(500), "it is not answered"),
    ("messages-hal-xml", as_type("application/xml"), "the content comes in another format"),
    ("services", as_status(404), "it is not answered"),
    ("origin-by-curl", as_status(200, ALLOW), "the registered domain does not come back"),
    ("three-of-an-owner", of_another_owner, "elements come that do not fit"),
    ("three-of-an-owner", without_elements, "nothing comes though elements fit"),
    ("three-of-an-owner", doubled, "more elements come than were asked for"),
    ("second-page", lambda probe, response: box([f"z{n}" for n in range(51)]), "the list holds more than it may"),
]


@pytest.mark.parametrize(("example", "change", "because"), WRONG, ids=[f"{row[0]}: {row[2]}" for row in WRONG])
def test_an_answer_that_is_not_what_the_page_says_is_found(example: str, change: Change, because: str) -> None:
    observed = changed(example, change)
    assert [one.because for one in found(observed, sight=Sight.UNMET)] == [because]
    assert found(observed, example, Sight.UNMET)


@pytest.mark.parametrize(
    ("example", "change", "because"),
    [
        ("messages-hal-json", as_status(503), "did not answer just then"),
        ("messages-hal-json", as_status(403), "is refused"),
        ("origin-by-curl", as_status(302, ALLOW), "leads on"),
        ("origin-by-curl", as_status(429, ALLOW), "did not answer just then"),
    ],
)
def test_an_answer_that_tells_nothing_of_the_example_is_no_failure(example: str, change: Change, because: str) -> None:
    observed = changed(example, change)
    assert not found(observed, sight=Sight.UNMET)
    assert any(because in one.because for one in found(observed, example, Sight.UNSEEN))


def test_a_message_that_arrives_between_two_pages_is_no_failure() -> None:
    """The last of the first page is then the first of the second one, and no more in the first."""
    pages = {"before": ["a1", "a2"], "": ["a2", "a3"], "after": ["a0", "a1"]}
    stuck = {**pages, "after": ["a1", "a2"]}
    for told, sights in ((pages, {Sight.MET}), (stuck, {Sight.MET, Sight.UNMET})):

        def environment(probe: Probe, told: dict[str, list[str]] = told) -> Response | Failure:
            if probe.question != f"{asking.PREFIX}second-page":
                return kept(probe)
            return box(told[probe.about])

        assert {one.sight for one in found(looked(environment), "second-page")} == sights


def box(ids: list[str]) -> Response:
    elements = [{"MessageId": one, "ServiceOwner": "A", "Type": "Correspondence"} for one in ids]
    body = {"_links": {}, "_embedded": {"messages": elements}}
    return Response(200, (("Content-Type", "application/hal+json"),), json.dumps(body).encode())


def test_a_client_that_gets_no_answer_where_samsvar_does_is_a_failure() -> None:
    def environment(probe: Probe) -> Response | Failure:
        return Failure(Stage.RECEIVE, "reset") if probe.by is Client.CURL else kept(probe)

    (finding,) = found(looked(environment), "origin-by-curl")
    assert (finding.sight, finding.because) == (Sight.UNMET, "curl gets no answer where others do")


@pytest.mark.parametrize("stage", [Stage.DNS, Stage.CONNECT, Stage.TLS, Stage.DEADLINE])
def test_a_client_that_does_not_come_through_from_here_tells_nothing(stage: Stage) -> None:
    def environment(probe: Probe) -> Response | Failure:
        return Failure(stage, "from here") if probe.by is Client.CURL else kept(probe)

    (finding,) = found(looked(environment), "origin-by-curl")
    assert finding.sight is Sight.UNSEEN


def test_what_was_not_given_is_told() -> None:
    findings = {one.place: one.because for one in found(looked(means=Means()))}
    assert "no login" in findings["example messages-hal-json"]
    assert "--origin" in findings["example origin-by-curl"]


def test_the_small_environment_is_asked_at_its_own_addresses() -> None:
    assert all(path_of(probe).startswith(("metadata", "my/messages")) for probe in put(looked()).values())


def test_evidence_without_an_example_makes_nothing_better() -> None:
    observed = looked(lambda probe: kept(probe))
    kept_findings = found(observed, "services", Sight.MET)
    assert kept_findings
    none = explore(kept, contract(), means=MEANS).observed
    assert all(one.sight is Sight.UNSEEN for one in RULES["EXAMPLE-1"](none))


def test_a_look_that_is_missing_makes_no_page_better() -> None:
    told = {"before": ["a1", "a2"], "": ["a1", "a2"]}

    def environment(probe: Probe) -> Response | Failure:
        if probe.question != f"{asking.PREFIX}second-page":
            return kept(probe)
        return box(told[probe.about]) if probe.about in told else Failure(Stage.RECEIVE, "reset")

    (finding,) = found(looked(environment), "second-page", Sight.UNSEEN)
    assert "could not be looked at again" in finding.because


# -- who is there to ask


@needs_curl
def test_curl_can_be_told_where_the_miniature_is_and_powershell_cannot() -> None:
    assert Client.CURL in clients_there()
    assert way_to(Order(clients=(Client.CURL, Client.POWERSHELL))).means.clients == (Client.CURL,)
    assert way_to(Order()).means.clients == ()


@needs_curl
def test_a_run_without_examples_serves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ServedEnvironment, "start", lambda self: pytest.fail("it was served"))
    run(replace(ORDER, clients=(Client.CURL,), select=("DOC",)), contract(), contract().profiles["default"])


@needs_curl
def test_curl_puts_the_example_to_an_environment_on_a_port() -> None:
    with serve() as served:
        given = {"SAMSVAR_API_KEY": credentials.API_KEY, "SAMSVAR_TOKEN": credentials.TOKEN}
        order = replace(
            ORDER, target=served.root, origins=ORIGINS[:1], settings=given, clients=(Client.CURL,), budget=5_000
        )
        evidence, observed = run(order, contract(), contract().profiles["default"])
    assert Client.CURL in evidence.means.clients
    (finding,) = found(observed, "origin-by-curl")
    assert finding.sight is Sight.MET
    assert {one.probe.by for one in evidence.exchanges if one.number in finding.exchanges} == {Client.CURL}


def test_who_put_no_example_is_told_in_the_notes() -> None:
    evidence, _ = ran()
    assert any(note.startswith("curl was not run") for note in evidence.notes)
    assert any(note.startswith("PowerShell was not run") for note in evidence.notes)
