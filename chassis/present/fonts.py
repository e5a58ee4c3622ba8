"""The font of the pages: Source Sans Pro (SIL Open Font License 1.1), from an installed package.

The files of the package hold every script; a page needs Latin letters, figures and signs. They are
cut to size once, when a browser first asks.
"""

from functools import lru_cache
from io import BytesIO

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

WEIGHTS = (400, 600)
"""Regular and semibold."""

_CHARACTERS = (*range(0x20, 0x180), *range(0x2010, 0x203B), 0x20AC, 0x2190, 0x2192, 0x2212, 0x2264)
_THIN_SPACE = 0x202F  # too thin between thousands in this font; the browser takes another's


@lru_cache(maxsize=len(WEIGHTS))
def woff2(weight: int) -> bytes:
    """Return the font of one weight. Raises KeyError on another than WEIGHTS."""
    from font_source_sans_pro import font_files_ttf

    path = font_files_ttf[{400: "SourceSansPro", 600: "SourceSansProSemibold"}[weight]]
    options = Options()
    options.flavor, options.layout_features = "woff2", ["kern", "liga", "tnum", "lnum"]
    font = TTFont(path)
    cutter = Subsetter(options)
    cutter.populate(unicodes=[c for c in _CHARACTERS if c != _THIN_SPACE])
    cutter.subset(font)
    font.flavor = "woff2"
    sink = BytesIO()
    font.save(sink)
    return sink.getvalue()
