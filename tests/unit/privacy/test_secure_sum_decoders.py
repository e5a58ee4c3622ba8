"""Bytes from outside: read exactly, or refused in a sentence; never more work than their size."""

import json
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from cast import Play, make_cast, play
from hypothesis import example, given, settings
from hypothesis import strategies as st

from privacy.secure_sum.certificate import check_certificate, make_certificate
from privacy.secure_sum.close import unmask_request
from privacy.secure_sum.contribute import ChannelKeys
from privacy.secure_sum.keys import KemKey, RoundKeys, encapsulate
from privacy.secure_sum.links import LinkState
from privacy.secure_sum.refusal import BadCard, BadLink, Malformed, SumRefusal
from privacy.secure_sum.unmask import wanted
from privacy.secure_sum.wire import Contribution, Header, Mark, UnmaskRequest, UnmaskResponse
from schemas.document import Document, MalformedDocument
from schemas.message import Frame, Kind, MalformedFrame, pack, unpack
from schemas.roster import Roster
from schemas.round import Announcement, Certificate, Descriptor, KeyCard, Link, Prekey, SignedHeader
from schemas.signed import BadSignature, Signed

Refusals = (Malformed, MalformedFrame, MalformedDocument, BadSignature)


@dataclass(frozen=True)
class Decoder:
    """A decoder, its inverse and bytes that it accepts."""

    name: str
    read: Callable[[bytes], Any]
    write: Callable[[Any], bytes]
    sample: bytes


def binary_decoders(round_: Play) -> list[Decoder]:
    closed = round_.close((1, 2, 3, 4))
    dg, marks = round_.sign(closed, round_.view.members)
    request = unmask_request(round_.view, closed, marks, 2)
    answer = round_.respond(closed, dg, marks, 2)
    count, seen = len(wanted(round_.view, closed.ids)), round_.view
    own, link = round_.cast.players[2].keys, round_.cast.players[2].links[1]
    assert own is not None
    frame = Frame(Kind.CERTIFY, (b"", b"abc", bytes(70)))

    def decoder(name: str, read: Callable[[bytes], Any], sample: Any) -> Decoder:
        return Decoder(name, read, lambda made: made.to_bytes(), sample.to_bytes())

    return [
        decoder("contribution", lambda raw: Contribution.from_bytes(raw, seen), round_.bodies[2]),
        decoder("mark", Mark.from_bytes, marks[0]),
        decoder("request", lambda raw: UnmaskRequest.from_bytes(raw, count), request),
        decoder("response", lambda raw: UnmaskResponse.from_bytes(raw, count), answer),
        decoder("round keys", RoundKeys.from_bytes, own),
        decoder("link state", LinkState.from_bytes, link),
        decoder("channel keys", ChannelKeys.from_bytes, round_.sent[2].channel),
        decoder("frame", Frame.from_bytes, frame),
        Decoder("list", unpack, pack, pack([b"", b"abc", bytes(70)])),
    ]


def document_decoders(round_: Play) -> list[Decoder]:
    closed = round_.close((1, 2, 3, 4))
    _, marks = round_.sign(closed, round_.view.members)
    samples: list[Document] = [
        round_.descriptor,
        round_.view.descriptor,
        round_.view.descriptor.announcement,
        round_.prekeys[0].peek(Prekey),
        round_.cast.players[1].card,
        round_.cast.signed_links[1, 2].peek(Link),
        round_.cast.roster,
        round_.bodies[1].header.to_schema(),
        make_certificate(round_.view, round_.descriptor, round_.prekeys, closed, marks),
    ]
    return [
        Decoder(type(s).__name__, type(s).from_canonical, lambda d: d.canonical(), s.canonical())
        for s in samples
    ]


ROUND = play(make_cast(5))
DECODERS = [*binary_decoders(ROUND), *document_decoders(ROUND)]
DOCUMENTS = [Signed, Descriptor, Announcement, Prekey, KeyCard, Link, Roster, Certificate]
by_name = pytest.mark.parametrize("decoder", DECODERS, ids=lambda decoder: decoder.name)


@st.composite
def damaged(draw: st.DrawFn, sample: bytes) -> bytes:
    """The sample after some cuts, insertions, repetitions and changed bytes."""
    raw = sample
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(raw)))
        to = draw(st.integers(at, min(len(raw), at + 80)))
        new = draw(st.binary(max_size=4) | st.just(raw[at:to] * 2) | st.just(b"\xff" * (to - at)))
        raw = raw[:at] + new + raw[to:]
    return raw


def reads_or_refuses(decoder: Decoder, raw: bytes) -> None:
    try:
        made = decoder.read(raw)
    except Refusals:
        return
    assert decoder.write(made) == raw


@by_name
def test_a_decoder_reads_what_its_encoder_wrote(decoder: Decoder) -> None:
    assert decoder.write(decoder.read(decoder.sample)) == decoder.sample


@by_name
@settings(max_examples=60)
@given(data=st.data())
def test_damaged_bytes_are_refused_or_are_the_one_spelling_of_something(
    decoder: Decoder, data: st.DataObject
) -> None:
    reads_or_refuses(decoder, data.draw(damaged(decoder.sample)))


@by_name
@settings(max_examples=40)
@given(raw=st.binary(max_size=200))
@example(raw=b"")
@example(raw=b"WGW1\x01\xff\xff")
@example(raw=b"\xff" * 34)
def test_arbitrary_bytes_are_refused_or_are_the_one_spelling_of_something(
    decoder: Decoder, raw: bytes
) -> None:
    reads_or_refuses(decoder, raw)


