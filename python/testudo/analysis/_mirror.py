# SPDX-License-Identifier: GPL-3.0-or-later
"""The structures and words of the headers testudo/*.h, field by field. python/tests/test_mirror.py compares them with
what a C compiler makes of the headers."""

from ctypes import (CFUNCTYPE, POINTER, Structure, c_bool, c_char, c_char_p, c_double, c_int, c_int32, c_int64,
                    c_size_t, c_uint64, c_void_p)

# Words by the values of an enumeration, from 0: its enumerators after their common stem, in lower case.
STRUCTURES = ("scaled", "additive", "mixed")
UNITS = ("chunk", "share")
FAILURES = ("none", "exactly", "each")
REPORTS = ("chunk", "whole")
DECODERS = ("exact", "optimal", "one-step", "component")
MEANS = ("exact", "bounded", "infinite")
COLUMNS = ("seconds", "worker", "iteration", "chunk", "chunks", "censored", "start", "end")
TIME_UNITS = ("own", "s", "ms", "us", "ns")
FITS = ("nothing", "law", "trace", "replay")
SCHEMES = ("uncoded", "ignore-stragglers", "gradient-code", "nested", "partial", "block", "gradient-code-parts")
OBJECTIVES = ("q-max", "mean", "quantile", "mse", "overlap", "cost", "deadline", "priced")
METHODS = ("best", "matching", "milp", "exhaustive", "local")
CLAIMS = ("nothing-more", "spectrum", "balance")
ANSWERS = ("optimal", "feasible", "undecided")

MonitorStep = CFUNCTYPE(c_bool, c_void_p, c_double)
SearchStep = CFUNCTYPE(c_bool, c_void_p, c_double, c_double, c_double)


class Monitor(Structure):
    _fields_ = [("step", MonitorStep), ("context", c_void_p)]


class SearchMonitor(Structure):
    _fields_ = [("step", SearchStep), ("context", c_void_p)]


class WorkerClass(Structure):
    _fields_ = [("workers", c_int32), ("rate", c_double), ("law", c_void_p)]


class SlowState(Structure):
    _fields_ = [("begin", c_double), ("end", c_double), ("factor", c_double)]


class DelayModel(Structure):
    _fields_ = [("law", c_void_p), ("structure", c_int), ("chunk_law", c_void_p), ("rates", POINTER(c_double)),
                ("workers", c_int32), ("failures", c_int), ("failed", c_int32), ("fail_prob", c_double),
                ("unit", c_int), ("startup", c_void_p), ("overhead", c_double), ("classes", POINTER(WorkerClass)),
                ("class_count", c_int32), ("message", c_void_p), ("signal", c_double), ("slow", SlowState),
                ("domain", POINTER(c_int32)), ("domains", c_int32), ("domain_factor", c_void_p),
                ("replay", c_void_p)]


class AnalysisOptions(Structure):
    _fields_ = [("report", c_int), ("max_states", c_int64), ("rel_error", c_double), ("monitor", POINTER(Monitor))]


class Summary(Structure):
    _fields_ = [("status", c_int), ("mean", c_double), ("stddev", c_double), ("stddev_lower", c_double),
                ("stddev_upper", c_double), ("stddev_error", c_double), ("lower", c_double), ("upper", c_double),
                ("abs_error", c_double), ("abs_bound", c_double), ("p_never", c_double),
                ("p_never_lower", c_double), ("p_never_upper", c_double), ("ideal", c_double),
                ("over_ideal", c_double)]


class SimulationOptions(Structure):
    _fields_ = [("report", c_int), ("trials", c_int64), ("rel_error", c_double), ("seed", c_uint64),
                ("threads", c_int32), ("round_up", c_double), ("times", POINTER(c_double)), ("time_count", c_int64),
                ("decode_trials", c_int64), ("dim", c_int64), ("decoder", c_int), ("combine", c_bool),
                ("worker_chunks", POINTER(c_double)), ("keep_order", c_bool), ("keep_times", c_bool),
                ("by", POINTER(c_double)), ("by_count", c_int64), ("count_work", c_bool),
                ("monitor", POINTER(Monitor))]


