# SPDX-License-Identifier: GPL-3.0-or-later
"""The shared library of the toolkit, libtestudo, and its calls."""

from __future__ import annotations

import os
from ctypes import POINTER, c_bool, c_char_p, c_double, c_int, c_int32, c_int64, c_size_t, c_uint64, c_void_p
from typing import Any

import numpy

from .. import __version__
from .._library import RUNTIME_CALLS, ArgumentError, Calls, load
from . import _mirror as c

_HANDLE = POINTER(c_void_p)  # where a call puts what it has made
_REAL = POINTER(c_double)
_MODEL = POINTER(c.DelayModel)
_ASSIGNMENT = POINTER(c.Assignment)
_SIZES = [c_int32, c_int32, c_int32]

_TOOLKIT_CALLS = {
    "design_report": (c_int, [c_void_p]),
    "design_report_for": (c_int, [c_void_p, c_int]),
    "design_matrix": (POINTER(c_double), [c_void_p]),
    "design_write": ("status", [c_void_p, c_char_p]),
    "design_set_provenance": ("status", [c_void_p, c_char_p, c_uint64]),
    "design_claim": ("status", [c_void_p]),
    "design_claim_family": ("status", [c_void_p, c_int]),
    # laws and models
    "law_parse": ("status", [c_char_p, _HANDLE]),
    "law_free": (None, [c_void_p]),
    "law_text": (c_char_p, [c_void_p]),
    "law_shown": (c_char_p, [c_void_p]),
    "law_survival": (c_double, [c_void_p, c_double]),
    "law_cdf": (c_double, [c_void_p, c_double]),
    "law_mean": (c_double, [c_void_p]),
    "law_variance": (c_double, [c_void_p]),
    "law_quantile": (c_double, [c_void_p, c_double]),
    "law_atoms": (None, [c_void_p, POINTER(_REAL), POINTER(_REAL), POINTER(c_int64)]),
    "law_draw": (None, [c_void_p, c_uint64, c_int64, c_void_p]),
    "law_structure": (c_bool, [c_void_p, POINTER(c_int)]),
    "delay_check": ("status", [_MODEL, c_int32]),
    "delay_file_read": ("status", [c_char_p, _HANDLE]),
    "delay_file_parse": ("status", [c_char_p, c_size_t, c_char_p, _HANDLE]),
    "delay_file_free": (None, [c_void_p]),
    "delay_file_model": (_MODEL, [c_void_p]),
    "delay_file_structured": (c_bool, [c_void_p]),
    "delay_file_workers": (c_int32, [c_void_p]),
    "replay_read": ("status", [c_char_p, _HANDLE]),
    "replay_free": (None, [c_void_p]),
    "replay_text": (c_char_p, [c_void_p]),
    "replay_workers": (c_int32, [c_void_p]),
    "replay_iterations": (c_int64, [c_void_p]),
    # exact laws
    "latency_create": ("status", [c_void_p, _MODEL, POINTER(c.AnalysisOptions), _HANDLE]),
    "latency_free": (None, [c_void_p]),
    "latency_is_exact": (c_bool, [c_void_p]),
    "latency_method": (c_char_p, [c_void_p]),
    "latency_cdf": ("status", [c_void_p, c_double, _REAL, _REAL]),
    "latency_tail": ("status", [c_void_p, c_double, _REAL, _REAL]),
    "latency_summary": ("status", [c_void_p, POINTER(c.Summary)]),
    "latency_quantile": ("status", [c_void_p, c_double, _REAL, _REAL]),
    "latency_grid": ("status", [c_void_p, c_int32, c_void_p]),
    "latency_capped": ("status", [c_void_p, c_double, _REAL, _REAL, _REAL]),
    "expected_work": ("status", [c_void_p, c_void_p, _REAL]),
    "expected_error": ("status", [c_void_p, _MODEL, c_int, c_void_p, c_int64, c_void_p]),
    "expected_error_known": ("status", [c_void_p, c_int, POINTER(c_bool)]),
    "tail_index": (c_double, [c_void_p, _MODEL]),
    # trials
    "simulate": ("status", [c_void_p, _MODEL, POINTER(c.SimulationOptions), POINTER(POINTER(c.Simulation))]),
    "simulation_free": (None, [POINTER(c.Simulation)]),
    "simulation_quantile": (c_double, [POINTER(c.Simulation), c_double]),
    "simulation_quantile_interval": (c.Interval, [POINTER(c.Simulation), c_double]),
    "simulation_stderr_doubt": (c_char_p, [POINTER(c.Simulation)]),
    "replay_intervals": ("status", [c_void_p, c_int64, c_int64, c_uint64, POINTER(c.Interval), c_void_p, c_int64,
                                    POINTER(c.Interval), POINTER(c_int64)]),
    "rare_tail": ("status", [c_void_p, _MODEL, POINTER(c.RareOptions), c_void_p, c_size_t, POINTER(c.Rare)]),
    "unseen_limit": (c_double, [c_int64]),
    "validate": ("status", [c_void_p, c_void_p, _MODEL, POINTER(c.Simulation), c_void_p, c_int64, c_double,
                            POINTER(POINTER(c.Validation))]),
    "validation_free": (None, [POINTER(c.Validation)]),
    # fits and advice
    "fit_trace": ("status", [c_char_p, POINTER(c.FitOptions), POINTER(POINTER(c.Fit))]),
    "fit_free": (None, [POINTER(c.Fit)]),
    "remedy_name": (c_char_p, [c_int]),
    "advise": ("status", [POINTER(c.AdviseRequest), POINTER(POINTER(c.Advice))]),
    "advice_free": (None, [POINTER(c.Advice)]),
    # searches
    "optimize_q_max": ("status", [c_void_p, c_int32, c_int, POINTER(c.SearchOptions), _HANDLE,
                                  POINTER(c.SearchResult)]),
    "optimize_latency": ("status", [c_void_p, POINTER(c.LatencyGoal), c_int, POINTER(c.SearchOptions), _HANDLE,
                                    POINTER(c.SearchResult)]),
    "optimize_portfolio": ("status", [POINTER(c.PortfolioRequest), POINTER(c.SearchOptions), _HANDLE,
                                      POINTER(c.Portfolio), POINTER(c.SearchResult)]),
    "portfolio_free": (None, [POINTER(c.Portfolio)]),
    "search_record": ("status", [c_void_p, c_char_p, POINTER(c.SearchOptions), POINTER(c.SearchResult)]),
    "search_claim_q_max": ("status", [c_void_p, c_int32, POINTER(c.SearchResult)]),
    "search_claim_latency": ("status", [c_void_p, POINTER(c.LatencyGoal), POINTER(c.SearchResult)]),
    # making designs
    "assignment_free": (None, [_ASSIGNMENT]),
    "assignment_ring": ("status", [*_SIZES, _ASSIGNMENT]),
    "assignment_frc": ("status", [*_SIZES, _ASSIGNMENT]),
    "assignment_regular": ("status", [*_SIZES, c_uint64, _ASSIGNMENT]),
    "assignment_bernoulli": ("status", [c_int32, c_int32, c_double, c_int32, c_uint64, _ASSIGNMENT]),
    "assignment_expander": ("status", [*_SIZES, c_uint64, c_int32, POINTER(c.Monitor), _ASSIGNMENT]),
    "assignment_bibd": ("status", [*_SIZES, _ASSIGNMENT]),
    "assignment_pairwise": ("status", [c_int32, c_int32, c_void_p, c_uint64, POINTER(c.Monitor), _ASSIGNMENT,
                                       POINTER(c_bool)]),
    "assignment_uncoded": ("status", [c_int32, c_int32, _ASSIGNMENT]),
    "assignment_arcs": ("status", [c_int32, c_int32, c_void_p, _ASSIGNMENT]),
    "loads_for_rates": ("status", [*_SIZES, c_void_p, c_void_p, POINTER(c.Makespan)]),
    "matrix_parse": ("status", [c_char_p, c_size_t, c_char_p, c_void_p, POINTER(c.Matrix)]),
    "orders_parse": ("status", [c_char_p, c_size_t, c_char_p, _ASSIGNMENT]),
    "order_natural": ("status", [_ASSIGNMENT]),
    "order_random": (None, [_ASSIGNMENT, c_uint64]),
    "order_matching": ("status", [_ASSIGNMENT, POINTER(c.Monitor)]),
    "order_rotated": ("status", [_ASSIGNMENT]),
    "order_xor": ("status", [_ASSIGNMENT]),
    "draft_law_create": ("status", [_ASSIGNMENT, c_int32, _MODEL, c_double, POINTER(c.Monitor), _HANDLE]),
    "draft_law_free": (None, [c_void_p]),
    "order_by_slots": ("status", [_ASSIGNMENT, POINTER(c.SlotOrder)]),
    "slot_order_take": (c_bool, [POINTER(c.SlotOrder), c_char_p]),
    "design_create": ("status", [c_int, _ASSIGNMENT, c_int32, c_uint64, c_char_p, _HANDLE]),
    "design_create_waiting": ("status", [_ASSIGNMENT, c_int32, c_char_p, _HANDLE]),
    "design_create_gradient_code": ("status", [_ASSIGNMENT, c_int32, c_uint64, c_char_p, _HANDLE]),
    "design_create_gradient_code_parts": ("status", [_ASSIGNMENT, c_int32, c_int32, c_uint64, c_char_p, _HANDLE]),
    "design_create_cyclic_mds": ("status", [_ASSIGNMENT, c_int32, c_char_p, _HANDLE]),
    "design_create_nested": ("status", [c_int32, c_void_p, c_int32, c_uint64, c_char_p, _HANDLE]),
    "design_create_block": ("status", [c_int32, c_void_p, c_void_p, c_int32, c_uint64, c_char_p, _HANDLE]),
    "q_max": ("status", [c_void_p, c_int32, c_void_p]),
}


