/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of a fit. */
#include "fit/fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* Steps of the empirical law in a result; a longer trace is thinned. */
enum { MOST_STEPS = 2000 };

static const char *const kind_words[] = {[TESTUDO_FIT_NOTHING] = "nothing", [TESTUDO_FIT_LAW] = "law",
                                         [TESTUDO_FIT_TRACE] = "trace", [TESTUDO_FIT_REPLAY] = "replay", NULL};
static const char *const yes_or_no[] = {"no", "yes", NULL};

const field fit_model_fields[] = {
    {FIELD_AS("log_likelihood", fit_model_result, of.log_likelihood), .label = "log L", .digits = 7,
     .meaning = "natural logarithm of the likelihood"},
    {FIELD_AS("aic", fit_model_result, of.aic), .label = "AIC", .digits = 7, .meaning = "Akaike's criterion"},
    {FIELD_AS("bic", fit_model_result, of.bic), .label = "BIC", .digits = 7,
     .meaning = "Bayesian criterion: the smallest is best"},
    {FIELD_AS("ks", fit_model_result, of.ks), .label = "KS", .digits = 3,
     .meaning = "Kolmogorov-Smirnov distance to the samples"},
    {FIELD_AS("ks_p", fit_model_result, of.ks_p), .label = "KS p", .digits = 2,
     .meaning = "its p-value, which knows that the parameters were fitted (parametric bootstrap)"},
    {FIELD_AS("ad", fit_model_result, of.ad), .label = "AD", .digits = 3,
     .meaning = "Anderson-Darling distance to the samples"},
    {FIELD_AS("ad_p", fit_model_result, of.ad_p), .label = "AD p", .digits = 2,
     .meaning = "its p-value, of the same kind"},
    {FIELD_AS("refuted", fit_model_result, of.refuted), .words = yes_or_no, .label = "refuted",
     .meaning = "KS p below .01, and KS above .03, a difference that matters"},
    {FIELD_AS("tail_index", fit_model_result, of.tail_index),
     .meaning = "c of P(X > x) ~ x^-c, of laws whose tail is a power; null: lighter"},
    {FIELD_CHARS("law", fit_model_result, of.law), .label = "law", .meaning = "the fitted law, as --delay takes it"},
    {FIELD_AS("parameters", fit_model_result, of.parameters), .meaning = "number of fitted parameters"},
    {FIELD_LIST("numbers", fit_model_result, number, of.parameters),
     .meaning = "the numbers of the law, in the order of its text"},
    {FIELD_LIST("standard_errors", fit_model_result, standard_error, of.parameters),
     .meaning = "their standard errors; null: none, as of a shift, which has a law of its own"},
    {.key = NULL},
};

static const field mixed_fields[] = {
    {FIELD(testudo_fit_mixed, bic), .label = "BIC", .digits = 7, .meaning = "Bayesian criterion: the smallest is best"},
    {FIELD(testudo_fit_mixed, log_likelihood), .label = "log L", .digits = 7,
     .meaning = "natural logarithm of the likelihood, Z integrated out"},
    {FIELD_CHARS("law", testudo_fit_mixed, law), .label = "law of Z", .meaning = "law of Z, one draw per worker and "
                                                                                 "iteration"},
    {FIELD_CHARS("mixed", testudo_fit_mixed, chunk_law), .label = "law of E",
     .meaning = "law of E, one draw per chunk, of mean 1"},
    {FIELD(testudo_fit_mixed, aic), .meaning = "Akaike's criterion"},
    {FIELD(testudo_fit_mixed, parameters), .meaning = "number of fitted parameters"},
    {FIELD_AS("mu", testudo_fit_mixed, number[0]), .meaning = "of Z"},
    {FIELD_AS("mu_error", testudo_fit_mixed, standard_error[0]), .meaning = "its standard error"},
    {FIELD_AS("sigma", testudo_fit_mixed, number[1]), .meaning = "of Z"},
    {FIELD_AS("sigma_error", testudo_fit_mixed, standard_error[1]), .meaning = "its standard error"},
    {FIELD_AS("shape", testudo_fit_mixed, number[2]), .meaning = "of E: its shape, or sigma if it is lognormal"},
    {FIELD_AS("shape_error", testudo_fit_mixed, standard_error[2]), .meaning = "its standard error"},
    {.key = NULL},
};

