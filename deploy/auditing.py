"""`wegwijs audit`: files in, and what the audit of a round showed, in words and numbers."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from chassis.named_files import read_up_to
from privacy.transcript import Audited, audit, compare
from privacy.verify import verify_release
from schemas.signed import Signed


@dataclass(frozen=True, slots=True)
class Found:
    """What was shown of a round, and of a release when there was one."""

    audited: Audited
    release: str | None

    @property
    def facts(self) -> dict[str, Any]:
        """As JSON; `sum`: SHA-256 of the sum as int64, little-endian."""
        certified = self.audited.certified
        return {
            "round": certified.view.descriptor.announcement.round,
            "centres": len(certified.in_sum),
            "numbers": len(self.audited.total),
            "sum": sha256(self.audited.total.astype("<i8").tobytes()).hexdigest(),
            "release": self.release,
        }

    @property
    def sentences(self) -> list[str]:
        """For people."""
        said = [
            "The sum of round {round} was made again from the masked vectors of {centres} "
            "certified centres: {numbers} numbers.".format(**self.facts)
        ]
        if self.release is not None:
            return [*said, f"True: release {self.release} holds exactly this sum."]
        return [*said, f"SHA-256 of the sum: {self.facts['sum']}"]


def audited(transcript: Path, release: Path | None, authority: str) -> Found:
    """Audit a file. Raises OSError, TranscriptRefused, MalformedDocument or ReleaseRefused."""
    with transcript.open("rb") as file:
        found = audit(file.read, authority)
    if release is None:
        return Found(found, None)
    verified = verify_release(Signed.from_canonical(read_up_to(release)), authority)
    compare(found, verified)
    return Found(found, verified.release.id)