def _folders() -> list[str]:
    """Where the runtime library was named, libtestudo is likely to be too."""
    runtime = os.environ.get("TESTUDO_LIBRARY")
    return [os.path.dirname(os.path.abspath(runtime))] if runtime else []


library, library_path = load("testudo", "TESTUDO_ANALYSIS_LIBRARY", _folders())
calls: Any = Calls(library, {**RUNTIME_CALLS, **_TOOLKIT_CALLS})
if calls.version().decode() != __version__:  # structures are those of this version's headers
    raise ImportError(f"{library_path} is version {calls.version().decode()}, and this package is made for"
                      f" {__version__}; set TESTUDO_ANALYSIS_LIBRARY to the path of that libtestudo")


def text(value: bytes | None) -> str | None:
    """A text of the library; None for NULL."""
    return None if value is None else value.decode("utf-8", "replace")


def reals(values: Any, what: str) -> numpy.ndarray:
    """A one-dimensional array of finite doubles, C-contiguous, from what a caller gave: a number or numbers."""
    try:
        found = numpy.ascontiguousarray(numpy.atleast_1d(numpy.asarray(values, dtype=numpy.float64)))
    except (TypeError, ValueError) as reason:
        raise ArgumentError(f"{what}: numbers are wanted: {reason}") from None
    if found.ndim != 1 or not numpy.all(numpy.isfinite(found)):
        raise ArgumentError(f"{what}: a number, or a list of finite numbers, is wanted")
    return found


def copied(pointer: Any, count: int) -> numpy.ndarray:
    """The numbers behind a pointer of the library, as an array of their own; none for NULL."""
    return numpy.ctypeslib.as_array(pointer, (count,)).copy() if pointer and count > 0 else numpy.empty(0)


def address(array: numpy.ndarray | None) -> int | None:
    """Of the first number; NULL for None."""
    return None if array is None else array.ctypes.data


def word_of(words: tuple[str, ...], word: str, what: str) -> int:
    """The value of an enumeration; ArgumentError with what is allowed."""
    if word not in words:
        raise ArgumentError(f"{what}: '{word}'; allowed: " + ", ".join(words))
    return words.index(word)