static const field variance_fields[] = {
    {FIELD(testudo_fit_variance, worker), .meaning = "between workers"},
    {FIELD(testudo_fit_variance, iteration), .meaning = "between iterations"},
    {FIELD(testudo_fit_variance, worker_iteration),
     .meaning = "between a worker's iterations, beyond both; null: one row per worker and iteration"},
    {FIELD(testudo_fit_variance, residual), .meaning = "between the rows of a worker in an iteration"},
    {FIELD(testudo_fit_variance, worker_p), .meaning = "p-value of the F test that the worker component is 0"},
    {FIELD(testudo_fit_variance, iteration_p), .meaning = "of the iteration component"},
    {FIELD(testudo_fit_variance, worker_iteration_p), .meaning = "of the worker x iteration component"},
    {.key = NULL},
};

static const field worker_fields[] = {
    {FIELD_AS("worker", testudo_fit_worker, name), .label = "worker", .meaning = "the worker's text in the trace"},
    {FIELD(testudo_fit_worker, factor), .label = "factor", .digits = 4,
     .meaning = "its time over that of the median worker; above 1: slower"},
    {FIELD(testudo_fit_worker, low), .label = "from", .digits = 4, .meaning = "lower end of an interval of 95 %"},
    {FIELD(testudo_fit_worker, high), .label = "to", .digits = 4, .meaning = "upper end of it"},
    {FIELD(testudo_fit_worker, rate), .meaning = "its speed over that of the workers which do not differ"},
    {FIELD(testudo_fit_worker, differs), .meaning = "does it differ from the median worker by more than chance?"},
    {FIELD(testudo_fit_worker, persistent), .meaning = "and at least 1.2 times as slow?"},
    {.key = NULL},
};

static const field times_fields[] = {
    {FIELD(testudo_fit_times, iterations), .meaning = "iterations, measured or simulated"},
    {FIELD(testudo_fit_times, slowest), .unit = "s", .meaning = "mean time of waiting for all workers"},
    {FIELD_AS("slowest_stderr", testudo_fit_times, slowest_error), .unit = "s", .meaning = "its standard error"},
    {FIELD(testudo_fit_times, slowest_low), .unit = "s", .meaning = "lower end of an interval of 95 %"},
    {FIELD(testudo_fit_times, slowest_high), .unit = "s", .meaning = "upper end of it"},
    {FIELD_AS("all_but_one", testudo_fit_times, but_one), .unit = "s",
     .meaning = "mean time of waiting for all workers but one"},
    {FIELD_AS("all_but_one_stderr", testudo_fit_times, but_one_error), .unit = "s", .meaning = "its standard error"},
    {FIELD_AS("all_but_one_low", testudo_fit_times, but_one_low), .unit = "s",
     .meaning = "lower end of an interval of 95 %"},
    {FIELD_AS("all_but_one_high", testudo_fit_times, but_one_high), .unit = "s", .meaning = "upper end of it"},
    {FIELD(testudo_fit_times, waiting), .unit = "s",
     .meaning = "mean of the slowest less the mean of all workers in the same iteration: what waiting costs"},
    {FIELD_AS("waiting_stderr", testudo_fit_times, waiting_error), .unit = "s", .meaning = "its standard error"},
    {.key = NULL},
};

const field fit_prediction_fields[] = {
    {FIELD(testudo_fit_prediction, model), .label = "model", .meaning = "scaled, additive: draws from the trace's own "
                                                                        "times; mixed, recommended: draws of laws"},
    {FIELD(testudo_fit_prediction, holds),
     .meaning = "are the slowest and the waiting within 3 standard errors, or 2 % of the slowest, of those measured?"},
    {FIELD_SAME_INSIDE(testudo_fit_prediction, times, times_fields)},
    {.key = NULL},
};

