"""A frozen round of five centres: every message, byte for byte, as digests.

`encapsulate()` takes no seed, so the ten ML-KEM ciphertexts are inputs of the transcript; all
private keys and all other randomness come from tapes. A change of one byte of any message is a
change of the protocol: raise its version. Only then write the file anew:

    python tests/protocol/transcript.py --write
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from cast import Cast, Play, make_cast, play

from privacy.secure_sum.certificate import make_certificate
from privacy.secure_sum.close import sum_up, unmask_request
from privacy.secure_sum.keys import encapsulate
from privacy.secure_sum.links import HigherEnd, accept_link
from schemas.round import Link
from schemas.signed import Signed

FILE = Path(__file__).parents[1] / "fixtures" / "secure_sum" / "transcript.json"
SURVIVORS, SIGNERS, RESPONDERS = (1, 2, 4, 5), (1, 2, 3, 5), (2, 3)

Ciphertexts = Mapping[str, str]
"""\"lo-hi\" -> ciphertext, hexadecimal."""


def fresh_ciphertexts(cast: Cast) -> Ciphertexts:
    """New encapsulations for every pair."""
    return {
        f"{lo}-{hi}": encapsulate(cast.players[hi].card)[1].hex()
        for lo in cast.players
        for hi in cast.players
        if lo < hi and not {lo, hi} <= set(cast.witnesses)
    }


def link_by(cast: Cast, ciphertexts: Ciphertexts) -> None:
    """Link every pair by a given ciphertext; the higher end's secret serves both ends."""
    for name, ciphertext in ciphertexts.items():
        lo, hi = (cast.players[int(part)] for part in name.split("-"))
        link = Link(
            lo=lo.id, hi=hi.id, generation_lo=1, generation_hi=1, base=1, ciphertext=ciphertext
        )
        signed = Signed.seal(link, lo.identity.private)
        state = accept_link(signed, lo.identity.public_hex, 1, HigherEnd(hi.kem, hi.card, 0, 1))
        cast.signed_links[lo.id, hi.id] = signed
        hi.links[lo.id], lo.links[hi.id] = state, replace(state, peer=hi.id)


def run(ciphertexts: Ciphertexts) -> tuple[Play, dict[str, str]]:
    """Play the round; return it with the digest of each message by name."""
    cast = make_cast(5)
    link_by(cast, ciphertexts)
    round_ = play(cast)
    closed = round_.close(SURVIVORS)
    dg, marks = round_.sign(closed, SIGNERS)
    answers = [round_.respond(closed, dg, marks, member) for member in RESPONDERS]
    certificate = make_certificate(round_.view, round_.descriptor, round_.prekeys, closed, marks)
    messages: dict[str, bytes] = {"roster": cast.roster.canonical()}
    messages |= {f"card {n}": p.card.canonical() for n, p in cast.players.items()}
    messages |= {f"link {i}-{j}": s.canonical() for (i, j), s in cast.signed_links.items()}
    messages |= {f"prekey {n}": p.canonical() for n, p in enumerate(round_.prekeys, start=1)}
    messages |= {"descriptor": round_.descriptor.canonical(), "round id": round_.view.rid}
    messages |= {f"contribution {n}": sent.message for n, sent in round_.sent.items()}
    messages |= {f"set signature {mark.member}": mark.to_bytes() for mark in marks}
    for member, answer in zip(RESPONDERS, answers, strict=True):
        request = unmask_request(round_.view, closed, marks, member)
        messages[f"unmask request {member}"] = request.to_bytes()
        messages[f"unmask response {member}"] = answer.to_bytes()
    messages["certificate"] = certificate.canonical()
    messages["sum"] = sum_up(round_.view, closed, dg, marks, answers).total.tobytes()
    digests = {name: hashlib.sha256(raw).hexdigest() for name, raw in messages.items()}
    return round_, digests


def frozen() -> dict[str, dict[str, str]]:
    """The file."""
    return json.loads(FILE.read_text())  # type: ignore[no-any-return]


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    made = fresh_ciphertexts(make_cast(5))
    content = {"ciphertexts": made, "sha256": run(made)[1]}
    FILE.write_text(json.dumps(content, indent=1) + "\n")
