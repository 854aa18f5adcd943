/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of an advice. */
#include "advise/advise.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "fit/fit.h"

/* ---- fields ---- */

static const field slow_fields[] = {
    {FIELD_AS("worker", testudo_fit_worker, name), .meaning = "the worker's text in the trace"},
    {FIELD(testudo_fit_worker, factor), .meaning = "its time over that of the median worker"},
    {FIELD(testudo_fit_worker, low), .meaning = "lower end of an interval of 95 %"},
    {FIELD(testudo_fit_worker, high), .meaning = "upper end of it"},
    {.key = NULL},
};

static const field trace_fields[] = {
    {FIELD(advise_trace, name), .meaning = "its name, without folders"},
    {FIELD(advise_trace, workers), .meaning = "distinct workers"},
    {FIELD(advise_trace, iterations), .meaning = "distinct iterations"},
    {FIELD(advise_trace, chunks),
     .meaning = "chunks measured for each worker in an iteration; null: not as many for all"},
    {FIELD(advise_trace, structure),
     .meaning = "how the times of a worker's chunks hang together: scaled, additive or mixed; null: not known"},
    {FIELD(advise_trace, law), .meaning = "law of the times that holds; null: none does"},
    {FIELD(advise_trace, startup), .meaning = "with it: law of the start-up; null: there is none"},
    {FIELD_ROWS("persistent", advise_trace, persistent, named, slow_fields),
     .meaning = "workers that are slow for good: at least 1.2 times as slow as the median worker"},
    {FIELD(advise_trace, unknown), .meaning = "what the trace cannot know"},
    {FIELD(advise_trace, assumed), .meaning = "what is assumed of times that were not measured; null: nothing"},
    {.key = NULL},
};

static const field cost_fields[] = {
    {FIELD(testudo_straggler_cost, slowest), .unit = "s",
     .meaning = "mean over the iterations of the slowest worker's time"},
    {FIELD(testudo_straggler_cost, mean), .unit = "s", .meaning = "mean time of all workers"},
    {FIELD(testudo_straggler_cost, slowest_over_mean),
     .meaning = "S, the slowest over the mean; persistent + iteration + chunk = S - 1"},
    {FIELD(testudo_straggler_cost, persistent),
     .meaning = "what goes of S when every worker is made as fast as the others on average"},
    {FIELD(testudo_straggler_cost, iteration),
     .meaning = "what goes then, when chunks are dealt out anew, so that no worker is slow for an iteration"},
    {FIELD(testudo_straggler_cost, chunk),
     .meaning = "the rest: single chunks; null: one time per worker and iteration, the rest is under iteration"},
    {FIELD(testudo_straggler_cost, common),
     .meaning = "coefficient of variation of the iterations' means, which does not enter S"},
    {.key = NULL},
};

static const field times_fields[] = {
    {FIELD(testudo_remedy_times, iterations), .meaning = "measured or drawn; 0: nothing is known"},
    {FIELD(testudo_remedy_times, mean), .unit = "s", .meaning = "mean time of an iteration, given that it ends"},
    {FIELD(testudo_remedy_times, low), .unit = "s", .meaning = "lower end of an interval of 95 % of the mean"},
    {FIELD(testudo_remedy_times, high), .unit = "s", .meaning = "upper end of it"},
    {FIELD(testudo_remedy_times, median), .unit = "s", .meaning = "median"},
    {FIELD_AS("quantile", testudo_remedy_times, high_quantile), .unit = "s",
     .meaning = "0.99-quantile; null: fewer than 100 iterations are known"},
    {FIELD(testudo_remedy_times, p_never), .meaning = "probability that an iteration never ends"},
    {FIELD(testudo_remedy_times, objective),
     .meaning = "what was asked for: mean, quantile, P(T > t), or cost; seconds but for P(T > t)"},
    {FIELD(testudo_remedy_times, gain), .meaning = "1 - objective over that of no remedy"},
    {FIELD(testudo_remedy_times, gain_low),
     .meaning = "lower end of an interval of 95 % of the gain, by the same iterations"},
    {FIELD(testudo_remedy_times, gain_high), .meaning = "upper end of it"},
    {.key = NULL},
};

