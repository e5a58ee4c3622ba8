"""Names that people read: which characters they may hold, and when two of them look alike.

A name crosses a boundary: whoever chose it is not whoever reads it on a terminal, a page or a
roster. Characters that move the cursor, turn the direction of writing round or cannot be seen
are refused in every name; what is printed from elsewhere is spelled out.
"""

import unicodedata
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, formats (direction, zero width), surrogates, private, unassigned, separators."""

_IGNORABLE = (
    (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800),
    (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xE0100, 0xE01EF),
)  # fmt: skip
"""Marks and letters of which nothing is seen: Unicode's Default_Ignorable_Code_Point beside Cf,
and the blank Braille pattern."""

_ALIKE = {
    "a": "АаΑαɑ", "b": "ВвьΒβ", "c": "Сс", "d": "ԁđ", "e": "ЕеёΕε", "g": "Ԍցɡ", "h": "НҺнһΗհħ",
    "i": "ІіΙιıɩɪ1|", "j": "Јјյ", "k": "КкΚκ", "l": "Ӏӏʟłꞁ", "m": "МмΜ", "n": "Νηո",
    "o": "ОоΟοօⲟø0", "p": "РрΡρ", "q": "Ԛԛզ", "r": "г", "s": "Ѕѕ", "t": "ТтΤτŧ", "u": "υս",
    "v": "ν", "w": "Ԝԝω", "x": "ХхΧχ", "y": "УуΥγʏ", "z": "Ζ",
}  # fmt: skip
"""Latin letters and what resembles them: letters of other alphabets, dotless and crossed ones,
figures. After Unicode Technical Standard 39, those that a reader of Dutch, French or English may
take for the letter."""

_CONFUSABLE = str.maketrans({like: letter for letter, all_ in _ALIKE.items() for like in all_})

_MARKS_IN_A_ROW = 2


def is_seen(character: str) -> bool:
    """Whether something of this character is seen, and nothing around it moves."""
    if unicodedata.category(character) in _UNSEEN:
        return False
    code = ord(character)
    return not any(first <= code <= last for first, last in _IGNORABLE)


def visible(text: str) -> str:
    r"""Spell out every character that is not seen, so that a terminal shows all and obeys none.

    In JSON strings the spelling is JSON's own.

    >>> visible("Huis\x1b[2A")
    'Huis\\u001b[2A'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if is_seen(c) else _spelled(c) for c in text)


def _spelled(character: str) -> str:
    raw = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{raw[k : k + 2].hex()}" for k in range(0, len(raw), 2))


def _seen_line(text: str) -> str:
    """Raises ValueError on a character that is not seen, or on space around the text."""
    plain = text.isascii() and text.isprintable()
    if not plain and not all(map(is_seen, text)):
        raise ValueError("a text on one line holds no character that is not seen")
    if text != text.strip():
        raise ValueError("a text does not begin or end with a space")
    if plain:
        return text
    marks = [unicodedata.combining(c) > 0 for c in unicodedata.normalize("NFD", text)]
    rows = zip(*(marks[k:] for k in range(_MARKS_IN_A_ROW + 1)), strict=False)
    if any(map(all, rows)):
        raise ValueError("a letter carries at most two marks")
    return text


def _one_alphabet(text: str) -> str:
    """Raises ValueError on a name without letters or figures, or with letters of two alphabets."""
    if not text.isascii():
        letters = [c for c in unicodedata.normalize("NFKC", text) if c.isalpha()]
        alphabets = [unicodedata.name(c, "?").split(" ", 1)[0] for c in letters]
        if any(one != other for one, other in pairwise(alphabets)):
            raise ValueError("a name has letters of one alphabet")
    if not any(map(str.isalnum, text)):
        raise ValueError("a name has a letter or a figure")
    return text


Line = Annotated[str, StringConstraints(min_length=1, max_length=2_000), AfterValidator(_seen_line)]
"""A text on one line, every character of which is seen."""

Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=120),
    AfterValidator(_seen_line),
    AfterValidator(_one_alphabet),
]
"""What somebody or something is called."""


def look(name: str) -> str:
    """What two names that cannot be told apart at a glance have in common.

    Case, width, accents, spaces, punctuation and letters that resemble each other do not count.

    >>> look("Ｗerk & Leven vzw") == look("WERK &  LEVEN, V.Z.W.")
    True
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name))
    plain = folded.translate(_CONFUSABLE).casefold().translate(_CONFUSABLE).replace("l", "i")
    kept = "".join(c for c in plain if c.isalnum())
    return kept.replace("rn", "m").replace("vv", "w")


def alike(names: list[str] | tuple[str, ...]) -> list[tuple[str, ...]]:
    """Groups of different names that look alike, each sorted, in the order of their looks."""
    groups: dict[str, set[str]] = {}
    for name in names:
        groups.setdefault(look(name), set()).add(name)
    return [tuple(sorted(group)) for _, group in sorted(groups.items()) if len(group) > 1]
