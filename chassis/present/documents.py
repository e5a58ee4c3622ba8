"""Differences between documents in plain words; what has no words is listed by its path."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache

from chassis.texts import SHARED, Language, Texts
from schemas.difference import MISSING, Change, Plain
from schemas.enrolment import RosterCandidate
from schemas.names import alike
from schemas.programme import Programme
from schemas.roster import FEWEST_WITNESSES, Roster

_SHOWN: dict[str, Callable[[Plain], str]] = {
    "moment": lambda value: datetime.fromtimestamp(value, UTC).strftime("%d/%m/%Y %H:%M UTC"),
    "quoted": lambda value: f"“{value}”",
    "cohorts": ", ".join,
    "json": lambda value: json.dumps(value, ensure_ascii=False),
}  # fmt: skip

_CHANGED = {
    r"epoch": ("roster number: from {old} to {new}", "json"),
    r"coordinator": ("another coordinator key: from {old} to {new}", "json"),
    r"valid_from": ("valid from: from {old} to {new}", "moment"),
    r"valid_until": ("valid until: from {old} to {new}", "moment"),
    r"centres\[(\d+)\]\.name": ("centre {of}: name from {old} to {new}", "quoted"),
    r"centres\[(\d+)\]\.organisation": ("centre {of}: organisation from {old} to {new}", "quoted"),
    r"centres\[(\d+)\]\.recognised_number": ("centre {of}: number from {old} to {new}", "quoted"),
    r"centres\[(\d+)\]\.key": ("centre {of}: another key, from {old} to {new}", "json"),
    r"operator": ("who runs the coordinator: from {old} to {new}", "json"),
    r"witnesses\[(\d+)\]\.name": ("witness {of}: name from {old} to {new}", "quoted"),
    r"witnesses\[(\d+)\]\.organisation": (
        "witness {of}: organisation from {old} to {new}", "quoted",
    ),
    r"witnesses\[(\d+)\]\.key": ("witness {of}: another key, from {old} to {new}", "json"),
    r"version": ("version: from {old} to {new}", "json"),
    r"region": ("region: from {old} to {new}", "quoted"),
    r"people": ("whose records: from {old} to {new}", "json"),
    r"budget": ("yearly budget: from {old} to {new}", "json"),
    r"delta_exponent": ("delta: from 10^-{old} to 10^-{new}", "json"),
    r"noise_variance": ("variance of the noise: from {old} to {new}", "json"),
    r"remove_excess": ("excess noise comes off: from {old} to {new}", "json"),
    r"spread": ("questions spread over rounds: from {old} to {new}", "json"),
    r"asks\[(.+)\]\.price": ("{of}: price from {old} to {new}", "json"),
    r"asks\[(.+)\]\.noise": ("{of}: noise from {old} to {new}", "json"),
    r"periods\[(.+)\]\.cohorts": ("period {of}: quarters from {old} to {new}", "cohorts"),
    r"periods\[(.+)\]\.not_before": ("period {of}: not before, from {old} to {new}", "moment"),
    r"statistics\[([^\]]+)\]\.population": ("{of}: of which people, from {old} to {new}", "json"),
    r"statistics\[([^\]]+)\]\.name\.\w+": ("{of}: name from {old} to {new}", "quoted"),
    r"statistics\[([^\]]+)\]\.definition\.\w+": ("{of}: definition from {old} to {new}", "quoted"),
    r"questionnaires\[[^\]]+\]\.items\[([^\]]+)\]\.text\.\w+": (
        "question {of}: from {old} to {new}", "quoted",
    ),
}  # fmt: skip
_NEW = {
    r"witnesses\[(\d+)\]": "new witness {of}: {name}, organisation {organisation}, key {key}",
    r"centres\[(\d+)\]": "new centre {of}: {name}, organisation {organisation}, number "
    "{recognised_number}, key {key}",
    r"asks\[(.+)\]": "new: {of}, price {price}, noise {noise}",
    r"reserves\[(.+)\]": "new reserve: {of}, price {price}",
}
_GONE = {
    r"witnesses\[(\d+)\]": "no longer on it: witness {of} {name}, organisation {organisation}",
    r"centres\[(\d+)\]": "no longer on it: centre {of} {name}, organisation {organisation}",
    r"asks\[(.+)\]": "no longer asked: {of}",
    r"reserves\[(.+)\]": "no longer kept back: {of}, price {price}",
}


@cache
def _texts(language: Language) -> Texts:
    return Texts.load(SHARED, language)


def worded(change: Change, language: Language) -> str:
    """One change as one line. No value is shortened: what is not shown could be anything."""
    t = _texts(language)
    if change.old is not MISSING and change.new is not MISSING:
        return _changed(t, change)
    words, value = (_NEW, change.new) if change.old is MISSING else (_GONE, change.old)
    for pattern, template in words.items():
        if found := re.fullmatch(pattern, change.path):
            fields = {name: _shown(one) for name, one in value.items()}
            return t(template, **{**fields, "of": found.group(1)})
    shown = json.dumps(value, ensure_ascii=False)
    if change.old is MISSING and "[" not in change.path:
        kind = _CHANGED.get(change.path, ("", "json"))[1]
        return t("{path}: {value}", path=change.path, value=_SHOWN[kind](value))
    if change.old is MISSING:
        return t("{path}: new, {value}", path=change.path, value=shown)
    return t("{path}: gone, was {value}", path=change.path, value=shown)


def _shown(value: Plain) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _changed(t: Texts, change: Change) -> str:
    for pattern, (template, kind) in _CHANGED.items():
        if found := re.fullmatch(pattern, change.path):
            show = _SHOWN[kind]
            of = found.group(1) if found.groups() else ""
            return t(template, of=of, old=show(change.old), new=show(change.new))
    old, new = (json.dumps(value, ensure_ascii=False) for value in (change.old, change.new))
    return t("{path}: from {old} to {new}", path=change.path, old=old, new=new)


def sizes(before: Roster | None, after: Roster | RosterCandidate, language: Language) -> str:
    """How many organisations there are and how many centres the largest runs, then and now."""
    t, now = _texts(language), after.sizes
    if before is None:
        centres = t.count("{n} centre", "{n} centres", sum(now), n=sum(now))
        of = t.count("{n} organisation", "{n} organisations", len(now), n=len(now))
        return t("{centres} of {organisations}; the largest runs {largest}", centres=centres,
                 organisations=of, largest=now[0])  # fmt: skip
    then = before.sizes
    return t("centres: from {then} to {now}; organisations: from {then_of} to {now_of}; the "
             "largest runs {then_largest}, and now {now_largest}",
             then=sum(then), now=sum(now), then_of=len(then), now_of=len(now),
             then_largest=then[0], now_largest=now[0])  # fmt: skip


def trusted(roster: Roster | RosterCandidate, opening: tuple[int, int], language: Language) -> str:
    """Whom one trusts, by name. `opening`: (t, C), as the secure sum counts them."""
    t, (threshold, size) = _texts(language), opening
    if roster.sitting:
        names = ", ".join(f"{one.name} ({one.organisation})" for one in roster.sitting)
        return t("Whom you trust: the coordinator ({operator}) and any {threshold} of these {size} "
                 "witnesses together can open a centre's numbers; fewer cannot. The witnesses: "
                 "{names}.", operator=roster.operator, threshold=threshold, size=size,
                 names=names)  # fmt: skip
    sentence = t("Whom you trust: the coordinator and any {threshold} of the {size} centres on the "
                 "committee together can open a centre's numbers; fewer cannot.",
                 threshold=threshold, size=size)  # fmt: skip
    if roster.witnesses:
        count = len(roster.witnesses)
        sentence += " " + t.count(
            "There is {count} witness on the roster; from {least} on they are the committee.",
            "There are {count} witnesses on the roster; from {least} on they are the committee.",
            count, count=count, least=FEWEST_WITNESSES,
        )  # fmt: skip
    return sentence


def concerns(document: Roster | RosterCandidate | Programme, language: Language) -> Iterator[str]:
    """Different names in one document that look alike."""
    t = _texts(language)
    for names in _names(document):
        for group in alike(names):
            listed = ", ".join(f"“{name}”" for name in group)
            yield t("Look twice: {names} look alike.", names=listed)


def _names(document: Roster | RosterCandidate | Programme) -> Iterator[list[str]]:
    if isinstance(document, Programme):
        for language in ("nl", "fr", "en"):
            yield [statistic.name.of(language) for statistic in document.statistics]
        return
    centres, witnesses = document.centres, document.witnesses
    yield [*(one.organisation for one in centres), *(one.organisation for one in witnesses)]
    yield [*(one.name for one in centres), *(one.name for one in witnesses)]
    yield [centre.recognised_number for centre in document.centres]
