"""What is built into the synthetic clients, so that a release can be asked to find it again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from schemas.record import Dimension, When


def _frozen(**values: float) -> Mapping[str, float]:
    return MappingProxyType(values)


@dataclass(frozen=True, slots=True)
class Effects:
    """The built-in effects.

    `gain`: latent points (scale 1 to 5) between intake and the end of guidance; answers are
    whole and stay within 1..5, which takes off a few hundredths. `lasting`: the part of the gain
    still there at each moment. `still`: the dimension in which nothing changes; its mean paired
    change among those who count is 0 to within rounding. `gains_less` and `low_education`:
    factor on every gain of clients of that sector, of clients with low education.
    `durable_12m`: chance of a durable match a year after the end for who was in work before;
    `holding` adds to it by sector before guidance, `out_of_work` when not in work before.
    `leaves_sector`: chance that who changes job changes sector, `leaving` overrides it by sector
    and `flows` says where most of them go.
    """

    gain: Mapping[Dimension, float] = field(
        default_factory=lambda: MappingProxyType(
            {
                "meaning": 0.35,
                "autonomy": 0.25,
                "competence": 0.15,
                "relatedness": 0.0,
                "safety": 0.15,
                "balance": 0.30,
            }
        )
    )
    still: Dimension = "relatedness"
    lasting: Mapping[When, float] = field(
        default_factory=lambda: MappingProxyType(
            {"intake": 0.0, "end": 1.0, "6m": 0.95, "12m": 0.9}
        )
    )
    gains_less: Mapping[str, float] = field(default_factory=lambda: _frozen(G=0.3))
    low_education: float = 0.5
    durable_12m: float = 0.82
    holding: Mapping[str, float] = field(
        default_factory=lambda: _frozen(P=0.08, Q=0.07, L=0.04, G=-0.07, H=-0.08, O=-0.12, I=-0.14)
    )
    out_of_work: float = -0.2
    leaves_sector: float = 0.5
    leaving: Mapping[str, float] = field(default_factory=lambda: _frozen(G=0.65, R=0.55, O=0.7))
    flows: Mapping[str, Mapping[str, float]] = field(
        default_factory=lambda: MappingProxyType(
            {
                "R": _frozen(Q=0.4, P=0.25),
                "Q": _frozen(R=0.45, P=0.15),
                "G": _frozen(R=0.4, C=0.2),
                "C": _frozen(N=0.4, G=0.15),
                "N": _frozen(P=0.35, K=0.2),
                "P": _frozen(R=0.4, Q=0.2),
                "K": _frozen(N=0.5),
                "L": _frozen(N=0.45),
                "O": _frozen(R=0.4),
            }
        )
    )

    def __post_init__(self) -> None:
        if self.gain[self.still] != 0:
            raise ValueError(f"{self.still} is to stand still and cannot also gain")
