# SPDX-License-Identifier: GPL-3.0-or-later
"""What stragglers cost, and what helps."""

from __future__ import annotations

import ctypes
import os
from ctypes import byref
from dataclasses import dataclass
from typing import Any

import numpy

from .._library import ArgumentError
from . import _mirror as c
from ._delays import AnyDelay, Delay, delay_of
from ._designs import Design
from ._fitting import Fit, fit_of
from ._laws import whole
from ._library import calls, text
from ._reading import trace_options, trace_path
from ._results import Result, axes, taken
from ._searching import objective_of
from ._watch import Progress, Watch


@dataclass(frozen=True)
class RemedyTimes:
    """Times of an iteration under a remedy, seconds; nan where not known (iterations 0: not at all)."""

    iterations: int
    mean: float                  #: given that it ends; interval of 95 %: low, high
    low: float
    high: float
    median: float
    high_quantile: float         #: 0.99
    p_never: float
    objective: float             #: what was asked for
    gain: float                  #: 1 - objective over that of doing nothing; interval of 95 %: gain_low, gain_high
    gain_low: float
    gain_high: float


@dataclass(frozen=True)
class Remedy:
    """One remedy, and what it does."""

    kind: str                    #: "none", "unequal-loads", "backup", "gradient-code", "partial", "first-k", ..
    name: str
    change: str                  #: what must change in the training loop
    dropped: str                 #: why it was not measured; "" where it was
    exact_gradient: bool         #: of the same data on the same machines, so that it may be recommended
    design: Design | None
    granularity: int             #: chunks a share
    load: float                  #: shares of the worker that holds most
    copies: float                #: of the data, on average
    computed: float              #: shares that a worker computes in an iteration, on average
    messages: float              #: that a decoder reads in an iteration
    floats: float                #: numbers sent, over the length of the gradient
    memory: float                #: vectors of the gradient's length that a worker keeps
    missing: float               #: share of the data that is left out
    staleness: float             #: mean updates between reading and using
    predicted: RemedyTimes       #: of iterations drawn from the model
    replayed: RemedyTimes        #: of the measured iterations


@dataclass(frozen=True)
class Cost:
    """What waiting for the slowest worker costs: slowest_over_mean - 1 = persistent + iteration + chunk."""

    slowest: float
    mean: float
    slowest_over_mean: float
    persistent: float            #: due to workers that are slow for good
    iteration: float             #: to workers that are slow for an iteration
    chunk: float                 #: to single chunks
    common: float                #: coefficient of variation of the iterations' means


@dataclass(frozen=True, repr=False, eq=False)
class Advice(Result):
    """The remedies of a fixed list, measured; exact ones first. `recommended` is one of them, the first, "none", where
    none gains at least 2 % and more than its interval. An advice that was stopped has later remedies not measured."""

    trace: str | None            #: its path; None: of a model
    delay: Delay | None          #: the model; None: of a trace (see fit.recommended)
    fit: Fit | None
    objective: str
    workers: int
    chunks: int                  #: measured, or drawn, for each worker in an iteration; 0: not as many for all
    iterations: int              #: measured; 0: of a model
    drawn: int                   #: iterations drawn from the model; 0: no model holds
    assumed: str                 #: of times that were not measured; "" nothing
    cost: Cost
    remedies: list[Remedy]
    recommended: Remedy
    best_code: Remedy | None     #: the best gradient-code, nested, block or partial that was measured
    verdict: str                 #: one sentence
    because: str
    now: float                   #: objective of the best partial design as things are,
    more_copies: float           #: with a limit of load that is one share larger,
    finer: float                 #: with chunks half the size,
    cheaper_start: float         #: and with half the start-up; nan: no such thing
    stopped: bool

    @property
    def status(self) -> str:
        """"replayed" (measured iterations run again) or "simulated" (drawn from the model), "stopped" of either."""
        return "stopped" if self.stopped else "replayed" if self.iterations > 0 else "simulated"

    def __repr__(self) -> str:
        return f"<Advice {self.status}: {self.verdict}>"

    def times(self, remedy: Remedy) -> RemedyTimes:
        """Those that decide: replayed where there is a trace, otherwise predicted."""
        return remedy.replayed if remedy.replayed.iterations > 0 else remedy.predicted

    def columns(self) -> dict[str, Any]:
        """A row per remedy."""
        times = [self.times(remedy) for remedy in self.remedies]
        own = {member: [getattr(remedy, member) for remedy in self.remedies]
               for member in ("kind", "name", "exact_gradient", "load", "copies", "computed", "floats", "memory",
                              "dropped")}
        return {**own, **{member: [getattr(of, member) for of in times]
                          for member in ("mean", "low", "high", "high_quantile", "objective", "gain", "gain_low",
                                         "gain_high")}}

    def plot(self, ax: Any = None) -> Any:
        """The gain of every remedy that was measured with its interval, those that are not exact in grey, on matplotlib
        Axes, which are returned."""
        ax = axes(ax, "gain over doing nothing", "")
        rows = [remedy for remedy in self.remedies if not remedy.dropped and self.times(remedy).iterations > 0][::-1]
        gains = numpy.array([self.times(remedy).gain for remedy in rows])
        ends = numpy.array([[self.times(remedy).gain_low, self.times(remedy).gain_high] for remedy in rows])
        spread = numpy.abs(ends - gains[:, None]).T if rows else None
        ax.barh(range(len(rows)), gains, xerr=spread,
                color=["C0" if remedy.exact_gradient else "0.7" for remedy in rows])
        ax.set_yticks(range(len(rows)))
        ax.set_yticklabels([remedy.kind for remedy in rows])
        return ax