static const field slow_fields[] = {
    {FIELD_AS("p", testudo_fit, slow.begin), .meaning = "probability of becoming slow, per iteration"},
    {FIELD_AS("p_error", testudo_fit, slow_begin_error), .meaning = "its standard error"},
    {FIELD_AS("q", testudo_fit, slow.end), .meaning = "probability of becoming normal again"},
    {FIELD_AS("q_error", testudo_fit, slow_end_error), .meaning = "its standard error"},
    {FIELD_AS("factor", testudo_fit, slow.factor), .meaning = "by which a slow worker's times are multiplied"},
    {FIELD_AS("log_factor_error", testudo_fit, slow_factor_error), .meaning = "standard error of its logarithm"},
    {.key = NULL},
};

static const field ecdf_fields[] = {
    {FIELD_LIST("t", ecdf_result, t, count), .unit = "s", .meaning = "distinct times, at most 2001 of them"},
    {FIELD_LIST("p", ecdf_result, p, count), .meaning = "exact share of the samples up to each"},
    {.key = NULL},
};

static const field recommended_fields[] = {
    {FIELD_ENUM("kind", recommended_result, kind, kind_words),
     .meaning = "law: one that holds; trace: the times themselves, at rate 1, all as likely; replay: the iterations"},
    {FIELD_SAME_INSIDE(recommended_result, delay, delay_fields)},
    {.key = NULL},
};

