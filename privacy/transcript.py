"""Auditing a round from its transcript alone: is a sum that of the certified contributions?

    transcript = "WGWT1" | head length u32 | head (canonical JSON)
               | for each centre in the sum, by id: masked vector | commitments
               | for each centre that was left out: commitments
               | for each member that opened shares: its signed answer

Every size follows from the certified round. A vector is added as it is read and kept no longer.
The sum is made again from masked vectors and opened seeds by this module, not by the code that
made it. Sealed shares are no part of a transcript, nor is any vector outside the sum: nothing in
it opens more than the sum did.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from privacy.encode.layout import Layout
from privacy.noise.excess import remove
from privacy.secure_sum.certificate import Certified, check_certificate
from privacy.secure_sum.contribute import excess_key, pair_mask, self_mask
from privacy.secure_sum.labels import digest
from privacy.secure_sum.masks import Words, add_masks, centre_lift, dtype, keystream
from privacy.secure_sum.parameters import Policy
from privacy.secure_sum.recover import recover
from privacy.secure_sum.refusal import SumRefusal
from privacy.secure_sum.unmask import wanted
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import Contribution, Header, UnmaskResponse
from privacy.verify import ReleaseRefused, Verified, layout_of, sum_of
from schemas.document import MalformedDocument
from schemas.programme import Programme
from schemas.roster import Roster
from schemas.signed import BadSignature, verify
from schemas.transcript import TranscriptHead

MAGIC = b"WGWT1"
MOST_HEAD = 64 * 2**20
Read = Callable[[int], bytes]
"""The next so many bytes, or fewer at the end of the file."""


class TranscriptRefused(ValueError):
    """The transcript is not that of one certified round. It proves nothing."""

    code = "transcript-refused"


@dataclass(frozen=True, slots=True)
class Audited:
    """What a transcript shows; `total`: the sum as it is published, shape (L,), int64."""

    certified: Certified = field(repr=False)
    total: NDArray[np.int64] = field(repr=False)
    layout: Layout = field(repr=False)


def write(head: TranscriptHead, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Return a transcript piece by piece, for a file; `parts` in the order of the format."""
    raw = head.canonical()
    yield MAGIC + struct.pack(">I", len(raw)) + raw
    yield from parts


def audit(read: Read, authority_key: str, policy: Policy | None = None) -> Audited:
    """Make the sum of a round again. Raises TranscriptRefused."""
    file = _File(read)
    try:
        head = file.head()
        roster = head.roster.open(Roster, authority_key)
        programme = head.programme.open(Programme, authority_key)
        certified = check_certificate(head.certificate, roster, policy)
        layout = layout_of(certified.view.descriptor, programme)
        total = _recomputed(file, head, certified, layout)
    except (BadSignature, MalformedDocument, SumRefusal, ReleaseRefused) as error:
        raise TranscriptRefused(f"a part of the transcript fails its check: {error}") from None
    file.end()
    return Audited(certified, total, layout)


def compare(audited: Audited, found: Verified) -> None:
    """Raise ReleaseRefused unless the release holds the sum of the audited round."""
    stated, true = found.certified, audited.certified
    if stated.view.rid != true.view.rid:
        raise ReleaseRefused("the release and the transcript are of different rounds")
    if stated.set_digest != true.set_digest:
        raise ReleaseRefused("the release certifies another set of contributions")
    off = np.flatnonzero(sum_of(found.release, audited.layout) != audited.total)
    if len(off):
        first = next(b for b in audited.layout.blocks if off[0] < b.slice.stop)
        raise ReleaseRefused(
            f"its sum is not that of the certified contributions: {len(off)} of "
            f"{len(audited.total)} numbers differ, the first in {first.ask.key}"
        )


