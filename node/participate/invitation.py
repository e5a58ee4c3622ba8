"""ANNOUNCE: make and take links, and send one prekey when this centre wants in."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from node.gate.admission import Standing, check_announcement, check_ledger, standing
from node.gate.pinning import OldPaper, take_programme, take_roster
from node.participate.memory import check_card, check_header, renew_card
from node.participate.own_keys import identity, kem_key, own_card
from node.participate.surroundings import Reply, Surroundings
from node.store import rounds
from node.store.database import Connection
from privacy.secure_sum.keys import RoundKeys
from privacy.secure_sum.links import MOST_STEPS, LinkState, accept_link, make_link
from privacy.secure_sum.refusal import AlreadyBurnt, SumRefusal, TooLate
from schemas.document import MalformedDocument
from schemas.message import Frame, Kind, MalformedFrame, unpack
from schemas.round import Announcement, KeyCard, Link, Prekey
from schemas.signed import BadSignature, Signed


def answer(connection: Connection, around: Surroundings, parts: Sequence[bytes]) -> Reply:
    """Parts: roster, programme, announcement, cards, links, own header, rosters before.

    Refuses by raising.
    """
    if len(parts) != 7:
        raise MalformedFrame("an announcement has seven parts")
    _take_rosters(connection, [*unpack(parts[6]), parts[0]])
    take_programme(connection, Signed.from_canonical(parts[1]))
    here = standing(connection)
    announcement = Signed.from_canonical(parts[2]).open(Announcement, here.roster.coordinator)
    cards = _cards(here, [Signed.from_canonical(raw) for raw in unpack(parts[3])])
    check_card(connection, cards.get(here.node))
    renew_card(connection, around, announcement, cards.get(here.node))
    check_header(connection, here.node, unpack(parts[5]))
    own = rounds.own_prekey(connection, announcement.round)
    if own is None:
        _check(connection, around, here, announcement)
        _take_links(connection, here, cards, unpack(parts[4]))
        _make_links(connection, here, cards, announcement.round)
        own = _prekey_when_ready(connection, around, here, announcement, cards)
    elif own.announcement != announcement.digest():
        raise AlreadyBurnt("this round number was announced before, otherwise")
    made = [link.canonical() for link in rounds.made_links(connection)]
    prekey = own.signed.canonical() if own else b""
    frame = Frame(Kind.READY, (own_card(connection).canonical(), prekey, *made))
    return Reply(frame, announcement.round)


def _take_rosters(connection: Connection, chain: Sequence[bytes]) -> None:
    """The rosters that this centre slept through, then the one of the round."""
    for raw in chain[:-1]:
        with suppress(OldPaper):  # it holds this one, or a later one, already
            take_roster(connection, Signed.from_canonical(raw))
    take_roster(connection, Signed.from_canonical(chain[-1]))


def _check(
    connection: Connection, around: Surroundings, here: Standing, announcement: Announcement
) -> None:
    now = around.clock()
    layout = check_announcement(here, announcement, now)
    if announcement.round <= rounds.last_burnt(connection):
        raise AlreadyBurnt("this round number, or a later one, was used before")
    if now > announcement.prekeys_until:
        raise TooLate("the time for prekeys has passed; this centre missed the round")
    check_ledger(connection, here, layout, announcement.cohorts)


def _cards(here: Standing, signed: Sequence[Signed]) -> Mapping[int, KeyCard]:
    """Cards that their centres signed; others are left out, and so are their centres."""
    found = {}
    for envelope in signed:
        try:
            claimed = envelope.peek(KeyCard)
            found[claimed.id] = envelope.open(KeyCard, here.roster.centre(claimed.id).key)
        except (KeyError, BadSignature, MalformedDocument):
            continue
    return found


def _fits(state: LinkState | None, mine: KeyCard, theirs: KeyCard) -> bool:
    return (
        state is not None
        and state.generation_mine == mine.generation
        and state.generation_peer >= theirs.generation
    )


def _newest(state: LinkState | None, theirs: KeyCard) -> int:
    """An older card of a peer never comes back, whoever relays it."""
    return max(theirs.generation, state.generation_peer if state else 0)


def _take_links(
    connection: Connection, here: Standing, cards: Mapping[int, KeyCard], links: Sequence[bytes]
) -> None:
    mine = own_card(connection).peek(KeyCard)
    held, burnt = rounds.links(connection), rounds.last_burnt(connection)
    for raw in links:
        try:
            signed = Signed.from_canonical(raw)
            link = signed.peek(Link)
            state = held.get(link.lo)
            newer = state is None or link.base > state.round + MOST_STEPS
            if link.lo not in cards or (_fits(state, mine, cards[link.lo]) and not newer):
                continue
            accepted = accept_link(
                signed, here.roster.centre(link.lo).key, kem_key(connection), mine,
                _newest(state, cards[link.lo]), burnt,
            )  # fmt: skip
        except (KeyError, SumRefusal, BadSignature, MalformedDocument):
            continue  # a bad link costs its pair, not this centre's part in the round
        rounds.keep_link(connection, accepted, None)


def _make_links(
    connection: Connection, here: Standing, cards: Mapping[int, KeyCard], number: int
) -> None:
    mine, held = own_card(connection).peek(KeyCard), rounds.links(connection)
    me = identity(connection)
    for peer, card in cards.items():
        state = held.get(peer)
        stale = state is not None and number > state.round + MOST_STEPS
        older = card.generation < _newest(state, card)
        if peer > here.node and not older and (stale or not _fits(state, mine, card)):
            signed, new = make_link(me, mine, card, number)
            rounds.keep_link(connection, new, signed)


def _prekey_when_ready(
    connection: Connection,
    around: Surroundings,
    here: Standing,
    announcement: Announcement,
    cards: Mapping[int, KeyCard],
) -> rounds.OwnPrekey | None:
    """Send the prekey once every pair with a card is linked, or half of the window is over."""
    mine, held = own_card(connection).peek(KeyCard), rounds.links(connection)
    peers = [peer for peer in cards if peer != here.node]
    linked = tuple(sorted(p for p in peers if _fits(held.get(p), mine, cards[p])))
    half = (announcement.announced_at + announcement.prekeys_until) // 2
    if len(linked) < len(here.roster.ids) - 1 and around.clock() < half:
        return None
    keys = RoundKeys.new(around.random_bytes)
    mask, channel = keys.public
    body = Prekey(
        id=here.node,
        round=announcement.round,
        announcement=announcement.digest(),
        mask_public=mask,
        channel_public=channel,
        links=linked,
    )
    signed = Signed.seal(body, identity(connection).private)
    own = rounds.OwnPrekey(announcement.digest(), signed, keys.to_bytes())
    rounds.keep_prekey(connection, announcement.round, own)
    return own
