# SPDX-License-Identifier: GPL-3.0-or-later
"""Completion times and errors by trials."""

from __future__ import annotations

import ctypes
from ctypes import byref
from dataclasses import dataclass
from typing import Any, Sequence

import numpy

from . import _mirror as c
from ._delays import AnyDelay, Delay, delay_of
from ._designs import AnyDesign, Design, design_of
from ._latency import QUANTILES, Errors
from ._laws import between_0_and_1, whole
from ._library import address, calls, copied, reals, text, word_of
from ._results import Result, axes, shown, taken
from ._watch import Progress, Watch


@dataclass(frozen=True)
class Decoded:
    """What the real encoder and decoder did on trials."""

    decodes: int              #: trials decodable by rule
    failures: int             #: of them: the decoder failed or missed its tolerance
    undecodable: int          #: trials that never end
    refused: int              #: badly conditioned sets that the decoder refused, as it promises
    max_rel_error: float      #: ||estimate - gradient|| / ||gradient||
    max_amplification: float


@dataclass(frozen=True)
class Work:
    """What an iteration costs until T, given T finite."""

    chunks: float             #: computed by all workers together
    chunks_stderr: float
    messages: float           #: read by the decoder
    messages_stderr: float


@dataclass(frozen=True, repr=False, eq=False)
class Simulation(Result):
    """Completion times of independent trials, or of the iterations of a replay; seconds.

    `status` is what the mean is: "simulated", "replayed", or "infinite": the law has none (sample_mean is that of the
    trials, which says nothing then). Intervals are of 95 %: of quantiles by order statistics, of the mean +- 1.96
    stderr, of a replay by a bootstrap of blocks of iterations. What is not known is nan. A simulation that was stopped
    (`interrupted`) covers the trials that ran.
    """

    design: Design
    delay: Delay
    report: str                  #: "chunk" or "whole"
    status: str
    stddev_status: str           #: "simulated", "infinite", "not known"
    trials: int
    seed: int
    never: int                   #: trials in which T is infinite
    p_never: float
    p_never_upper95: float       #: where some may never end but none did: upper limit with confidence 0.95; else nan
    mean: float                  #: given T finite
    stderr: float                #: its standard error
    stderr_doubt: str | None     #: why it should not be believed; None: no doubt
    mean_low: float              #: interval of the mean
    mean_high: float
    sample_mean: float
    stddev: float
    levels: numpy.ndarray        #: the levels of the quantiles
    quantiles: numpy.ndarray
    quantiles_low: numpy.ndarray
    quantiles_high: numpy.ndarray
    completion: numpy.ndarray    #: T of the trials that end, ascending
    ordered: numpy.ndarray | None #: T of every trial in turn, inf where never; None unless keep_order, or a replay
    errors: Errors | None        #: at the deadlines
    decoded: Decoded | None
    work: Work | None            #: with count_work
    interrupted: bool

    def __repr__(self) -> str:
        return (f"<Simulation {self.status}: mean {shown(self.mean)} s, standard error {shown(self.stderr)},"
                f" {self.trials} trials, {self.design.scheme} of {self.design.workers} workers, {self.delay!r}>")

    def cdf(self, t: Any) -> Any:
        """The part of the trials with T <= t, at a time or an array of times."""
        found = numpy.searchsorted(self.completion, numpy.asarray(t, dtype=numpy.float64), side="right") / self.trials
        return found if numpy.ndim(t) else float(found)

    def columns(self) -> dict[str, Any]:
        """The quantiles with their intervals."""
        return {"quantile": self.levels, "seconds": self.quantiles, "low": self.quantiles_low,
                "high": self.quantiles_high}

    def plot(self, ax: Any = None) -> Any:
        """The part of the trials that have ended, over time, on matplotlib Axes, which are returned."""
        ax = axes(ax, "seconds", "part of the trials with T \u2264 t")
        step = max(len(self.completion) // 2000, 1)
        t = self.completion[step - 1::step]
        ax.plot(t, self.cdf(t), drawstyle="steps-post",
                label=f"{self.design.name or self.design.scheme}, {self.trials} trials")
        return ax


class Trials:
    """testudo_simulation, which is freed with this."""

    def __init__(self) -> None:
        self.pointer = ctypes.POINTER(c.Simulation)()

    def run(self, design: Design, model: Any, at: numpy.ndarray | None, watch: Watch, **options: Any) -> None:
        """The trials under the members of testudo_simulation_options, with deadlines where `at` has some."""
        times = None if at is None else at.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
        asked = c.SimulationOptions(times=times, time_count=0 if at is None else len(at), monitor=watch.monitor,
                                    **options)
        calls.simulate(design._handle, model, byref(asked), byref(self.pointer))

    def __del__(self) -> None:
        if self.pointer:
            calls.simulation_free(self.pointer)


def simulate(design: AnyDesign, delay: AnyDelay, *, trials: int | None = None, seed: int = 1, threads: int = 0,
             quantiles: Sequence[float] = QUANTILES, times: Sequence[float] = (), report: str | None = None,
             rel_error: float = 0.0, round_up: float = 0.0, decode_trials: int = 0, dim: int = 16,
             decoder: str = "exact", keep_order: bool = False, count_work: bool = False,
             time_limit: float | None = None, progress: Progress = None) -> Simulation:
    """The law of the completion time by trials, as `testudo simulate`; the same seed gives the same trials, whatever
    the threads (0: all cores).

    trials         default: 100000; of a replay its iterations
    rel_error      > 0: stop when the standard error over the mean is at most this
    times          deadlines at which the error of stopping is measured (`errors`)
    round_up       > 0: T is rounded up to a multiple of it
    count_work     also count chunks computed and messages read (`work`)
    decode_trials  so many of the trials run the real encoder and decoder on gradients of `dim` numbers
    time_limit     seconds; what ran until then is the result (`interrupted`)

    Ctrl-C raises KeyboardInterrupt. Interrupted where not one batch of trials was done. 8 bytes per trial; some
    microseconds per trial and core.

    >>> drawn = simulate(make_design(workers=4, replication=2), "exp:1", trials=20000)
    >>> drawn.trials, abs(drawn.mean - 1.292857) < 4 * drawn.stderr
    (20000, True)
    """
    design, delay = design_of(design), delay_of(delay)
    counted, model = design._counted(report), delay._for(design.workers)
    levels = reals(between_0_and_1(numpy.atleast_1d(quantiles), "quantiles"), "quantiles")
    at = reals(times, "times") if numpy.size(times) else None
    replayed = delay.replay is not None
    if trials is None:
        trials = calls.replay_iterations(delay._model.replay) if replayed else 100000
    held = Trials()
    with Watch(progress, time_limit) as watch:
        held.run(design, model, at, watch, report=counted, trials=whole(trials, "trials", 1), rel_error=rel_error,
                 seed=whole(seed, "seed", 0), threads=whole(threads, "threads", 0, 65536), round_up=round_up,
                 decode_trials=whole(decode_trials, "decode_trials", 0), dim=whole(dim, "dim", 1),
                 decoder=word_of(c.DECODERS, decoder, "decoder"), keep_order=keep_order or replayed,
                 keep_times=True, count_work=count_work)
    return _result(design, delay, counted, seed, levels, at, held.pointer, decode_trials > 0, count_work)


def _result(design: Design, delay: Delay, counted: int, seed: int, levels: numpy.ndarray, at: numpy.ndarray | None,
            pointer: Any, decoded: bool, worked: bool) -> Simulation:
    found, replayed = pointer.contents, delay.replay is not None
    tail = numpy.inf if replayed else calls.tail_index(design._handle, delay._for(design.workers))
    no_mean, no_stddev, nan = tail <= 1.0, tail <= 2.0, float("nan")
    stderr = nan if no_mean or replayed else found.stderr_mean
    doubt = None
    if numpy.isfinite(stderr):
        doubt = ("the standard deviation is infinite" if no_stddev
                 else text(calls.simulation_stderr_doubt(pointer)))
    mean = nan if no_mean else found.mean
    if replayed:
        (low, high), intervals = _replay_intervals(delay, found, seed, levels)
    else:
        low, high = mean - 1.96 * stderr, mean + 1.96 * stderr
        intervals = [calls.simulation_quantile_interval(pointer, q) for q in levels.tolist()]
    may_fail = delay.terms()["failed"] or delay.terms()["fail_prob"]
    unseen = not replayed and found.never == 0 and may_fail
    infinite = no_mean or not numpy.isfinite(found.mean)
    return Simulation(
        design=design, delay=delay, report=c.REPORTS[counted],
        status="infinite" if infinite else "replayed" if replayed else "simulated",
        stddev_status="infinite" if no_stddev else "simulated" if numpy.isfinite(found.stddev) else "not known",
        trials=found.trials, seed=seed, never=found.never, p_never=found.never / found.trials,
        p_never_upper95=calls.unseen_limit(found.trials) if unseen else nan, mean=mean, stderr=stderr,
        stderr_doubt=doubt, mean_low=low, mean_high=high, sample_mean=found.mean,
        stddev=nan if no_stddev else found.stddev, levels=levels,
        quantiles=numpy.array([of.value for of in intervals]), quantiles_low=numpy.array([of.low for of in intervals]),
        quantiles_high=numpy.array([of.high for of in intervals]),
        completion=copied(found.completion, found.trials - found.never),
        ordered=copied(found.ordered, found.trials) if found.ordered else None,
        errors=_errors(design, delay, counted, at, found), interrupted=found.interrupted,
        decoded=taken(Decoded, found.decode) if decoded else None, work=taken(Work, found.work) if worked else None)


def _replay_intervals(delay: Delay, found: c.Simulation, seed: int,
                      levels: numpy.ndarray) -> tuple[tuple[float, float], list[c.Interval]]:
    """Of the mean and of each quantile, by a bootstrap of blocks of iterations."""
    mean, of_quantile = c.Interval(), (c.Interval * max(len(levels), 1))()
    calls.replay_intervals(found.ordered, found.trials, calls.replay_iterations(delay._model.replay), seed, byref(mean),
                           address(levels), len(levels), of_quantile, None)
    return (mean.low, mean.high), list(of_quantile)[: len(levels)]


def _errors(design: Design, delay: Delay, counted: int, at: numpy.ndarray | None,
            found: c.Simulation) -> Errors | None:
    if at is None:
        return None
    most, count = design.chunks * design.parts, len(at)
    mse, spread = copied(found.mse, count), copied(found.mse_stderr, count)
    unseen = numpy.array(found.error_trials[:count]) == 0
    limit = most * calls.unseen_limit(found.trials)
    independent = delay.replay is None
    return Errors(design, delay, c.REPORTS[counted], "simulated", at, mse, mse / most,
                  numpy.where(unseen, numpy.nan, spread) if independent else None,
                  numpy.where(unseen, limit, numpy.nan) if independent else None, found.trials)
