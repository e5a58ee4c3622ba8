"""What an adversary can work out, by exact linear algebra.

The adversary is the coordinator with some corrupt members. It holds every masked vector, all
secrets with a corrupt end, the corrupt members' shares of all others, and what honest members
answer, each for the set that it was talked into signing. A masked vector is one equation in
the unknown inputs and the masks still unknown; combinations of equations in which every
unknown mask cancels are what the adversary learns about the inputs.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, product

from cast import Play

from privacy.noise.excess import base_size, increment_sizes
from privacy.secure_sum import unmask
from privacy.secure_sum.certify import set_digest, sign_set
from privacy.secure_sum.refusal import SumRefusal
from privacy.secure_sum.view import RoundView, excess
from privacy.secure_sum.wire import Mark, UnmaskRequest

Ids = tuple[int, ...]
Secret = tuple[int, int]
"""(dealer, other): its pair secret; b when both are the same; an `excess` below 0."""


def null_combinations(rows: Sequence[Sequence[Fraction]]) -> list[list[Fraction]]:
    """A basis of the combinations of rows that give zero, by elimination over the rationals."""
    count = len(rows)
    work = [[*row, *(Fraction(int(i == k)) for k in range(count))] for i, row in enumerate(rows)]
    width, done = len(rows[0]) if rows else 0, 0
    for column in range(width):
        pivot = next((r for r in range(done, count) if work[r][column]), None)
        if pivot is None:
            continue
        work[done], work[pivot] = work[pivot], work[done]
        for r in range(done + 1, count):
            factor = work[r][column] / work[done][column]
            work[r] = [a - factor * b for a, b in zip(work[r], work[done], strict=True)]
        done += 1
    return [row[width:] for row in work[done:]]


def learnt(active: Ids, corrupt: Ids, known: frozenset[Secret]) -> list[dict[int, Fraction]]:
    """A basis of the combinations of honest inputs that are determined; `known` has both
    spellings of a pair."""
    honest = [node for node in active if node not in corrupt]
    hidden = [(i, i) for i in honest if (i, i) not in known]
    hidden += [pair for pair in combinations(honest, 2) if pair not in known]

    def coefficient(node: int, secret: Secret) -> Fraction:
        if node not in secret:
            return Fraction(0)
        return Fraction(-1 if secret[1] == node != secret[0] else 1)

    rows = [[coefficient(node, secret) for secret in hidden] for node in honest]
    return [
        {node: c for node, c in zip(honest, combination, strict=True) if c}
        for combination in null_combinations(rows)
    ]


@dataclass(repr=False)
class Adversary:
    """A coordinator with corrupt members, who plays one round against the real checks.

    `sets_each`: how many sets an honest member signs and answers; the node's store holds it to
    one.
    """

    round: Play
    corrupt: Ids
    view: RoundView
    sets_each: int = 1
    wanted: Callable[[RoundView, Sequence[int]], list[Secret]] = unmask.wanted
    _marks: dict[tuple[int, Ids], Mark | None] = field(default_factory=dict)
    _answers: dict[tuple[int, Ids, frozenset[int]], frozenset[Secret]] = field(default_factory=dict)
    _findings: dict[frozenset[Secret], str | None] = field(default_factory=dict)

    @property
    def honest(self) -> Ids:
        """Active members of the committee that follow the protocol."""
        return tuple(node for node in self.view.members if node not in self.corrupt)

    @property
    def corrupt_centres(self) -> Ids:
        """Those that may be in the sum."""
        return tuple(node for node in self.corrupt if node in self.view.place)

    def sets(self) -> Iterator[Ids]:
        """Every set that some honest member would sign."""
        for size in range(1, len(self.view.active) + 1):
            for ids in combinations(self.view.active, size):
                if self._mark(self.honest[0], ids) is not None:
                    yield ids

    def strategies(self) -> Iterator[Mapping[int, tuple[Ids, ...]]]:
        """Which set, or sets, or none, each honest member is shown."""
        sets = list(self.sets())
        shown = [chosen for k in range(self.sets_each + 1) for chosen in combinations(sets, k)]
        for choice in product(shown, repeat=len(self.honest)):
            yield dict(zip(self.honest, choice, strict=True))

    def finds(self, strategy: Mapping[int, tuple[Ids, ...]]) -> str | None:
        """A sentence when the strategy learns more than one large enough sum, else None."""
        known = self._known(strategy)
        if known not in self._findings:
            self._findings[known] = self._judge(known)
        return self._findings[known]

    def _judge(self, known: frozenset[Secret]) -> str | None:
        basis = learnt(self.view.active, self.corrupt, known)
        if len(basis) > 1:
            return f"{len(basis)} combinations of inputs: {[sorted(b) for b in basis]}"
        for combination in basis:
            if len(set(combination.values())) > 1:
                return f"a weighted sum over {sorted(combination)}"
            if len(combination) < self.round.view.parameters.floor - len(self.corrupt_centres):
                return f"the sum of too few: {sorted(combination)}"
            if self._noise_left(tuple(combination), known) < self._noise_promised(combination):
                return f"the noise of too few: {sorted(combination)}"
        return None

    def _noise_left(self, honest: Ids, known: frozenset[Secret]) -> Fraction:
        """The part of the whole noise that is in a sum over these and was not opened."""
        at = self.view.parameters.honest_at
        each = base_size(at) * len(honest)
        return each + sum(
            size
            for level, size in enumerate(increment_sizes(at))
            for node in honest
            if (node, excess(level)) not in known
        )

    def _noise_promised(self, honest: Collection[int]) -> Fraction:
        """A set of u centres keeps at least 1/u for each; corrupt ones keep none."""
        return Fraction(len(honest), len(honest) + len(self.corrupt_centres))

    def _known(self, strategy: Mapping[int, tuple[Ids, ...]]) -> frozenset[Secret]:
        active, shares = self.view.active, dict[Secret, int]()
        for secret in product(active, self.view.secrets):
            shares[secret] = sum(member in self.corrupt for member in self.view.members)
        for member, shown in strategy.items():
            for ids in shown:
                signers = {m for m, sets in strategy.items() if ids in sets} | set(self.corrupt)
                for secret in self._answer(member, ids, frozenset(signers)):
                    shares[secret] += 1
        known = {s for s, count in shares.items() if count >= self.view.parameters.threshold}
        known |= {s for s in shares if s[0] in self.corrupt or s[1] in self.corrupt}
        return frozenset(known | {(j, i) for i, j in known if j > 0})

    def _mark(self, member: int, ids: Ids) -> Mark | None:
        if (member, ids) not in self._marks:
            headers = [self.round.bodies[node].header for node in ids]
            identity = self.round.cast.players[member].identity
            try:
                self._marks[member, ids] = sign_set(self.view, identity, member, headers)
            except SumRefusal:
                self._marks[member, ids] = None
        return self._marks[member, ids]

    def _answer(self, member: int, ids: Ids, signers: frozenset[int]) -> frozenset[Secret]:
        """What a member opens for a set that it signed and that these signed."""
        key = (member, ids, signers)
        if key not in self._answers:
            self._answers[key] = self._ask(member, ids, signers)
        return self._answers[key]

    def _ask(self, member: int, ids: Ids, signers: Iterable[int]) -> frozenset[Secret]:
        marks = [mark for m in signers if (mark := self._mark(m, ids)) is not None]
        secrets = self.wanted(self.view, ids)
        slots = tuple(self.round.bodies[i].slot(self.view, member, j) for i, j in secrets)
        dg = set_digest(self.view, [self.round.bodies[node].header for node in ids])
        try:
            response = unmask.open_shares(
                self.view,
                self.round.cast.players[member].identity,
                member,
                self.round.channel(member),
                (dg, ids),
                UnmaskRequest(self.view.rid, tuple(marks), slots),
            )
        except SumRefusal:
            return frozenset()
        pairs = zip(secrets, response.shares, strict=True)
        return frozenset(secret for secret, share in pairs if share is not None)