class _File:
    """Reads exactly what has to come next."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def take(self, size: int) -> bytes:
        raw = self._read(size)
        if len(raw) != size:
            raise TranscriptRefused("the transcript ends early")
        return raw

    def head(self) -> TranscriptHead:
        if self._read(len(MAGIC)) != MAGIC:
            raise TranscriptRefused("this file is not a transcript")
        (size,) = struct.unpack(">I", self.take(4))
        if size > MOST_HEAD:
            raise TranscriptRefused("the head of the transcript is too long")
        return TranscriptHead.from_canonical(self.take(size))

    def end(self) -> None:
        if self._read(1):
            raise TranscriptRefused("bytes after the end of the transcript")


def _recomputed(
    file: _File, head: TranscriptHead, certified: Certified, layout: Layout
) -> NDArray[np.int64]:
    view = certified.view
    total: Words = np.zeros(view.length, dtype=dtype(view.width))
    inside: dict[int, Contribution] = {}
    for header in map(Header.from_schema, head.certificate.headers):
        raw = file.take(view.length * view.width // 8)
        _same(digest("vector", raw), header.vector, "a masked vector", header.node)
        np.add(total, np.frombuffer(raw, dtype=dtype(view.width)), out=total)
        inside[header.node] = _committed(file, view, header)
    removed = {h.node: _committed(file, view, h) for h in _removed(head, view, inside.keys())}
    answers = [_answer(file, view, member, sorted(inside)) for member in _members(head)]
    seeds = recover(view, inside, answers, removed).seeds
    spare = _unmask(view, total, seeds)
    limits = view.parameters
    sources = {level: [keystream(key) for key in keys] for level, keys in spare.items()}
    return remove(centre_lift(total), layout.noise(limits.honest), limits.honest_at, sources)


def _same(found: bytes, signed: bytes, what: str, node: int) -> None:
    if found != signed:
        raise TranscriptRefused(f"{what} of centre {node} is not the one that it signed")


def _committed(file: _File, view: RoundView, header: Header) -> Contribution:
    """A contribution without its vector and sealed shares: what its seeds are tested against."""
    raw = file.take(32 * len(view.secrets))
    _same(digest("commitments", raw), header.commitments, "the list of commitments", header.node)
    nothing: Words = np.zeros(0, dtype=dtype(view.width))
    return Contribution(header.node, view.rid, nothing, raw, b"", header.signature)


def _removed(head: TranscriptHead, view: RoundView, inside: Iterable[int]) -> list[Header]:
    """Headers of active centres outside the sum, each signed. Raises BadSignature."""
    headers = [Header.from_schema(one) for one in head.removed]
    ids = [header.node for header in headers]
    if ids != sorted(set(ids)) or not set(ids) <= view.place.keys() - set(inside):
        raise TranscriptRefused("what was left out is no sorted list of other active centres")
    for header in headers:
        verify(view.key(header.node), header.signature.hex(), header.digest(view.rid))
    return headers


def _members(head: TranscriptHead) -> tuple[int, ...]:
    if list(head.members) != sorted(set(head.members)):
        raise TranscriptRefused("the members that opened shares are not sorted, or one is twice")
    return head.members


def _answer(file: _File, view: RoundView, member: int, in_sum: Sequence[int]) -> UnmaskResponse:
    """A member's opened shares, with its signature. Raises Malformed or BadSignature."""
    if member not in view.seat:
        raise TranscriptRefused("shares of a centre that is no active committee member")
    shares = len(wanted(view, in_sum))
    answer = UnmaskResponse.from_bytes(file.take(34 + 33 * shares + 64), shares)
    if (answer.member, answer.rid) != (member, view.rid):
        raise TranscriptRefused("shares under another name or for another round")
    verify(view.key(member), answer.signature.hex(), answer.digest())
    return answer


def _unmask(
    view: RoundView, total: Words, seeds: Mapping[tuple[int, int], bytes]
) -> dict[int, list[bytes]]:
    """Take the opened masks off, in place; return the keys of excess noise by level.

    A centre in the sum added its own mask, and those of its pairs: plus towards higher ids,
    minus towards lower ones. Pairs inside the sum have cancelled.
    """
    plus: list[bytes] = []
    minus: list[bytes] = []
    spare: dict[int, list[bytes]] = {}
    for (node, other), seed in seeds.items():
        if other < 0:
            spare.setdefault(-1 - other, []).append(excess_key(view, seed))
        elif other == node:
            minus.append(self_mask(view, seed))
        else:
            (minus if other > node else plus).append(pair_mask(view, seed, node, other))
    add_masks(total, plus, minus)
    return spare