class DecodeReport(Structure):
    _fields_ = [("decodes", c_int64), ("failures", c_int64), ("undecodable", c_int64), ("refused", c_int64),
                ("max_rel_error", c_double), ("max_amplification", c_double)]


class Work(Structure):
    _fields_ = [("trials", c_int64), ("never", c_int64), ("chunks", c_double), ("chunks_stderr", c_double),
                ("messages", c_double), ("messages_stderr", c_double), ("interrupted", c_bool)]


class Simulation(Structure):
    _fields_ = [("trials", c_int64), ("never", c_int64), ("mean", c_double), ("stderr_mean", c_double),
                ("stddev", c_double), ("skewness", c_double), ("kurtosis", c_double),
                ("completion", POINTER(c_double)), ("sketch", c_void_p), ("sketch_error", c_double),
                ("ordered", POINTER(c_double)), ("time_count", c_int64),
                ("mse", POINTER(c_double)), ("mse_stderr", POINTER(c_double)), ("mean_norm", POINTER(c_double)),
                ("mean_norm_stderr", POINTER(c_double)), ("mse_skewness", POINTER(c_double)),
                ("mse_kurtosis", POINTER(c_double)), ("error_max", POINTER(c_double)),
                ("error_trials", POINTER(c_int64)), ("decode", DecodeReport), ("work", Work),
                ("combined_mse", POINTER(c_double)), ("interrupted", c_bool)]


class RareOptions(Structure):
    _fields_ = [("report", c_int), ("trials", c_int64), ("seed", c_uint64), ("threads", c_int32),
                ("monitor", POINTER(Monitor))]


class Rare(Structure):
    _fields_ = [("t", c_double), ("p", c_double), ("stderr_p", c_double), ("low", c_double), ("high", c_double),
                ("union_bound", c_double)]


class Interval(Structure):
    _fields_ = [("value", c_double), ("low", c_double), ("high", c_double)]


class Check(Structure):
    _fields_ = [("quantity", c_char * 64), ("analyzed_lower", c_double), ("analyzed_upper", c_double),
                ("simulated", c_double), ("z", c_double), ("p", c_double), ("holds", c_int)]


class Validation(Structure):
    _fields_ = [("check", POINTER(Check)), ("checks", c_size_t), ("false_alarm", c_double),
                ("detects_mean", c_double), ("mean_untested", c_char_p), ("deviation_untested", c_char_p),
                ("detects_probability", c_double), ("agrees", c_int)]


class TraceOptions(Structure):
    _fields_ = [("separator", c_char), ("decimal_comma", c_bool), ("unit", c_int),
                ("column", c_char_p * len(COLUMNS)), ("sum", c_char_p), ("events", c_char_p)]


class FitModel(Structure):
    _fields_ = [("law", c_char * 256), ("parameters", c_int32), ("number", c_double * 8),
                ("standard_error", c_double * 8), ("log_likelihood", c_double), ("aic", c_double),
                ("bic", c_double), ("ks", c_double), ("ks_p", c_double), ("ad", c_double), ("ad_p", c_double),
                ("tail_index", c_double), ("refuted", c_bool)]


class FitMixed(Structure):
    _fields_ = [("law", c_char * 96), ("chunk_law", c_char * 96), ("parameters", c_int32), ("number", c_double * 3),
                ("standard_error", c_double * 3), ("log_likelihood", c_double), ("aic", c_double), ("bic", c_double)]


class FitVariance(Structure):
    _fields_ = [("worker", c_double), ("iteration", c_double), ("worker_iteration", c_double),
                ("residual", c_double), ("worker_p", c_double), ("iteration_p", c_double),
                ("worker_iteration_p", c_double)]


class FitWorker(Structure):
    _fields_ = [("name", c_char_p), ("factor", c_double), ("low", c_double), ("high", c_double), ("rate", c_double),
                ("differs", c_bool), ("persistent", c_bool)]


