"""The head of a transcript: what a round's masked vectors and opened shares are checked against."""

from pydantic import Field

from schemas.document import Document
from schemas.round import Certificate, SignedHeader
from schemas.signed import Signed
from schemas.units import CentreId


class TranscriptHead(Document):
    """Signed papers of a summed round; binary parts of known sizes follow it in the file."""

    roster: Signed
    programme: Signed
    certificate: Certificate
    removed: tuple[SignedHeader, ...] = Field(
        description="contributions left out because a pair disagreed: their commitments count"
    )
    members: tuple[CentreId, ...] = Field(description="whose opened shares follow, ascending")
