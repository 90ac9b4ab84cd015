"""What was really recorded of Altinn, replayed as a target: the verdicts here were looked at by hand.

tt02.altinn.basefarm.net (2016): hrefs hold unescaped blanks, so LINK-1 is rightly broken. tt02.altinn.no (about 2018):
isTemplated, so LINK-7 is rightly noted. www.altinn.no (2020 to 2024): nothing is wrong with what was recorded.
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from stage import explore

from samsvar.logic import urls
from samsvar.logic.deciding import judge
from samsvar.logic.judging.rules import RULES
from samsvar.model.contract import Contract, Entry
from samsvar.model.exchange import Failure, Login, Means, Probe, Response, Stage, TargetKind
from samsvar.world.documents import read_contract

SAMPLES = Path(__file__).parents[2] / "shared" / "altinn2" / "samples"
TYPES = {
    "metadata": "ServiceMetaDataList",
    "metadata/formtask/{serviceCode}/{serviceEditionCode}": "ServiceMetaData",
    "metadata/codelists/{name}/{version}": "CodeList",
    "metadata/roledefinitions": "RoleDefinitionList",
    "serviceowner/authorization/roles": "ServiceOwnerRoleList",
    "serviceowner/delegationRequests": "ServiceOwnerDelegationRequestList",
    "serviceowner/organizations": "ServiceOwnerOrganizationList",
    "serviceowner/organizations/{organizationNumber}": "ServiceOwnerOrganization",
    "serviceowner/organizations/{organizationNumber}/officialcontacts": "OfficialContactList",
    "serviceowner/organizations/{organizationNumber}/personalcontacts": "PersonalContactList",
    "{who}/messages": "MessageList",
}
NOT_RECORDED = Failure(Stage.NOT_RECORDED, "not recorded")
DROPPED = ("content-length", "transfer-encoding", "content-encoding")

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the recorded answers lie in ../shared, which is not here")


@dataclass
class Recording:
    """What was recorded below one root: answers by URL and media type, and entries that lead to them."""

    answers: dict[str, dict[str, Response]] = field(default_factory=lambda: defaultdict(dict))
    entries: list[Entry] = field(default_factory=list)

    def answer(self, probe: Probe) -> Response | Failure:
        found = self.answers.get(urls.canonical(probe.url), {})
        plain = probe.method == "GET" and probe.login is Login.GIVEN and len(probe.headers) < 2
        accept = probe.header("Accept") or ""
        if plain and "*/*" in accept and found:
            return next(iter(found.values()))
        return found.get(accept, NOT_RECORDED) if plain else NOT_RECORDED


def url_of(sample: Mapping[str, Any], body: bytes) -> str:
    """Where a sample was got: as the index says, else as it says itself."""
    told = re.search(r"https?://\S+", sample.get("request", ""))
    if told:
        return told.group().rstrip(",")
    return str(json.loads(body)["_links"]["self"]["href"])


def recordings() -> dict[str, Recording]:
    found: dict[str, Recording] = defaultdict(Recording)
    for sample in json.loads((SAMPLES / "index.json").read_text(encoding="utf-8"))["samples"]:
        if sample["kind"] not in ("recorded-live", "recorded-fixture"):
            continue
        body = (SAMPLES / sample["file"]).read_bytes()
        url = url_of(sample, body).strip().replace(" ", "%20")
        root = url[: url.index("/api") + len("/api")]
        fields = sample.get("headers") or {"Content-Type": sample["media_type"]}
        kept = tuple((name, str(value)) for name, value in fields.items() if name.lower() not in DROPPED)
        response = Response(sample.get("status", 200), kept, body)
        found[root].answers[urls.canonical(url)][sample["media_type"]] = response
        if sample["resource"] in TYPES:
            path, type_name = url[len(root) :].lstrip("/"), TYPES[sample["resource"]]
            found[root].entries.append(Entry(sample["file"], path, type_name, "recorded", required=False))
    return found


@pytest.fixture(scope="module")
def contract() -> Contract:
    return read_contract("altinn2")


@pytest.fixture(scope="module")
def recorded() -> dict[str, Recording]:
    return recordings()


def outcomes(contract: Contract, root: str, recording: Recording) -> dict[str, str]:
    here = replace(contract, entries=tuple(recording.entries))
    observed = explore(
        recording.answer,
        here,
        root=root,
        kind=TargetKind.CASSETTE,
        means=Means(key=True, login=True),
        profile=contract.profiles["default"],
    ).observed
    return {id_: judge(row, RULES.get(id_), observed).outcome.value for id_, row in contract.guarantees.items()}


REPORTED = ("broken", "discouraged", "noted", "unstable")
KEPT = {"FORMAT-1", "FORMAT-2", "FORMAT-3", "LINK-5", "HTTP-1", "HTTP-2", "MODEL-1"}


@pytest.mark.parametrize(
    ("root", "reported"),
    [
        ("https://www.altinn.no/api", {}),
        ("https://tt02.altinn.no/api", {"LINK-7": "noted"}),
        ("https://tt02.altinn.basefarm.net/api", {"LINK-1": "broken"}),
    ],
)
def test_real_answers_are_judged_rightly(
    contract: Contract, recorded: dict[str, Recording], root: str, reported: dict[str, str]
) -> None:
    found = outcomes(contract, root, recorded[root])
    assert {id_: one for id_, one in found.items() if one in REPORTED} == reported
    assert {id_ for id_ in KEPT if found[id_] != "kept"} == set()


def test_every_recording_is_replayed(recorded: dict[str, Recording]) -> None:
    assert len(recorded) == 3
    assert sum(len(formats) for one in recorded.values() for formats in one.answers.values()) >= 19
