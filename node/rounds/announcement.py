"""ANNOUNCE: make and take links, and send one prekey when this centre wants in."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from node.admission.check import Standing, charges_of, check_announcement, check_ledger, standing
from node.admission.committee_demands import demanded
from node.admission.pinned_authority import OldDocument, take_programme, take_roster
from node.admission.unread_roster import check_read
from node.enrolment.own_keys import identity, own_card
from node.rounds.context import Context, Reply
from node.rounds.linking import Linking, cards_of
from node.rounds.rollback_check import check_card, check_header, renew_card
from node.store import rounds
from node.store.database import Connection
from privacy.secure_sum.keys import RoundKeys
from privacy.secure_sum.parameters import check_committee
from privacy.secure_sum.refusal import AlreadyBurnt, TooLate
from schemas.message import (
    Frame,
    Kind,
    MalformedFrame,
    pack_ids,
    unpack,
    unpack_ids,
    unpack_tags,
)
from schemas.round import Announcement, Link, Prekey, link_tag
from schemas.signed import Signed


def take_papers(connection: Connection, parts: Sequence[bytes]) -> None:
    """Keep the roster and the programme of an announcement, in a transaction before its answer: a
    centre that answers no round before its owner has read them holds them for that owner."""
    if len(parts) != 9:
        raise MalformedFrame("an announcement has nine parts")
    _take_rosters(connection, [*unpack(parts[6]), parts[0]])
    take_programme(connection, Signed.from_canonical(parts[1]))


def answer(connection: Connection, around: Context, parts: Sequence[bytes]) -> Reply:
    """Parts: roster, programme, announcement, cards, links, own header, rosters before, who asks
    this centre for a new link, and which of its links are held.

    Refuses by raising. Roster and programme were kept before (`take_papers`).
    """
    here = standing(connection)
    announcement = Signed.from_canonical(parts[2]).open(Announcement, here.roster.coordinator)
    cards = cards_of(here, [Signed.from_canonical(raw) for raw in unpack(parts[3])])
    check_card(connection, cards.get(here.node))
    renew_card(connection, around, announcement, cards.get(here.node))
    check_header(connection, here.node, unpack(parts[5]))
    own = rounds.own_prekey(connection, announcement.round)
    if own is not None and own.announcement != announcement.digest():
        raise AlreadyBurnt("this round number was announced before, otherwise")
    if own is None:
        _check(connection, around, here, announcement)
    pairs, asking = Linking(here, cards, announcement.round), frozenset(unpack_ids(parts[7]))
    lacking: tuple[int, ...] = ()
    relayed = unpack(parts[4])
    if own is None:
        outdated = pairs.take(connection, relayed)
        pairs.make(connection, cards, asking)
        linked = pairs.linked(connection, outdated)
        lacking = pairs.lacking(linked)
        own = _prekey_when_ready(connection, around, here, announcement, linked)
    else:  # what this centre said it holds stays; who cannot use it gets a new one
        pairs.make(connection, asking, asking)
    card, prekey = own_card(connection).canonical(), own.signed.canonical() if own else b""
    told = (pack_ids(lacking), pack_ids(pairs.needless(connection, relayed)))
    made = _not_held(connection, unpack_tags(parts[8]))
    return Reply(Frame(Kind.READY, (card, prekey, *told, *made)), announcement.round)


def _not_held(connection: Connection, held: Mapping[int, bytes]) -> list[bytes]:
    """The links of this centre that are not on their way yet."""
    made = rounds.made_links(connection)
    return [one.canonical() for one in made if held.get(one.peek(Link).hi) != link_tag(one)]


def _take_rosters(connection: Connection, chain: Sequence[bytes]) -> None:
    """The rosters that this centre slept through, then the one of the round."""
    for raw in chain[:-1]:
        with suppress(OldDocument):  # it holds this one, or a later one, already
            take_roster(connection, Signed.from_canonical(raw))
    take_roster(connection, Signed.from_canonical(chain[-1]))


def _check(
    connection: Connection, around: Context, here: Standing, announcement: Announcement
) -> None:
    now = around.clock()
    layout = check_announcement(here, announcement, now)
    policy = demanded(connection, around.policy)
    check_committee(here.roster, policy)
    check_read(connection, here.roster, policy)
    if announcement.round <= rounds.last_burnt(connection):
        raise AlreadyBurnt("this round number, or a later one, was used before")
    if now > announcement.prekeys_until:
        raise TooLate("the time for prekeys has passed; this centre missed the round")
    if not here.witness:  # a witness pays nothing, for it asks nobody
        check_ledger(connection, here, charges_of(layout, announcement.cohorts))


def _prekey_when_ready(
    connection: Connection,
    around: Context,
    here: Standing,
    announcement: Announcement,
    linked: tuple[int, ...],
) -> rounds.OwnPrekey | None:
    """Send the prekey once every pair is linked, or half of the window is over."""
    half = (announcement.announced_at + announcement.prekeys_until) // 2
    if len(linked) < len(here.peers) and around.clock() < half:
        return None
    keys = RoundKeys.new(around.random_bytes)
    mask, channel = keys.public
    body = Prekey(
        id=here.node,
        round=announcement.round,
        announcement=announcement.digest(),
        mask_public=None if here.witness else mask,
        channel_public=channel,
        links=linked,
    )
    signed = Signed.seal(body, identity(connection).private)
    own = rounds.OwnPrekey(announcement.digest(), signed, keys.to_bytes())
    rounds.keep_prekey(connection, announcement.round, own)
    return own
