"""A witness in a round: it adds nothing, and opens what centres sealed for it.

It says nothing at P1. When it is first asked to certify it makes its channel keys, and steps its
links past the round, in the transaction in which it signs; its round keys are forgotten then.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from privacy.secure_sum.contribute import ChannelKeys, channel_key, channel_secret, links_now
from privacy.secure_sum.keys import RoundKeys, agreeing
from privacy.secure_sum.links import LinkState
from privacy.secure_sum.refusal import NotActive
from privacy.secure_sum.view import RoundView


@dataclass(frozen=True, slots=True)
class Witnessing:
    """What a witness keeps of a round: keys for its slots, and each pair's next state."""

    channel: ChannelKeys
    links: tuple[LinkState, ...]


def witness(
    view: RoundView, me: int, keys: RoundKeys, links: Mapping[int, LinkState]
) -> Witnessing:
    """Make the keys that open what the active centres sealed for this witness.

    `links`: the pair state of every active centre. Raises NotActive, BadLink, AlreadyBurnt or
    LinkTooOld.
    """
    if me not in view.descriptor.witnesses:
        raise NotActive("this witness is not active in the round")
    now = links_now(view, links, view.active)
    agree = agreeing(keys.channel)
    opening = {
        centre: channel_key(view, channel_secret(view, agree, link), centre, me)
        for centre, link in now.items()
    }
    after = tuple(link.at(link.round + 1) for link in now.values())
    return Witnessing(ChannelKeys(opening), after)
