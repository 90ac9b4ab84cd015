"""The command line's door: options in, exit code out. Imports are inside the commands, so that help is quick."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from samsvar import __version__
from samsvar.errors import OutputError, SamsvarError, UsageError

if TYPE_CHECKING:
    from samsvar.running import Order, Session
    from samsvar.world.terminal import Screen

CREDENTIALS = """credentials come from the environment, never from the command line:
  SAMSVAR_API_KEY, SAMSVAR_TOKEN (bearer), SAMSVAR_COOKIE, SAMSVAR_USERNAME and SAMSVAR_PASSWORD,
  SAMSVAR_CLIENT_CERT and SAMSVAR_CLIENT_KEY (PEM files); or SAMSVAR_API_KEY_FILE and so on;
  samsvar.toml can choose other ways to log in, such as Maskinporten, and name files or entries of a keyring"""

EXITS = "exit codes: 0 kept, 1 broken, 2 usage, 3 inconclusive or not reachable, 4 refused by safety, 5 privacy gate"

CHECK = f"""examples:
  samsvar check                                     the embedded miniature: see what a report looks like
  samsvar check https://tt02.altinn.no/api          a live environment
  samsvar check cassettes/2026-10                   a recording
  samsvar check --origin https://www.eksempel.no --results out.json --junit out.xml --report out/

{CREDENTIALS}
{EXITS}"""


DOCTOR = f"""examples:
  samsvar doctor https://tt02.altinn.no/api
  samsvar doctor https://tt02.altinn.no/api --origin https://www.eksempel.no

Of a login that fails it tells which step and what to do: a wrong key or one without the API resource, a token that is
expired, early, of another issuer, not exchanged or without scopes, a grant or an exchange that is refused, a user name
or password that is wrong, a certificate that is expired or was not sent, clocks that differ.

{CREDENTIALS}
exit codes: 0 well, 1 the target is at fault, 2 usage, 3 not reachable, wrong root, or key or login do not work"""

CORS = """examples:
  samsvar cors https://tt02.altinn.no/api --origin https://www.eksempel.no
  samsvar cors --origin https://www.eksempel.no     the embedded miniature
  samsvar cors --origin https://www.eksempel.no --browser     what script in a real browser can read

the first line is the answer, one for each origin; then the table, and the lines that ask the same by hand

exit codes: 0 set up for every origin given, 1 not, 2 usage, 3 could not be seen, 5 privacy gate (--results)
  1 also where others are let in: an environment that allows everybody is set up for nobody, and a yes from it says
  nothing of the origin"""


RECORD = f"""examples:
  samsvar record -o cassettes/kept                                    the embedded miniature
  samsvar record https://tt02.altinn.no/api -o cassettes/2026-11      everything that check would ask
  samsvar record https://tt02.altinn.no/api -o cassettes/2026-11 --resume
  samsvar check cassettes/2026-11                                     judge it again, without a network

what is private is replaced by pseudonyms before anything is written; their key is yours alone and stays on this
machine, unless you give one (SAMSVAR_PSEUDONYM_KEY, 32 bytes in hexadecimal digits) to have the same ones elsewhere

{CREDENTIALS}
exit codes: 0 recorded (whatever the verdict), 2 usage, 3 stopped half-way or not reachable, 4 refused by safety,
  5 privacy gate: something private was left, so nothing was written"""


WALK = f"""examples:
  samsvar walk                                          the embedded miniature
  samsvar walk --walks thorough --seed 7                longer, and other walks
  samsvar walk https://tt02.altinn.no/api               politely: a few walks
  samsvar walk cassettes/2026-11                        along what was recorded
  samsvar walk --replay "reportees > messages > self"   one walk, step by step

a walk is written as its steps: an entry first, then relations, or . for the place itself; #2 is the second link of that
relation, [hal+xml] the media type, @1 goes on from where step 1 led, /reportees goes back to an entry,
find(MessageId=b1) fills a template, ?$top=3 adds parameters, +origin=, +login=no-login and +tag=1 say how it is asked

