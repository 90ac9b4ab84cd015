"""A stage for tests of asking and judging: an environment is a function from a probe to what is said."""

from collections.abc import Callable, Sequence

from samsvar.logic.asking import Asker
from samsvar.logic.exploring import Explorer, Limits
from samsvar.logic.observing import Observed
from samsvar.model.contract import Contract, Profile
from samsvar.model.exchange import Exchange, Failure, Means, Probe, Response, Target, TargetKind

ROOT = "https://api.example/api"
Environment = Callable[[Probe], Response | Failure]


def explore(
    environment: Environment,
    contract: Contract,
    *,
    rounds: Sequence[Sequence[Asker]] = (),
    means: Means | None = None,
    profile: Profile | None = None,
    limits: Limits | None = None,
    root: str = ROOT,
    kind: TargetKind = TargetKind.MINIATURE,
) -> Explorer:
    """Explore an environment to the end, one probe at a time. ``.observed`` is what was seen, ``.evidence()`` all."""
    seen = Observed(contract, profile or Profile("test"), Target(kind, root), means or Means(key=True, login=True))
    explorer = Explorer(seen, limits or Limits(), rounds)
    number = 0
    while (probe := explorer.offer()) is not None:
        number += 1
        said = environment(probe)
        response, failure = (said, None) if isinstance(said, Response) else (None, said)
        explorer.receive(Exchange(number, probe, response, failure))
    return explorer
