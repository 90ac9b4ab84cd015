"""pytest's door: options, markers, fixtures and the summary, for the suites of samsvar and for anybody's own tests.

Loaded by pytest in every project where samsvar is installed, so it imports next to nothing until a test asks for it.
One run gathers evidence once, also under pytest-xdist, where the first worker that needs it shares it with the others.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from samsvar.logic.observing import Observed
    from samsvar.model.exchange import Evidence, Target
    from samsvar.model.verdict import Finding, Judgement
    from samsvar.running import Session
    from samsvar.world.cassettes import Playing, Tape

SESSION: pytest.StashKey[Session] = pytest.StashKey()
LEDGER: pytest.StashKey[dict[str, Judgement]] = pytest.StashKey()
DESELECTED = pytest.StashKey[bool]()
TAPES: pytest.StashKey[dict[str, Tape]] = pytest.StashKey()
CASSETTE = "samsvar_cassette"
"""Marker and fixture by which a test is answered from a recording."""

FAMILIES = (
    "format",
    "accept",
    "link",
    "reach",
    "get",
    "cors",
    "auth",
    "http",
    "list",
    "model",
    "meaning",
    "doc",
    "example",
)
LEVELS = ("must", "should", "may")


def guarantee(id: str, *, level: str = "MUST", statement: str = "") -> pytest.MarkDecorator:
    """Bind a test to a guarantee. ``level`` and ``statement`` count only for an id that the contract does not have."""
    return pytest.mark.guarantee(id, level=level, statement=statement)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a suite test asserts on. ``holds``: nothing speaks against the guarantee that its level forbids."""

    judgement: Judgement

    @property
    def holds(self) -> bool:
        return self.judgement.outcome.value != "broken"

    @property
    def explanation(self) -> str:
        """The guarantee and its findings, for people."""
        from samsvar.logic.reporting.console import explain_judgement

        return explain_judgement(self.judgement)


# -- options and markers ----------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("samsvar", "samsvar: promises of a hypermedia API")
    group.addoption(
        "--samsvar-target",
        default="",
        metavar="TARGET",
        help="URL of an API root, or folder of a cassette; nothing: the miniature",
    )
    group.addoption("--samsvar-contract", default="altinn2", metavar="NAME", help="name or folder of the contract")
    group.addoption("--samsvar-profile", default="default", metavar="NAME", help="profile of the contract")
    group.addoption(
        "--samsvar-origin", action="append", default=[], metavar="ORIGIN", help="a registered origin (repeatable)"
    )
    group.addoption("--samsvar-unsafe-methods", action="store_true", help="also ask with POST, PUT, PATCH, DELETE")
    group.addoption("--samsvar-budget", type=int, default=None, metavar="N", help="the most requests to send")
    group.addoption("--samsvar-waivers", default="", metavar="FILE", help="known failures")
    group.addoption("--samsvar-results", default="", metavar="FILE", help="write the results as JSON")
    group.addoption(
        "--samsvar-fault", action="append", default=[], metavar="ID", help="break the miniature (repeatable)"
    )
    group.addoption(
        "--samsvar-evolution", action="append", default=[], metavar="ID", help="evolve the miniature (repeatable)"
    )

    group.addoption("--samsvar-seed", type=int, default=None, metavar="N", help="another content of the miniature")
    group.addoption("--samsvar-walks", default="", metavar="PROFILE", help="how walks go: ci, thorough, live or none")
    group.addoption("--samsvar-walk-seed", type=int, default=None, metavar="N", help="other walks, or the same again")
    group.addoption(
        "--samsvar-generated",
        type=int,
        default=None,
        metavar="N",
        help="also N right and N wrong cases an operation",
    )
    group.addoption(
        "--samsvar-clients",
        default="",
        metavar="NAMES",
        help="what else may ask: browser, curl, powershell, none, or installed: whatever is there (default: installed)",
    )
    group.addoption("--samsvar-size", type=int, default=None, metavar="N", help="how many messages the miniature has")
    group.addoption(
        "--samsvar-cassette",
        default="",
        metavar="DIR",
        help="folder of the recording for tests that use the fixture samsvar_cassette and whose marker names none",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "guarantee(id, level, statement): the guarantee that a test judges")
    config.addinivalue_line("markers", f"{CASSETTE}(folder): answer this test's HTTP from a recording, without network")
    for name in (*LEVELS, *FAMILIES):
        config.addinivalue_line("markers", f"{name}: guarantees of that level or family (samsvar)")
    config.stash[LEDGER] = {}
    handed = config.pluginmanager.get_plugin("samsvar-session")
    if handed is not None:
        config.stash[SESSION] = handed.session


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    handed = config.pluginmanager.get_plugin("samsvar-session")
    if handed is not None and handed.session.order.select:
        items[:] = [item for item in items if _id(item) in handed.session.selected]
    for item in items:
        marker = item.get_closest_marker("guarantee")
        if marker is not None and marker.args:
            family = str(marker.args[0]).rpartition("-")[0].lower()
            if family in FAMILIES:
                item.add_marker(family)
            item.add_marker(_level(item, marker).lower())