@by_name
def test_every_prefix_and_a_byte_too_many_are_refused(decoder: Decoder) -> None:
    size = len(decoder.sample)
    step = max(1, size // 97)
    for cut in [*range(1, size, step), size - 1]:
        if decoder.name == "channel keys" and cut % 34 == 0:
            continue  # the keys of fewer senders are channel keys too
        with pytest.raises(Refusals):
            decoder.read(decoder.sample[:cut])
    for extra in (b"\0", b" ", b"\n"):
        with pytest.raises(Refusals):
            decoder.read(decoder.sample + extra)


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("contribution", "a contribution"),
        ("mark", "a signature record"),
        ("request", "an unmask request"),
        ("response", "an unmask response"),
        ("round keys", "round keys"),
        ("link state", "a link state"),
        ("channel keys", "channel keys"),
    ],
)
def test_a_record_with_a_byte_too_many_is_refused_by_its_name(name: str, record: str) -> None:
    decoder = next(decoder for decoder in DECODERS if decoder.name == name)
    with pytest.raises(Malformed, match=f"^{record} of the wrong size$"):
        decoder.read(decoder.sample + b"\0")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@pytest.mark.heavy
@pytest.mark.parametrize("kind", DOCUMENTS, ids=lambda kind: kind.__name__)
@settings(max_examples=60)
@given(data=st.data())
def test_a_document_with_one_wrong_value_is_refused(
    kind: type[Document], data: st.DataObject
) -> None:
    sample = next(d.sample for d in DECODERS if d.name == kind.__name__)
    body = json.loads(sample)
    name = data.draw(st.sampled_from(sorted(body)) | st.text(min_size=1, max_size=5))
    body[name] = data.draw(JSON)
    raw = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        encoded = raw.encode()
    except UnicodeEncodeError:
        encoded = raw.encode(errors="surrogatepass")
    decoder = Decoder(kind.__name__, kind.from_canonical, lambda d: d.canonical(), b"")
    reads_or_refuses(decoder, encoded)


@pytest.mark.parametrize("kind", DOCUMENTS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"9" * 100_000,
        b'"' + b"\\u0000" * 10_000 + b'"',
        b'{"body":"\\ud800"}',
        b"\xef\xbb\xbf{}",
    ],
    ids=["nested lists", "nested objects", "long number", "zeros", "surrogate", "mark"],
)
def test_a_document_made_to_exhaust_its_reader_is_refused(kind: type[Document], raw: bytes) -> None:
    with pytest.raises(MalformedDocument):
        kind.from_canonical(raw)


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    raw = ROUND.view.descriptor.canonical()
    long = raw.replace(b'"noise_variance":4', b'"noise_variance":' + b"9" * 5000)
    assert long != raw
    with pytest.raises(MalformedDocument):
        Descriptor.from_canonical(long)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("frame", b"WGW1\x01\xff\xff" + b"\xff\xff\xff\xff" * 1000),
        ("frame", b"WGW1\x01\xff\xff" + b"\x00\x00\x00\x00" * 1000),
        ("list", b"\xff\xff" + b"\x7f\xff\xff\xff"),
        ("request", bytes(32) + b"\xff\xff" + bytes(4000)),
        ("response", b"\xff" * 5000),
        ("contribution", b"\xff" * 5000),
        ("channel keys", b"\xff" * 3400),
    ],
)
def test_sizes_that_a_message_only_claims_cost_no_memory(name: str, raw: bytes) -> None:
    decoder = next(decoder for decoder in DECODERS if decoder.name == name)
    tracemalloc.start()
    try:
        with pytest.raises(Refusals):
            decoder.read(raw)
        assert tracemalloc.get_traced_memory()[1] < 200_000 + 20 * len(raw)
    finally:
        tracemalloc.stop()


def test_a_frame_longer_than_the_longest_is_refused_unread() -> None:
    with pytest.raises(MalformedFrame):
        Frame.from_bytes(b"WGW1" + bytes(64 * 2**20))


@given(ciphertext=st.binary(max_size=1200))
@example(ciphertext=bytes(1088))
def test_any_ciphertext_opens_to_some_secret_or_is_refused(ciphertext: bytes) -> None:
    key = KemKey(bytes(64))
    try:
        secret = key.open(ciphertext)
    except BadLink:
        assert len(ciphertext) != 1088
    else:
        assert len(secret) == 32


@pytest.mark.parametrize("size", [0, 1087, 1089])
def test_a_ciphertext_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(BadLink, match="wrong size"):
        KemKey(bytes(64)).open(bytes(size))


@pytest.mark.parametrize("kem_public", ["ff" * 1184, "00" * 1183 + "zz"])
def test_a_card_whose_key_is_no_key_is_refused(kem_public: str) -> None:
    card = ROUND.cast.players[1].card.model_copy(update={"kem_public": kem_public})
    with pytest.raises(BadCard, match="without a valid ML-KEM-768 key"):
        encapsulate(card)


@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_certificate_is_refused_by_whoever_checks_it(data: st.DataObject) -> None:
    sample = next(d.sample for d in DECODERS if d.name == "Certificate")
    raw = data.draw(damaged(sample))
    if raw == sample:
        return
    with pytest.raises((*Refusals, SumRefusal)):
        check_certificate(Certificate.from_canonical(raw), ROUND.cast.roster, ROUND.cast.policy)


def test_a_header_survives_its_way_through_a_certificate() -> None:
    header = ROUND.bodies[3].header
    read = SignedHeader.from_canonical(header.to_schema().canonical())
    assert Header.from_schema(read) == header
