# SPDX-License-Identifier: GPL-3.0-or-later
"""Delay laws: the law of X, the time of one chunk."""

from __future__ import annotations

import ctypes
import math
import os
from ctypes import byref
from typing import Any, Callable

import numpy

from .._library import ArgumentError
from ..runtime import _Handle
from ._library import calls, copied, text
from ._results import axes


class Law(_Handle):
    """A law of times in seconds, from its text (LAW of `testudo --help`):

    exp:rate, shifted-exp:shift,rate, gamma:shape,scale, weibull:shape,scale, pareto:xmin,alpha, lomax:alpha,scale,
    lognormal:mu,sigma, deterministic:x, mixture:p,LAW,LAW, shift:x,LAW, trace:FILE.csv, @FILE.json (the law of a delay
    file). ArgumentError for a text that is none, InputError with the line for a broken file. Never changed: threads may
    share it. Methods take numbers or arrays and give the same shape; they cost about a microsecond a number.

    >>> law = Law("exp:2")
    >>> law.mean, law.variance
    (0.5, 0.25)
    >>> law.cdf([0.5, 1.0]).round(6).tolist()
    [0.632121, 0.864665]
    """

    _free = "law_free"
    _calls = calls

    def __init__(self, law: str) -> None:
        if not isinstance(law, str):
            raise ArgumentError(f"a law is a text such as 'exp:1', not {type(law).__name__}")
        self._make("law_parse", os.fsencode(law))

    def __repr__(self) -> str:
        return f"Law({self.text!r})"

    @property
    def text(self) -> str:
        """As it was given."""
        return text(calls.law_text(self._handle)) or ""

    @property
    def shown(self) -> str:
        """The same, a file without its folders: as results have it."""
        return text(calls.law_shown(self._handle)) or ""

    @property
    def mean(self) -> float:
        """E[X], seconds; inf where there is none."""
        return calls.law_mean(self._handle)

    @property
    def variance(self) -> float:
        """Seconds squared; inf where there is none."""
        return calls.law_variance(self._handle)

    @property
    def stddev(self) -> float:
        """Standard deviation, seconds."""
        return math.sqrt(self.variance)

    @property
    def atoms(self) -> tuple[numpy.ndarray, numpy.ndarray] | None:
        """Of a discrete law (deterministic, traces, mixtures of such) its values and P(X <= value); else None."""
        values, cumulated = (ctypes.POINTER(ctypes.c_double)() for _ in range(2))
        count = ctypes.c_int64()
        calls.law_atoms(self._handle, byref(values), byref(cumulated), byref(count))
        return (copied(values, count.value), copied(cumulated, count.value)) if values else None

    def cdf(self, x: Any) -> Any:
        """P(X <= x), accurate where it is small."""
        return each(lambda t: calls.law_cdf(self._handle, t), x)

    def survival(self, x: Any) -> Any:
        """P(X > x), accurate where it is small."""
        return each(lambda t: calls.law_survival(self._handle, t), x)

    def quantile(self, p: Any) -> Any:
        """The least x with P(X <= x) >= p, 0 < p < 1."""
        return each(lambda q: calls.law_quantile(self._handle, q), between_0_and_1(p, "quantile"))

    def sample(self, size: int, seed: int = 1) -> numpy.ndarray:
        """`size` independent draws; a longer sample of the same seed begins with a shorter one."""
        size = whole(size, "size", 0)
        drawn = numpy.empty(size)
        calls.law_draw(self._handle, whole(seed, "seed", 0), size, drawn.ctypes.data)
        return drawn

    def plot(self, ax: Any = None) -> Any:
        """P(X <= x) from the 0.001 to the 0.999 quantile, on matplotlib Axes, which are returned."""
        ax = axes(ax, "seconds", "P(X \u2264 x)")
        if self.atoms is not None:
            values, cumulated = self.atoms
            ax.plot([values[0], *values], [0.0, *cumulated], drawstyle="steps-post", label=self.shown)
        else:
            t = numpy.linspace(self.quantile(0.001), self.quantile(0.999), 400)
            ax.plot(t, self.cdf(t), label=self.shown)
        return ax


def each(function: Callable[[float], float], x: Any) -> Any:
    """The function of a number, or of each in an array of any shape."""
    try:
        given = numpy.asarray(x, dtype=numpy.float64)
    except (TypeError, ValueError) as reason:
        raise ArgumentError(f"numbers are wanted: {reason}") from None
    if given.ndim == 0:
        return function(float(given))
    return numpy.fromiter(map(function, given.ravel().tolist()), numpy.float64, given.size).reshape(given.shape)


def between_0_and_1(p: Any, what: str) -> Any:
    """Probabilities above 0 and below 1."""
    try:
        given = numpy.asarray(p, dtype=numpy.float64)
    except (TypeError, ValueError) as reason:
        raise ArgumentError(f"{what}: numbers are wanted: {reason}") from None
    if not numpy.all((given > 0.0) & (given < 1.0)):
        raise ArgumentError(f"{what}: {p}; allowed: above 0 and below 1")
    return given if given.ndim else float(given)


def whole(number: Any, what: str, least: int, most: int = 2**63 - 1) -> int:
    """A whole number in a range."""
    try:
        found = number.__index__()
    except AttributeError:
        raise ArgumentError(f"{what}: {number!r}, but it is a whole number") from None
    if not least <= found <= most:
        raise ArgumentError(f"{what}: {found}; allowed: {least}..{most}")
    return found


def number(given: Any, what: str) -> float:
    """A number; whether it is in range is for the library to say."""
    try:
        return float(given)
    except (TypeError, ValueError):
        raise ArgumentError(f"{what}: {given!r}, but it is a number") from None
