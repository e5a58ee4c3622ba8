"""Shares with mistakes in them: Reed-Solomon decoding over a prime field.

Shamir's shares are a Reed-Solomon word: values of one polynomial of degree below `size` at
known points. Of m values up to (m - size) / 2 wrong ones are found and corrected.

Source: Gao 2003, "A new algorithm for decoding Reed-Solomon codes". Polynomials are lists of
coefficients, the constant first, without zeros at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from privacy.secure_sum.shamir import PRIME

Polynomial = list[int]


class Undecodable(ValueError):
    """No polynomial agrees with so many of the values that it is the only one."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The polynomial's value at zero, and the points at which another value stood."""

    secret: int
    wrong: frozenset[int]


@dataclass(frozen=True)
class Code:
    """Polynomials of degree below `size`, told by their values at distinct points."""

    points: tuple[int, ...]
    size: int
    prime: int = PRIME

    def decode(self, values: Sequence[int]) -> Decoded:
        """Find the one polynomial that at most (m - size) / 2 of the m values contradict.

        Raises Undecodable.
        """
        if not 0 < self.size <= len(self.points) == len(values):
            raise Undecodable("fewer values than a polynomial has coefficients")
        found = self._polynomial(values)
        wrong = frozenset(
            x
            for x, value in zip(self.points, values, strict=True)
            if self._at(found, x) != value % self.prime
        )
        if 2 * len(wrong) > len(values) - self.size:
            raise Undecodable("more wrong values than can be told from right ones")
        return Decoded(found[0] if found else 0, wrong)

    def _polynomial(self, values: Sequence[int]) -> Polynomial:
        """Gao's algorithm: Euclid on the two polynomials, stopped half-way."""
        above, below = self._master, self._interpolated(values)
        factor_above: Polynomial = []
        factor: Polynomial = [1]
        while 2 * (len(below) - 1) >= len(values) + self.size:
            quotient, rest = self._divided(above, below)
            above, below = below, rest
            factor_above, factor = factor, self._less(factor_above, quotient, factor)
        found, rest = self._divided(below, factor)
        if rest or len(found) > self.size:
            raise Undecodable("the values belong to no polynomial of that degree")
        return found

    @cached_property
    def _master(self) -> Polynomial:
        """The product of (x - point)."""
        product = [1]
        for point in self.points:
            shifted = [0, *product]
            for k, coefficient in enumerate(product):
                shifted[k] = (shifted[k] - point * coefficient) % self.prime
            product = shifted
        return product

    @cached_property
    def _weights(self) -> tuple[int, ...]:
        """1 over the product of (point - other)."""
        others = (self._at(self._without(point), point) for point in self.points)
        return tuple(pow(product, -1, self.prime) for product in others)

    def _without(self, point: int) -> Polynomial:
        """The product of (x - other) over all others, by synthetic division."""
        quotient, carry = [], 0
        for coefficient in reversed(self._master[1:]):
            carry = (coefficient + carry * point) % self.prime
            quotient.append(carry)
        return quotient[::-1]

    def _interpolated(self, values: Sequence[int]) -> Polynomial:
        total = [0] * len(self.points)
        for point, weight, value in zip(self.points, self._weights, values, strict=True):
            scale = weight * value % self.prime
            for k, coefficient in enumerate(self._without(point)):
                total[k] += scale * coefficient
        return _trimmed([coefficient % self.prime for coefficient in total])

    def _at(self, polynomial: Polynomial, x: int) -> int:
        value = 0
        for coefficient in reversed(polynomial):
            value = (value * x + coefficient) % self.prime
        return value

    def _divided(self, top: Polynomial, bottom: Polynomial) -> tuple[Polynomial, Polynomial]:
        """Quotient and remainder."""
        rest, inverse = list(top), pow(bottom[-1], -1, self.prime)
        quotient = [0] * max(0, len(top) - len(bottom) + 1)
        for shift in reversed(range(len(quotient))):
            factor = rest[shift + len(bottom) - 1] * inverse % self.prime
            quotient[shift] = factor
            for k, coefficient in enumerate(bottom):
                rest[shift + k] = (rest[shift + k] - factor * coefficient) % self.prime
        return _trimmed(quotient), _trimmed(rest)

    def _less(self, first: Polynomial, one: Polynomial, other: Polynomial) -> Polynomial:
        """first - one x other."""
        total = [*first, *([0] * max(0, len(one) + len(other) - 1 - len(first)))]
        for i, a in enumerate(one):
            for j, b in enumerate(other):
                total[i + j] = (total[i + j] - a * b) % self.prime
        return _trimmed(total)


def _trimmed(polynomial: Polynomial) -> Polynomial:
    while polynomial and polynomial[-1] == 0:
        polynomial.pop()
    return polynomial