class FitTimes(Structure):
    _fields_ = [("iterations", c_double), ("slowest", c_double), ("slowest_error", c_double),
                ("slowest_low", c_double), ("slowest_high", c_double), ("but_one", c_double),
                ("but_one_error", c_double), ("but_one_low", c_double), ("but_one_high", c_double),
                ("waiting", c_double), ("waiting_error", c_double)]


class FitPrediction(Structure):
    _fields_ = [("model", c_char_p), ("times", FitTimes), ("holds", c_bool)]


class FitDelay(Structure):
    _fields_ = [("kind", c_int), ("law", c_char * 256), ("chunk_law", c_char * 256), ("structure", c_char_p),
                ("startup", c_char * 256), ("rates", POINTER(c_double)), ("workers", c_int32), ("slow", SlowState),
                ("sample", POINTER(c_double)), ("samples", c_int64), ("chunk_sample", POINTER(c_double)),
                ("chunk_samples", c_int64), ("chunks", POINTER(c_int32)), ("cells", c_int64)]


class Fit(Structure):
    _fields_ = [("samples", c_int64), ("censored", c_int64), ("sorted", POINTER(c_double)), ("seen", c_int64),
                ("mean", c_double), ("stddev", c_double), ("workers", c_int64), ("iterations", c_int64),
                ("phases", c_int64), ("incomplete", c_int64), ("columns", c_char * 256),
                ("model", POINTER(FitModel)), ("models", c_size_t), ("fitted_to", c_char_p), ("fitted", c_int64),
                ("sample", POINTER(c_double)), ("sampled", c_int64), ("worker_variance_share", c_double),
                ("iteration_variance_share", c_double), ("worker_share_expected", c_double),
                ("iteration_share_expected", c_double), ("largest_mean", c_double), ("variance", FitVariance),
                ("log_variance", FitVariance), ("structure", c_char_p), ("structure_why", c_char * 240),
                ("icc", c_double), ("icc_low", c_double), ("icc_high", c_double), ("collective", c_bool),
                ("worker", POINTER(FitWorker)), ("listed", c_int32), ("persistent", POINTER(FitWorker)),
                ("named", c_int32), ("memory", c_double), ("memory_error", c_double), ("slow_found", c_bool),
                ("slow", SlowState), ("slow_begin_error", c_double), ("slow_end_error", c_double),
                ("slow_factor_error", c_double), ("startup", c_double), ("startup_error", c_double),
                ("per_chunk", c_double), ("per_chunk_error", c_double), ("startup_deviation", c_double),
                ("chunk_deviation", c_double), ("mixed", POINTER(FitMixed)), ("mixeds", c_size_t),
                ("measured", FitTimes), ("slowest", POINTER(c_double)), ("slowests", c_int64),
                ("prediction", POINTER(FitPrediction)), ("predictions", c_size_t), ("recommended", FitDelay),
                ("why", c_char * 400), ("unknown", c_char * 400), ("room", c_void_p)]


class FitOptions(Structure):
    _fields_ = [("reading", POINTER(TraceOptions)), ("resamples", c_int32), ("seed", c_uint64),
                ("threads", c_int32), ("monitor", POINTER(Monitor))]


class Objective(Structure):
    _fields_ = [("kind", c_int), ("level", c_int32), ("at", c_double), ("chunk_price", c_double),
                ("vector_price", c_double)]


class AdviseRequest(Structure):
    _fields_ = [("trace", c_char_p), ("reading", POINTER(TraceOptions)), ("model", POINTER(DelayModel)),
                ("workers", c_int32), ("max_load", c_double), ("max_copies", c_int32), ("granularity", c_int32),
                ("objective", Objective), ("chunk_price", c_double), ("float_price", c_double), ("dim", c_int64),
                ("memory", c_double), ("quick", c_bool), ("seed", c_uint64), ("threads", c_int32),
                ("monitor", POINTER(Monitor))]


class RemedyTimes(Structure):
    _fields_ = [("iterations", c_int64), ("mean", c_double), ("low", c_double), ("high", c_double),
                ("median", c_double), ("high_quantile", c_double), ("p_never", c_double), ("objective", c_double),
                ("gain", c_double), ("gain_low", c_double), ("gain_high", c_double)]