static const field remedy_fields[] = {
    {FIELD_AS("remedy", advise_row, kind), .meaning = "kind of the remedy: none, unequal-loads, backup, .."},
    {FIELD_CHARS("name", advise_row, of.name), .meaning = "the same in words, with its sizes"},
    {FIELD(advise_row, design), .meaning = "name of the design that the times are of; null: there is none"},
    {FIELD_AS("exact_gradient", advise_row, of.exact_gradient),
     .meaning = "is it the exact gradient of the same data on the same machines, so that it may be recommended?"},
    {FIELD_CHARS("dropped", advise_row, of.dropped), .meaning = "why it was not measured; null: it was"},
    {FIELD_AS("granularity", advise_row, of.granularity), .unit = "chunks", .meaning = "chunks per share"},
    {FIELD_AS("load", advise_row, of.load), .unit = "shares", .meaning = "load of the worker that holds most"},
    {FIELD_AS("copies", advise_row, of.copies), .meaning = "copies of a chunk, on average"},
    {FIELD_AS("computed", advise_row, of.computed), .unit = "shares",
     .meaning = "what a worker computes in an iteration, on average"},
    {FIELD_AS("messages", advise_row, of.messages), .meaning = "messages that the decoder reads in an iteration"},
    {FIELD_AS("floats", advise_row, of.floats), .unit = "gradients",
     .meaning = "numbers sent in an iteration, over the length of the gradient"},
    {FIELD_AS("memory", advise_row, of.memory), .unit = "gradients",
     .meaning = "vectors of the gradient's length that a worker keeps"},
    {FIELD_AS("missing", advise_row, of.missing), .meaning = "first-k: share of the data that is left out"},
    {FIELD_AS("staleness", advise_row, of.staleness), .unit = "updates",
     .meaning = "k-async: mean number of updates between reading the parameters and using the gradient"},
    {FIELD_INSIDE("predicted", advise_row, of.predicted, times_fields), .meaning = "of drawn iterations"},
    {FIELD_INSIDE("replayed", advise_row, of.replayed, times_fields), .meaning = "of measured iterations"},
    {FIELD_CHARS("change", advise_row, of.change), .meaning = "what must change in the training loop"},
    {.key = NULL},
};

const field advise_fields[] = {
    {FIELD(advise_result, command), .phrase = advise_print,
     .meaning = "the command that made the result, without folders and without what says only how to run"},
    {FIELD(advise_result, version), .meaning = "of the program"},
    {FIELD(advise_result, seed), .meaning = "of everything random"},
    {FIELD(advise_result, workers), .meaning = "number of workers m"},
    {FIELD_BEHIND("trace", advise_result, traced, trace_fields), .meaning = "what the trace is; null: a delay model"},
    {FIELD_BEHIND("delay", advise_result, delayed, delay_fields),
     .meaning = "the delay model that was assumed; null: a trace"},
    {FIELD_AS("measured_iterations", advise_result, of.iterations), .meaning = "that were replayed; 0: no trace"},
    {FIELD_AS("drawn_iterations", advise_result, of.drawn),
     .meaning = "drawn from the model; 0: no model holds, so nothing is predicted"},
    {FIELD_INSIDE("cost", advise_result, of.cost, cost_fields), .meaning = "what stragglers cost"},
    {FIELD(advise_result, objective), .meaning = "what the best remedy makes small, as it was given"},
    {FIELD_ROWS("remedies", advise_result, row, rows, remedy_fields),
     .meaning = "a fixed list, those of the exact gradient first"},
    {FIELD_AS("recommended", advise_result, of.recommended), .meaning = "index of the recommended remedy; 0: none"},
    {FIELD_AS("best_code", advise_result, of.best_code),
     .meaning = "index of the best gradient-code, nested, block or partial; null: none was measured"},
    {FIELD(advise_result, best_of_all),
     .meaning = "with --inexact: index of the best remedy, exact or not; null: not asked for"},
    {FIELD_CHARS("verdict", advise_result, of.verdict), .meaning = "one sentence"},
    {FIELD_CHARS("because", advise_result, of.because), .meaning = "why"},
    {FIELD_AS("now", advise_result, of.now),
     .meaning = "objective of the best partial design that needs no search; null: there is none"},
    {FIELD_AS("more_copies", advise_result, of.more_copies),
     .meaning = "the same with a limit of load that is one share larger"},
    {FIELD_AS("finer", advise_result, of.finer), .meaning = "the same with chunks half the size"},
    {FIELD_AS("cheaper_start", advise_result, of.cheaper_start), .meaning = "the same with half the start-up"},
    {FIELD_AS("interrupted", advise_result, of.stopped),
     .meaning = "was it interrupted? Then later remedies were not measured"},
    {.key = NULL},
};

