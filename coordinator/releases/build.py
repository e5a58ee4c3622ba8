"""A release: figures from the sum, with everything needed to make them again."""

import base64

import numpy as np
from numpy.typing import NDArray

from coordinator.store.signed_documents import SignedDocuments
from privacy.encode.layout import make_layout
from privacy.estimate.figures import estimate
from schemas.release import Release
from schemas.round import Certificate, Descriptor
from schemas.units import UnixSeconds


def build(
    total: NDArray[np.int64], certificate: Certificate, signed_documents: SignedDocuments, now: int
) -> Release:
    """Estimate every figure of a round and put the release together."""
    descriptor = certificate.descriptor.peek(Descriptor)
    announcement, programme = descriptor.announcement, signed_documents.programme
    layout = make_layout(programme, announcement.asks)
    in_sum = tuple(header.id for header in certificate.headers)
    limits = descriptor.parameters
    honest = limits.honest_in(len(in_sum))
    figures = estimate(total, layout, contributors=len(in_sum), honest=honest)
    kept = layout.guarantee(limits.honest, 10.0**-programme.delta_exponent)
    return Release(
        id=f"{announcement.period}-r{announcement.round}",
        round=announcement.round,
        published_at=UnixSeconds(now),
        period=announcement.period,
        cohorts=announcement.cohorts,
        asks=announcement.asks,
        roster=signed_documents.signed_roster,
        programme=signed_documents.signed_programme,
        certificate=certificate,
        sum=base64.b64encode(total.astype("<i8").tobytes()).decode(),
        in_sum=in_sum,
        on_roster=len(signed_documents.roster.ids),
        noise=descriptor.noise,
        noise_variance=descriptor.noise_variance,
        honest=honest,
        cost=layout.declared,
        epsilon=kept.epsilon,
        delta_exponent=programme.delta_exponent,
        sampler_delta=kept.sampler_delta(limits.honest_at, layout.length, len(in_sum)),
        figures=figures,
    )
