"""Who there is: the users of the miniature and the parties whose boxes they may open."""

from dataclasses import dataclass

from samsvar.miniature.chance import number, organisation_number, person_number, pick
from samsvar.miniature.credentials import FIRST_USER, SECOND_USER
from samsvar.miniature.texts import FAMILY_NAMES, GIVEN_NAMES, ORGANISATION_TRADES, ORGANISATION_WORDS, PLACES

SMALL = 1000
"""Up to this many messages the boxes have the shape that shows every rule; above it they are equally large."""
SMALL_LIMIT, LARGE_LIMIT = 52, 2500
LARGE_BOX = 2000
FIRST_ID = 50_000_001


@dataclass(frozen=True, slots=True)
class Party:
    """A person or organisation. index: its place among all; first, count: its messages in the numbering of all
    messages; owner: the users who may act for it; number: identity or organisation number."""

    index: int
    kind: str
    name: str
    number: str
    owners: tuple[str, ...]
    first: int
    count: int
    parent: str = ""
    form: str = ""

    @property
    def id(self) -> str:
        """Its ReporteeId."""
        return f"r{FIRST_ID + self.index * 17}"

    @property
    def is_person(self) -> bool:
        return self.kind == "Person"


@dataclass(frozen=True, slots=True)
class Plan:
    """A party before it has a place in the numbering. parent: index of the head unit, or None."""

    kind: str
    count: int
    owners: tuple[str, ...] = (FIRST_USER,)
    parent: int | None = None
    form: str = ""


def plans(size: int) -> tuple[Plan, ...]:
    """The parties and how many messages each has, so that the first user's boxes hold ``size`` in all."""
    counts = small_counts(size) if size <= SMALL else large_counts(size)
    fixed = (
        Plan("Person", counts[0]),
        Plan("Enterprise", counts[1], form="AS"),
        Plan("Business", counts[2], parent=1, form="BEDR"),
        Plan("Enterprise", counts[3], form="ANS"),
        Plan("Enterprise", counts[4], form="ENK"),
        Plan("Enterprise", 0, form="SA"),
        Plan("Person", 7, owners=(SECOND_USER,)),
    )
    return (*fixed, *(Plan("Enterprise", count, form="AS") for count in counts[5:]))


def small_counts(size: int) -> tuple[int, ...]:
    """One box above fifty but whole, one cut by the database, the rest small; fewer if size does not suffice."""
    whole = min(max(size - 30, size // 2), SMALL_LIMIT)
    cut = max(min(size - whole - 24, size), 0)
    rest = size - whole - cut
    person = min(rest, 14)
    branch = min(rest - person, 9)
    return (person, whole, branch, cut, rest - person - branch)


def large_counts(size: int) -> tuple[int, ...]:
    """Boxes of LARGE_BOX, and one that the database cuts; two whole large ones if there are too few for that."""
    if size < 2 * LARGE_LIMIT:
        return (60, size // 2 - 50, 40, size - size // 2 - 50, 0)
    cut = LARGE_LIMIT + size // 50
    boxes, rest = divmod(max(size - cut - LARGE_BOX - 100, 0), LARGE_BOX)
    return (60, LARGE_BOX, 40, cut, rest, *(LARGE_BOX for _ in range(boxes)))


def name_of(plan: Plan, seed: int, index: int) -> str:
    """A Norwegian-looking name; organisations' names may end in blanks, as the real ones do."""
    if plan.kind == "Person":
        return f"{pick(GIVEN_NAMES, seed, 'given', index)} {pick(FAMILY_NAMES, seed, 'family', index)}"
    word, trade = pick(ORGANISATION_WORDS, seed, "word", index), pick(ORGANISATION_TRADES, seed, "trade", index)
    return f"{word} {trade} {plan.form}" + (" " if index % 3 == 1 else "")


class Population:
    """All parties of one seed and size."""

    def __init__(self, seed: int, size: int) -> None:
        self.seed = seed
        self.limit = SMALL_LIMIT if size <= SMALL else LARGE_LIMIT
        made: list[Party] = []
        first = 0
        for index, plan in enumerate(plans(size)):
            maker = person_number if plan.kind == "Person" else organisation_number
            parent = made[plan.parent].number if plan.parent is not None else ""
            made.append(
                Party(
                    index,
                    plan.kind,
                    name_of(plan, seed, index),
                    maker(seed, index),
                    plan.owners,
                    first,
                    plan.count,
                    parent,
                    plan.form,
                )
            )
            first += plan.count
        self.parties = tuple(made)
        self.by_id = {party.id: party for party in made}
        self.by_number = {party.number: party for party in made if not party.is_person}
        self.mine = {user: tuple(party for party in made if user in party.owners) for user in (FIRST_USER, SECOND_USER)}

    def self_of(self, user: str) -> Party:
        """The user's own party: the first of those that the user may act for."""
        return self.mine[user][0]

    def named(self, who: str, user: str) -> Party | None:
        """The party that ``who`` means in a path: my, an r-number, an organisation number."""
        if who == "my":
            return self.self_of(user)
        return self.by_id.get(who) or self.by_number.get(who)

    def address(self, party: Party) -> tuple[str, str, str]:
        """Street, post code and place."""
        code, place = pick(PLACES, self.seed, "place", party.index)
        return f"Skarelia {1 + number(self.seed, 'street', party.index) % 90}", code, place