const field fit_fields[] = {
    {FIELD(fit_result, command), .phrase = fit_print, .meaning = "the command that made the result"},
    {FIELD(fit_result, version), .meaning = "of the program"},
    {FIELD(fit_result, trace), .meaning = "the trace, without its folder"},
    {FIELD_AS("samples", fit_result, fit.samples), .meaning = "rows of the trace"},
    {FIELD_AS("censored", fit_result, fit.censored), .meaning = "rows whose end was not seen"},
    {FIELD_AS("workers", fit_result, fit.workers), .meaning = "distinct workers; 0: no such column"},
    {FIELD_AS("iterations", fit_result, fit.iterations), .meaning = "distinct iterations; 0: no such column"},
    {FIELD_AS("phases", fit_result, fit.phases),
     .meaning = "rows added to others of the same worker, iteration and chunk"},
    {FIELD_AS("incomplete", fit_result, fit.incomplete),
     .meaning = "chunks of which fewer rows were added up than of others: what is missing counts as no time"},
    {FIELD_CHARS("columns", fit_result, fit.columns), .meaning = "what of the file was taken for what, in words"},
    {FIELD_AS("mean", fit_result, fit.mean), .unit = "s", .meaning = "mean of the rows whose end was seen"},
    {FIELD_AS("stddev", fit_result, fit.stddev), .unit = "s", .meaning = "their standard deviation"},
    {FIELD_AS("min", fit_result, least), .unit = "s", .meaning = "the least"},
    {FIELD_AS("max", fit_result, most), .unit = "s", .meaning = "the largest"},
    {FIELD_AS("collective", fit_result, fit.collective),
     .meaning = "was the trace taken after a collective, so that it says nothing about workers?"},
    {FIELD_AS("structure", fit_result, fit.structure),
     .meaning = "how the times of a worker's chunks hang together: scaled, additive or mixed; null: not known"},
    {FIELD_CHARS("structure_why", fit_result, fit.structure_why), .meaning = "how that was found"},
    {FIELD_AS("icc", fit_result, fit.icc),
     .meaning = "intraclass correlation of the chunks of a worker in an iteration"},
    {FIELD_AS("icc_low", fit_result, fit.icc_low), .meaning = "lower end of its interval of 95 %"},
    {FIELD_AS("icc_high", fit_result, fit.icc_high), .meaning = "upper end of it"},
    {FIELD_INSIDE("variance", fit_result, fit.variance, variance_fields), .meaning = "components of variance, s^2"},
    {FIELD_INSIDE("log_variance", fit_result, fit.log_variance, variance_fields),
     .meaning = "components of variance of log times, which decide"},
    {FIELD_AS("worker_variance_share", fit_result, fit.worker_variance_share),
     .meaning = "share of the variance that lies between workers"},
    {FIELD_AS("worker_share_expected", fit_result, fit.worker_share_expected),
     .meaning = "the same if all workers were alike"},
    {FIELD_AS("iteration_variance_share", fit_result, fit.iteration_variance_share),
     .meaning = "share of the variance that lies between iterations"},
    {FIELD_AS("iteration_share_expected", fit_result, fit.iteration_share_expected),
     .meaning = "the same if all iterations were alike"},
    {FIELD_AS("largest_mean", fit_result, fit.largest_mean), .unit = "s",
     .meaning = "mean over the iterations of the largest time in it"},
    {FIELD(fit_result, largest_over_mean), .meaning = "the same over the mean"},
    {FIELD_ROWS("persistent", fit_result, fit.persistent, fit.named, worker_fields),
     .meaning = "workers that are slow for good: at least 1.2 times as slow as the median worker"},
    {FIELD_LIST("rates", fit_result, rates, rate_count),
     .meaning = "speed of every worker, 1 for those that do not differ by more than chance; null: not known"},
    {FIELD_ROWS("worker_list", fit_result, fit.worker, fit.listed, worker_fields), .lines = true,
     .meaning = "all workers"},
    {FIELD_AS("memory", fit_result, fit.memory),
     .meaning = "correlation of a worker's log times with those of its next iteration"},
    {FIELD_AS("memory_error", fit_result, fit.memory_error), .meaning = "its standard error where there is none"},
    {FIELD_AS("slow_found", fit_result, fit.slow_found), .meaning = "are slow spells of workers seen?"},
    {FIELD_INSIDE("markov", fit_result, fit, slow_fields), .meaning = "slow spells, where slow_found"},
    {FIELD_AS("startup", fit_result, fit.startup), .unit = "s",
     .meaning = "time before the first chunk, of a trace with several loads"},
    {FIELD_AS("startup_error", fit_result, fit.startup_error), .unit = "s", .meaning = "its standard error"},
    {FIELD_AS("per_chunk", fit_result, fit.per_chunk), .unit = "s", .meaning = "time per chunk of such a trace"},
    {FIELD_AS("per_chunk_error", fit_result, fit.per_chunk_error), .unit = "s", .meaning = "its standard error"},
    {FIELD_AS("startup_deviation", fit_result, fit.startup_deviation), .unit = "s",
     .meaning = "standard deviation of a start-up that varies, of which the laws are then; null: it does not"},
    {FIELD_AS("chunk_deviation", fit_result, fit.chunk_deviation), .unit = "s",
     .meaning = "with it: standard deviation of a chunk's time, 0 where it does not vary"},
    {FIELD_AS("fitted_to", fit_result, fit.fitted_to), .meaning = "what laws were fitted to"},
    {FIELD_AS("fitted", fit_result, fit.fitted), .meaning = "how many of them"},
    {FIELD_ROWS("models", fit_result, model, models, fit_model_fields), .meaning = "laws fitted, best first"},
    {FIELD(fit_result, best), .meaning = "the law ranked first: the smallest BIC, charged for starts and mixtures"},
    {FIELD(fit_result, best_aic), .meaning = "the law with the smallest AIC"},
    {FIELD(fit_result, refuted), .meaning = "is the law ranked first refuted?"},
    {FIELD_CHARS("verdict", fit_result, verdict), .meaning = "the same in words"},
    {FIELD_ROWS("mixed_models", fit_result, fit.mixed, fit.mixeds, mixed_fields), .lines = true,
     .meaning = "laws of structure mixed, best first"},
    {FIELD_INSIDE("measured", fit_result, fit.measured, times_fields),
     .meaning = "times of whole iterations in the trace"},
    {FIELD_LIST("slowest_of_iteration", fit_result, fit.slowest, fit.slowests), .unit = "s",
     .meaning = "seconds of the slowest worker, of every whole iteration"},
    {FIELD_ROWS("predictions", fit_result, fit.prediction, fit.predictions, fit_prediction_fields), .lines = true,
     .meaning = "the same times predicted"},
    {FIELD_BEHIND("recommended", fit_result, recommended, recommended_fields),
     .meaning = "the delay model to go on with; null: none"},
    {FIELD_CHARS("why", fit_result, fit.why), .meaning = "why that one"},
    {FIELD_CHARS("unknown", fit_result, fit.unknown), .meaning = "what the trace cannot know"},
    {FIELD_INSIDE("ecdf", fit_result, ecdf, ecdf_fields), .meaning = "the empirical law of what laws were fitted to"},
    {.key = NULL},
};

