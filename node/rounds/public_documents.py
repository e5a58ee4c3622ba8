"""What the region tells everybody alike, fetched once over HTTPS by its digest.

The bytes are used only if they have the length and the SHA-256 that the request names, so that it
does not matter who hands them over. A fetch says that this centre takes part, as its presence on
the line does, and nothing of its clients: the address holds a digest that the region chose.
"""

import zlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

import httpx

from node.enrolment.coordinator_client import SILENCE_SECONDS, on_this_machine, trusting
from schemas.request import DOCUMENTS, ENDED, Mention

_LONGEST = 60.0  # for one document, however it drips
_REMEMBERED_BYTES = 4 * 2**20
_LONGEST_ENDING = 2 * 2**20  # some 500 bytes for each centre in the sum
_TRIES = 2  # a connection that stood idle may have been closed
_GZIP = 16 + zlib.MAX_WBITS
_CODING = {"Accept-Encoding": "gzip"}  # the one that is unpacked here, within bounds


class NotFetched(LookupError):
    """A document that a request names did not come, or was another. Nothing was done."""

    code = "not-fetched"


def nothing_to_fetch(_: Mention) -> bytes:
    """For a node without a region to fetch from."""
    raise NotFetched("no region to fetch from")


@dataclass
class Documents:
    """Fetches from one region, and keeps what was used last, up to `most` bytes.

    One thread uses it at a time, beside one that asks for endings.
    """

    client: httpx.Client
    most: int = _REMEMBERED_BYTES
    _kept: "OrderedDict[bytes, bytes]" = field(default_factory=OrderedDict, repr=False)

    @classmethod
    def of(cls, url: str, ca_pem: str, transport: httpx.BaseTransport | None = None) -> "Documents":
        """Fetch from the region at this address, which has this authority. Raises WrongServer."""
        client = httpx.Client(
            base_url=url,
            verify=trusting(ca_pem),
            timeout=SILENCE_SECONDS,
            transport=transport,
            trust_env=not on_this_machine(url),
        )
        return cls(client)

    def fetch(self, mention: Mention) -> bytes:
        """Return the document, from memory or from the region. Raises NotFetched."""
        body = self._kept.get(mention.digest)
        if body is None:
            body = self.from_region(mention)
            if not mention.names(body):
                raise NotFetched("the region gave another document than the one it named")
        elif len(body) != mention.size:
            raise NotFetched("the region named a document by a wrong length")
        self._keep(mention.digest, body)
        return body

    def _keep(self, digest: bytes, body: bytes) -> None:
        self._kept[digest] = body
        self._kept.move_to_end(digest)
        while sum(map(len, self._kept.values())) > self.most:
            self._kept.popitem(last=False)

    def from_region(self, mention: Mention) -> bytes:
        """Return what the region gives under this name. Raises NotFetched."""
        body = self._get(f"{DOCUMENTS}/{mention.digest.hex()}", mention.size)
        if body is None:
            raise NotFetched("the region has no bytes under this name")
        return body

    def ending(self, rid: bytes) -> bytes | None:
        """Return how the region says that a round ended, or None while it is not over.

        Keeps nothing, so that another thread may ask. Raises NotFetched.
        """
        return self._get(f"{ENDED}/{rid.hex()}", _LONGEST_ENDING)

    def _get(self, path: str, most: int) -> bytes | None:
        for _ in range(_TRIES):
            try:
                with self.client.stream("GET", path, headers=_CODING) as response:
                    if response.status_code == httpx.codes.NO_CONTENT:
                        return None
                    if response.status_code != httpx.codes.OK:
                        raise NotFetched(f"the region answered {response.status_code}")
                    return b"".join(_bounded(response, most))
            except (httpx.HTTPError, OSError, zlib.error):
                continue
        raise NotFetched("the region did not give the document")


def _bounded(response: httpx.Response, most: int) -> Iterator[bytes]:
    """The body, unpacked by ourselves: no more than `most` bytes are ever made of what comes."""
    until = monotonic() + _LONGEST
    packed = response.headers.get("content-encoding") == "gzip"
    unpacking = zlib.decompressobj(_GZIP)
    for chunk in response.iter_raw():
        part = unpacking.decompress(chunk, most + 1) if packed else chunk
        most -= len(part)
        if most < 0 or monotonic() > until:
            raise NotFetched("the document is longer, or comes more slowly, than was said")
        yield part