def _id(item: pytest.Item) -> str:
    marker = item.get_closest_marker("guarantee")
    return str(marker.args[0]) if marker is not None and marker.args else ""


def _level(item: pytest.Item, marker: pytest.Mark) -> str:
    known = _session(item.config).guarantees.get(str(marker.args[0]))
    return known.level.value if known else str(marker.kwargs.get("level", "MUST"))


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Who selects asks about less: the report says inconclusive, pytest's own exit code stays."""
    for item in items:
        item.config.stash[DESELECTED] = True


# -- the session ------------------------------------------------------------------------------------------------------


def _session(config: pytest.Config) -> Session:
    """The run that this pytest session judges, made from the options when first needed."""
    if SESSION not in config.stash:
        from samsvar.errors import SamsvarError
        from samsvar.running import Session, order_from

        try:
            config.stash[SESSION] = Session.of(order_from(_options(config)), shared=_shared(config))
        except SamsvarError as error:
            pytest.exit(str(error), returncode=error.exit_code)
    return config.stash[SESSION]


def _options(config: pytest.Config) -> dict[str, Any]:
    names = (
        "target",
        "contract",
        "profile",
        "budget",
        "waivers",
        "seed",
        "size",
        "walks",
        "walk_seed",
        "generated",
        "clients",
    )
    found: dict[str, Any] = {name: config.getoption(f"samsvar_{name}") for name in names}
    for name, option in (("origins", "origin"), ("faults", "fault"), ("evolutions", "evolution")):
        found[name] = tuple(config.getoption(f"samsvar_{option}"))
    found["unsafe"] = config.getoption("samsvar_unsafe_methods") or None
    return found


def _shared(config: pytest.Config) -> str:
    """Under xdist the id of the whole run, by which workers and controller find the evidence that one gathered."""
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        return str(worker["testrunuid"])
    manager = config.pluginmanager.get_plugin("dsession")
    return str(manager.nodemanager.testrunuid) if manager is not None and manager.nodemanager else ""


# -- fixtures ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def samsvar_session(request: pytest.FixtureRequest) -> Session:
    """The run itself: order, contract, profile, evidence."""
    session = _session(request.config)
    from samsvar.errors import SamsvarError

    try:
        session.gather()
    except SamsvarError as error:
        pytest.exit(str(error), returncode=error.exit_code)
    return session


@pytest.fixture(scope="session")
def target(samsvar_session: Session) -> Target:
    """What is asked: kind and root."""
    return samsvar_session.evidence.target


@pytest.fixture(scope="session")
def evidence(samsvar_session: Session) -> Evidence:
    """All exchanges of the run."""
    return samsvar_session.evidence


@pytest.fixture(scope="session")
def observed(samsvar_session: Session) -> Observed:
    """What was seen: places, links, readings."""
    return samsvar_session.observed


@pytest.fixture
def report(request: pytest.FixtureRequest, samsvar_session: Session) -> Callable[[Iterable[Finding]], Judged]:
    """Report the findings of the guarantee that this test is marked with; gives the judgement to assert on. A
    guarantee that could not be tested skips the test with the reason."""
    marker = request.node.get_closest_marker("guarantee")
    if marker is None or not marker.args:
        raise pytest.UsageError("the fixtures report and judged need @guarantee('ID') on the test")
    known = samsvar_session.guarantee(str(marker.args[0]), **marker.kwargs)

    def tell(findings: Iterable[Finding]) -> Judged:
        return _record(request, samsvar_session.decide(known, tuple(findings)))

    return tell


@pytest.fixture
def judged(request: pytest.FixtureRequest, samsvar_session: Session) -> Judged:
    """The judgement of the contract's guarantee that this test is marked with."""
    marker = request.node.get_closest_marker("guarantee")
    if marker is None or not marker.args:
        raise pytest.UsageError("the fixtures report and judged need @guarantee('ID') on the test")
    if str(marker.args[0]) not in samsvar_session.contract.guarantees:
        pytest.skip(f"the contract {samsvar_session.contract.label} has no guarantee {marker.args[0]}")
    return _record(request, samsvar_session.judge(str(marker.args[0])))


def _record(request: pytest.FixtureRequest, judgement: Judgement) -> Judged:
    from samsvar.logic.reporting.document import judgement_document

    node = request.node
    node.user_properties.append(("guarantee", judgement.guarantee.id))
    node.user_properties.append(("level", judgement.guarantee.level.value))
    node.user_properties.append(("outcome", judgement.outcome.value))
    node.samsvar_judgement = judgement_document(judgement)
    request.config.stash[LEDGER][judgement.guarantee.id] = judgement
    if judgement.outcome.value in ("untested", "unstable"):
        pytest.skip(f"{judgement.outcome.value}: {judgement.because}")
    return Judged(judgement)