/* ---- the result ---- */

static const testudo_fit_model *best_by_aic(const testudo_fit *fit)
{
  const testudo_fit_model *best = &fit->model[0];
  for (size_t k = 1; k < fit->models; k++)
    if (fit->model[k].aic < best->aic)
      best = &fit->model[k];
  return best;
}

/* Samples counted by step s of the empirical law: all that are not larger than the one the step falls on. */
static int64_t samples_of_step(const testudo_fit *fit, int64_t s, int64_t steps)
{
  int64_t count = s == 0 ? 1 : (int64_t)((double)fit->sampled * (double)s / (double)steps);
  count = count < 1 ? 1 : count > fit->sampled || s == steps ? fit->sampled : count;
  while (count < fit->sampled && fit->sample[count] == fit->sample[count - 1])
    count++;
  return count;
}

/* The distinct times, or a sample of them with the first and the last, and the exact share of samples up to each. */
static testudo_status fill_ecdf(ecdf_result *ecdf, const testudo_fit *fit, testudo_i_arena *arena,
                                testudo_error *error)
{
  int64_t steps = fit->sampled < MOST_STEPS ? fit->sampled : MOST_STEPS;
  ecdf->t = testudo_i_arena_calloc(arena, (size_t)steps + 1, sizeof *ecdf->t);
  ecdf->p = testudo_i_arena_calloc(arena, (size_t)steps + 1, sizeof *ecdf->p);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int64_t s = 0, last = 0; s <= steps && last < fit->sampled; s++) {
    int64_t count = samples_of_step(fit, s, steps);
    if (count <= last)
      continue;
    ecdf->t[ecdf->count] = fit->sample[count - 1];
    ecdf->p[ecdf->count++] = (double)count / (double)fit->sampled;
    last = count;
  }
  return TESTUDO_OK;
}

static testudo_status fill_recommended(fit_result *result, testudo_i_arena *arena, testudo_error *error)
{
  const testudo_fit_delay *from = &result->fit.recommended;
  if (from->kind == TESTUDO_FIT_NOTHING)
    return TESTUDO_OK;
  recommended_result *to = testudo_i_arena_calloc(arena, 1, sizeof *to);
  char *trace = testudo_i_arena_alloc(arena, strlen(result->trace) + 8, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  strcat(strcpy(trace, "trace:"), result->trace);
  to->kind = (int)from->kind;
  to->markov = (markov_result){from->slow.begin, from->slow.end, from->slow.factor};
  to->delay = (delay_result){
      .law = from->law[0] != '\0' ? from->law : from->kind == TESTUDO_FIT_TRACE ? trace : NULL,
      .replay = from->kind == TESTUDO_FIT_REPLAY ? result->trace : NULL, .discrete = from->kind != TESTUDO_FIT_LAW,
      .structure = testudo_i_find_word(testudo_i_structure_names, from->structure), .structure_source = -1,
      .icc = NAN, .icc_low = NAN, .icc_high = NAN,
      .mixed = from->chunk_sample != NULL ? trace : from->chunk_law[0] != '\0' ? from->chunk_law : NULL,
      .startup = from->startup[0] == '\0' ? NULL : from->startup, .rates = from->rates,
      .workers = from->workers, .markov = from->slow.factor > 0.0 ? &to->markov : NULL};
  result->recommended = to;
  return TESTUDO_OK;
}

bool fit_has_rates(const testudo_fit *fit)
{
  for (int32_t w = 0; w < fit->listed; w++)
    if (fit->worker[w].differs)
      return true;
  return false;
}

static testudo_status fill_rates(fit_result *result, testudo_i_arena *arena, testudo_error *error)
{
  const testudo_fit *fit = &result->fit;
  if (fit->listed == 0 || fit->collective)
    return TESTUDO_OK;
  double *rates = testudo_i_arena_alloc(arena, (size_t)fit->listed, sizeof *rates);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int32_t w = 0; w < fit->listed; w++)
    rates[w] = fit->worker[w].rate;
  result->rates = rates;
  result->rate_count = fit->listed;
  return TESTUDO_OK;
}

