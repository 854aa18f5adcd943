# SPDX-License-Identifier: GPL-3.0-or-later
"""Delay laws, completion times, errors, fits, advice and searches, over the library libtestudo.

Times are seconds. Every result carries the design and the delay model that it is of, and a word for what it is: exact,
between bounds, or simulated. Results have `to_frame()` where pandas is installed, and `plot()` where matplotlib is.
What a call refuses is an exception of testudo (ArgumentError, InputError, LimitError, ..) with the library's sentence.
Long calls release the GIL, call `progress` now and then with the part that is done, and end soon after Ctrl-C with
KeyboardInterrupt. The library is found by TESTUDO_ANALYSIS_LIBRARY, then in the folder of TESTUDO_LIBRARY, then beside
the package, then by the loader.

>>> from testudo import analysis
>>> design = analysis.make_design(assignment="frc", workers=8, replication=4, order="xor")
>>> delay = analysis.Delay("exp:1", structure="scaled")
>>> law = analysis.latency(design, delay)
>>> law.status, law.method
('exact', 'product over groups, 1 kind, 18 states')
>>> drawn = analysis.simulate(design, delay, trials=10000, seed=1)
>>> abs(drawn.mean - law.mean) < 4 * drawn.stderr
True

This part of the package is under the GNU General Public License, version 3 or later, as libtestudo is; the rest, which
a training job needs, is under the BSD licence.
"""

try:
    import numpy as _numpy  # noqa: F401
except ImportError as _reason:
    raise ImportError("testudo.analysis needs the package numpy, which is not installed (Debian: python3-numpy):"
                      f" {_reason}") from None

from ._library import library_path
from ._laws import Law
from ._delays import Delay
from ._designs import Design, make_design
from ._latency import Errors, Latency, error, latency
from ._simulation import Decoded, Simulation, Work, simulate
from ._rare import RareTail, rare_tail
from ._validation import Check, Validation, validate
from ._fitting import Fit, FittedLaw, FittedMixed, Prediction, Times, Variance, Worker, fit
from ._searching import Optimized, Tried, optimize
from ._advising import Advice, Cost, Remedy, RemedyTimes, advise

__all__ = ["Advice", "Check", "Cost", "Decoded", "Delay", "Design", "Errors", "Fit", "FittedLaw", "FittedMixed",
           "Latency", "Law", "Optimized", "Prediction", "RareTail", "Remedy", "RemedyTimes", "Simulation", "Times",
           "Tried", "Validation", "Variance", "Work", "Worker", "advise", "error", "fit", "latency", "library_path",
           "make_design", "optimize", "rare_tail", "simulate", "validate"]
