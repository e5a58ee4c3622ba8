"""Watched folders: a new file is imported with the mapping of its source, once it is whole.

It then goes to `done` or `refused` in that folder, with a sentence in a file beside it. A file is
whole when two looks in a row find the same size and time of change.
"""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event

from chassis.errors import Refusal
from chassis.store import settings
from chassis.texts import Texts
from node.importing.checking import read_file
from node.importing.mapping import MappingFile, load_mapping
from node.importing.one_import import Origin, bring_in, file_digest, rules_of
from node.importing.refusal import IntakeRefusal, NotWatched, WrongCells
from node.importing.report import sentences
from node.store import NodeStore
from node.store.database import Connection

DONE, REFUSED = "done", "refused"
_SETTING = "watched_folders"
_UNFINISHED = (".part", ".tmp", ".crdownload", ".download", ".lock")
_LOOK_EVERY = 20.0
Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """A folder and the mapping of what is put there."""

    folder: Path
    mapping: MappingFile


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file; `where`: done or refused."""

    file: str
    where: str
    sentences: tuple[str, ...]


def watched(connection: Connection) -> tuple[WatchedFolder, ...]:
    """All watched folders, in the order of their names."""
    held = json.loads(settings.get(connection, _SETTING) or b"{}")
    return tuple(
        WatchedFolder(Path(folder), MappingFile.model_validate_json(mapping))
        for folder, mapping in sorted(held.items())
    )


def watch(connection: Connection, folder: Path, mapping: Path) -> None:
    """Watch a folder from now on, with this mapping. Raises FileNotFoundError or WrongMapping."""
    described = load_mapping(mapping)
    for place in (folder / DONE, folder / REFUSED):
        place.mkdir(exist_ok=True)
    held = {one.folder: one.mapping for one in watched(connection)} | {folder: described}
    _keep(connection, held)


def unwatch(connection: Connection, folder: Path) -> None:
    """Watch a folder no longer; what is in it stays. Raises NotWatched."""
    held = {one.folder: one.mapping for one in watched(connection)}
    if folder not in held:
        raise NotWatched(
            "This folder is not watched: {folder}. Nothing was changed.", folder=str(folder)
        )
    _keep(connection, {place: one for place, one in held.items() if place != folder})


def _keep(connection: Connection, held: dict[Path, MappingFile]) -> None:
    plain = {str(folder): one.model_dump_json() for folder, one in held.items()}
    settings.put(connection, _SETTING, json.dumps(plain, ensure_ascii=False).encode())


class Watcher:
    """Looks into the watched folders of a store. Remembers between looks what it saw."""

    def __init__(
        self, store: NodeStore, say: Texts, now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:  # fmt: skip
        self._store, self._say, self._now, self._random = store, say, now, random_bytes
        self._seen: dict[Path, Stamp] = {}
        self._left: dict[Path, Stamp] = {}

    def look(self) -> list[Outcome]:
        """Import what is whole. Raises OSError, or a Refusal that is not about a file."""
        with self._store.begin() as connection:
            folders = watched(connection)
        found = {file: (one, stamp) for one in folders for file, stamp in _files(one.folder)}
        whole = [file for file, (_, stamp) in found.items() if self._is_whole(file, stamp)]
        self._seen = {file: stamp for file, (_, stamp) in found.items()}
        outcomes = []
        for file in whole:
            outcome = self._import(file, found[file][0].mapping)
            self._left[file] = found[file][1]  # should it not be possible to move it
            _put_away(file, outcome)
            outcomes.append(outcome)
        return outcomes

    def _is_whole(self, file: Path, stamp: Stamp) -> bool:
        return self._seen.get(file) == stamp and self._left.get(file) != stamp

    def _import(self, file: Path, described: MappingFile) -> Outcome:
        now = self._now()
        try:
            reading = read_file(file, described, rules_of(self._store, described, now.date()))
            if reading.wrong:
                raise WrongCells(reading.wrong, reading.rows)
            origin = Origin(file.name, file_digest(file), described)
            done = bring_in(self._store, reading, origin, now, self._random)
        except IntakeRefusal as refusal:
            return Outcome(file.name, REFUSED, tuple(_said(refusal, self._say)))
        told = sentences(self._say, file.name, reading, done, dry_run=False)
        return Outcome(file.name, DONE, tuple(told))


def _said(refusal: IntakeRefusal, say: Texts) -> Iterator[str]:
    """The sentence, and where wrong cells stand; what stands in them is in the file itself."""
    yield refusal.said(say)
    if not isinstance(refusal, WrongCells):
        yield from refusal.lines(say)
        return
    for cell in refusal.cells:
        row = f"{cell.sheet} {cell.row}".strip()
        yield say("row {row}, {column}; expected: {expected}",
                  row=row, column=cell.column, expected=cell.expectation(say))  # fmt: skip


def _files(folder: Path) -> Iterator[tuple[Path, Stamp]]:
    """The files of a folder that may be meant for import. A link leads elsewhere and is none."""
    if not folder.is_dir():
        return
    for file in sorted(folder.iterdir()):
        if file.name.startswith((".", "~")) or file.name.lower().endswith(_UNFINISHED):
            continue
        if file.is_file() and not file.is_symlink():
            about = file.stat()
            yield file, (about.st_size, about.st_mtime_ns)


def _put_away(file: Path, outcome: Outcome) -> None:
    place = file.parent / outcome.where
    place.mkdir(exist_ok=True)
    target = _free(place, file.name)
    file.rename(target)
    beside = target.with_name(f"{target.name}.txt")
    beside.write_text("\n".join(outcome.sentences) + "\n", encoding="utf-8")


def _free(place: Path, name: str) -> Path:
    """A name that nothing has yet, in a folder of files that came before."""
    wanted, number = place / name, 2
    while wanted.exists():
        wanted = place / f"{Path(name).stem} ({number}){Path(name).suffix}"
        number += 1
    return wanted


def keep_looking(watcher: Watcher, stop: Event) -> None:
    """Look every twenty seconds until asked to stop; a look that fails is made again."""
    log = logging.getLogger("wegwijs.watching")
    while not stop.wait(_LOOK_EVERY):
        try:
            outcomes: Sequence[Outcome] = watcher.look()
        except (Refusal, OSError) as error:
            log.warning("watched folders could not be looked at: %s", type(error).__name__)
            continue
        for outcome in outcomes:
            log.info("a file of a watched folder: %s", outcome.where)