walks that failed are remembered in .samsvar and tried first the next time: keep that folder between runs of a CI

{CREDENTIALS}
exit codes: 0 no walk failed, 1 one did, 2 usage, 3 no walk could be made, or not to its end, 4 refused by safety"""


SERVE = """examples:
  samsvar serve                                 then open http://127.0.0.1:8080/client in a browser
  samsvar serve --port 8080 --fault format-4-leading-zero-lost-in-xml
  samsvar serve --evolution urls-opaque         what a client must be able to follow
  samsvar serve --tls certificates              over TLS, with a certificate to log in by

the test client is a page beside the API: it follows links, switches the format and shows each exchange as it went"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit code."""
    arguments = parser().parse_args(argv)
    try:
        with _terminable():
            code = arguments.run(arguments)
            sys.stdout.flush()
        return int(code)
    except SamsvarError as error:
        _say(str(error), error)
        return error.exit_code
    except KeyboardInterrupt as error:
        _say("interrupted", error)
        return 3
    except BrokenPipeError:
        _mute()
        return 0
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not end with 1, which would say "broken"
        return _our_mistake(error)


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM, by which a machine ends what a person would end with Ctrl-C, does what Ctrl-C does (F15)."""
    import signal
    import threading

    ours = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if not ours:  # whoever embeds us has decided what it does
        yield
        return

    def interrupt(*_: object) -> None:
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # begun with "&" by a script
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _say(text: str, error: BaseException) -> None:
    """What went wrong, and what was noted on its way here."""
    for line in (text, *getattr(error, "__notes__", ())):
        print(f"samsvar: {line}", file=sys.stderr)


def _our_mistake(error: Exception) -> int:
    """What nobody foresaw: shown whole, since it is to be mended, and never a verdict."""
    import traceback

    traceback.print_exception(error)  # with what was noted on its way here
    print(
        f"samsvar: a mistake of samsvar itself ({type(error).__name__}). Report it with these lines.", file=sys.stderr
    )
    return 3


def _mute() -> None:
    """Whoever read our output has had enough, or it cannot be written: end without another word (F25)."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.contextmanager