# -- a recording in a test --------------------------------------------------------------------------------------------


@pytest.fixture
def samsvar_cassette(request: pytest.FixtureRequest) -> Generator[Playing, None, None]:
    """The recording that answers this test: root, requests, play_count, all_played, manifest. Whatever it does not
    answer is refused, and so is every other way to another machine."""
    from samsvar.world.cassettes import playing
    from samsvar.world.offline import offline

    tape = _tape(request)
    with offline(), playing(tape) as cassette:
        yield cassette


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """The marker alone is enough. An autouse fixture would say the same, and cost every test of every project."""
    if item.get_closest_marker(CASSETTE) is None or not isinstance(item, pytest.Function):
        return
    if CASSETTE not in item.fixturenames:
        at = _first_of_its_own(item)
        item.fixturenames = [*item.fixturenames[:at], CASSETTE, *item.fixturenames[at:]]


def _first_of_its_own(item: pytest.Function) -> int:
    """Where the fixtures begin that are made for one test alone: what others share is not made from its recording."""
    known = item._fixtureinfo.name2fixturedefs
    for at, name in enumerate(item.fixturenames):
        if name in known and known[name][-1].scope == "function":
            return at
    return len(item.fixturenames)


def _tape(request: pytest.FixtureRequest) -> Tape:
    """The recording of a test, read once for all tests that it is named for."""
    from samsvar.errors import SamsvarError
    from samsvar.world.cassettes import Tape
    from samsvar.world.keeping import read_cassette

    folder = _folder(request)
    tapes = request.config.stash.setdefault(TAPES, {})
    try:
        if folder not in tapes:
            tapes[folder] = Tape(read_cassette(folder))
    except SamsvarError as error:
        pytest.fail(str(error), pytrace=False)
    return tapes[folder]


def _folder(request: pytest.FixtureRequest) -> str:
    """The folder that marker or option name. Fails the test where neither does, or there is none."""
    marker = request.node.get_closest_marker(CASSETTE)
    named = marker.args if marker is not None else ()
    if len(named) > 1 or (marker is not None and marker.kwargs):
        pytest.fail(f"the marker {CASSETTE} takes one folder, not {marker}", pytrace=False)
    option = request.config.getoption("--samsvar-cassette")
    if not named and not option:
        example = f'@pytest.mark.{CASSETTE}("cassettes/kept")'
        pytest.fail(f"No recording is named: write {example}, or give --samsvar-cassette DIR.", pytrace=False)
    name = str(named[0] if named else option)
    tops = (request.path.parent, request.config.rootpath) if named else (request.config.invocation_params.dir,)
    found = next((top / name for top in tops if (top / name).is_dir()), None)
    if found is None:
        pytest.fail(f"There is no folder {name} in {' or '.join(dict.fromkeys(map(str, tops)))}.", pytrace=False)
    return str(found)


# -- collecting and telling -------------------------------------------------------------------------------------------


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    outcome = yield
    document = getattr(item, "samsvar_judgement", None)
    if document is not None:
        outcome.get_result().samsvar_judgement = document


class Controller:
    """Under xdist: collects on the controller what the workers judged."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        document = getattr(report, "samsvar_judgement", None)
        ledger = self.config.stash[LEDGER]
        if document is not None and document["id"] not in ledger:
            from samsvar.logic.reporting.document import judgement_from

            ledger[document["id"]] = judgement_from(document, _session(self.config).guarantee(document["id"]))


def pytest_sessionstart(session: pytest.Session) -> None:
    config = session.config
    if getattr(config, "workerinput", None) is None and config.pluginmanager.has_plugin("dsession"):
        config.pluginmanager.register(Controller(config), "samsvar-controller")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    config = session.config
    if getattr(config, "workerinput", None) is not None or not config.stash.get(LEDGER, None):
        return
    run = _session(config)
    ledger = config.stash[LEDGER]
    run.finish(ledger, results=config.getoption("samsvar_results"))
    ours = config.pluginmanager.has_plugin("samsvar-session")  # samsvar check has an exit code of its own
    whole = not config.stash.get(DESELECTED, False) and not ours
    if whole and exitstatus == pytest.ExitCode.OK and run.report.verdict.value == "inconclusive":
        session.exitstatus = 3


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not config.stash.get(LEDGER, None) or getattr(config, "workerinput", None) is not None:
        return
    from samsvar.logic.reporting.console import summary_lines

    terminalreporter.section("samsvar")
    for line in summary_lines(_session(config).report):
        terminalreporter.write_line(line)