/* ---- what text and page say of a remedy ---- */

const testudo_remedy_times *advise_times(const testudo_remedy *remedy)
{
  return remedy->replayed.iterations > 0 && isfinite(remedy->replayed.objective) ? &remedy->replayed
                                                                                  : &remedy->predicted;
}

bool advise_is_measured(const testudo_remedy *remedy)
{
  return remedy->dropped[0] == '\0';
}

void advise_chunks_write(const advise_trace *trace, char *text, size_t room)
{
  if (trace->chunks < 1)
    snprintf(text, room, "different numbers of chunks per worker");
  else
    snprintf(text, room, "%lld chunk%s per worker", (long long)trace->chunks, trace->chunks == 1 ? "" : "s");
}

void advise_gain_write(const testudo_remedy *remedy, char *text, size_t room)
{
  const testudo_remedy_times *times = advise_times(remedy);
  if (remedy->kind == TESTUDO_REMEDY_NONE || !isfinite(times->gain))
    snprintf(text, room, "-");
  else if (!isfinite(times->gain_low) || !isfinite(times->gain_high))
    snprintf(text, room, "%.3g %%", 100.0 * times->gain);
  else
    snprintf(text, room, "%.3g %% (%.3g to %.3g)", 100.0 * times->gain, 100.0 * times->gain_low,
             100.0 * times->gain_high);
}

void advise_given_up_write(const testudo_remedy *remedy, char *text, size_t room)
{
  if (remedy->kind == TESTUDO_REMEDY_FIRST_K)
    snprintf(text, room, "leaves %.3g %% of the data out", 100.0 * remedy->missing);
  else if (remedy->kind == TESTUDO_REMEDY_K_ASYNC)
    snprintf(text, room, "gradients are %.3g updates old", remedy->staleness);
  else
    snprintf(text, room, "%s", remedy->kind == TESTUDO_REMEDY_REPLACE ? "needs other machines"
                               : remedy->exact_gradient               ? ""
                                                                      : "needs data that every worker can read");
}

const char *advise_unit(const advise_result *result)
{
  return result->goal == TESTUDO_OBJECTIVE_DEADLINE ? "" : " s";
}

void advise_source_write(const advise_result *result, char *text, size_t room)
{
  const testudo_advice *of = &result->of;
  int length = 0;
  if (of->iterations > 0)
    length = snprintf(text, room, "replayed: %lld measured iterations; ", (long long)of->iterations);
  if (of->drawn > 0)
    snprintf(text + length, room - (size_t)length, "predicted: %lld drawn iterations (simulation)",
             (long long)of->drawn);
  else
    snprintf(text + length, room - (size_t)length, "nothing is predicted, for no model holds");
}

/* ---- the result ---- */

/* Under a mean both means are shown; otherwise the predicted mean and both objectives, for eight columns are enough. */
static void fill_times(advise_line *line, const testudo_remedy *remedy, bool mean)
{
  const testudo_remedy_times *times = advise_times(remedy);
  line->predicted = remedy->predicted.mean;
  line->replayed = mean ? remedy->replayed.mean : NAN;
  line->objective = mean ? NAN : remedy->predicted.objective;
  line->replayed_objective = mean ? NAN : remedy->replayed.objective;
  if (mean && isfinite(times->low) && isfinite(times->high))
    snprintf(line->interval, sizeof line->interval, "%.4g to %.4g", times->low, times->high);
}

