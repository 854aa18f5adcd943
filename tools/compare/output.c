/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of a comparison. What a row holds under "analyze" and "simulate" is what those commands say of its
   design. */
#include "compare/compare.h"

static const field over_ideal_fields[] = {
    {FIELD(over_ideal_result, ideal), .unit = "s",
     .meaning = "the least mean of a perfectly balanced cluster with the loads of a design, one for all rows; null:"
                " unknown, or the row is under no such limit"},
    {FIELD(over_ideal_result, exact), .meaning = "exact mean over it"},
    {FIELD(over_ideal_result, lower), .meaning = "lower bound of the mean over it"},
    {FIELD(over_ideal_result, upper), .meaning = "upper bound of the mean over it"},
    {FIELD(over_ideal_result, simulated), .meaning = "simulated mean over it"},
    {.key = NULL},
};

static const char *const rule_words[] = {[TESTUDO_WAITING_IGNORE] = "ignore", [TESTUDO_WAITING_COPY] = "speculate",
                                         NULL};

static const field waiting_fields[] = {
    {FIELD_ENUM("rule", waiting_result, rule.kind, rule_words), .meaning = "the rule, as its option is called"},
    {FIELD_AS("mu", waiting_result, rule.slack),
     .meaning = "ignore: who is not there after 1 + mu times the fastest is not waited for"},
    {FIELD_AS("minimum", waiting_result, rule.least), .meaning = "ignore: so many are waited for at least"},
    {FIELD_AS("quantile", waiting_result, rule.quantile),
     .meaning = "speculate: second copies begin when this share of the workers has finished"},
    {FIELD_AS("missing", waiting_result, found.missing), .unit = "chunks",
     .meaning = "ignore: chunks that are missing on average, which is the squared error too"},
    {FIELD_AS("missing_stderr", waiting_result, found.missing_stderr), .meaning = "standard error of it"},
    {FIELD_AS("missing_trials", waiting_result, found.missing_trials), .meaning = "trials in which some are"},
    {FIELD_AS("copies", waiting_result, found.copies), .meaning = "speculate: second copies begun on average"},
    {FIELD_AS("copies_stderr", waiting_result, found.copies_stderr), .meaning = "standard error of it"},
    {.key = NULL},
};

static const field row_fields[] = {
    {FIELD(cli_row, label), .meaning = "the row's name, which no other row has"},
    {FIELD(cli_row, file), .meaning = "the design file; null for a reference"},
    {FIELD(cli_row, reference),
     .meaning = "the reference's scheme, or its rule of waiting; null for a design that was given"},
    {FIELD_BEHIND("waiting", cli_row, waiting, waiting_fields), .meaning = "of uncoded training by a rule of waiting"},
    {FIELD_INSIDE("design", cli_row, analyze.head.design, design_fields), .meaning = "the design"},
    {FIELD_ENUM("report", cli_row, analyze.head.report, report_words), .meaning = "what counts"},
    {FIELD_INSIDE("over_ideal", cli_row, over_ideal, over_ideal_fields), .meaning = "means over the ideal one"},
    {FIELD_AS("memory", cli_row, memory), .unit = "numbers",
     .meaning = "numbers that a worker keeps until it is asked (of the one that keeps most), times --dim"},
    {FIELD_CHARS("why_simulated", cli_row, why.text), .meaning = "why there is no law; null: there is one"},
    {FIELD_INSIDE("work", cli_row, work, work_fields), .meaning = "what an iteration costs"},
    {FIELD_BEHIND("error", cli_row, error, error_fields),
     .meaning = "the error of stopping at deadlines"},
    {FIELD_BEHIND("decode", cli_row, decode, decode_fields),
     .meaning = "what the real encoder and decoder did in the first trials"},
    {FIELD_INSIDE("analyze", cli_row, analyze, law_fields), .meaning = "as analyze gives it"},
    {FIELD_INSIDE("simulate", cli_row, simulate, law_fields), .meaning = "as simulate gives it"},
    {.key = NULL},
};

static const field ideal_fields[] = {
    {FIELD_CHARS("label", cli_ideal, label), .meaning = "its name"},
    {FIELD(cli_ideal, workers), .meaning = "number of workers"},
    {FIELD(cli_ideal, chunks), .meaning = "number of chunks"},
    {FIELD_AS("max_load", cli_ideal, load), .meaning = "chunks of the worker that has most"},
    {FIELD(cli_ideal, entries), .meaning = "chunks on all workers"},
    {FIELD(cli_ideal, parts), .meaning = "parts of the gradient"},
    {FIELD_ENUM("report", cli_ideal, report, report_words), .meaning = "what counts"},
    {FIELD(cli_ideal, mean), .unit = "s", .meaning = "expected time of the perfectly balanced cluster"},
    {.key = NULL},
};

const field compare_fields[] = {
    {FIELD(cli_comparison, command), .phrase = compare_print, .meaning = "the command, without --threads"},
    {FIELD(cli_comparison, version), .meaning = "of the program"},
    {FIELD(cli_comparison, seed), .meaning = "of everything random"},
    {FIELD(cli_comparison, chunks), .meaning = "chunks of every design; null: they differ"},
    {FIELD_AS("workers_differ", cli_comparison, unequal),
     .meaning = "do the designs have different numbers of workers?"},
    {FIELD_INSIDE("delay", cli_comparison, delay, delay_fields), .meaning = "the delay model that was assumed"},
    {FIELD_ROWS("rows", cli_comparison, row, measured, row_fields), .meaning = "the designs, then the references"},
    {FIELD_ROWS("ideals", cli_comparison, ideal, ideals, ideal_fields), .meaning = "perfectly balanced limits"},
    {FIELD(cli_comparison, interrupted), .meaning = "was it interrupted? Then rows are missing"},
    {.key = NULL},
};
