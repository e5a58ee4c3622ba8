"""Which prekeys a round can use: one bad prekey must not cost everybody the round."""

from collections import Counter
from collections.abc import Sequence

from privacy.secure_sum.keys import check_public
from privacy.secure_sum.refusal import BadPrekeys
from privacy.secure_sum.view import open_prekeys, public_keys
from schemas.roster import Roster
from schemas.round import Announcement, Prekey
from schemas.signed import Signed


def usable_prekeys(
    prekeys: Sequence[Signed], roster: Roster, announcement: Announcement
) -> tuple[Signed, ...]:
    """Return, by id, the prekeys that `view` accepts; the coordinator describes a round of these.

    Left out: a wrong signature, id or round; two prekeys of one centre; a key that stands in
    two places (nobody can tell who copied whom); a low-order key.
    """
    sound = [
        (prekey, signed)
        for signed in prekeys
        for prekey in _opened(signed, roster, announcement)
        if _keys_agree(prekey)
    ]
    ids = Counter(prekey.id for prekey, _ in sound)
    keys = Counter(key for prekey, _ in sound for key in public_keys(prekey))
    return tuple(
        signed
        for prekey, signed in sorted(sound, key=lambda pair: pair[0].id)
        if ids[prekey.id] == 1 and all(keys[key] == 1 for key in public_keys(prekey))
    )


def _opened(signed: Signed, roster: Roster, announcement: Announcement) -> list[Prekey]:
    try:
        found = open_prekeys([signed], roster, announcement.digest(), announcement.round)
    except BadPrekeys:
        return []
    return list(found.values())


def _keys_agree(prekey: Prekey) -> bool:
    try:
        for key in public_keys(prekey):
            check_public(key)
    except BadPrekeys:
        return False
    return True