class _Advised:
    """testudo_advice, which is freed with this; its designs are lent."""

    def __init__(self) -> None:
        self.pointer = ctypes.POINTER(c.Advice)()

    def __del__(self) -> None:
        if self.pointer:
            calls.advice_free(self.pointer)


def advise(trace: str | os.PathLike[str] | None = None, *, delay: AnyDelay | None = None, workers: int | None = None,
           max_load: float = 0.0, max_copies: int = 0, granularity: int = 0, objective: str = "mean",
           chunk_price: float = 0.0, float_price: float = 0.0, dim: int = 0, memory: float = 0.0, quick: bool = False,
           overhead: float | None = None, message: Any = None, signal: float | None = None,
           reading: dict[str, Any] | None = None, seed: int = 1, threads: int = 0, time_limit: float | None = None,
           progress: Progress = None) -> Advice:
    """What stragglers cost in a trace, or under a delay model with `workers`, and which remedy helps, as
    `testudo advise`.

    max_load       shares of the data that a worker may hold; 0: 4
    max_copies     of a chunk; 0: no limit of its own
    granularity    the finest cut of a share, 1..64 chunks; 0: 8
    objective      "mean", "quantile:q", "deadline:t" or "cost" (with chunk_price, float_price, seconds)
    dim, memory    length of the gradient, and the bytes that a worker can keep, 8 a number; 0: no limit
    quick          fewer drawn iterations, and no search of tables
    overhead, message, signal   of a trace: added to the times that were measured
    reading        how the trace is read (see fit)

    Seconds to two minutes of two cores for 64 workers. After `time_limit` seconds later remedies are not measured;
    Ctrl-C raises KeyboardInterrupt. InputError for a trace taken after a collective.
    """
    if (trace is None) == (delay is None):
        raise ArgumentError("give a trace, or delay with workers")
    if (delay is None) != (workers is None):
        raise ArgumentError("workers goes with delay; a trace says it itself")
    if delay is None and (overhead, message, signal) != (None, None, None):
        added: Delay | None = Delay("deterministic:1", overhead=overhead, message=message, signal=signal)
        added._model.law = None  # of it only these three terms are looked at
    elif delay is not None and (overhead, message, signal) != (None, None, None):
        raise ArgumentError("overhead, message and signal are for traces; of a model they belong into delay")
    else:
        added = None
    model = delay_of(delay) if delay is not None else None
    if model is not None and model.replay is not None:
        raise ArgumentError("delay: a replay is a trace: give the file itself")
    if memory and not dim:
        raise ArgumentError("dim is missing: memory needs the length of the gradient")
    request = c.AdviseRequest(
        trace=None if trace is None else trace_path(trace), reading=trace_options(reading),
        workers=whole(workers or 0, "workers", 0, 2**24), max_load=max_load,
        max_copies=whole(max_copies, "max_copies", 0, 2**24), granularity=whole(granularity, "granularity", 0, 64),
        objective=objective_of(objective, ("mean", "quantile", "deadline", "cost")), chunk_price=chunk_price,
        float_price=float_price, dim=whole(dim, "dim", 0, 2**31 - 1), memory=memory / 8.0, quick=bool(quick),
        seed=whole(seed, "seed", 0), threads=whole(threads, "threads", 0, 65536))
    if model is not None:
        request.model = model._for(request.workers)
    elif added is not None:
        request.model = ctypes.pointer(added._model)
    held = _Advised()
    with Watch(progress, time_limit) as watch:
        request.monitor = watch.monitor
        calls.advise(byref(request), byref(held.pointer))
    return _advice(held, trace, model, objective)


def _advice(held: _Advised, trace: Any, delay: Delay | None, objective: str) -> Advice:
    found = held.pointer.contents
    path = None if trace is None else os.fspath(trace)
    remedies = [_remedy(found.remedy[k], held) for k in range(found.remedies)]
    return taken(Advice, found, trace=path, delay=delay, objective=objective,
                 fit=fit_of(found.fit.contents, path) if found.fit and path is not None else None,
                 cost=taken(Cost, found.cost), remedies=remedies, recommended=remedies[found.recommended],
                 best_code=remedies[found.best_code] if found.best_code >= 0 else None)


def _remedy(found: c.Remedy, held: _Advised) -> Remedy:
    return taken(Remedy, found, kind=text(calls.remedy_name(found.kind)),
                 design=Design._taken(ctypes.c_void_p(found.design), held) if found.design else None,
                 predicted=taken(RemedyTimes, found.predicted), replayed=taken(RemedyTimes, found.replayed))
