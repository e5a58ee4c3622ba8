"""Checking a release as anyone can: who signed it, its certificate, every figure made again."""

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from privacy.encode.layout import Layout, make_layout
from privacy.estimate.figures import estimate
from privacy.plausible.checks import Region, findings
from privacy.secure_sum.certificate import Certified, check_certificate
from privacy.secure_sum.parameters import Policy
from privacy.secure_sum.refusal import SumRefusal
from schemas.document import MalformedDocument
from schemas.programme import Programme
from schemas.release import Figure, Finding, Release
from schemas.roster import Roster
from schemas.round import Descriptor
from schemas.signed import BadSignature, Signed

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
    witnesses: int
    roster_digest: str
    release: Release = field(repr=False)
    certified: Certified = field(repr=False)


def verify_release(signed: Signed, authority_key: str, policy: Policy | None = None) -> Verified:
    """Check a published release against the authority's key. Raises ReleaseRefused.

    The authority signed the roster, which names the coordinator; the coordinator signed the
    release; and everything in it but `published_at` follows from signed documents and the sum.
    That the sum is that of the certified contributions is shown by an audit of the transcript.
    """
    release = _peek(signed)
    try:
        roster = release.roster.open(Roster, authority_key)
        programme = release.programme.open(Programme, authority_key)
        signed.open(Release, roster.coordinator)
        checked = check_certificate(release.certificate, roster, policy)
    except (BadSignature, MalformedDocument, SumRefusal) as error:
        raise ReleaseRefused(f"a document of the release fails its check: {error}") from None
    descriptor = checked.view.descriptor
    layout = layout_of(descriptor, programme)
    _check_facts(release, checked, programme, len(roster.ids))
    _check_price(release, layout, checked)
    again = estimate(
        sum_of(release, layout),
        layout,
        contributors=len(checked.in_sum),
        honest=_honest(checked),
    )
    _compare(release.figures, again)
    _check_findings(release, layout, checked)
    return Verified(
        len(checked.in_sum), len(roster.ids), len(again), len(release.certificate.signatures),
        len(roster.sitting), roster.digest(), release, checked,
    )  # fmt: skip


def _peek(signed: Signed) -> Release:
    """The release as it says itself, to find the roster that names who must have signed it."""
    try:
        return signed.peek(Release)
    except MalformedDocument as error:
        raise ReleaseRefused(f"the file holds no release: {error}") from None


def layout_of(descriptor: Descriptor, programme: Programme) -> Layout:
    """The layout that the programme gives for the round, which must be the one measured.

    Raises ReleaseRefused.
    """
    announcement = descriptor.announcement
    if announcement.programme != programme.digest():
        raise ReleaseRefused("the round was run under another programme")
    try:
        period = programme.period(announcement.period)
        layout = make_layout(programme, announcement.asks)
    except (KeyError, ValueError):
        raise ReleaseRefused("the round asked something outside the programme") from None
    measured = (announcement.cohorts, descriptor.specification,
                descriptor.noise, descriptor.noise_variance)  # fmt: skip
    if measured != (period.cohorts, layout.digest(), layout.family, layout.noise_variance):
        raise ReleaseRefused("the release was measured with other cohorts, layout or noise")
    return layout


def _check_facts(release: Release, checked: Certified, programme: Programme, centres: int) -> None:
    descriptor = checked.view.descriptor
    announcement = descriptor.announcement
    stated = (release.in_sum, release.asks, release.period, release.cohorts, release.round,
              release.id, release.noise, release.noise_variance, release.honest,
              release.on_roster,
              release.delta_exponent)  # fmt: skip
    proven = (checked.in_sum, announcement.asks, announcement.period, announcement.cohorts,
              announcement.round, f"{announcement.period}-r{announcement.round}",
              descriptor.noise, descriptor.noise_variance, _honest(checked), centres,
              programme.delta_exponent)  # fmt: skip
    if stated != proven:
        raise ReleaseRefused("the release states other facts than its certificate proves")


def _honest(checked: Certified) -> int:
    """Shares that are the whole noise at the attendance level that the set reached."""
    return checked.view.parameters.honest_in(len(checked.in_sum))


def _check_price(release: Release, layout: Layout, checked: Certified) -> None:
    """Epsilon is compared as figures are: another machine may round its last digits elsewhere."""
    delta = 10.0**-release.delta_exponent
    limits = checked.view.parameters
    kept = layout.guarantee(limits.honest, delta)
    added = kept.sampler_delta(limits.honest_at, layout.length, len(checked.in_sum))
    if (
        release.cost != layout.declared
        or not _near(release.epsilon, kept.epsilon)
        or not math.isclose(release.sampler_delta, added, rel_tol=1e-6)
    ):
        raise ReleaseRefused("the release cost another price than it states")


def _check_findings(release: Release, layout: Layout, checked: Certified) -> None:
    """What the sum says against itself must be stated, with a reason; change since the period
    before is the coordinator's word."""
    region = Region(len(checked.in_sum), len(release.cohorts))
    again = findings(sum_of(release, layout), layout, region, _honest(checked))
    stated = [_doubt(one) for one in release.findings if one.kind != "change"]
    if stated != [_doubt(one) for one in again]:
        raise ReleaseRefused("the release states other doubts about its sum than there are")
    if (release.reason is None) != (not release.findings):
        raise ReleaseRefused("doubts and the reason to publish in spite of them stand together")


def _doubt(one: Finding) -> tuple[object, ...]:
    return one.kind, one.statistic, one.part, one.view, one.other, one.cell


def sum_of(release: Release, layout: Layout) -> NDArray[np.int64]:
    """The integer sum that a release states, shape (L,), int64. Raises ReleaseRefused."""
    try:
        raw = base64.b64decode(release.sum, validate=True)
    except ValueError:
        raise ReleaseRefused("the integer sum cannot be read") from None
    if len(raw) != 8 * layout.length:
        raise ReleaseRefused("the integer sum is not as long as the round says")
    return np.frombuffer(raw, dtype="<i8").astype(np.int64)


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
