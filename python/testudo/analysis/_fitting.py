# SPDX-License-Identifier: GPL-3.0-or-later
"""What a measured trace says of a cluster."""

from __future__ import annotations

import ctypes
import os
from ctypes import byref
from dataclasses import dataclass
from typing import Any

import numpy

from . import _mirror as c
from ._delays import Delay
from ._laws import Law, whole
from ._library import calls, copied, text
from ._reading import trace_options, trace_path
from ._results import Result, axes, shown, taken
from ._watch import Progress, Watch


@dataclass(frozen=True, eq=False)
class FittedLaw:
    """A law with the parameters of maximum likelihood."""

    law: str                     #: as Law and Delay take it, 17 significant digits
    parameters: int
    numbers: numpy.ndarray       #: in the order of the text
    standard_errors: numpy.ndarray #: nan: none, as of a shift
    log_likelihood: float
    aic: float
    bic: float
    ks: float                    #: Kolmogorov-Smirnov distance to the samples
    ks_p: float                  #: its p-value, which knows that the parameters were fitted
    ad: float                    #: the same of Anderson and Darling
    ad_p: float
    tail_index: float            #: c of P(X > x) ~ x^-c; inf: lighter
    refuted: bool                #: ks_p < .01 and ks > .03


@dataclass(frozen=True)
class FittedMixed:
    """Structure mixed, X = Z E: the laws of Z and of E, whose mean is 1."""

    law: str
    chunk_law: str
    parameters: int
    log_likelihood: float
    aic: float
    bic: float


@dataclass(frozen=True)
class Variance:
    """Components of variance, and p-values of F tests that they are 0; nan where the trace cannot tell."""

    worker: float
    iteration: float
    worker_iteration: float
    residual: float
    worker_p: float
    iteration_p: float
    worker_iteration_p: float


@dataclass(frozen=True)
class Worker:
    """A worker of the trace."""

    name: str
    factor: float                #: its time over that of the median worker; interval of 95 %: low, high
    low: float
    high: float
    rate: float                  #: speed over that of the workers which do not differ
    differs: bool                #: from the median worker by more than chance
    persistent: bool             #: and at least 1.2 times as slow


@dataclass(frozen=True)
class Times:
    """Mean time of an iteration that waits for all workers, and for all but one; seconds, intervals of 95 %."""

    iterations: float
    slowest: float
    slowest_error: float
    slowest_low: float
    slowest_high: float
    but_one: float
    but_one_error: float
    but_one_low: float
    but_one_high: float
    waiting: float               #: the slowest less the mean of all workers
    waiting_error: float


@dataclass(frozen=True)
class Prediction:
    """What a model makes of these times."""

    model: str
    times: Times
    holds: bool


@dataclass(frozen=True, repr=False, eq=False)
class Fit(Result):
    """What a trace says: its structure, its slow workers, laws ranked, and the model to go on with.

    `kind` is what is recommended: "law" (one that holds), "trace" (the times themselves), "replay" (the iterations as
    they were), or "nothing": the trace was taken after a collective. `recommended` is that model, None of nothing, with
    `why` and what the trace cannot know in `unknown`.
    """

    trace: str                   #: its path
    kind: str
    recommended: Delay | None
    why: str
    unknown: str
    samples: int                 #: rows of the trace
    censored: int                #: rows whose end was not seen
    workers: int                 #: distinct ones; 0: no such column
    iterations: int
    phases: int                  #: rows added to others
    incomplete: int
    columns_taken: str           #: what of the file was taken for what
    mean: float                  #: of the rows whose end was seen, seconds
    stddev: float
    seconds: numpy.ndarray       #: these rows, ascending
    models: list[FittedLaw]      #: the best first
    mixed: list[FittedMixed]     #: of structure mixed
    fitted_to: str               #: "rows", "means of worker and iteration", ..
    fitted: int
    fitted_seconds: numpy.ndarray #: what laws were fitted to, ascending
    structure: str | None        #: "scaled", "additive", "mixed"; None: not known
    structure_why: str
    icc: float                   #: intraclass correlation of the chunks of a worker in an iteration
    icc_low: float
    icc_high: float
    collective: bool
    variance: Variance           #: of seconds
    log_variance: Variance       #: of their natural logarithms
    worker_variance_share: float
    iteration_variance_share: float
    worker_share_expected: float
    iteration_share_expected: float
    largest_mean: float          #: mean over the iterations of the largest time
    worker_list: list[Worker]
    persistent: list[Worker]
    rates: numpy.ndarray | None  #: of the recommended model; None: all 1
    memory: float                #: correlation of a worker's log times with those of its next iteration
    memory_error: float
    slow_found: bool
    markov: tuple[float, float, float] | None #: p, q, factor, where slow_found
    startup: float               #: of traces with several loads: seconds before the first chunk; nan otherwise
    startup_error: float
    per_chunk: float
    per_chunk_error: float
    startup_deviation: float     #: where the start-up varies, and the laws are of it: standard deviation; else nan
    chunk_deviation: float       #: with it: of a chunk's time, 0 where that does not vary
    measured: Times
    predictions: list[Prediction]

    def __repr__(self) -> str:
        best = f", best law {self.models[0].law}" if self.models else ""
        return (f"<Fit of {self.trace}: {self.samples} rows, {self.workers} workers, mean {shown(self.mean)} s,"
                f" structure {self.structure}{best}; recommended: {self.kind}>")

    @property
    def best(self) -> FittedLaw | None:
        """The law ranked first; None where none was fitted."""
        return self.models[0] if self.models else None

    def columns(self) -> dict[str, Any]:
        """A row per fitted law."""
        members = ("law", "parameters", "log_likelihood", "aic", "bic", "ks", "ks_p", "ad", "ad_p", "refuted")
        return {member: [getattr(model, member) for model in self.models] for member in members}

    def plot(self, ax: Any = None) -> Any:
        """The samples that laws were fitted to, and the law ranked first, on matplotlib Axes, which are returned."""
        ax = axes(ax, "seconds", "P(X \u2264 x)")
        count = len(self.fitted_seconds)
        ax.plot(self.fitted_seconds, (numpy.arange(count) + 1.0) / max(count, 1), drawstyle="steps-post",
                label=f"{count} {self.fitted_to}")
        if self.models and count:
            t = numpy.linspace(self.fitted_seconds[0], self.fitted_seconds[-1], 400)
            ax.plot(t, Law(self.models[0].law).cdf(t), label=self.models[0].law.split(":")[0])
        ax.legend()
        return ax