void fit_shorten_law(const char *law, char *text, size_t room)
{
  size_t length = 0;
  bool number_follows = false;
  while (*law != '\0' && length + 16 < room) {
    char *end = NULL;
    if (number_follows && (*law == '-' || (*law >= '0' && *law <= '9')))
      length += (size_t)snprintf(text + length, room - length, "%.6g", strtod(law, &end));
    else
      text[length++] = *law;
    number_follows = *law == ':' || *law == ',';
    law = end != NULL ? end : law + 1;
  }
  text[length] = '\0';
}

/* The models, with their inner lists pointed to. */
static testudo_status fill_models(fit_result *result, testudo_i_arena *arena, testudo_error *error)
{
  const testudo_fit *fit = &result->fit;
  result->model = testudo_i_arena_alloc(arena, fit->models, sizeof *result->model);
  result->shown = testudo_i_arena_alloc(arena, fit->models, sizeof *result->shown);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (result->models = 0; result->models < fit->models; result->models++) {
    const testudo_fit_model *of = &fit->model[result->models];
    fit_model_result *shown = &result->shown[result->models];
    *shown = result->model[result->models] = (fit_model_result){*of, of->number, of->standard_error};
    fit_shorten_law(of->law, shown->of.law, sizeof shown->of.law);
  }
  return TESTUDO_OK;
}

static void fill_verdict(fit_result *result)
{
  const testudo_fit_model *best = &result->fit.model[0];
  if (!isfinite(best->ks_p)) {
    snprintf(result->verdict, sizeof result->verdict, "not tested: no p-value");
    return;
  }
  snprintf(result->verdict, sizeof result->verdict, "%s: KS %.3g, p %.2g%s",
           best->refuted ? "refuted" : "not refuted", best->ks, best->ks_p,
           best->refuted       ? " (p is below .01 and KS above .03)"
           : best->ks_p < 0.01 ? " (the rows tell it from the law, by less than matters)" : "");
}

testudo_status fit_fill(fit_result *result, const testudo_fit *fit, const cli_arguments *arguments,
                        testudo_i_arena *arena, testudo_error *error)
{
  *result = (fit_result){.fit = *fit, .command = arguments->line, .version = testudo_version(),
                         .trace = cli_basename(arguments->operand[0]), .least = fit->sorted[0],
                         .most = fit->sorted[fit->seen - 1], .best = fit->model[0].law,
                         .best_aic = best_by_aic(fit)->law, .refuted = fit->model[0].refuted,
                         .largest_over_mean = fit->largest_mean / fit->mean};
  fill_verdict(result);
  TESTUDO_I_TRY(fill_models(result, arena, error));
  TESTUDO_I_TRY(fill_rates(result, arena, error));
  TESTUDO_I_TRY(fill_recommended(result, arena, error));
  return fill_ecdf(&result->ecdf, fit, arena, error);
}