static void fill_line(advise_line *line, const advise_result *result, int32_t k)
{
  const testudo_remedy *remedy = &result->of.remedy[k];
  *line = (advise_line){.load = remedy->load, .copies = remedy->copies, .computed = remedy->computed,
                        .messages = remedy->messages, .floats = remedy->floats, .memory = remedy->memory,
                        .megabytes = result->dim > 0 ? remedy->memory * (double)result->dim * 8e-6 : NAN};
  snprintf(line->name, sizeof line->name, "%s%s", remedy->name, k == result->of.recommended ? " *" : "");
  fill_times(line, remedy, result->goal == TESTUDO_OBJECTIVE_MEAN);
  advise_gain_write(remedy, line->gain, sizeof line->gain);
  advise_given_up_write(remedy, line->given_up, sizeof line->given_up);
}

static testudo_status fill_rows(advise_result *result, testudo_i_arena *arena, testudo_error *error)
{
  size_t count = (size_t)result->of.remedies;
  result->row = testudo_i_arena_calloc(arena, count, sizeof *result->row);
  result->exact = testudo_i_arena_calloc(arena, count, sizeof *result->exact);
  result->other = testudo_i_arena_calloc(arena, count, sizeof *result->other);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (; result->rows < result->of.remedies; result->rows++) {
    const testudo_remedy *remedy = &result->of.remedy[result->rows];
    result->row[result->rows] = (advise_row){.of = *remedy, .kind = testudo_remedy_name(remedy->kind),
                                             .design = remedy->design == NULL ? NULL
                                                                              : testudo_design_name(remedy->design)};
    if (advise_is_measured(remedy))
      fill_line(remedy->exact_gradient ? &result->exact[result->exacts++] : &result->other[result->others++], result,
                result->rows);
  }
  return TESTUDO_OK;
}

static void fill_trace(advise_result *result, const advise_asked *asked)
{
  const testudo_fit *fit = result->of.fit;
  result->trace = (advise_trace){.name = cli_basename(asked->trace), .workers = result->of.workers,
                                 .iterations = result->of.iterations,
                                 .chunks = result->of.chunks > 0 ? result->of.chunks : -1};
  if (result->of.assumed[0] != '\0')
    result->trace.assumed = result->of.assumed;
  if (fit != NULL) {
    result->trace.structure = fit->structure;
    result->trace.law = fit->recommended.kind == TESTUDO_FIT_LAW ? fit->recommended.law : NULL;
    if (result->trace.law != NULL)
      fit_shorten_law(result->trace.law, result->trace.shown_law, sizeof result->trace.shown_law);
    if (result->trace.law != NULL && fit->recommended.startup[0] != '\0') {
      result->trace.startup = fit->recommended.startup;
      fit_shorten_law(result->trace.startup, result->trace.shown_startup, sizeof result->trace.shown_startup);
    }
    result->trace.persistent = fit->persistent;
    result->trace.named = fit->named;
    result->trace.unknown = fit->unknown[0] == '\0' ? NULL : fit->unknown;
  }
  result->traced = &result->trace;
}

/* The least objective of all, of what is known of each; the recommended one where nothing is less. */
static int32_t find_best(const testudo_advice *of)
{
  int32_t best = of->recommended;
  for (int32_t k = 0; k < of->remedies; k++)
    if (advise_is_measured(&of->remedy[k]) && !of->remedy[k].exact_gradient &&
        advise_times(&of->remedy[k])->objective < advise_times(&of->remedy[best])->objective)
      best = k;
  return best;
}

testudo_status advise_fill(advise_result *result, const testudo_advice *advice, const advise_asked *asked,
                           testudo_i_arena *arena, testudo_error *error)
{
  const cli_arguments *arguments = asked->arguments;
  *result = (advise_result){.of = *advice, .command = arguments->line, .version = testudo_version(),
                            .objective = cli_text(arguments, "objective", "mean"), .goal = asked->objective.kind,
                            .seed = cli_integer(arguments, "seed", 1), .dim = cli_integer(arguments, "dim", -1),
                            .workers = advice->workers,
                            .best_of_all = cli_given(arguments, "inexact") ? find_best(advice) : -1};
  if (asked->trace != NULL)
    fill_trace(result, asked);
  else {
    delay_fill(&result->delay, asked->cluster);
    result->delayed = &result->delay;
  }
  return fill_rows(result, arena, error);
}