def _telling() -> Iterator[None]:
    """Standard output to its last byte. Raises OutputError when it cannot be written; that nobody reads it to its end
    is no loss."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _mute()
    except OSError as error:
        _mute()
        raise OutputError(
            f"Standard output cannot be written ({error.strerror}).", "Send it to where there is room."
        ) from error


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="samsvar",
        description="Tells, with evidence, whether an environment keeps the promises of the Altinn REST API.",
        epilog=f"start here: samsvar check\n\n{EXITS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"samsvar {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, (summary, epilog, add, run) in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        add(command)
        command.set_defaults(run=run)
    return top


# -- options ----------------------------------------------------------------------------------------------------------


def _target(command: argparse.ArgumentParser, content_seed: str = "--seed") -> None:
    command.add_argument(
        "target",
        nargs="?",
        default="",
        metavar="TARGET",
        help="URL of an API root, folder of a cassette; nothing: the miniature",
    )
    command.add_argument("--contract", metavar="NAME", help="name or folder of the contract (default: altinn2)")
    command.add_argument(
        "--origin", action="append", default=[], metavar="ORIGIN", help="a registered origin (repeatable)"
    )
    command.add_argument("--rate", type=_positive, metavar="N", help="at most N requests per second")
    command.add_argument("--budget", type=_count, metavar="N", help="at most N requests")
    command.add_argument("--concurrency", type=_count, metavar="N", help="at most N requests at a time")
    _miniature(command, content_seed)


def _miniature(command: argparse.ArgumentParser, content_seed: str = "--seed") -> None:
    group = command.add_argument_group("the miniature")
    group.add_argument("--fault", action="append", default=[], metavar="ID", help="break it in one way (repeatable)")
    group.add_argument(
        "--evolution", action="append", default=[], metavar="ID", help="change its structure (repeatable)"
    )
    group.add_argument(content_seed, dest="seed", type=int, default=1, metavar="N", help="another content (default: 1)")
    group.add_argument("--size", type=_count, metavar="N", help="how many messages there are")


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a number") from None
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65_535:
        raise argparse.ArgumentTypeError(f"{text} is no port: 0 to 65535")
    return value


def _count(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number") from None
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def _count_or_none(text: str) -> int:
    return 0 if text == "0" else _count(text)


def _check_options(command: argparse.ArgumentParser) -> None:
    _run_options(command)
    command.add_argument(
        "--select", action="append", default=[], metavar="FORMAT", help="a family or an id (repeatable)"
    )
    command.add_argument("--plan", action="store_true", help="say what would be asked, ask nothing")


def _record_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-o", "--output", required=True, metavar="DIR", help="the folder of the cassette; it must not be there yet"
    )
    command.add_argument("--source", metavar="TEXT", help="whom you asked, in your words; stands in the manifest")
    _run_options(command)


def _walk_options(command: argparse.ArgumentParser) -> None:
    _target(command, "--content-seed")
    _walks(command, "--seed")
    command.add_argument(
        "--replay", action="append", default=[], metavar="WALK", help="walk only this, step by step (repeatable)"
    )
    command.add_argument(
        "--failures", metavar="FILE", help="where failing walks are remembered (default: .samsvar/TARGET.walks)"
    )
    _judged(command)


def _walks(command: argparse.ArgumentParser, seed: str) -> None:
    command.add_argument(
        "--walks", metavar="PROFILE", help="ci, thorough, live or none (default: live on another machine, else ci)"
    )
    command.add_argument(
        seed, dest="walk_seed", type=int, metavar="N", help="other walks; the seed of a report walks the same again"
    )
    command.add_argument(
        "--generated",
        type=_count_or_none,
        metavar="N",
        help="also N right and N wrong cases an operation, by schemathesis; 0: none",
    )


def _run_options(command: argparse.ArgumentParser) -> None:
    _target(command)
    command.add_argument("--profile", metavar="NAME", help="how much must be seen (default: default)")
    _walks(command, "--walk-seed")
    command.add_argument(
        "--clients",
        metavar="NAMES",
        help="what else may ask: browser, curl, powershell, none, or installed: whatever is there (default: installed)",
    )
    command.add_argument(
        "--unsafe-methods", action="store_true", help="also ask with POST, PUT, PATCH, DELETE (never in production)"
    )
    command.add_argument(
        "--resume", action="store_true", help="go on with the run of a live target that was cut short here"
    )
    command.add_argument(
        "--journal", metavar="DIR", help="where runs of live targets are remembered (default: .samsvar)"
    )
    _judged(command)


def _cors_options(command: argparse.ArgumentParser) -> None:
    _target(command)
    command.add_argument(
        "--browser",
        action="store_true",
        help="also ask by script in a real Chromium or Chrome, and tell what it could read",
    )
    command.add_argument("--results", metavar="FILE", help="write the answers and the table as JSON")
    command.add_argument("--quiet", action="store_true", help="print the plain answers only")


def _judged(command: argparse.ArgumentParser) -> None:
    command.add_argument("--waivers", metavar="FILE", help="known failures, each with owner, reason, ticket, last day")
    command.add_argument("--results", metavar="FILE", help="write the results as JSON")
    command.add_argument("--report", metavar="DIR", help="write a report for people: DIR/index.html")
    command.add_argument("--junit", metavar="FILE", help="write the results as JUnit XML")
    command.add_argument("--sarif", metavar="FILE", help="write the results as SARIF")
    command.add_argument("--quiet", action="store_true", help="print the verdict only")


def order_of(arguments: argparse.Namespace) -> Order:
    """The order that a command's options give. Raises UsageError."""
    from samsvar.running import order_from

    names = ["target", "contract", "profile", "rate", "budget", "concurrency", "seed", "size", "waivers", "journal"]
    names += ["walks", "walk_seed", "generated", "clients"]
    found: dict[str, Any] = {name: getattr(arguments, name, None) for name in names}
    found["origins"] = tuple(arguments.origin)
    found["faults"], found["evolutions"] = tuple(arguments.fault), tuple(arguments.evolution)
    found["select"] = tuple(getattr(arguments, "select", ()))
    found["unsafe"] = getattr(arguments, "unsafe_methods", None) or None
    found["resume"] = getattr(arguments, "resume", None) or None
    order = order_from(found)
    if order.target and (order.faults or order.evolutions):
        raise UsageError("--fault and --evolution are switches of the miniature.", "Leave out TARGET.")
    return order