def fit(trace: str | os.PathLike[str], *, reading: dict[str, Any] | None = None, seed: int = 1, threads: int = 0,
        resamples: int = 0, progress: Progress = None) -> Fit:
    """Reads a trace of measured times and fits all of it, as `testudo fit`.

    `reading` says how the file is read, a dict of separator (",", ";", a tab or a blank), decimal_comma (bool),
    time_unit ("s", "ms", "us", "ns"), column ({"seconds": NAME, "worker": .., ..}, names or numbers from 1), sum (a
    column whose rows are parts of one chunk), events (a pattern of names, of a profiler's file); default: by the file.
    `resamples` of the bootstrap behind p-values; 0: enough for p-values of .01. InputError with the line for a broken
    file. Seconds for a million rows; Ctrl-C stops.
    """
    pointer = ctypes.POINTER(c.Fit)()
    options = c.FitOptions(reading=trace_options(reading), resamples=whole(resamples, "resamples", 0, 10**6),
                           seed=whole(seed, "seed", 0), threads=whole(threads, "threads", 0, 65536))
    try:
        with Watch(progress) as watch:
            options.monitor = watch.monitor
            calls.fit_trace(trace_path(trace), byref(options), byref(pointer))
        return fit_of(pointer.contents, os.fspath(trace))
    finally:
        if pointer:
            calls.fit_free(pointer)


def fit_of(found: c.Fit, trace: str) -> Fit:
    """A copy of all that the library has found."""
    from_delay = found.recommended
    slow = found.slow
    return taken(
        Fit, found, trace=trace, kind=c.FITS[from_delay.kind], recommended=_recommended(from_delay, trace),
        columns_taken=text(found.columns), seconds=copied(found.sorted, found.seen),
        models=[_model(found.model[k]) for k in range(found.models)],
        mixed=[taken(FittedMixed, found.mixed[k]) for k in range(found.mixeds)],
        fitted_to=text(found.fitted_to) or "", fitted_seconds=copied(found.sample, found.sampled),
        variance=taken(Variance, found.variance), log_variance=taken(Variance, found.log_variance),
        worker_list=[taken(Worker, found.worker[k]) for k in range(found.listed)],
        persistent=[taken(Worker, found.persistent[k]) for k in range(found.named)],
        rates=copied(from_delay.rates, from_delay.workers) if from_delay.rates else None,
        markov=(slow.begin, slow.end, slow.factor) if found.slow_found else None,
        measured=taken(Times, found.measured),
        predictions=[taken(Prediction, of, times=taken(Times, of.times))
                     for of in found.prediction[:found.predictions]])


def _model(found: c.FitModel) -> FittedLaw:
    return taken(FittedLaw, found, numbers=numpy.array(found.number[:found.parameters]),
                 standard_errors=numpy.array(found.standard_error[:found.parameters]))


def _recommended(found: c.FitDelay, trace: str) -> Delay | None:
    """The recommended model, as the delay file has it that `testudo fit` writes: measured times are in it."""
    kind = c.FITS[found.kind]
    if kind == "nothing":
        return None
    name = os.path.basename(trace)
    slow = found.slow
    members = {"structure": text(found.structure), "startup": text(found.startup) or None,
               "rates": found.rates[:found.workers] if found.rates else None,
               "markov": {"p": slow.begin, "q": slow.end, "factor": slow.factor} if slow.factor > 0.0 else None,
               "mixed": text(found.chunk_law) or None, "law": text(found.law) or None}
    if kind == "replay":
        members.update(law=None, name=name, replay={"workers": found.workers, "chunks": found.chunks[:found.cells],
                                                    "seconds": found.sample[:found.samples]})
    elif kind == "trace" and found.chunk_sample:
        members.update(mixed=f"trace:{name}", mixed_samples=found.chunk_sample[:found.chunk_samples])
    elif kind == "trace":
        members.update(law=f"trace:{name}", samples=found.sample[:found.samples])
    return Delay._parse({key: value for key, value in members.items() if value is not None}, name)
