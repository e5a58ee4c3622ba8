"""What the authority signed before: its own chain, kept beside its key, on its own machine.

DIR/authority.key            Ed25519, PKCS #8
DIR/rosters/000001.json      every signed roster
DIR/programmes/ID-1.json     every signed programme
"""

from dataclasses import dataclass
from pathlib import Path

from chassis.files import write_whole
from coordinator.certificates import KeyExists, read_signing_key, write_signing_key
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.shamir import RandomBytes
from schemas.programme import Programme
from schemas.roster import Roster
from schemas.signed import Signed

PASSPHRASE = "WEGWIJS_AUTHORITY_PASSPHRASE"  # noqa: S105 - the name of a variable, not a secret
_KEY, _ROSTERS, _PROGRAMMES = "authority.key", "rosters", "programmes"


@dataclass(frozen=True, slots=True)
class SigningHistory:
    """The authority's folder."""

    folder: Path

    @classmethod
    def create(
        cls, folder: Path, random_bytes: RandomBytes, passphrase: str | None = None
    ) -> "SigningHistory":
        """Make a key, sealed if there is a passphrase. Raises KeyExists."""
        if (folder / _KEY).exists():
            raise KeyExists("{file} exists already; nothing was replaced", file=folder / _KEY)
        for part in (folder, folder / _ROSTERS, folder / _PROGRAMMES):
            part.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_signing_key(folder / _KEY, Identity.new(random_bytes), passphrase)
        return cls(folder)

    def key(self, passphrase: str | None = None) -> Identity:
        """Return the signing key. Raises KeyUnusable."""
        return read_signing_key(self.folder / _KEY, passphrase)

    def rosters(self, key: Identity) -> list[Roster]:
        """Every roster signed so far, oldest first. Raises BadSignature on a changed file."""
        return [signed.open(Roster, key.public_hex) for signed in self._signed(_ROSTERS)]

    def signed_roster(self, epoch: int) -> Signed:
        """The signed roster of an epoch."""
        return Signed.from_canonical(self._roster_path(epoch).read_bytes())

    def keep_roster(self, roster: Roster, signed: Signed) -> None:
        """Remember a roster, on disk before it is handed out."""
        write_whole(self._roster_path(roster.epoch), [signed.canonical()])

    def programmes(self, key: Identity) -> list[Programme]:
        """Every programme signed so far. Raises BadSignature on a changed file."""
        return [signed.open(Programme, key.public_hex) for signed in self._signed(_PROGRAMMES)]

    def signed_programme(self, name: str, version: int) -> Signed:
        """A signed programme."""
        return Signed.from_canonical(self._programme_path(name, version).read_bytes())

    def keep_programme(self, programme: Programme, signed: Signed) -> None:
        """Remember a programme, on disk before it is handed out."""
        path = self._programme_path(programme.id, programme.version)
        write_whole(path, [signed.canonical()])

    def _roster_path(self, epoch: int) -> Path:
        return self.folder / _ROSTERS / f"{epoch:06d}.json"

    def _programme_path(self, name: str, version: int) -> Path:
        return self.folder / _PROGRAMMES / f"{name}-{version}.json"

    def _signed(self, kind: str) -> list[Signed]:
        paths = sorted((self.folder / kind).glob("*.json"))
        return [Signed.from_canonical(path.read_bytes()) for path in paths]