# -- commands ---------------------------------------------------------------------------------------------------------


def check(arguments: argparse.Namespace) -> int:
    """Explore, ask, judge, report."""
    from samsvar.model.verdict import EXIT_CODES
    from samsvar.running import Session, remember
    from samsvar.world.terminal import Screen

    _check_outputs(arguments)
    order, path = _tried_first(_lasting(order_of(arguments)))
    session = Session.of(order)
    screen = Screen(quiet=arguments.quiet)
    if arguments.plan:
        screen.lines(session.plan())
        return 0
    _say_what_is_dropped(session)
    with session.lasting():
        _judge(session, screen)
        _write(arguments, session)
        if path:
            remember(order, session.observed, path, session.gate)
        with _telling():
            screen.report(session.report, session.evidence.exchanges)
    _end(session)
    return EXIT_CODES[session.report.verdict]


def walk(arguments: argparse.Namespace) -> int:
    """Look as far as walks need, walk, and tell what was walked and where it failed; or walk given walks again."""
    from samsvar import running
    from samsvar.logic.reporting.walks import coverage_lines
    from samsvar.model.verdict import EXIT_CODES
    from samsvar.world.terminal import Screen

    _check_outputs(arguments)
    order, path = _walking(arguments)
    session = running.Session.of(order)
    screen = Screen(quiet=arguments.quiet)
    _judge(session, screen)
    if path:
        running.remember(order, session.observed, path, session.gate)
    _write(arguments, session)
    with _telling():
        told = list(_walked_again(session)) if arguments.replay else list(coverage_lines(session.report.walked))
        screen.walked([*told, ""], session.report, session.evidence.exchanges)
    code = EXIT_CODES[session.report.verdict]
    return code if code or not arguments.replay or running.walked_whole(order, session.observed) else 3


def _walking(arguments: argparse.Namespace) -> tuple[Order, str]:
    """The order of a run that only walks, and where its failures are remembered ("": nowhere)."""
    from samsvar import running
    from samsvar.logic.walking.steps import read_walk
    from samsvar.running.lives import FOLDER

    order = replace(order_of(arguments), survey=True)
    if arguments.replay:
        return replace(order, replays=tuple(map(read_walk, arguments.replay)), walks="none"), ""
    if order.target and "://" not in order.target:
        return order, ""  # a recording does not change: nothing is to be tried first next time
    path = arguments.failures or running.failures_path(replace(order, journal=order.journal or FOLDER))
    return running.remembering(order, path), path


def _tried_first(order: Order) -> tuple[Order, str]:
    """The order of a check with the walks that failed before at its target, to be tried first, and where they are
    remembered; "" where nothing is: the miniature and recordings do not change."""
    from samsvar import running

    if "://" not in order.target or order.walks == "none":
        return order, ""
    path = running.failures_path(order)
    return running.remembering(order, path), path


def _walked_again(session: Session) -> Iterator[str]:
    from samsvar.logic.reporting.walks import walk_lines

    for index, steps in enumerate(session.order.replays):
        yield f"walk {index + 1}"
        yield from walk_lines(session.observed, index + 1, steps)


