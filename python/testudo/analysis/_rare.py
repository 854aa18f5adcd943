# SPDX-License-Identifier: GPL-3.0-or-later
"""Probabilities of very late iterations, however small."""

from __future__ import annotations

from ctypes import byref
from dataclasses import dataclass
from typing import Any, Sequence

import numpy

from . import _mirror as c
from ._delays import AnyDelay, Delay, delay_of
from ._designs import AnyDesign, Design, design_of
from ._laws import whole
from ._library import address, calls, reals
from ._results import Result, axes
from ._watch import Progress, Watch


@dataclass(frozen=True, repr=False, eq=False)
class RareTail(Result):
    """P(T > t) at some times, iterations that never end among them; estimated without bias, with intervals of 95 %.

    `status` is "simulated"; the union bound is exact, and close where p is small.
    """

    design: Design
    delay: Delay
    report: str              #: "chunk" or "whole"
    status: str
    trials: int              #: at each time
    seed: int
    t: numpy.ndarray         #: seconds
    p: numpy.ndarray         #: P(T > t)
    stderr: numpy.ndarray    #: its standard error
    low: numpy.ndarray       #: interval
    high: numpy.ndarray
    union_bound: numpy.ndarray #: P(T > t) is at most this for certain

    def __repr__(self) -> str:
        return (f"<RareTail {self.status}: {len(self.t)} times, {self.trials} trials at each, {self.design.scheme} of"
                f" {self.design.workers} workers, {self.delay!r}>")

    def columns(self) -> dict[str, Any]:
        """The probabilities with their intervals."""
        return {"t": self.t, "p": self.p, "stderr": self.stderr, "low": self.low, "high": self.high,
                "union_bound": self.union_bound}

    def plot(self, ax: Any = None) -> Any:
        """P(T > t) over t, on a logarithmic axis, on matplotlib Axes, which are returned."""
        ax = axes(ax, "seconds", "P(T > t)")
        ax.set_yscale("log")
        some = self.p > 0.0
        p = self.p[some]
        ax.errorbar(self.t[some], p, [numpy.maximum(p - self.low[some], 0.0), self.high[some] - p], fmt="o-",
                    label=self.design.name or self.design.scheme)
        return ax


def rare_tail(design: AnyDesign, delay: AnyDelay, times: Sequence[float], *, trials: int = 100000, seed: int = 1,
              threads: int = 0, report: str | None = None, progress: Progress = None) -> RareTail:
    """P(T > t) however small, to 1e-300, as `testudo simulate --rare`: each trial draws an iteration in which some
    chunk is late, by its exact probability. The same seed gives the same numbers, whatever the threads (0: all cores).

    times   t, seconds
    trials  at each time, at least 100

    LimitError for scheme nested, and where the delay model has no law of a worker's progress; ArgumentError for a
    replay. Ctrl-C raises KeyboardInterrupt.

    >>> tail = rare_tail(make_design(workers=8, replication=3), "exp:1", [10.0, 20.0], trials=10000)
    >>> bool(tail.union_bound[0] < 1e-6), bool(tail.p[1] < 1e-9)
    (True, True)
    """
    design, delay = design_of(design), delay_of(delay)
    counted, model = design._counted(report), delay._for(design.workers)
    at = reals(times, "times")
    found = (c.Rare * max(len(at), 1))()
    trials, seed = whole(trials, "trials", 100), whole(seed, "seed", 0)
    with Watch(progress) as watch:
        asked = c.RareOptions(report=counted, trials=trials, seed=seed, threads=whole(threads, "threads", 0, 65536),
                              monitor=watch.monitor)
        calls.rare_tail(design._handle, model, byref(asked), address(at), len(at), found)
    column = {name: numpy.array([getattr(one, member) for one in found[: len(at)]])
              for name, member in (("t", "t"), ("p", "p"), ("stderr", "stderr_p"), ("low", "low"), ("high", "high"),
                                   ("union_bound", "union_bound"))}
    return RareTail(design=design, delay=delay, report=c.REPORTS[counted], status="simulated", trials=trials, seed=seed,
                    **column)
