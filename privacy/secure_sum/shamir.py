"""Shamir's secret sharing over GF(2^256 - 189), many secrets at once.

Source: Shamir 1979. The polynomials of all secrets are packed side by side in one big
integer, one lane each, so that Horner's rule works on all of them in one multiplication; a
quorum's Lagrange coefficients are computed once and serve every secret it opens.
"""

from collections.abc import Callable, Sequence

PRIME = 2**256 - 189
RandomBytes = Callable[[int], bytes]


def _uniform(count: int, random_bytes: RandomBytes) -> list[int]:
    """Field elements, uniform by rejection (a draw is refused once in 2^248)."""
    raw = random_bytes(32 * count)
    drawn = [int.from_bytes(raw[k : k + 32], "big") for k in range(0, len(raw), 32)]
    return [number if number < PRIME else _uniform(1, random_bytes)[0] for number in drawn]


def _pack(numbers: Sequence[int], lane: int) -> int:
    return int.from_bytes(b"".join(number.to_bytes(lane, "little") for number in numbers), "little")


def split(
    secrets: Sequence[int], threshold: int, points: Sequence[int], random_bytes: RandomBytes
) -> dict[int, list[int]]:
    """Share each secret so that any `threshold` points open it and fewer say nothing.

    Returns, for each point x (1..65535, distinct), the list of its shares in the order of
    `secrets`. Raises ValueError when a secret is not a field element.
    """
    if any(not 0 <= secret < PRIME for secret in secrets):
        raise ValueError("a secret is not an element of the field")
    if len(set(points)) != len(points) or any(not 0 < x < 2**16 for x in points):
        raise ValueError("points are distinct and between 1 and 65535")
    if threshold < 1:
        raise ValueError("a threshold is at least 1")
    growth = threshold * max(points, default=1).bit_length()  # each step multiplies by a point
    lane = 32 + growth // 8 + 1
    rows = [list(secrets)]
    rows += [_uniform(len(secrets), random_bytes) for _ in range(threshold - 1)]
    packed = [_pack(row, lane) for row in rows]
    return {x: _unpack(_horner(packed, x), len(secrets), lane) for x in points}


def _horner(packed: Sequence[int], x: int) -> int:
    value = 0
    for row in reversed(packed):
        value = value * x + row
    return value


def _unpack(value: int, count: int, lane: int) -> list[int]:
    raw = value.to_bytes(count * lane + 1, "little")
    return [int.from_bytes(raw[k * lane : (k + 1) * lane], "little") % PRIME for k in range(count)]


def lagrange_at(x: int, points: Sequence[int]) -> tuple[int, ...]:
    """Coefficients that combine shares at distinct points into the share at `x`; 0: the secret."""
    coefficients = []
    for i in points:
        top = bottom = 1
        for j in points:
            if j != i:
                top = top * (x - j) % PRIME
                bottom = bottom * (i - j) % PRIME
        coefficients.append(top * pow(bottom, -1, PRIME) % PRIME)
    return tuple(coefficients)


def combine(coefficients: Sequence[int], shares: Sequence[int]) -> int:
    """Open one secret with the coefficients of its quorum."""
    return sum(c * share for c, share in zip(coefficients, shares, strict=True)) % PRIME