class Remedy(Structure):
    _fields_ = [("kind", c_int), ("name", c_char * 96), ("change", c_char * 200), ("dropped", c_char * 160),
                ("exact_gradient", c_bool), ("design", c_void_p), ("granularity", c_int32), ("load", c_double),
                ("copies", c_double), ("computed", c_double), ("messages", c_double), ("floats", c_double),
                ("memory", c_double), ("missing", c_double), ("staleness", c_double), ("predicted", RemedyTimes),
                ("replayed", RemedyTimes)]


class StragglerCost(Structure):
    _fields_ = [("slowest", c_double), ("mean", c_double), ("slowest_over_mean", c_double),
                ("persistent", c_double), ("iteration", c_double), ("chunk", c_double), ("common", c_double)]


class Advice(Structure):
    _fields_ = [("workers", c_int32), ("chunks", c_int32), ("iterations", c_int64), ("drawn", c_int64),
                ("fit", POINTER(Fit)), ("assumed", c_char * 240), ("cost", StragglerCost),
                ("remedy", POINTER(Remedy)), ("remedies", c_int32), ("recommended", c_int32),
                ("best_code", c_int32), ("verdict", c_char * 400), ("because", c_char * 400), ("now", c_double),
                ("more_copies", c_double), ("finer", c_double), ("cheaper_start", c_double), ("stopped", c_bool),
                ("room", c_void_p)]


class SearchOptions(Structure):
    _fields_ = [("seed", c_uint64), ("threads", c_int32), ("tries", c_int64), ("monitor", POINTER(SearchMonitor))]


class SearchResult(Structure):
    _fields_ = [("answer", c_int), ("method", c_char * 96), ("proof", c_char * 96), ("before", c_double),
                ("after", c_double), ("before_stderr", c_double), ("after_stderr", c_double),
                ("gain_stderr", c_double), ("bound", c_double), ("range", c_char * 96), ("proved", c_double),
                ("tries", c_int64), ("moves", c_int64), ("stopped", c_bool)]


class LatencyGoal(Structure):
    _fields_ = [("objective", Objective), ("model", POINTER(DelayModel)), ("max_states", c_int64),
                ("trials", c_int64), ("reassign", c_bool)]


class PortfolioRequest(Structure):
    _fields_ = [("workers", c_int32), ("chunks", c_int32), ("replication", c_int32), ("parts", c_int32),
                ("load", c_double), ("most_load", c_double), ("coarsest", c_int32), ("least_copies", c_int32),
                ("most_copies", c_int32), ("apart", POINTER(c_int32)), ("effort", c_double), ("objective", Objective),
                ("model", POINTER(DelayModel)), ("max_states", c_int64), ("trials", c_int64), ("start", c_void_p),
                ("quick", c_bool)]


class PortfolioEntry(Structure):
    _fields_ = [("name", c_char * 80), ("value", c_double), ("spread", c_double), ("exact", c_bool),
                ("p_never", c_double)]


class Portfolio(Structure):
    _fields_ = [("entry", POINTER(PortfolioEntry)), ("entries", c_int32), ("best", c_int32)]


class Assignment(Structure):
    _fields_ = [("workers", c_int32), ("chunks", c_int32), ("row", POINTER(c_int64)), ("chunk", POINTER(c_int32))]


class Makespan(Structure):
    _fields_ = [("value", c_double), ("bound", c_double), ("sooner", c_int64)]


class Matrix(Structure):
    _fields_ = [("assignment", Assignment), ("weight", POINTER(c_double)), ("ordered", c_bool)]


class SlotOrder(Structure):
    _fields_ = [("rule", c_int), ("pairing", c_int), ("twins", c_int32), ("shortened", c_bool),
                ("foreign", c_int32), ("undone", c_void_p), ("independent", c_bool), ("context", c_void_p),
                ("listed", c_void_p), ("name", c_char_p)]