def record(arguments: argparse.Namespace) -> int:
    """Explore, ask, and keep what was said; judge it, too, since who records wants to know what."""
    from samsvar import running
    from samsvar.world.keeping import check_free
    from samsvar.world.terminal import Screen

    _check_outputs(arguments)
    order = _lasting(order_of(arguments))
    if order.target and "://" not in order.target:
        raise UsageError(f"{order.target} is a recording already.", "Give the URL of an API root, or nothing.")
    session = running.Session.of(replace(order, clean=True))
    check_free(arguments.output, running.run_of(session))
    screen = Screen(quiet=arguments.quiet)
    _say_what_is_dropped(session)
    with session.lasting():
        _judge(session, screen)
        manifest = running.record(session, arguments.output, arguments.source or "")
        _write(arguments, session)
        with _telling():
            screen.recorded(arguments.output, manifest, session.report)
    _end(session)
    return 3 if session.evidence.stopped else 0


def _lasting(order: Order) -> Order:
    """A run of a command has a journal; one of a test has none."""
    from samsvar.running.lives import FOLDER

    if order.resume and "://" not in order.target:
        raise UsageError("There is no run of a live target to resume.", "Give its URL, and the options of then.")
    return replace(order, journal=order.journal or FOLDER)


def _say_what_is_dropped(session: Session) -> None:
    """A run that begins anew takes the place of one that was cut short."""
    found = None if session.order.resume else session.earlier()
    if found is not None and found.answered:
        print(
            f"samsvar: the run of {found.begun}, which was cut short, is dropped with its {found.answered} answers; "
            "--resume would have gone on with it",
            file=sys.stderr,
        )


def _check_outputs(arguments: argparse.Namespace) -> None:
    from samsvar.world.files import check_writable, prepare_folder

    for path in (arguments.results, arguments.junit, arguments.sarif):
        if path:
            check_writable(path)
    if arguments.report:
        prepare_folder(arguments.report)


def _judge(session: Session, screen: Screen) -> None:
    from samsvar.world.suites import run_suites

    _keep_apart()
    with screen.progress() as watch:
        session.gather(watch)
    run_suites(session)
    session.finish({})


def _keep_apart() -> None:
    """What Hypothesis keeps for its own use (tables of characters) does not belong into a folder where somebody works.
    Under pytest it stays where that project has it."""
    import os
    import tempfile

    from samsvar.world.keys import key_place

    state = key_place(os.environ)
    where = state.parent / "hypothesis" if state is not None else tempfile.gettempdir()
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(where))


def _write(arguments: argparse.Namespace, session: Session) -> None:
    from samsvar import running

    if arguments.results:
        running.write(arguments.results, running.results_text(session.report), session.gate)
    if arguments.junit:
        running.write(arguments.junit, running.junit_text(session.report), session.gate)
    if arguments.sarif:
        running.write(arguments.sarif, running.sarif_text(session.report), session.gate)
    if arguments.report:
        page = running.page_text(session.report, session.evidence.exchanges, session.secrets)
        running.write(f"{arguments.report}/index.html", page, session.gate)


def _end(session: Session) -> None:
    """All is written. What a run that was cut short leaves waits for --resume."""
    from samsvar.running.lives import GO_ON

    session.end()
    if session.waiting:
        print(f"samsvar: {GO_ON}", file=sys.stderr)


def doctor(arguments: argparse.Namespace) -> int:
    """Look before judging: name, TLS, clock, key, login, origin, entry, formats."""
    from samsvar.running import diagnose
    from samsvar.world.terminal import Screen

    return Screen().diagnoses(diagnose(order_of(arguments)))


def cors(arguments: argparse.Namespace) -> int:
    """The documented CORS check."""
    from samsvar import running
    from samsvar.world.files import check_writable
    from samsvar.world.terminal import Screen

    order = replace(order_of(arguments), clients=running.wanted_clients("browser" if arguments.browser else "none"))
    if not order.origins:
        raise UsageError("There is no origin to check.", "Give --origin https://www.eksempel.no.")
    if arguments.results:
        check_writable(arguments.results)
    answers = running.check_origins(order)
    if arguments.results:
        running.write(arguments.results, running.origins_text(answers), running.plain_gate)
    with _telling():
        return Screen(quiet=arguments.quiet).origins(answers)


