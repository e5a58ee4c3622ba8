"""Whom to ask to take part, with what, and when to ask again: each link travels once."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property

from coordinator.rounds.public_documents import publish
from coordinator.rounds.relaying import own_headers, rosters_between
from coordinator.store import centres, links, rounds
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from coordinator.store.signed_documents import SignedDocuments
from schemas.message import Kind, pack, pack_ids, pack_tags, unpack_ids
from schemas.request import Mention, Request
from schemas.units import DAY

_NOTHING = pack([])
_SILENT = 60  # seconds that others wait for the links of a centre that does not answer


@dataclass(slots=True)
class _Invitation:
    """What a centre was asked, with the tags of the links in it, by lower end."""

    body: bytes = field(repr=False)
    links: Mapping[int, bytes]
    said_before: bool
    answered: bool = False


@dataclass(frozen=True, slots=True)
class _Earlier:
    """By centre: its latest header, and the rosters that it slept through."""

    headers: Mapping[int, bytes]
    rosters: Mapping[int, bytes]


@dataclass
class Announcements:
    """The invitations to one round. What a centre was asked stands until it answers.

    A centre that lacks links is asked again when they are all there, and not for each of them;
    it waits for no centre that is away, has answered once, or is silent for a minute. Kept in
    memory alone: after a restart everybody is asked afresh.
    """

    here: SignedDocuments
    stored: StoredRound
    _standing: dict[int, _Invitation] = field(default_factory=dict)
    _since: dict[int, int] = field(default_factory=dict)
    _heard: set[int] = field(default_factory=set)
    _head: tuple[int, Sequence[Mention]] = (0, ())
    _earlier: _Earlier | None = None

    @cached_property
    def _on_roster(self) -> frozenset[int]:
        return frozenset(self.here.roster.identities)

    def requests(
        self, connection: Connection, online: frozenset[int], now: int
    ) -> dict[int, bytes]:
        """ANNOUNCE for every centre that is online and has sent no prekey yet."""
        number = self.stored.number
        ready = set(rounds.who_answered(connection, number, "prekey"))
        lacking = _lacking(connection, number, ready)
        made = links.made_for(connection, number, lacking)
        asking = _asking(lacking, made)
        waiting = sorted(self._on_roster & online - (ready - asking.keys()))
        silent = {node for node in waiting if self._may_still_answer(node, now)}
        due = [
            node
            for node in waiting
            if self._may_be_asked(node)
            and not any(lo in silent and (lo, node) not in made for lo in lacking.get(node, ()))
        ]
        if due:
            self._invite(connection, due, lacking, asking, now)
        standing = ((node, self._standing.get(node)) for node in waiting)
        return {node: one.body for node, one in standing if one and not one.answered}

    def _may_still_answer(self, node: int, now: int) -> bool:
        since = self._since.setdefault(node, now)
        return node not in self._heard and now - since < _SILENT

    def _may_be_asked(self, node: int) -> bool:
        one = self._standing.get(node)
        return one is None or one.answered or one.said_before

    def _invite(
        self,
        connection: Connection,
        due: Collection[int],
        lacking: Mapping[int, Set[int]],
        asking: Mapping[int, Set[int]],
        now: int,
    ) -> None:
        head, before = self._same_for_all(connection, now), self._of_earlier(connection)
        for node in due:
            relayed = links.waiting_for(connection, node, lacking.get(node, ()))
            parts: tuple[bytes | Mention, ...] = (
                *head, pack([body for _, body in relayed.values()]),
                before.headers.get(node, _NOTHING), before.rosters.get(node, _NOTHING),
                pack_ids(sorted(asking.get(node, ()))), pack_tags(links.held(connection, node)),
            )  # fmt: skip
            body, last = Request(Kind.ANNOUNCE, parts).to_bytes(), self._standing.get(node)
            tags = {lo: tag for lo, (tag, _) in relayed.items()}
            said_before = last is not None and last.body == body
            if not (said_before and last and not last.answered):
                self._standing[node] = _Invitation(body, tags, said_before)

    def _same_for_all(self, connection: Connection, now: int) -> Sequence[Mention]:
        """Roster, programme, announcement and cards: made when a card is new, and once a day, so
        that they are not forgotten."""
        made_at, head = self._head
        if not head or abs(now - made_at) >= DAY:
            enrolled = [one for one in centres.enrolled(connection) if one.id in self._on_roster]
            signed_documents = (
                self.here.signed_roster,
                self.here.signed_programme,
                self.stored.announcement,
            )
            same = [document.canonical() for document in signed_documents]
            same.append(pack([one.card.encode() for one in enrolled]))
            head = [publish(connection, body, now) for body in same]
            self._head = (now, head)
        return head

    def _of_earlier(self, connection: Connection) -> _Earlier:
        """What earlier rounds say of each centre does not change any more."""
        if self._earlier is None:
            headers = own_headers(connection, self.stored)
            self._earlier = _Earlier(headers, rosters_between(connection, self.stored))
        return self._earlier

    def card_changed(self) -> None:
        """A centre sent another card: others are told it from now on."""
        self._head = (0, ())

    def heard(self, nodes: Collection[int]) -> None:
        """These answered, whatever it was."""
        self._heard.update(nodes)
        for node in nodes:
            self._standing[node].answered = True

    def relayed_to(self, node: int) -> Mapping[int, bytes]:
        """Tags of the links in what a centre was asked last, by lower end."""
        return self._standing[node].links


def _lacking(connection: Connection, number: int, ready: Set[int]) -> dict[int, set[int]]:
    """Lower ends whose link a centre lacks that is not ready."""
    said = rounds.answers(connection, number, "lacking")
    return {hi: set(unpack_ids(raw)) for hi, raw in said.items() if raw and hi not in ready}


def _asking(lacking: Mapping[int, Set[int]], made: Set[tuple[int, int]]) -> dict[int, set[int]]:
    """Lower ends with the higher ones that wait for a link of theirs, made for this round."""
    asking: dict[int, set[int]] = {}
    for hi, lows in lacking.items():
        for lo in lows:
            if (lo, hi) not in made:
                asking.setdefault(lo, set()).add(hi)
    return asking
