"""Ten invented centres: how large, where, and how each of them happens to keep its file."""

from dataclasses import dataclass
from typing import Literal

Sectors = Literal["letter", "rev2", "words"]
Residences = Literal["postcode", "town", "belgian", "nis"]
Dates = Literal["%d/%m/%Y", "d/m/yy", "%Y-%m-%d", "%d-%m-%Y", "excel"]
Hours = Literal["comma", "point", "clock"]
Prices = Literal["plain", "comma", "euro"]


@dataclass(frozen=True, slots=True)
class Keeping:
    """The habits of one centre's file.

    `title_rows` stand above the header, `totals` below the last client. `quarters` gives each
    quarter of the start its own sheet. `words` names a set of headers and answers in words.json.
    """

    suffix: Literal["csv", "xlsx"]
    words: Literal["module", "crm", "list"]
    dates: Dates
    sectors: Sectors
    residences: Residences
    hours: Hours
    prices: Prices
    separator: str = ";"
    encoding: str = "utf-8"
    title_rows: int = 0
    totals: bool = False
    quarters: bool = False


@dataclass(frozen=True, slots=True)
class Centre:
    """One invented centre; `size` in clients that count, `home` in NUTS 2."""

    name: str
    organisation: str
    recognised_number: str
    size: int
    home: tuple[str, ...]
    keeping: Keeping


CENTRES: tuple[Centre, ...] = (
    Centre(
        "De Zilvermeeuw", "Zilvermeeuw vzw (demo)", "DEMO-001", 3_500, ("BE21",),
        Keeping("csv", "module", "%d/%m/%Y", "letter", "town", "comma", "euro",
                encoding="cp1252"),
    ),
    Centre(
        "Kantelaar", "Kantelaar cv (demo)", "DEMO-002", 2_900, ("BE23",),
        Keeping("csv", "crm", "d/m/yy", "words", "postcode", "clock", "comma",
                encoding="utf-8-sig"),
    ),
    Centre(
        "Dijlebocht", "Dijlebocht bv (demo)", "DEMO-003", 2_200, ("BE24", "BE10"),
        Keeping("csv", "list", "%Y-%m-%d", "rev2", "postcode", "point", "plain",
                separator=","),
    ),
    Centre(
        "Polderlicht", "Polderlicht vzw (demo)", "DEMO-004", 1_750, ("BE25",),
        Keeping("csv", "module", "%d-%m-%Y", "words", "nis", "comma", "comma",
                encoding="cp1252"),
    ),
    Centre(
        "Maasoever", "Maasoever vzw (demo)", "DEMO-005", 1_400, ("BE22",),
        Keeping("csv", "crm", "%d/%m/%Y", "letter", "belgian", "clock", "euro",
                separator=",", encoding="utf-8-sig"),
    ),
    Centre(
        "Kempenkring", "Kempenkring bv (demo)", "DEMO-006", 1_100, ("BE21", "BE22"),
        Keeping("csv", "list", "d/m/yy", "rev2", "town", "comma", "euro"),
    ),
    Centre(
        "Vlasbloem", "Vlasbloem vzw (demo)", "DEMO-007", 800, ("BE25", "BE23"),
        Keeping("csv", "crm", "%Y-%m-%d", "letter", "postcode", "comma", "comma",
                encoding="cp1252", title_rows=2, totals=True),
    ),
    Centre(
        "Druivenpad", "Druivenpad cv (demo)", "DEMO-008", 600, ("BE24",),
        Keeping("xlsx", "module", "excel", "letter", "town", "clock", "plain", quarters=True),
    ),
    Centre(
        "Vuurtorenhuis", "Vuurtorenhuis vzw (demo)", "DEMO-009", 450, ("BE25",),
        Keeping("xlsx", "crm", "excel", "words", "belgian", "point", "plain",
                title_rows=2, totals=True),
    ),
    Centre(
        "Noorderwijzer", "Noorderwijzer eenmanszaak (demo)", "DEMO-010", 300, ("BE21",),
        Keeping("xlsx", "list", "excel", "letter", "postcode", "point", "plain"),
    ),
)  # fmt: skip


def sizes(clients: int) -> tuple[int, ...]:
    """Return the clients of each centre when there are `clients` in all."""
    whole = sum(centre.size for centre in CENTRES)
    rest = [centre.size * clients // whole for centre in CENTRES[1:]]
    return (clients - sum(rest), *rest)
