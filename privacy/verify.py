"""Checking a release as anyone can: roster, certificate, and every figure made again."""

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from privacy.encode.layout import make_layout
from privacy.estimate.figures import estimate
from privacy.secure_sum.certificate import check_certificate
from privacy.secure_sum.parameters import Policy
from privacy.secure_sum.refusal import SumRefusal
from schemas.document import MalformedDocument
from schemas.programme import Programme
from schemas.release import Figure, Release
from schemas.roster import Roster
from schemas.signed import BadSignature

_NUMBERS = (
    "estimate", "unadjusted", "noise_se", "sampling_se", "noise_lo", "noise_hi",
    "lo", "hi", "response", "n",
)  # fmt: skip


class ReleaseRefused(ValueError):
    """The release is not what it says it is. Do not use its figures."""

    code = "release-refused"


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found true of a release."""

    centres: int
    on_roster: int
    figures: int
    signatures: int
    roster_digest: str


def verify_release(release: Release, authority_key: str, policy: Policy | None = None) -> Verified:
    """Check a release against the authority's key. Raises ReleaseRefused."""
    try:
        roster = release.roster.open(Roster, authority_key)
        programme = release.programme.open(Programme, authority_key)
        checked = check_certificate(release.certificate, roster, policy)
    except (BadSignature, MalformedDocument, SumRefusal) as error:
        raise ReleaseRefused(f"a paper of the release fails its check: {error}") from None
    descriptor = checked.view.descriptor
    announcement = descriptor.announcement
    if announcement.programme != programme.digest():
        raise ReleaseRefused("the round was run under another programme")
    stated = (release.in_sum, release.asks, release.cohorts, release.noise_variance,
              release.honest, release.round, release.on_roster)  # fmt: skip
    proven = (checked.in_sum, announcement.asks, announcement.cohorts, descriptor.noise_variance,
              descriptor.parameters.honest, announcement.round, len(roster.ids))  # fmt: skip
    if stated != proven:
        raise ReleaseRefused("the release states other facts than its certificate proves")
    layout = make_layout(programme, announcement.asks)
    if layout.digest() != descriptor.specification or release.cost != layout.declared:
        raise ReleaseRefused("the release was measured with another layout or price")
    total = np.frombuffer(base64.b64decode(release.sum), dtype="<i8").astype(np.int64)
    if total.shape != (layout.length,):
        raise ReleaseRefused("the integer sum is not as long as the round says")
    again = estimate(
        total, layout, contributors=len(checked.in_sum), honest=descriptor.parameters.honest
    )
    _compare(release.figures, again)
    return Verified(
        len(checked.in_sum), len(roster.ids), len(again), len(release.certificate.signatures),
        roster.digest(),
    )  # fmt: skip


def _compare(published: Sequence[Figure], again: Sequence[Figure]) -> None:
    if len(published) != len(again):
        raise ReleaseRefused("the release has more or fewer figures than its sum gives")
    for old, new in zip(published, again, strict=True):
        same = (old.statistic, old.measure, old.variable, old.cell, old.band) == (
            new.statistic, new.measure, new.variable, new.cell, new.band,
        )  # fmt: skip
        if not same or not all(_near(getattr(old, n), getattr(new, n)) for n in _NUMBERS):
            where = " ".join(code for _, code in old.cell) or "national"
            raise ReleaseRefused(
                f"{old.statistic} {old.measure} {old.variable} ({where}) does not follow "
                "from the integer sum"
            )


def _near(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    return math.isclose(old, new, rel_tol=1e-6, abs_tol=1e-6)
