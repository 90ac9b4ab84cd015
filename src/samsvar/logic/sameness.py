"""Whether two representations of one place say the same: in go two resources and the declared shape, out come located
differences, none if they agree.

Values are compared by declared type; what is not declared by the type that a typed side (JSON) shows. XML is untyped,
so an element with children is read as a list or as an object, as the shape or the twin asks. Nothing here fetches or
guesses URLs: whether two links lead to the same place is asked of the caller.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import eq

from samsvar.logic import lexical
from samsvar.logic.matching import Matching, Traits, match
from samsvar.model.contract import NOTHING, Shape, ValueKind
from samsvar.model.resource import Aspect, Difference, Kind, Link, Node, Record, Resource, Scalar, Sequence

UNDECLARED = Shape()
READABLE = frozenset((ValueKind.INTEGER, ValueKind.DECIMAL, ValueKind.BOOLEAN, ValueKind.INSTANT, ValueKind.UUID))
"""Kinds whose texts stand for something else than themselves."""
VERBATIM = frozenset((ValueKind.TEXT, ValueKind.ANY))
"""Kinds of which an empty element is a value, not nothing."""
JSON_KINDS = {ValueKind.INTEGER: Kind.NUMBER, ValueKind.DECIMAL: Kind.NUMBER, ValueKind.BOOLEAN: Kind.BOOLEAN}
"""How JSON writes a declared kind; all others are text."""
SHOWN_KINDS = {Kind.NUMBER: ValueKind.DECIMAL, Kind.BOOLEAN: ValueKind.BOOLEAN}
"""What a typed scalar says of a value that is not declared."""
LONGEST = 160
"""Characters of a value that a difference shows."""

SameUrl = Callable[[str, str], bool]
SameTarget = Callable[[Link, Link], bool]


@dataclass(frozen=True, slots=True)
class Terms:
    """How properties are to be compared. stand_ins: property of the plain formats -> relation of the link that stands
    for it in HAL. same_url: whether two URLs mean the same place: of such a property and a link, or of a property that
    is declared a URI on both sides."""

    stand_ins: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    same_url: SameUrl = eq


EXACT = Terms()


def differences(left: Resource, right: Resource, shape: Shape | None, terms: Terms = EXACT) -> tuple[Difference, ...]:
    """How the properties of two representations differ: VALUE, ORDER of an inner list, LEXICAL. Links, embedded
    resources and the elements of a list are compared by the other functions of this module."""
    comparison = _Comparison(left, right, terms)
    if left.scalar or right.scalar:
        comparison.node(_body(left), _body(right), shape or UNDECLARED, "")
    else:
        one = object_of(left, dict(right.properties.members)) or left.properties
        other = object_of(right, dict(left.properties.members)) or right.properties
        comparison.records(one, other, shape or UNDECLARED, "")
    return tuple(comparison.found)


def spellings(resource: Resource, shape: Shape | None) -> tuple[Difference, ...]:
    """Where one representation writes a declared value in another form than the standard one (LEXICAL; ``right`` is
    None)."""
    found: list[Difference] = []
    _spellings(resource.scalar or resource.properties, shape or UNDECLARED, "", found)
    return tuple(found)


def element_differences(
    left: tuple[Resource, ...],
    right: tuple[Resource, ...],
    element_shape: Shape | None,
    key: tuple[str, ...] = (),
    ordered: bool = False,
    terms: Terms = EXACT,
) -> tuple[Difference, ...]:
    """How two lists differ: ELEMENT (missing, extra, there twice), ORDER, and what ``differences`` finds inside the
    elements that belong together. key: the properties that identify an element; without a key, or where an element
    lacks it, elements are told apart by all that they say."""
    shape = element_shape or UNDECLARED
    pairs, found = _paired(left, right, shape, key, terms, Aspect.ELEMENT)
    for name, one, other in pairs:
        found += [_below(name, each) for each in differences(left[one], right[other], shape, terms)]
    if ordered:
        found += _order(pairs)
    return tuple(found)


def listed(resource: Resource, containers: Iterable[str] = ()) -> tuple[Resource, ...]:
    """The elements of a list resource in any of the four formats. containers: the names under which HAL embeds them.
    A plain XML list of one or no element cannot be told from an object, so here it is taken for a list."""
    if resource.elements is not None:
        return resource.elements
    group = _container(resource, {name.lower() for name in containers})
    if group is not None:
        return _opened(group)
    return tuple(
        Resource(resource.media_type, node, name=name)
        for name, node in resource.properties.members
        if resource.properties.untyped and isinstance(node, Record)
    )


def link_differences(left: Resource, right: Resource, same_target: SameTarget) -> tuple[Difference, ...]:
    """How the links of two HAL representations differ (LINK): a multiset by relation, target and attributes."""
    lefts, rights = _links_by_carrier(left), _links_by_carrier(right)
    found: list[Difference] = []
    rest_left: list[Link] = []
    rest_right: list[Link] = []
    for carrier in sorted(lefts.keys() | rights.keys()):
        one, other = lefts.get(carrier, []), rights.get(carrier, [])
        if carrier[1] and not (one and other):
            # The element that carries them looks different on the other side: compare them with what is left over.
            rest_left += one
            rest_right += other
        else:
            found += _link_lists(one, other, same_target)
    return tuple(found + _link_lists(rest_left, rest_right, same_target))


def embedded_differences(
    left: Resource,
    right: Resource,
    same_target: SameTarget,
    shape: Shape | None = None,
    key: tuple[str, ...] = (),
    containers: Iterable[str] = (),
) -> tuple[Difference, ...]:
    """How what two HAL representations embed differs: EMBEDDED (a group or a resource is on one side only), and inside
    paired resources all that this module finds. shape, key: of what is embedded under one of ``containers``."""
    names = {name.lower() for name in containers}
    found: list[Difference] = []
    for rel, one, other in _group_pairs(left, right, names):
        declared = rel.lower() in names
        found += _group_differences(rel, one, other, same_target, shape if declared else None, key if declared else ())
    return tuple(found)


# Properties


def _body(resource: Resource) -> Node | None:
    """What a representation is when one of the two is a lone value. An empty document says nothing."""
    if resource.scalar:
        return resource.scalar
    return resource.properties if resource.properties.members else None


def object_of(resource: Resource, expected: Iterable[str]) -> Record | None:
    """The resource as an object with a list in it: XML whose root has nothing but one member, repeated, looks like a
    list, but is none if a member of that name is expected. None if it is no such thing."""
    if resource.elements and resource.name and resource.elements[0].name in expected:
        return Record(tuple((each.name, _as_node(each)) for each in resource.elements), untyped=True)
    return None


class _Comparison:
    """One comparison of properties on its way; ``found`` gathers what differs."""

    def __init__(self, left: Resource, right: Resource, terms: Terms) -> None:
        self.left, self.right, self.terms = left, right, terms
        self.left_is_hal, self.right_is_hal = "hal" in left.media_type, "hal" in right.media_type
        self.mixed = self.left_is_hal is not self.right_is_hal
        self.found: list[Difference] = []

    def differ(self, where: str, left: Node | None, right: Node | None, because: str = "") -> None:
        one, other = _shown(left, right)
        self.found.append(Difference(Aspect.VALUE, where, one, other, because))

    def agree(self, left: Node | None, right: Node | None, shape: Shape) -> bool:
        """Whether two values are the same, however they are written."""
        before, self.found = self.found, []
        self.node(left, right, shape, "")
        same = all(each.aspect is Aspect.LEXICAL for each in self.found)
        self.found = before
        return same

    def node(self, left: Node | None, right: Node | None, shape: Shape, where: str) -> None:
        if left == right:
            return
        if isinstance(left, Scalar) and isinstance(right, Scalar):
            self.scalars(left, right, shape, where)
        elif _is_list(left, right, shape):
            self.lists(left, right, shape, where)
        elif isinstance(left, Record) and isinstance(right, Record):
            self.records(left, right, shape, where)
        elif not (says_nothing(left, shape) and says_nothing(right, shape)):
            self.differ(where, left, right)

    def scalars(self, left: Scalar, right: Scalar, shape: Shape, where: str) -> None:
        if left.text == right.text and _written_alike(left, right):
            if shape.kind in READABLE and left.text and Kind.NUMBER not in (left.kind, right.kind):
                self.spelling(left, right, shape.kind, where)
            return
        nothing = (says_nothing(left, shape), says_nothing(right, shape))
        if any(nothing):
            if not all(nothing):
                self.differ(where, left, right)
            return
        same, kind = _same_scalar(left, right, shape)
        if not same and shape.kind is ValueKind.URI and self.terms.same_url(left.text, right.text):
            return
        if not same:
            self.differ(where, left, right, _why(left, right))
        elif kind in READABLE:
            self.spelling(left, right, kind, where)

    def spelling(self, left: Scalar, right: Scalar, kind: ValueKind, where: str) -> None:
        """A value that both write, one of them not in the standard form."""
        odd = [side for side in (left, right) if _is_odd(side, kind)]
        if odd:
            because = f"{odd[0].text!r} is not the standard form of {kind.value}"
            self.found.append(Difference(Aspect.LEXICAL, where, left.text, right.text, because))

    def records(self, left: Record, right: Record, shape: Shape, where: str) -> None:
        lefts, rights = members_of(left), members_of(right)
        if _both_wrap(lefts, rights, left, right, shape):
            # Two XML formats that call the elements of one list differently.
            self.lists(left, right, shape, where)
            return
        for name in [*lefts, *(name for name in rights if name not in lefts)]:
            declared = shape.members.get(name, UNDECLARED)
            place = f"{where} / {name}" if where else name
            one, other = lefts.get(name), rights.get(name)
            if one is not None and other is not None:
                self.node(one, other, declared, place)
            else:
                self.one_sided(name, one, other, declared, place, (lefts, rights))

    def one_sided(
        self,
        name: str,
        left: Node | None,
        right: Node | None,
        shape: Shape,
        where: str,
        all_members: tuple[dict[str, Node], dict[str, Node]],
    ) -> None:
        """A member that only one side has."""
        node = right if left is None else left
        if says_nothing(node, shape) and (shape.nullable or not _is_null(node)):
            return
        if where == name and (held := self.embedded_instead(name, node, left is None, shape)) is not None:
            self.node(held if left is None else left, held if right is None else right, shape, where)
        elif not self.stands_in(name, node, left is None, shape, where):
            lacking = all_members[0] if left is None else all_members[1]
            twin = next((other for other in lacking if other.lower() == name.lower()), None)
            self.differ(where, left, right, f"it is written {twin!r} there" if twin else "it is not there")

    def embedded_instead(self, name: str, node: Node | None, left_lacks: bool, shape: Shape) -> Node | None:
        """What the side that lacks a property embeds under its name: a list or a single resource."""
        group = _group_named(self.left if left_lacks else self.right, name)
        if group is None:
            return None
        single = shape.kind is ValueKind.OBJECT or (isinstance(node, Record) and not node.untyped)
        opened = _opened(group)
        if single and len(opened) == 1:
            return _as_node(opened[0])
        return Sequence(tuple(_as_node(each) for each in opened))

    def stands_in(self, name: str, node: Node | None, left_lacks: bool, shape: Shape, where: str) -> bool:
        """Whether a member that one side lacks is only the plain formats' way to write a link. If the link is there,
        it must lead where the member says."""
        if not self.mixed:
            return False
        rel = self.terms.stand_ins.get(name)
        lacking = self.left if left_lacks else self.right
        if rel is None:
            return shape.kind is ValueKind.URI and left_lacks is self.left_is_hal
        links = [link for link in lacking.links if link.rel.lower() == rel.lower() and not link.templated]
        if links and isinstance(node, Scalar) and where == name:
            self.stand_in(node, links, left_lacks, where)
        return True

    def stand_in(self, node: Scalar, links: list[Link], left_lacks: bool, where: str) -> None:
        """A member and the links that it stands for: it leads where one of them leads."""
        if not any(self.terms.same_url(node.text, link.href) for link in links):
            linked = Scalar(links[0].href, Kind.TEXT)
            left, right = (linked, node) if left_lacks else (node, linked)
            self.differ(where, left, right, f"it stands for the link {links[0].rel!r}, which leads elsewhere")

    def lists(self, left: Node | None, right: Node | None, shape: Shape, where: str) -> None:
        lone = _is_typed_object(left) or _is_typed_object(right)
        if lone and (isinstance(left, Sequence) or isinstance(right, Sequence)):
            # Of a list of one, XML shows no list; JSON does, so there an object is no list.
            self.differ(where, left, right, "a list on one side, a single value on the other")
            return
        item = shape.item or UNDECLARED
        lefts, rights = items_of(left, right, item), items_of(right, left, item)
        matching = self.matching(lefts, rights, item)
        self.left_over(lefts, rights, matching, item, where)
        if shape.ordered and [j for _, j in matching.alike] != sorted(j for _, j in matching.alike):
            one, other = (_excerpt(_text(Sequence(tuple(side)))) for side in (lefts, rights))
            self.found.append(Difference(Aspect.ORDER, where, one, other, "the same elements in another order"))

    def matching(self, lefts: list[Node], rights: list[Node], item: Shape) -> Matching:
        return match(lefts, rights, lambda one, other: self.agree(one, other, item), lambda node: traits(node, item))

    def left_over(self, lefts: list[Node], rights: list[Node], matching: Matching, item: Shape, where: str) -> None:
        """What differs between lists whose equal elements are paired; and how those equal elements are spelt."""
        for i, j in sorted((*matching.alike, *matching.unlike)):
            self.node(lefts[i], rights[j], item, f"{where}[{i}]")
        for i in matching.left:
            self.differ(f"{where}[{i}]", lefts[i], None, "it is not in the other list")
        for j in matching.right:
            self.differ(f"{where}[{j}]", None, rights[j], "it is not in the other list")


def _is_null(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.kind is Kind.NULL


def says_nothing(node: Node | None, shape: Shape) -> bool:
    """Whether a node holds no value: absent, null, an empty list, an object of nothings; and an empty element where the
    declared kind has no empty value."""
    if node is None:
        return True
    if isinstance(node, Scalar):
        blank = node.kind is Kind.UNTYPED and not node.text.strip(lexical.BLANKS)
        return node.kind is Kind.NULL or (blank and shape.kind not in VERBATIM)
    if isinstance(node, Sequence):
        return not node.items
    return all(says_nothing(child, shape.members.get(name, UNDECLARED)) for name, child in node.members)


def _is_list(left: Node | None, right: Node | None, shape: Shape) -> bool:
    return shape.kind is ValueKind.LIST or isinstance(left, Sequence) or isinstance(right, Sequence)


def _is_typed_object(node: Node | None) -> bool:
    if isinstance(node, Scalar):
        return node.kind not in (Kind.NULL, Kind.UNTYPED)
    return isinstance(node, Record) and not node.untyped


def members_of(record: Record) -> dict[str, Node]:
    """Members by name. In XML a name that occurs more than once is a list without a wrapper."""
    members = dict(record.members)
    if len(members) == len(record.members):
        return members
    gathered: dict[str, list[Node]] = {}
    for name, node in record.members:
        gathered.setdefault(name, []).append(node)
    return {name: nodes[0] if len(nodes) == 1 else Sequence(tuple(nodes)) for name, nodes in gathered.items()}


def _both_wrap(lefts: dict[str, Node], rights: dict[str, Node], left: Record, right: Record, shape: Shape) -> bool:
    """Whether two untyped, undeclared records are one list under two element names."""
    return (
        left.untyped
        and right.untyped
        and shape.kind is ValueKind.ANY
        and not shape.members
        and len(lefts) == len(rights) == 1
        and lefts.keys() != rights.keys()
        and len(left.members) == len(right.members) > 1
    )


def items_of(node: Node | None, twin: Node | None, item: Shape) -> list[Node]:
    """The elements of a list as one side writes it."""
    if node is None or _is_null(node):
        return []
    if isinstance(node, Sequence):
        return list(node.items)
    if isinstance(node, Record) and node.untyped:
        return _wrapped(node, twin, item)
    if isinstance(node, Scalar) and node.kind is Kind.UNTYPED and not node.text.strip(lexical.BLANKS):
        return []
    return [node]


def _wrapped(record: Record, twin: Node | None, item: Shape) -> list[Node]:
    """The children of a list element; or the element itself, where lists are written by repeating the element and this
    one is not repeated: then its children are what the members of an element are called, and are such values."""
    names = {name for name, _ in record.members}
    if len(names) > 1:
        return [record]
    if len(record.members) == 1 and _is_member(*record.members[0], twin, item):
        return [record]
    return [node for _, node in record.members]


def _is_member(name: str, node: Node, twin: Node | None, item: Shape) -> bool:
    """Whether a lone child is a member of an element, and not an element of that name (<Codes><Code><Code>01)."""
    holds_more = isinstance(node, Record)
    if name in item.members:
        return not holds_more or item.members[name].kind in (ValueKind.OBJECT, ValueKind.LIST, ValueKind.ANY)
    items = twin.items if isinstance(twin, Sequence) else ()
    typed = [each.get(name) for each in items if isinstance(each, Record) and not each.untyped]
    return any(each is not None and holds_more is not isinstance(each, Scalar) for each in typed)


def _written_alike(left: Scalar, right: Scalar) -> bool:
    """Whether equal texts are equal values: neither is null, and JSON shows no two kinds."""
    return Kind.UNTYPED in (left.kind, right.kind) and Kind.NULL not in (left.kind, right.kind)


def _same_scalar(left: Scalar, right: Scalar, shape: Shape) -> tuple[bool, ValueKind]:
    """Whether two values are the same, and as what they were read. Neither is null."""
    kinds = (left.kind, right.kind)
    if Kind.UNTYPED not in kinds and left.kind is not right.kind:
        allowed = {JSON_KINDS.get(kind, Kind.TEXT) for kind in (shape.kind, *shape.also)}
        return set(kinds) <= allowed and left.text == right.text, ValueKind.TEXT
    kind = _read_as(kinds, shape)
    same = lexical.same(left.text, right.text, kind) if kind in READABLE else None
    if same is None:
        kind = next((SHOWN_KINDS[each] for each in kinds if each in SHOWN_KINDS), ValueKind.TEXT)
        same = lexical.same(left.text, right.text, kind)
    if not same and kinds == (Kind.UNTYPED, Kind.UNTYPED) and shape.kind is ValueKind.ANY:
        # Nobody says what it is: the two spellings of a truth value are one, if they are nothing else.
        kind, same = ValueKind.BOOLEAN, left.text.lower() == right.text.lower() in ("true", "false")
    return bool(same), kind


def _read_as(kinds: tuple[Kind, Kind], shape: Shape) -> ValueKind:
    """The kind to compare by: the declared one; but a value that JSON writes as text where the model knows text too is
    text, and every digit counts."""
    if shape.kind in READABLE and not (ValueKind.TEXT in shape.also and Kind.TEXT in kinds):
        return shape.kind
    if shape.kind in VERBATIM or shape.kind is ValueKind.URI or Kind.TEXT in kinds:
        shown = next((SHOWN_KINDS[kind] for kind in kinds if kind in SHOWN_KINDS), ValueKind.TEXT)
        return ValueKind.TEXT if shape.kind is not ValueKind.ANY and shown is ValueKind.DECIMAL else shown
    return ValueKind.TEXT


def _why(left: Scalar, right: Scalar) -> str:
    if Kind.UNTYPED not in (left.kind, right.kind) and left.kind is not right.kind:
        return f"{left.kind.value} on one side, {right.kind.value} on the other"
    if left.text.strip() == right.text.strip():
        return "they differ in blanks at the ends"
    return ""


def traits(node: Node | None, shape: Shape) -> Traits:
    """The values that a node consists of, without names and structure, each in a writing that is the same for equal
    values in every format. URIs are left out, since HAL may write links in their stead."""
    found: Traits = Counter()
    _gather(node, shape, found)
    return found


def _gather(node: Node | None, shape: Shape, found: Traits) -> None:
    if isinstance(node, Scalar):
        if not says_nothing(node, shape) and node.text and shape.kind is not ValueKind.URI:
            found[_trait(node.text, shape)] += 1
    elif isinstance(node, Sequence):
        for each in node.items:
            _gather(each, shape.item or UNDECLARED, found)
    elif isinstance(node, Record):
        for name, child in node.members:
            declared = shape.members.get(name) or shape.item or UNDECLARED
            _gather(child, declared, found)


def _trait(text: str, shape: Shape) -> Hashable:
    if shape.kind in READABLE or shape.kind is ValueKind.TEXT:
        return lexical.canonical(text, shape.kind)
    number = lexical.read(text, ValueKind.DECIMAL)
    return lexical.canonical(text, ValueKind.DECIMAL) if number is not None else lexical.plain(text).lower()


def _is_odd(scalar: Scalar, kind: ValueKind) -> bool:
    """Whether this is a value of its kind in another form than the standard one. What is no such value at all is
    wrongly typed, which is another matter."""
    return not lexical.is_standard(scalar.text, kind) and lexical.read(scalar.text, kind) is not None


def _spellings(node: Node | None, shape: Shape, where: str, found: list[Difference]) -> None:
    if isinstance(node, Scalar):
        checked = shape.kind in READABLE and not says_nothing(node, shape) and ValueKind.TEXT not in shape.also
        if checked and _is_odd(node, shape.kind):
            because = f"{node.text!r} is not the standard form of {shape.kind.value}"
            found.append(Difference(Aspect.LEXICAL, where, node.text, None, because))
    elif _is_list(node, None, shape):
        for index, each in enumerate(items_of(node, None, shape.item or UNDECLARED)):
            _spellings(each, shape.item or UNDECLARED, f"{where}[{index}]", found)
    elif isinstance(node, Record):
        for name, child in members_of(node).items():
            place = f"{where} / {name}" if where else name
            _spellings(child, shape.members.get(name, UNDECLARED), place, found)


# What a difference shows


def _text(node: Node) -> str:
    if isinstance(node, Scalar):
        return "null" if node.kind is Kind.NULL else node.text
    if isinstance(node, Sequence):
        return "[" + ", ".join(_text(each) for each in node.items) + "]"
    return "{" + ", ".join(f"{name}: {_text(child)}" for name, child in node.members) + "}"


def _shown(left: Node | None, right: Node | None) -> tuple[str | None, str | None]:
    """Both sides as text, cut so that the first difference is in what is left."""
    if left is None or right is None:
        return (None if left is None else _excerpt(_text(left))), (None if right is None else _excerpt(_text(right)))
    one, other = _text(left), _text(right)
    common = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, common - LONGEST // 2) if max(len(one), len(other)) > LONGEST else 0
    return _excerpt(one, start), _excerpt(other, start)


def _excerpt(text: str, start: int = 0) -> str:
    cut = text[start : start + LONGEST]
    return f"{'…' if start else ''}{cut}{'…' if start + LONGEST < len(text) else ''}"


def _below(name: str, each: Difference) -> Difference:
    where = f"{name} / {each.where}" if each.where else name
    return Difference(each.aspect, where, each.left, each.right, each.because)


# Elements


def _as_node(resource: Resource) -> Node:
    """A resource as a value: its properties, and what it embeds as members."""
    if resource.scalar:
        return resource.scalar
    if resource.elements is not None:
        return Sequence(tuple(_as_node(each) for each in resource.elements))
    held = tuple((rel, Sequence(tuple(_as_node(each) for each in group))) for rel, group in resource.embedded)
    if not held:
        return resource.properties
    return Record((*resource.properties.members, *held), resource.properties.untyped)


def _key_of(resource: Resource, key: tuple[str, ...], shape: Shape) -> str:
    """The key of an element as text, the same in every format; "" if it lacks a part of it."""
    parts = []
    for name in key:
        text = resource.text(name)
        if not text:
            return ""
        kind = shape.members.get(name, UNDECLARED).kind
        value = lexical.read(text, kind) if kind in READABLE else None
        parts.append(text if value is None else str(value))
    return "/".join(parts)


NamedPair = tuple[str, int, int]


def _paired(
    left: tuple[Resource, ...],
    right: tuple[Resource, ...],
    shape: Shape,
    key: tuple[str, ...],
    terms: Terms,
    aspect: Aspect,
) -> tuple[list[NamedPair], list[Difference]]:
    """Which elements belong together, with a name for each pair, in the order of the left; and what is on one side."""
    keys = [[_key_of(each, key, shape) for each in side] for side in (left, right)]
    if key and all(keys[0]) and all(keys[1]):
        return _paired_by_key(keys[0], keys[1], aspect)
    return _paired_by_content(left, right, shape, terms, aspect)


def _paired_by_key(lefts: list[str], rights: list[str], aspect: Aspect) -> tuple[list[NamedPair], list[Difference]]:
    where_right: dict[str, list[int]] = {}
    for index, name in enumerate(rights):
        where_right.setdefault(name, []).append(index)
    counts = Counter(lefts)
    pairs, found = [], []
    for index, name in enumerate(lefts):
        if where_right.get(name):
            pairs.append((name, index, where_right[name].pop(0)))
        else:
            found.append(Difference(aspect, name, name, None, _times(name in rights)))
    for name, indexes in where_right.items():
        found += [Difference(aspect, name, None, name, _times(bool(counts[name]))) for _ in indexes]
    return pairs, found


def _times(known: bool) -> str:
    return "it is there more often" if known else "it is not in the other list"


def _paired_by_content(
    left: tuple[Resource, ...], right: tuple[Resource, ...], shape: Shape, terms: Terms, aspect: Aspect
) -> tuple[list[NamedPair], list[Difference]]:
    def same(one: Resource, other: Resource) -> bool:
        found = differences(one, other, shape, terms)
        return all(each.aspect is Aspect.LEXICAL for each in found)

    matching = match(left, right, same, lambda each: traits(_as_node(each), shape))
    pairs = [(f"[{i}]", i, j) for i, j in sorted((*matching.alike, *matching.unlike))]
    found = [
        Difference(aspect, f"[{i}]", _excerpt(_text(_as_node(left[i]))), None, _times(False)) for i in matching.left
    ]
    found += [
        Difference(aspect, f"[{j}]", None, _excerpt(_text(_as_node(right[j]))), _times(False)) for j in matching.right
    ]
    return pairs, found


def _order(pairs: list[NamedPair]) -> list[Difference]:
    """The one difference that tells that paired elements come in another order."""
    by_right = sorted(pairs, key=lambda pair: pair[2])
    for one, other in zip(pairs, by_right, strict=True):
        if one != other:
            return [Difference(Aspect.ORDER, one[0], one[0], other[0], "the same elements in another order")]
    return []


# Links

DEFINITIONS = frozenset(("curie", "curies"))
"""Not links but short names for relations (HAL, 8.2), which XML may write as namespace prefixes."""

Carrier = tuple[str, tuple[Hashable, ...]]


def _links_by_carrier(resource: Resource) -> dict[Carrier, list[Link]]:
    """Links by what carries them: the resource itself, or an inner object, known by its property and its values (its
    index tells nothing, since the order of a list may differ)."""
    carried: dict[Carrier, list[Link]] = {}
    for link in resource.links:
        path = link.node.partition("_links")[0].rstrip("/")
        carried.setdefault(_carrier(resource.properties, path), []).append(link)
    return carried


def _carrier(properties: Record, path: str) -> Carrier:
    if not path:
        return "", ()
    node: Node | None = properties
    for step in path.split("/"):
        name, _, index = step.removesuffix("]").partition("[")
        node = _step(node, name, int(index) if index.isdigit() else 0)
    values = traits(node, UNDECLARED)
    return path.split("/")[0].partition("[")[0], tuple(sorted((str(value), n) for value, n in values.items())) or ("",)


def _step(node: Node | None, name: str, index: int) -> Node | None:
    """The member of that name; of a list, or of elements that share the name, the one at the index."""
    if not isinstance(node, Record):
        return None
    twins = [child for member, child in node.members if member == name]
    if len(twins) > 1:
        return twins[index] if index < len(twins) else None
    child = twins[0] if twins else None
    if isinstance(child, Sequence):
        return child.items[index] if index < len(child.items) else None
    return child


def _link_lists(left: list[Link], right: list[Link], same_target: SameTarget) -> list[Difference]:
    lefts, rights = _by_relation(left), _by_relation(right)
    found: list[Difference] = []
    for rel in [*lefts, *(rel for rel in rights if rel not in lefts)]:
        one, other = lefts.get(rel, []), rights.get(rel, [])
        if rel in DEFINITIONS and not (one and other):
            continue
        if rel == "self":
            one, other = _merged(one, same_target), _merged(other, same_target)
        found += _same_relation(one, other, same_target)
    return found


def _by_relation(links: list[Link]) -> dict[str, list[Link]]:
    """Links by relation, compared without case; a link may name several (RFC 8288, 3.3)."""
    groups: dict[str, list[Link]] = {}
    for link in links:
        for rel in link.rel.lower().split() or [""]:
            groups.setdefault(rel, []).append(link)
    return groups


def _merged(links: list[Link], same_target: SameTarget) -> list[Link]:
    """Self links without those that say nothing new: HAL+XML may write one as attributes and as an element."""
    kept: list[Link] = []
    for link in sorted(links, key=lambda link: -len(link.attributes)):
        if attributes_of(link) or not any(same_target(link, each) for each in kept):
            kept.append(link)
    return kept


def _same_relation(left: list[Link], right: list[Link], same_target: SameTarget) -> list[Difference]:
    """Links of one relation on both sides."""

    def same(one: Link, other: Link) -> bool:
        return not _link_difference(one, other, same_target)

    matching = match(left, right, same, _link_traits)
    found = []
    for i, j in matching.unlike:
        because, one, other = _link_difference(left[i], right[j], same_target) or ("", "", "")
        found.append(Difference(Aspect.LINK, left[i].node, one, other, because))
    found += [Difference(Aspect.LINK, left[i].node, left[i].href, None, "the link is missing") for i in matching.left]
    found += [
        Difference(Aspect.LINK, right[j].node, None, right[j].href, "the link is missing") for j in matching.right
    ]
    return found


def _link_difference(left: Link, right: Link, same_target: SameTarget) -> tuple[str, str, str] | None:
    """Why two links of one relation are not the same, and what each says."""
    if left.broken or right.broken:
        both = left.broken and right.broken
        return None if both else ("one is broken", left.broken or left.href, right.broken or right.href)
    if left.templated is not right.templated:
        return "one is a template", left.href, right.href
    if left.href != right.href and not same_target(left, right):
        return "they lead to different places", left.href, right.href
    lefts, rights = attributes_of(left), attributes_of(right)
    for name in sorted(lefts.keys() | rights.keys()):
        if lefts.get(name) != rights.get(name):
            return f"the attribute {name!r} differs", lefts.get(name, "(absent)"), rights.get(name, "(absent)")
    return None


YES_OR_NO = frozenset(("encrypted", "signinglocked", "signedbydefault"))
"""Attributes of a link that the documentation shows as booleans: in XML 1 and 0 are other words for true and false."""


def attributes_of(link: Link) -> dict[str, str]:
    """Attributes as they are compared: a false one is an absent one, and True is true."""
    told = {name: _attribute(name, text) for name, text in link.attributes}
    return {name: lexical.plain(text) for name, text in told.items() if text != "false"}


def _attribute(name: str, text: str) -> str:
    if name.lower() in YES_OR_NO:
        value = lexical.read(text, ValueKind.BOOLEAN)
        return text if value is None else str(value).lower()
    return text.lower() if text.lower() in ("true", "false") else text


def _link_traits(link: Link) -> Traits:
    return Counter([("href", link.href), *attributes_of(link).items()])


# Embedded resources

Group = tuple[Resource, ...]


def _opened(group: Group) -> Group:
    """The resources of a group; of a group that is nothing but a list in a resource (no properties, one inner group),
    those of the inner one."""
    if len(group) == 1 and not group[0].properties.members and len(group[0].embedded) == 1:
        return group[0].embedded[0][1]
    if len(group) == 1 and group[0].elements is not None:
        return group[0].elements
    return group


def _group_named(resource: Resource, name: str) -> Group | None:
    """What a resource embeds under a name, compared without case: as relation, or as the name of a single resource."""
    wanted = name.lower()
    for rel, group in resource.embedded:
        if rel.lower() == wanted or (len(group) == 1 and group[0].name.lower() == wanted):
            return group
    return None


def _container(resource: Resource, names: set[str]) -> Group | None:
    """The group that holds the elements of a list resource."""
    groups = [(rel, group) for rel, group in resource.embedded if group]
    named = next((group for rel, group in groups if rel.lower() in names), None)
    if named is not None:
        return named
    return groups[0][1] if len(groups) == 1 else None


GroupPair = tuple[str, Group, Group]
Groups = dict[str, tuple[str, Group]]
"""By relation in lower case: the relation as written, and the resources."""


def _groups(resource: Resource, twin: Resource) -> Groups:
    """What a resource embeds, without groups that are empty or that the twin writes as a property (which are compared
    as such)."""
    as_property = {name.lower() for name, _ in twin.properties.members}
    found: Groups = {}
    for rel, group in resource.embedded:
        names = {rel.lower(), group[0].name.lower()} if len(group) == 1 else {rel.lower()}
        if _opened(group) and not (names & as_property):
            found[rel.lower()] = rel, group
    return found


def _group_pairs(left: Resource, right: Resource, containers: set[str]) -> list[GroupPair]:
    """Groups that belong together, and those that are on one side only, with () for the other."""
    lefts, rights = _groups(left, right), _groups(right, left)
    pairs: list[GroupPair] = []
    while found := _next_pair(lefts, rights, containers):
        name, group = lefts.pop(found[0])
        pairs.append((name, group, rights.pop(found[1])[1]))
    pairs += [(name, group, ()) for name, group in lefts.values()]
    return pairs + [(name, (), group) for name, group in rights.values()]


def _next_pair(lefts: Groups, rights: Groups, containers: set[str]) -> tuple[str, str] | None:
    """Two groups that belong together: of one relation, the declared containers, a word and its plural (Altinn's XML
    may name the element where JSON names the list), else what is left over if it is one on each side."""
    for rel in lefts:
        if rel in rights:
            return rel, rel
    for one in lefts:
        for other in rights:
            both = {one, other}
            if both <= containers or both in ({one, one + "s"}, {other, other + "s"}):
                return one, other
    if len(lefts) == len(rights) == 1:
        return next(iter(lefts)), next(iter(rights))
    return None


def _group_differences(
    rel: str, left: Group, right: Group, same_target: SameTarget, shape: Shape | None, key: tuple[str, ...]
) -> list[Difference]:
    lefts, rights = _opened(left), _opened(right)
    if not (lefts and rights):
        one, other = (f"{len(side)} embedded" if side else None for side in (lefts, rights))
        return [Difference(Aspect.EMBEDDED, rel, one, other, "it is embedded on one side only")]
    pairs, missing = _paired(lefts, rights, shape or UNDECLARED, key, EXACT, Aspect.EMBEDDED)
    inside: list[Difference] = []
    if lefts is not left and rights is not right:
        inside += link_differences(left[0], right[0], same_target)
    for name, i, j in pairs:
        inside += [_below(name, each) for each in _resource_differences(lefts[i], rights[j], same_target, shape)]
    return [_below(rel, each) for each in (*missing, *inside)]


def _resource_differences(
    left: Resource, right: Resource, same_target: SameTarget, shape: Shape | None
) -> tuple[Difference, ...]:
    """Everything in which two embedded resources differ."""
    return (
        *differences(left, right, shape),
        *link_differences(left, right, same_target),
        *embedded_differences(left, right, same_target),
    )
