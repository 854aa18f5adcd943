# SPDX-License-Identifier: GPL-3.0-or-later
"""Does the simulation agree with the analysis?"""

from __future__ import annotations

import ctypes
from ctypes import byref
from dataclasses import dataclass
from typing import Any, Sequence

import numpy

from . import _mirror as c
from ._delays import AnyDelay, Delay, delay_of
from ._designs import AnyDesign, Design, design_of
from ._latency import Latency, latency
from ._laws import whole
from ._library import address, calls, reals, text
from ._results import Result, axes, taken
from ._simulation import Decoded, Trials
from ._watch import Progress, Watch

_ANSWERS = {1: True, 0: False, -1: None}


@dataclass(frozen=True)
class Check:
    """One quantity, by analysis and by trials."""

    quantity: str                #: "P(T<=1.25)", "P(never)", "mean", "deviation", "mse(3)"
    analyzed_lower: float        #: equal to analyzed_upper where exact
    analyzed_upper: float
    simulated: float
    z: float                     #: how far off, in standard errors of the trials; nan of probabilities
    p: float                     #: p-value under the analysis
    holds: bool | None           #: None: the trials cannot tell


@dataclass(frozen=True, repr=False, eq=False)
class Validation(Result):
    """The comparison of an analysis with trials: `status` is "agrees", "disagrees", or "cannot tell", where none of the
    checks is rejected, yet errors that matter would not be noticed."""

    design: Design
    delay: Delay
    report: str
    status: str
    checks: list[Check]
    false_alarm: float           #: of all checks together
    detects_mean: float          #: least relative error of the mean noticed with probability 0.95; nan: untested
    detects_probability: float   #: the same of P(T <= t), absolute
    mean_untested: str | None    #: why not; None: it is tested
    deviation_untested: str | None
    decoded: Decoded | None
    law: Latency

    def __repr__(self) -> str:
        return f"<Validation {self.status}: {len(self.checks)} checks, {self.design.scheme}, {self.delay!r}>"

    def columns(self) -> dict[str, Any]:
        """A row per check."""
        members = ("quantity", "analyzed_lower", "analyzed_upper", "simulated", "z", "p", "holds")
        return {member: [getattr(check, member) for check in self.checks] for member in members}

    def plot(self, ax: Any = None) -> Any:
        """p-values of the checks beside the least that is allowed, on matplotlib Axes, which are returned."""
        ax = axes(ax, "p-value", "")
        rows = self.checks[::-1]
        ax.plot([check.p for check in rows], range(len(rows)), "o")
        ax.axvline(self.false_alarm / max(len(rows), 1), color="0.5")
        ax.set_xscale("log")
        ax.set_yticks(range(len(rows)))
        ax.set_yticklabels([check.quantity for check in rows])
        return ax


def validate(design: AnyDesign, delay: AnyDelay, *, times: Sequence[float] = (), trials: int = 100000, seed: int = 1,
             threads: int = 0, decode_trials: int = 0, dim: int = 16, report: str | None = None,
             max_states: int = 200000, false_alarm: float = 1e-6, progress: Progress = None) -> Validation:
    """Analysis and simulation side by side, as `testudo validate`: P(T <= t) at nine quantiles and P(never) by exact
    binomial tests, mean and deviation where the law has the moments for it, and the expected error at `times`.

    `decode_trials` of the trials run the real encoder and decoder; a decoder that fails is a disagreement.
    `false_alarm`: the probability, for all checks together, that a right analysis is rejected. LimitError where no law
    is known. Cost: that of latency and simulate.

    >>> validate(make_design(workers=4, replication=2), "exp:1", trials=20000).status
    'agrees'
    """
    design, delay = design_of(design), delay_of(delay)
    counted, model = design._counted(report), delay._for(design.workers)
    at = reals(times, "times") if numpy.size(times) else None
    law = latency(design, delay, report=report, max_states=max_states, progress=progress)
    held, pointer = Trials(), ctypes.POINTER(c.Validation)()
    try:
        with Watch(progress) as watch:
            held.run(design, model, at, watch, report=counted, trials=whole(trials, "trials", 1),
                     seed=whole(seed, "seed", 0), threads=whole(threads, "threads", 0, 65536),
                     decode_trials=whole(decode_trials, "decode_trials", 0), dim=whole(dim, "dim", 1))
            with law._law._lock:
                calls.validate(law._law._handle, design._handle, model, held.pointer, address(at),
                               0 if at is None else len(at), false_alarm, byref(pointer))
        found = pointer.contents
        status = {True: "agrees", False: "disagrees", None: "cannot tell"}[_ANSWERS[found.agrees]]
        return taken(Validation, found, design=design, delay=delay, report=c.REPORTS[counted], status=status, law=law,
                     checks=[taken(Check, of, holds=_ANSWERS[of.holds]) for of in found.check[:found.checks]],
                     mean_untested=text(found.mean_untested), deviation_untested=text(found.deviation_untested),
                     decoded=taken(Decoded, held.pointer.contents.decode) if decode_trials > 0 else None)
    finally:
        if pointer:
            calls.validation_free(pointer)
