"""Places to NUTS 3: a postcode, a municipality's NIS code or name, or the NUTS code itself."""

import re
from collections.abc import Mapping
from functools import cache

from node.intake.refusal import WrongValue
from node.intake.writing import key_of, text_of
from schemas import codes

_POSTCODE = re.compile(r"^(?:be?[- ]?)?(\d{4})(?:[.,]0+)?(?:[ ,-]+\D.*)?$", re.IGNORECASE)
_NIS = re.compile(r"^(\d{5})(?:[.,]0+)?$")
_NETHERLANDS = re.compile(r"^(?:(?i:nl)[- ]?)?\d{4} ?(?!AS\b)[A-Z]{2}(?: .*)?$")  # 3668 As: Limburg


@cache
def _by_name() -> Mapping[str, str]:
    """Municipality, in Dutch or French -> NUTS 3, where the name is unique."""
    found: dict[str, set[str]] = {}
    for row in codes.rows("postcode_nuts3.csv"):
        for name in (row["municipality_nl"], row["municipality_fr"]):
            if name:
                found.setdefault(key_of(name), set()).add(row["nuts3"])
    return {name: next(iter(areas)) for name, areas in found.items() if len(areas) == 1}


def nuts3(cell: object) -> str:
    """Return the NUTS 3 code of a Belgian place. Raises WrongValue."""
    text = text_of(cell)
    if _NETHERLANDS.match(text):
        raise WrongValue("a Belgian postcode; leave a home abroad empty")
    if text.upper() in codes.nuts(3):
        return text.upper()
    if found := _POSTCODE.match(text):
        area = codes.nuts3_of_postcode().get(found[1])
    elif found := _NIS.match(text):
        area = codes.nuts3_of_nis().get(found[1])
    else:
        area = _by_name().get(key_of(text))
    if area is None:
        raise WrongValue("a Belgian postcode such as 9000, a NIS code or a NUTS 3 code")
    return area
