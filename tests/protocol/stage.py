"""A round before anybody spoke: honest documents, each of which a test may falsify."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cast import Cast, make_cast

from privacy.secure_sum.parameters import parameters_of
from privacy.secure_sum.prepare import prepare
from privacy.secure_sum.view import RoundView
from schemas.roster import Roster
from schemas.round import Announcement, Parameters, Prekey
from schemas.signed import Signed


@dataclass(repr=False)
class Stage:
    """Everybody's prekeys and the coordinator's descriptor."""

    cast: Cast
    announcement: Announcement
    prekeys: list[Signed]
    descriptor: Signed
    last_burnt: int = 0
    now: int = 30
    bound: int = 1000
    roster: Roster = field(init=False)

    def __post_init__(self) -> None:
        self.roster = self.cast.roster

    def describe(self, **changes: object) -> None:
        """Sign another descriptor over the present prekeys."""
        self.descriptor = self.cast.describe(self.announcement, self.prekeys, **changes)

    def limits(self, **changes: int) -> Parameters:
        """The right parameters with some of them changed."""
        right = parameters_of(self.roster, len(self.prekeys), self.cast.policy)
        return right.model_copy(update=changes)

    def signed_prekey(self, node: int, signer: int | None = None, **changes: object) -> Signed:
        """This node's prekey with changes, under its own signature or another's."""
        body = next(p for p in map(peek, self.prekeys) if p.id == node)
        key = self.cast.players[signer or node].identity.private
        return Signed.seal(body.model_copy(update=changes), key)

    def swap(self, node: int, **changes: object) -> None:
        """Replace a node's prekey by a changed one that it signed, and describe the round anew."""
        new = self.signed_prekey(node, **changes)
        self.prekeys = [new if peek(p).id == node else p for p in self.prekeys]
        self.cast.players[node].prekey = new
        self.describe()

    def only(self, nodes: Sequence[int]) -> None:
        """Leave only these prekeys."""
        self.prekeys = [p for p in self.prekeys if peek(p).id in nodes]

    def prepare(self, node: int = 1) -> RoundView:
        """P0 at one node."""
        own = replace(self.cast.own(node), last_burnt=self.last_burnt)
        return prepare(
            self.descriptor, self.prekeys, self.roster, own, now=self.now, bound=self.bound
        )


def peek(signed: Signed) -> Prekey:
    """A prekey without a check."""
    return signed.peek(Prekey)


def make_stage(cast: Cast | None = None) -> Stage:
    """An honest round 3 of five centres, or of this cast."""
    cast = cast or make_cast(5)
    announcement = cast.announce(3, 9)
    prekeys = cast.prekeys(announcement)
    return Stage(cast, announcement, prekeys, cast.describe(announcement, prekeys))
