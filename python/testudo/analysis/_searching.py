# SPDX-License-Identifier: GPL-3.0-or-later
"""Searches of better orders and assignments."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import byref, c_int32, c_void_p
from dataclasses import dataclass
from typing import Any

from .._library import ArgumentError
from . import _mirror as c
from ._delays import AnyDelay, Delay, delay_of
from ._designs import AnyDesign, Design, design_of
from ._laws import whole
from ._library import calls, word_of
from ._results import Result, axes, shown, taken
from ._watch import Progress, Watch


@dataclass(frozen=True)
class Tried:
    """A family that was tried."""

    name: str
    value: float                 #: the objective; nan: not measured any more
    spread: float                #: its standard error, or numerical error where exact
    exact: bool
    p_never: float


@dataclass(frozen=True, repr=False, eq=False)
class Optimized(Result):
    """The best design that a search has found; it is never worse than what the search began with.

    `status` is "optimal" (nothing that the problem allows is better, proved by `bound`), "feasible" (something better
    may exist; `range` names a narrower range that was gone through), or "undecided". before, after and bound are values
    of the objective, their _stderr standard errors of simulated values (0: exact); what is not known is nan.
    """

    design: Design
    delay: Delay | None
    objective: str
    status: str
    method: str                  #: what found the best
    proof: str                   #: where the bound comes from; "" without one
    range: str
    before: float
    after: float
    before_stderr: float
    after_stderr: float
    gain_stderr: float           #: of after - before, on the same trials
    bound: float
    tries: int
    moves: int
    stopped: bool                #: by the time limit, or by the callback
    tried: list[Tried]           #: of a search of families; empty of orders

    def __repr__(self) -> str:
        return (f"<Optimized {self.status}: {self.objective} {shown(self.before)} -> {shown(self.after)}, by"
                f" {self.method}>")

    def columns(self) -> dict[str, Any]:
        """A row per family that was tried; of a search of orders one row: before, after, bound."""
        if self.tried:
            return {member: [getattr(of, member) for of in self.tried]
                    for member in ("name", "value", "spread", "exact", "p_never")}
        return {"objective": [self.objective], "before": [self.before], "after": [self.after], "bound": [self.bound]}

    def plot(self, ax: Any = None) -> Any:
        """The values of what was tried, or before and after, as bars on matplotlib Axes, which are returned."""
        ax = axes(ax, self.objective, "")
        rows = [(of.name, of.value, of.spread) for of in self.tried if of.value == of.value] or [
            ("before", self.before, self.before_stderr), ("after", self.after, self.after_stderr)]
        names, values, spreads = zip(*rows[::-1])
        ax.barh(names, values, xerr=[0.0 if spread != spread else spread for spread in spreads])
        return ax


def objective_of(objective: str, allowed: tuple[str, ...]) -> c.Objective:
    """From its words: "qmax", "mean", "quantile:q", "mse:t", "deadline:t", "cost"."""
    word, colon, number = objective.partition(":")
    numbered = word in ("quantile", "mse", "deadline")
    try:
        at = float(number) if colon else 0.0
    except ValueError:
        at = float("nan")
    if word not in allowed or numbered != bool(colon) or not 0.0 <= at < float("inf") or (word == "quantile"
                                                                                          and not 0.0 < at < 1.0):
        forms = {"quantile": "quantile:q with 0 < q < 1", "mse": "mse:t", "deadline": "deadline:t"}
        raise ArgumentError(f"objective: '{objective}'; allowed: " + ", ".join(forms.get(of, of) for of in allowed))
    return c.Objective(c.OBJECTIVES.index({"qmax": "q-max"}.get(word, word)), 1, at)


def optimize(design: AnyDesign | None = None, delay: AnyDelay | None = None, *, objective: str | None = None,
             level: int | None = None, method: str = "best", reassign: bool = False, workers: int | None = None,
             chunks: int | None = None, granularity: int | None = None, replication: int | None = None,
             parts: int = 1, max_load: float = 0.0, mean_load: float = 0.0, min_copies: int = 0,
             max_copies: int = 0, apart: Sequence[int] | None = None, effort: float = 0.0, max_states: int = 0,
             trials: int = 0, tries: int = 0, seed: int = 1, threads: int = 0, time_limit: float | None = None,
             progress: Progress = None, chunk_price: float = 0.0, vector_price: float = 0.0) -> Optimized:
    """Searches a better design, as `testudo optimize`.

    With a design: orders of its assignment (and with reassign=True assignments) under the delay model, by `method`
    "best", "matching", "exhaustive" or "local"; without a model the least Q_max ("best", "matching", "milp", "local").
    Without a design: all families of `workers`, chunks or granularity, replication or max_load (the most shares that a
    worker holds; with mean_load, what workers hold on average, min_copies and max_copies), parts, under the delay
    model.

    objective      "mean" (default with a model), "quantile:q", "mse:t", "deadline:t"; "qmax" (default without); from
                   sizes "cost": the mean, and chunk_price seconds for each share of the data that a worker computes,
                   vector_price for each vector of the gradient's length that is sent
    level          the l of qmax; default: the design's parts
    apart          a domain (a rack, 0 .. workers - 1) per worker: no two copies of a chunk lie in one; from sizes
    max_states     a law that needs more is simulated, on `trials`; 0: the program's own
    tries, effort  restarts of a method, and moves of a search of tables; 0: the defaults
    time_limit     seconds; the best until then is the result (`stopped`)

    Ctrl-C raises KeyboardInterrupt. Seconds to minutes; the threads never change the result of a search that was not
    stopped.

    >>> found = optimize(make_design(workers=4, replication=2, order=[[0, 1], [1, 2], [2, 3], [0, 3]]))
    >>> found.status, found.before, found.after
    ('optimal', 6.0, 5.0)
    """
    objective = objective or ("qmax" if delay is None else "mean")
    goal = objective_of(objective, ("qmax", "mean", "quantile", "mse", "deadline", "cost"))
    if objective == "cost":
        goal.kind, goal.chunk_price, goal.vector_price = c.OBJECTIVES.index("priced"), chunk_price, vector_price
    elif chunk_price or vector_price:
        raise ArgumentError("chunk_price and vector_price go with objective cost")
    if objective == "cost" and design is not None:
        raise ArgumentError("objective cost chooses a design: give workers and the sizes, not a design")
    if (objective == "qmax") != (delay is None):
        raise ArgumentError(f"objective {objective} {'does not go with' if delay is not None else 'needs'} a delay"
                            " model")
    sizes = (workers, chunks, granularity, replication)
    if (design is None) == (workers is None) or (design is not None and any(size is not None for size in sizes)):
        raise ArgumentError("give a design, or workers and the sizes of the designs to search")
    search = _Search(goal, objective, delay_of(delay) if delay is not None else None, seed, threads, tries,
                     max_states, trials, Watch(progress, time_limit))
    if design is not None:
        return search.orders(design_of(design), word_of(c.METHODS, method, "method"), bool(reassign), level)
    if delay is None or method != "best":
        raise ArgumentError("a search from sizes needs a delay model, and has method best only")
    return search.families(workers, chunks, granularity, replication, parts, (max_load, mean_load), min_copies,
                           max_copies, apart, effort)


class _Search:
    """A search, and what its result says of it."""

    def __init__(self, goal: c.Objective, objective: str, delay: Delay | None, seed: Any, threads: Any, tries: Any,
                 max_states: Any, trials: Any, watch: Watch) -> None:
        self.goal, self.objective, self.delay, self.watch = goal, objective, delay, watch
        self.max_states, self.trials = whole(max_states, "max_states", 0), whole(trials, "trials", 0)
        self.options = c.SearchOptions(whole(seed, "seed", 0), whole(threads, "threads", 0, 65536),
                                       whole(tries, "tries", 0), watch.search_monitor)
        self.result, self.handle = c.SearchResult(), c_void_p()

    def _latency_goal(self, workers: int, reassign: bool) -> c.LatencyGoal:
        return c.LatencyGoal(self.goal, self.delay._for(workers), self.max_states, self.trials, reassign)

    def orders(self, design: Design, method: int, reassign: bool, level: Any) -> Optimized:
        found = byref(self.handle), byref(self.result)
        self.goal.level = design.parts if level is None else whole(level, "level", 1, 1024)
        if self.delay is None:
            if reassign:
                raise ArgumentError("reassign applies to objectives of time")
            with self.watch:
                calls.optimize_q_max(design._handle, self.goal.level, method, byref(self.options), *found)
                better = Design._taken(self.handle)  # before Ctrl-C is heeded, so that it is freed
            return self._record(better, None, [])
        goal = self._latency_goal(design.workers, reassign)
        with self.watch:
            calls.optimize_latency(design._handle, byref(goal), method, byref(self.options), *found)
            better = Design._taken(self.handle)
        return self._record(better, goal, [])

    def families(self, workers: Any, chunks: Any, granularity: Any, replication: Any, parts: Any,
                 loads: tuple[float, float], min_copies: Any, max_copies: Any, apart: Sequence[int] | None,
                 effort: float) -> Optimized:
        max_load, mean_load = loads
        if chunks is not None and granularity is not None:
            raise ArgumentError("granularity and chunks exclude each other: chunks are workers times granularity")
        if (replication is None) == (max_load == 0.0):
            raise ArgumentError("give replication, or max_load: the most shares that a worker holds")
        if mean_load and not mean_load <= max_load:
            raise ArgumentError(f"mean_load: {mean_load} shares on average, but max_load allows a worker {max_load}")
        workers = whole(workers, "workers", 1, 2**24)
        count = whole(chunks if chunks is not None else workers * whole(granularity or 1, "granularity", 1, 2**24),
                      "chunks", 1, 2**24)
        goal = self._latency_goal(workers, False)
        if apart is not None and (len(apart) != workers or not all(0 <= of < workers for of in apart)):
            raise ArgumentError(f"apart: one domain, 0 .. {workers - 1}, for each of {workers} workers")
        domains = None if apart is None else (c_int32 * workers)(*apart)
        request = c.PortfolioRequest(
            workers=workers, chunks=count, replication=whole(replication or 1, "replication", 1, 2**24),
            parts=whole(parts, "parts", 1, 1024), load=mean_load or max_load, most_load=max_load, coarsest=workers,
            least_copies=whole(min_copies, "min_copies", 0, 2**24),
            most_copies=whole(max_copies, "max_copies", 0, 2**24), apart=domains, effort=effort, objective=self.goal,
            model=goal.model, max_states=self.max_states, trials=self.trials)
        portfolio = c.Portfolio()
        with self.watch:
            calls.optimize_portfolio(byref(request), byref(self.options), byref(self.handle), byref(portfolio),
                                     byref(self.result))
            better = Design._taken(self.handle)
            tried = [taken(Tried, portfolio.entry[k]) for k in range(portfolio.entries)]
            calls.portfolio_free(byref(portfolio))
        return self._record(better, goal, tried)

    def _record(self, design: Design, goal: c.LatencyGoal | None, tried: list[Tried]) -> Optimized:
        """The design's file says what found it, and what of that can be proved again."""
        command = f"optimize(objective={self.objective!r})"
        calls.design_set_provenance(design._handle, command.encode(), self.options.seed)
        calls.search_record(design._handle, self.objective.encode(), byref(self.options), byref(self.result))
        calls.design_claim(design._handle)
        if goal is None:
            calls.search_claim_q_max(design._handle, self.goal.level, byref(self.result))
        else:
            calls.search_claim_latency(design._handle, byref(goal), byref(self.result))
        return taken(Optimized, self.result, design=design, delay=self.delay, objective=self.objective,
                     status=c.ANSWERS[self.result.answer], tried=tried)
