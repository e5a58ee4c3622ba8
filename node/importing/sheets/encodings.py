"""Which encoding a text is in: marks and UTF-8 are certain, the old one-byte ones are weighed."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from node.importing.refusal import UnreadableFile, WrongMapping

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ONE_BYTE = ("cp1252", "iso8859_15", "mac_roman", "cp850")
_PIECE, _SAMPLE = 2**20, 2**16
_HIGH = re.compile(rb"[^\r\n]{0,200}[\x80-\xff][^\r\n]{0,200}")
_UTF8_LETTER = re.compile(rb"[\xc3\xc5][\x80-\xbf]|\xe2[\x80-\xbf]{2}")
_ONLY_WINDOWS = re.compile(rb"[\x80-\x9f]")
_LATIN9_EURO = b"\xa4"


def encoding_of(path: Path, said: str | None = None) -> str:
    """Return the encoding of a text file; `said`: what the mapping file says, if it does.

    Raises UnreadableFile for what is no text, or text in two encodings at once.
    """
    if said is not None:
        return _known(said)
    with path.open("rb") as source:
        start = source.read(_PIECE)
        for mark, encoding in _MARKS:
            if start.startswith(mark):
                return encoding
        if b"\0" in start:
            return _two_bytes(path, start)
        source.seek(0)
        line, sample = _outside_utf8(source, path)
    return "utf-8" if line == 0 else _one_byte(path, line, sample)


def _known(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise WrongMapping(
            "The mapping file names an encoding that does not exist: {name}. Nothing was stored. "
            "Write utf-8, cp1252 or leave it out.",
            name=name,
        ) from None


def _two_bytes(path: Path, start: bytes) -> str:
    """UTF-16 without its mark: every other byte of ordinary letters is zero."""
    sample = start[:4096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > len(sample) * 0.3 and even < len(sample) * 0.05:
        return "utf-16-le"
    if even > len(sample) * 0.3 and odd < len(sample) * 0.05:
        return "utf-16-be"
    raise no_text(path)


def no_text(path: Path) -> UnreadableFile:
    """The refusal of a file that is neither text nor of a kind that is known."""
    return UnreadableFile(
        "{file} is not a table in text. Nothing was stored. Save it as CSV (UTF-8) or as .xlsx "
        "and retry.",
        file=path.name,
    )


def _outside_utf8(source: BinaryIO, path: Path) -> tuple[int, bytes]:
    """(the first line that is no UTF-8, or 0; bytes around letters beyond ASCII)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    wrong, lines, sample = 0, 0, bytearray()
    for piece in _pieces(source):
        if b"\0" in piece:
            raise no_text(path)
        if len(sample) < _SAMPLE:
            sample += b"\n".join(_HIGH.findall(piece)[:1000])
        if wrong == 0:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                wrong = lines + piece[: error.start].count(b"\n") + 1
        lines += piece.count(b"\n")
    if wrong == 0 and decoder.getstate()[0]:
        wrong = lines + 1
    return wrong, bytes(sample[:_SAMPLE])


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    while piece := source.read(_PIECE):
        yield piece


def _one_byte(path: Path, line: int, sample: bytes) -> str:
    well = len(_UTF8_LETTER.findall(sample))
    if well > len(_UTF8_LETTER.sub(b"", sample).translate(None, bytes(range(128)))):
        raise UnreadableFile(
            "{file} is UTF-8 but for some letters, the first in line {line}. Nothing was stored. "
            "Export it again, or save it once as CSV UTF-8 from Excel, and retry.",
            file=path.name,
            line=line,
        )
    if not _ONLY_WINDOWS.search(sample):
        return "iso8859_15" if _LATIN9_EURO in sample else "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(ONE_BYTE)).best()
    return best.encoding if best is not None and best.encoding != "iso8859_15" else "cp1252"