def serve(arguments: argparse.Namespace) -> int:
    """The miniature on a port of this machine, until Ctrl-C."""
    from samsvar.running import Listening, Order, serve_miniature

    order = Order(
        faults=tuple(arguments.fault), evolutions=tuple(arguments.evolution), seed=arguments.seed, size=arguments.size
    )
    at = Listening(arguments.host, arguments.port, arguments.tls or "")
    return serve_miniature(order, at, lambda line: print(line, flush=True))


def explain(arguments: argparse.Namespace) -> int:
    """One guarantee, or a fault or an evolution of the miniature, in words."""
    from samsvar.logic.reporting.explaining import explanation
    from samsvar.miniature import EVOLUTIONS, FAULTS
    from samsvar.world.documents import read_guarantees

    known = read_guarantees(arguments.contract)
    if arguments.id.upper() in known:
        lines = list(explanation(known[arguments.id.upper()], arguments.language))
    elif arguments.id in FAULTS:
        fault = FAULTS[arguments.id]
        lines = [f"{fault.id}: a fault of the miniature that breaks {fault.guarantee}", f"  {fault.statement}"]
    elif arguments.id in EVOLUTIONS:
        lines = [
            f"{arguments.id}: an evolution of the miniature; it breaks nothing",
            f"  {EVOLUTIONS[arguments.id].statement}",
        ]
    else:
        raise UsageError(f"There is no guarantee, fault or evolution {arguments.id!r}.", "See: samsvar guarantees.")
    print("\n".join(lines))
    return 0


def guarantees(arguments: argparse.Namespace) -> int:
    """Every guarantee of a contract, one line each."""
    from samsvar.logic.reporting.explaining import listing
    from samsvar.world.documents import read_guarantees

    print("\n".join(listing(read_guarantees(arguments.contract).values(), arguments.language)))
    return 0


def _language(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--contract", default="altinn2", metavar="NAME", help="name or folder of the contract (default: altinn2)"
    )
    command.add_argument("--language", default="en", choices=("en", "nb"), help="English or bokmal (default: en)")


def _explain_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", metavar="ID", help="id of a guarantee, a fault or an evolution")
    _language(command)


def _serve_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--port", type=_port, default=8080, metavar="N", help="the port, 0 for any free one (default: 8080)"
    )
    command.add_argument(
        "--host", default="127.0.0.1", metavar="NAME", help="the address to listen on (default: 127.0.0.1)"
    )
    command.add_argument(
        "--tls",
        metavar="DIR",
        help="serve over TLS and look at client certificates; DIR gets those of this run: whom to trust, and a client",
    )
    _miniature(command)


Add = Callable[[argparse.ArgumentParser], None]
Run = Callable[[argparse.Namespace], int]

COMMANDS: dict[str, tuple[str, str, Add, Run]] = {
    "check": ("explore a target, ask, judge by the suites, report", CHECK, _check_options, check),
    "record": (
        "keep what a target says as a cassette, without anything private",
        RECORD,
        _record_options,
        record,
    ),
    "walk": (
        "walk along offered links as Hypothesis chooses, or walk one failing walk again",
        WALK,
        _walk_options,
        walk,
    ),
    "doctor": (
        "say what is wrong with the way to a target before any verdict",
        DOCTOR,
        _target,
        doctor,
    ),
    "cors": (
        "the documented CORS check for an origin, with the equal curl and PowerShell lines",
        CORS,
        _cors_options,
        cors,
    ),
    "serve": (
        "the miniature on a port of this machine, with a test client for people",
        SERVE,
        _serve_options,
        serve,
    ),
    "explain": (
        "what a guarantee promises, how it is seen, what a failure means, what to do",
        "example:\n  samsvar explain FORMAT-4 --language nb",
        _explain_options,
        explain,
    ),
    "guarantees": (
        "every guarantee of a contract",
        "example:\n  samsvar guarantees --contract hal",
        _language,
        guarantees,
    ),
}


if __name__ == "__main__":
    sys.exit(main())
