# SPDX-License-Identifier: GPL-3.0-or-later
"""Completion times and errors of a design under a delay model, by their exact laws or between rigorous bounds."""

from __future__ import annotations

import threading
from ctypes import byref, c_bool, c_double
from dataclasses import dataclass
from typing import Any, Sequence

import numpy

from .._library import ArgumentError
from ..runtime import _Handle
from . import _mirror as c
from ._delays import AnyDelay, Delay, delay_of
from ._designs import AnyDesign, Design, design_of
from ._laws import between_0_and_1, whole
from ._library import calls, reals, text
from ._results import Result, axes, shown
from ._watch import Progress, Watch

QUANTILES = (0.5, 0.9, 0.99)


class _Law(_Handle):
    """testudo_latency, which holds the design and the model; one caller at a time."""

    _free, _calls = "latency_free", calls

    def __init__(self, design: Design, delay: Delay, options: c.AnalysisOptions) -> None:
        self._design, self._delay, self._model = design, delay, delay._for(design.workers)
        self._lock = threading.Lock()
        self._options = options
        self._make("latency_create", design._handle, self._model, byref(options))

    def pairs(self, call: Any, points: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Lower and upper value at each point."""
        lower, upper = numpy.empty(len(points)), numpy.empty(len(points))
        low, high = c_double(), c_double()
        with self._lock:
            for k, point in enumerate(points.tolist()):
                call(self._handle, point, byref(low), byref(high))
                lower[k], upper[k] = low.value, high.value
        return lower, upper


def _middle(lower: numpy.ndarray, upper: numpy.ndarray, exact: bool) -> numpy.ndarray:
    """The value of an exact law, between its sides where they are apart; nan of a bounded one."""
    if not exact:
        return numpy.full_like(lower, numpy.nan)
    with numpy.errstate(invalid="ignore"):  # infinite ones
        if not numpy.any(upper - lower > 1e-13 * numpy.abs(upper)):
            return lower
        return numpy.where(lower < upper, lower + (upper - lower) / 2.0, lower)


@dataclass(frozen=True, repr=False, eq=False)
class Latency(Result):
    """The law of the completion time T of an iteration, seconds.

    `status` is what the mean is: "exact" (to abs_error, an estimate; at most abs_bound, inf: nothing is proved),
    "bounded" (between lower and upper), or "infinite". Mean and stddev are given that T is finite; quantiles are of the
    law with its chance of never ending: inf above 1 - p_never. What is not known is nan. Arrays with _lower and _upper
    are bounds; the plain ones are nan where the law is only bounded.
    """

    design: Design
    delay: Delay
    report: str                  #: "chunk" or "whole"
    status: str                  #: of the mean: "exact", "bounded", "infinite"
    stddev_status: str           #: "exact", "bounded", "infinite", "not known"
    method: str                  #: "transfer matrix, 8 states", ..
    mean: float
    stddev: float
    lower: float                 #: bounds of the mean
    upper: float
    abs_error: float             #: estimated numerical error of the mean, or of each bound
    abs_bound: float
    stddev_lower: float
    stddev_upper: float
    stddev_error: float
    p_never: float               #: P(T = infinity)
    p_never_lower: float
    p_never_upper: float
    ideal: float                 #: mean of a perfectly balanced cluster of the same loads
    over_ideal: float            #: mean / ideal
    levels: numpy.ndarray        #: the levels of the quantiles
    quantiles: numpy.ndarray
    quantiles_lower: numpy.ndarray
    quantiles_upper: numpy.ndarray
    at: numpy.ndarray            #: the times asked for
    cdf_at: numpy.ndarray        #: P(T <= t) at these
    survival_at: numpy.ndarray   #: P(T > t), accurate where it is small
    _law: _Law

    def __repr__(self) -> str:
        value = (f"mean {shown(self.mean)} s" if self.status == "exact" else "no finite mean"
                 if self.status == "infinite" else f"mean {shown(self.lower)} to {shown(self.upper)} s")
        return (f"<Latency {self.status}: {value}, {self.design.scheme} of {self.design.workers} workers,"
                f" {self.delay!r}>")

    @property
    def exact(self) -> bool:
        """Is the law exact, and not only bounded?"""
        return calls.latency_is_exact(self._law._handle)

    def cdf(self, t: Any) -> Any:
        """P(T <= t) at a time or an array of times; nan where it is only bounded (see bounds)."""
        return self._values(calls.latency_cdf, t)

    def survival(self, t: Any) -> Any:
        """P(T > t), accurate where it is small."""
        return self._values(calls.latency_tail, t)

    def quantile(self, q: Any) -> Any:
        """The least t with P(T <= t) >= q, 0 < q < 1."""
        return self._values(calls.latency_quantile, between_0_and_1(q, "quantile"))

    def capped(self, t: Any) -> Any:
        """E[min(T, t)], the mean cost of an iteration that is given up at t >= 0, seconds."""
        unused = c_double()
        return self._values(lambda law, at, low, high: calls.latency_capped(law, at, low, high, byref(unused)), t)

    def work(self) -> tuple[numpy.ndarray, float]:
        """The chunks that each worker has computed on average when the iteration is complete and all stop, given that
        it is, and the estimated error of their sum. ArgumentError or LimitError where that is not known (nested codes,
        and partial ones on a ring or by elimination: it is)."""
        chunks, error = numpy.empty(self.design.workers), c_double()
        with Watch(), self._law._lock:
            calls.expected_work(self._law._handle, chunks.ctypes.data, byref(error))
        return chunks, error.value

    def bounds(self, t: Any) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Lower and upper bound of P(T <= t) at each time; equal where the law is exact."""
        return self._law.pairs(calls.latency_cdf, reals(t, "times"))

    def grid(self, count: int = 201) -> numpy.ndarray:
        """Times worth drawing, from the 1e-4 to the 0.9999 quantile."""
        times = numpy.empty(whole(count, "count", 2, 10**6))
        with self._law._lock:
            calls.latency_grid(self._law._handle, len(times), times.ctypes.data)
        return times

    def _values(self, call: Any, points: Any) -> Any:
        given = numpy.asarray(points, dtype=numpy.float64)
        found = _middle(*self._law.pairs(call, given.ravel()), self.exact)
        return found.reshape(given.shape) if given.ndim else float(found[0])

    def columns(self) -> dict[str, Any]:
        """The quantiles."""
        return {"quantile": self.levels, "seconds": self.quantiles, "lower": self.quantiles_lower,
                "upper": self.quantiles_upper}

    def plot(self, ax: Any = None) -> Any:
        """P(T <= t), or the band between its bounds, on matplotlib Axes, which are returned."""
        ax = axes(ax, "seconds", "P(T \u2264 t)")
        t = self.grid()
        lower, upper = self.bounds(t)
        label = self.design.name or self.design.scheme
        if self.exact:
            ax.plot(t, _middle(lower, upper, True), label=label)
        else:
            ax.fill_between(t, lower, upper, alpha=0.4, label=label + ", between bounds")
        return ax


def latency(design: AnyDesign, delay: AnyDelay, *, quantiles: Sequence[float] = QUANTILES, at: Sequence[float] = (),
            report: str | None = None, max_states: int = 200000, rel_error: float = 1e-9,
            progress: Progress = None) -> Latency:
    """The law of the completion time, as `testudo analyze`: exact where a law is known, otherwise between bounds.

    `at`: times at which P(T <= t) is wanted. `report`: "chunk" (every finished chunk counts) or "whole" (only workers
    that have finished all); default: the scheme's. A law that needs more than `max_states` states is bounded.
    LimitError where nothing is known (simulate then), ArgumentError for what does not go together. Milliseconds to
    minutes, by the states; Ctrl-C stops.

    >>> law = latency(make_design(workers=4, replication=2), "exp:1")
    >>> law.status, round(law.mean, 6), law.quantiles.round(6).tolist()
    ('exact', 1.292857, [1.121528, 2.39074, 3.981111])
    """
    design, delay = design_of(design), delay_of(delay)
    counted = design._counted(report)
    levels = reals(between_0_and_1(numpy.atleast_1d(quantiles), "quantiles"), "quantiles")
    times = reals(at, "at") if numpy.size(at) else numpy.empty(0)
    summary = c.Summary()
    with Watch(progress) as watch:
        options = c.AnalysisOptions(counted, whole(max_states, "max_states", 1), rel_error, watch.monitor)
        law = _Law(design, delay, options)
        with law._lock:
            calls.latency_summary(law._handle, byref(summary))
        exact = calls.latency_is_exact(law._handle)
        low, high = law.pairs(calls.latency_quantile, levels)
        cdf = _middle(*law.pairs(calls.latency_cdf, times), exact)
        tail = _middle(*law.pairs(calls.latency_tail, times), exact)
        law._watch = watch  # its monitor stays with the law
    members = {name: getattr(summary, name) for name, _ in summary._fields_ if name != "status"}
    return Latency(design=design, delay=delay, report=c.REPORTS[counted], status=c.MEANS[summary.status],
                   stddev_status=_stddev_status(design, delay, summary),
                   method=text(calls.latency_method(law._handle)) or "", levels=levels,
                   quantiles=_middle(low, high, exact), quantiles_lower=low, quantiles_upper=high, at=times, cdf_at=cdf,
                   survival_at=tail, _law=law, **members)


def _stddev_status(design: Design, delay: Delay, summary: c.Summary) -> str:
    """A law with a power tail is known to have no deviation even where its mean is between bounds."""
    if (calls.tail_index(design._handle, delay._for(design.workers)) <= 2.0 or numpy.isinf(summary.stddev)
            or c.MEANS[summary.status] == "infinite"):
        return "infinite"
    if numpy.isfinite(summary.stddev):
        return "exact"
    return "bounded" if numpy.isfinite(summary.stddev_lower) else "not known"


# ---- errors at deadlines ----

@dataclass(frozen=True, repr=False, eq=False)
class Errors(Result):
    """What is missing when an iteration is stopped at given times: the expected error, in chunks times parts of squared
    gradient norm (docs/theory/partial.md)."""

    design: Design
    delay: Delay
    report: str
    status: str                  #: "exact" or "simulated"
    times: numpy.ndarray         #: seconds
    mse: numpy.ndarray
    nmse: numpy.ndarray          #: mse over chunks times parts
    stderr: numpy.ndarray | None #: standard error of a simulated mse; nan where no trial had an error; None: exact
    upper95: numpy.ndarray | None #: where no trial had an error: upper limit of the mse with confidence 0.95; else nan
    trials: int | None           #: None: exact

    def __repr__(self) -> str:
        return (f"<Errors {self.status}: {len(self.times)} times, {self.design.scheme} of {self.design.workers}"
                f" workers, {self.delay!r}>")

    def columns(self) -> dict[str, Any]:
        """A row per time."""
        more = {} if self.stderr is None else {"stderr": self.stderr, "upper95": self.upper95}
        return {"seconds": self.times, "mse": self.mse, "nmse": self.nmse, **more}

    def plot(self, ax: Any = None) -> Any:
        """The error over time, on matplotlib Axes, which are returned."""
        ax = axes(ax, "deadline, seconds", "expected error / (chunks \u00d7 parts)")
        ax.errorbar(self.times, self.nmse, None if self.stderr is None else 1.96 * numpy.nan_to_num(self.stderr)
                    / (self.design.chunks * self.design.parts), label=self.design.name or self.design.scheme)
        return ax


def error(design: AnyDesign, delay: AnyDelay, times: Sequence[float], *, report: str | None = None,
          trials: int = 100000, seed: int = 1, threads: int = 0, progress: Progress = None) -> Errors:
    """The expected error of stopping at `times`, seconds: exact where it is known, otherwise by trials (status says
    which; trials, seed and threads are for those). ArgumentError where the error is not defined.

    >>> error(make_design(workers=4, replication=2), "exp:1", [0.5, 1.0]).mse.round(6).tolist()
    [1.889466, 0.892521]
    """
    from ._simulation import simulate
    design, delay = design_of(design), delay_of(delay)
    counted, known = design._counted(report), c_bool()
    at = reals(times, "times")
    if delay.replay is None:
        calls.expected_error_known(design._handle, counted, byref(known))
    most = design.chunks * design.parts
    if known.value:
        mse = numpy.empty(len(at))
        with Watch():
            calls.expected_error(design._handle, delay._for(design.workers), counted, at.ctypes.data, len(at),
                                 mse.ctypes.data)
        return Errors(design, delay, c.REPORTS[counted], "exact", at, mse, mse / most, None, None, None)
    drawn = simulate(design, delay, times=at, report=report, trials=trials, seed=seed, threads=threads,
                     progress=progress)
    if drawn.errors is None:
        raise ArgumentError("the error of stopping is not defined for this design and report")
    return drawn.errors
