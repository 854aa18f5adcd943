/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo fit */
#include "commands.h"

#include <math.h>

#include <testudo/fit.h>

#include "base/error.h"
#include "common/fit_fields.h"
#include "common/head.h"
#include "common/output.h"
#include "common/session.h"
#include "delay/delay_json.h"
#include "option/input.h"
#include "option/reading.h"

/* Steps of the empirical law in a result; a longer trace is thinned. */
enum { MOST_STEPS = 2000 };

static void fit_print(FILE *text, const void *result);

static const field model_fields[] = {
    {FIELD_AS("log_likelihood", testudo_fit_model, log_likelihood), .label = "log L", .digits = 7,
     .meaning = "natural logarithm of the likelihood"},
    {FIELD(testudo_fit_model, aic), .label = "AIC", .digits = 7, .meaning = "Akaike's criterion"},
    {FIELD(testudo_fit_model, bic), .label = "BIC", .digits = 7, .meaning = "Bayesian criterion: the smallest is best"},
    {FIELD(testudo_fit_model, ks), .label = "KS", .digits = 4, .meaning = "Kolmogorov-Smirnov distance to the samples"},
    {FIELD(testudo_fit_model, ks_p), .label = "KS p", .digits = 2,
     .meaning = "its p-value as if the parameters had been known: too large"},
    {FIELD_CHARS("law", testudo_fit_model, law), .label = "law", .meaning = "the fitted law, as --delay takes it"},
    {FIELD(testudo_fit_model, parameters), .meaning = "number of fitted parameters"},
    {.key = NULL},
};

static const field ecdf_fields[] = {
    {FIELD_LIST("t", ecdf_result, t, count), .unit = "s", .meaning = "distinct times, at most 2001 of them"},
    {FIELD_LIST("p", ecdf_result, p, count), .meaning = "exact share of rows up to each"},
    {.key = NULL},
};

const field fit_fields[] = {
    {FIELD(fit_result, command), .phrase = fit_print, .meaning = "the command that made the result"},
    {FIELD(fit_result, version), .meaning = "of the program"},
    {FIELD(fit_result, trace), .meaning = "the trace, without its folder"},
    {FIELD_AS("samples", fit_result, fit.samples), .meaning = "rows of the trace"},
    {FIELD_AS("workers", fit_result, fit.workers), .meaning = "distinct workers; 0: no such column"},
    {FIELD_AS("iterations", fit_result, fit.iterations), .meaning = "distinct iterations; 0: no such column"},
    {FIELD_AS("phases", fit_result, fit.phases),
     .meaning = "rows added to others of the same worker, iteration and chunk"},
    {FIELD_CHARS("columns", fit_result, fit.columns), .meaning = "what of the file was taken for what, in words"},
    {FIELD_AS("structure", fit_result, fit.structure),
     .meaning = "what the trace says of a worker's chunks: scaled or additive; null: nothing"},
    {FIELD_AS("icc", fit_result, fit.icc),
     .meaning = "intraclass correlation of the chunks of a worker in an iteration; below 0.5 additive"},
    {FIELD_AS("icc_low", fit_result, fit.icc_low), .meaning = "lower end of its interval of 95 %"},
    {FIELD_AS("icc_high", fit_result, fit.icc_high), .meaning = "upper end of it"},
    {FIELD_AS("mean", fit_result, fit.mean), .unit = "s", .meaning = "mean of the samples"},
    {FIELD_AS("stddev", fit_result, fit.stddev), .unit = "s", .meaning = "their standard deviation"},
    {FIELD_AS("min", fit_result, least), .unit = "s", .meaning = "the least"},
    {FIELD_AS("max", fit_result, most), .unit = "s", .meaning = "the largest"},
    {FIELD_ROWS("models", fit_result, fit.model, fit.models, model_fields), .meaning = "laws fitted, best first"},
    {FIELD(fit_result, best), .meaning = "the law with the smallest BIC"},
    {FIELD(fit_result, best_aic), .meaning = "the law with the smallest AIC"},
    {FIELD_AS("worker_variance_share", fit_result, fit.worker_variance_share),
     .meaning = "share of the variance that lies between workers"},
    {FIELD_AS("worker_share_expected", fit_result, fit.worker_share_expected),
     .meaning = "the same if all workers were alike"},
    {FIELD_AS("iteration_variance_share", fit_result, fit.iteration_variance_share),
     .meaning = "share of the variance that lies between iterations"},
    {FIELD_AS("iteration_share_expected", fit_result, fit.iteration_share_expected),
     .meaning = "the same if all iterations were alike"},
    {FIELD_AS("largest_mean", fit_result, fit.largest_mean), .unit = "s",
     .meaning = "mean over the iterations of the largest time"},
    {FIELD(fit_result, largest_over_mean), .meaning = "the same over the mean"},
    {FIELD_INSIDE("ecdf", fit_result, ecdf, ecdf_fields), .meaning = "the empirical law"},
    {.key = NULL},
};

static const testudo_fit_model *best_by_aic(const testudo_fit *fit)
{
  const testudo_fit_model *best = &fit->model[0];
  for (size_t k = 1; k < fit->models; k++)
    if (fit->model[k].aic < best->aic)
      best = &fit->model[k];
  return best;
}

/* ---- the result ---- */

/* Rows counted by step s of the empirical law: all that are not larger than the one the step falls on. */
static int64_t rows_of_step(const testudo_fit *fit, int64_t s, int64_t steps)
{
  int64_t rows = s == 0 ? 1 : (int64_t)((double)fit->samples * (double)s / (double)steps);
  rows = rows < 1 ? 1 : rows > fit->samples || s == steps ? fit->samples : rows;
  while (rows < fit->samples && fit->sorted[rows] == fit->sorted[rows - 1])
    rows++;
  return rows;
}

/* The distinct times, or a sample of them with the first and the last, and the exact share of rows up to each. */
static testudo_status fill_ecdf(ecdf_result *ecdf, const testudo_fit *fit, testudo_i_arena *arena,
                                testudo_error *error)
{
  int64_t steps = fit->samples < MOST_STEPS ? fit->samples : MOST_STEPS;
  ecdf->t = testudo_i_arena_calloc(arena, (size_t)steps + 1, sizeof *ecdf->t);
  ecdf->p = testudo_i_arena_calloc(arena, (size_t)steps + 1, sizeof *ecdf->p);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int64_t s = 0, last = 0; s <= steps && last < fit->samples; s++) {
    int64_t rows = rows_of_step(fit, s, steps);
    if (rows <= last)
      continue;
    ecdf->t[ecdf->count] = fit->sorted[rows - 1];
    ecdf->p[ecdf->count++] = (double)rows / (double)fit->samples;
    last = rows;
  }
  return TESTUDO_OK;
}

static testudo_status fill_fit(fit_result *result, const testudo_fit *fit, const cli_arguments *arguments,
                               testudo_i_arena *arena, testudo_error *error)
{
  *result = (fit_result){.fit = *fit, .command = arguments->line, .version = testudo_version(),
                         .trace = cli_basename(arguments->operand[0]), .least = fit->sorted[0],
                         .most = fit->sorted[fit->samples - 1], .best = fit->model[0].law,
                         .best_aic = best_by_aic(fit)->law, .largest_over_mean = fit->largest_mean / fit->mean};
  return fill_ecdf(&result->ecdf, fit, arena, error);
}

/* ---- the delay file ---- */

typedef struct delay_file {
  const char *format, *law, *structure;
  int32_t version;
  delay_result terms; /* the others: fit knows none */
  const fit_result *fit;
} delay_file;

const field delay_file_fields[] = {
    {FIELD(delay_file, format), .meaning = TESTUDO_I_DELAY_FORMAT},
    {FIELD(delay_file, version), .meaning = "1"},
    {FIELD(delay_file, law), .meaning = "the law, parametric"},
    {FIELD(delay_file, structure), .meaning = "scaled, additive or mixed; null: not known"},
    {FIELD_SAME_INSIDE(delay_file, terms, delay_term_fields)},
    {FIELD_BEHIND("fit", delay_file, fit, fit_fields), .meaning = "where it comes from"},
    {.key = NULL},
};

static testudo_status write_delay_file(const fit_result *result, const char *path, testudo_error *error)
{
  testudo_i_output output;
  TESTUDO_I_TRY(session_output(&output, path, error));
  delay_file file = {.format = TESTUDO_I_DELAY_FORMAT, .version = 1, .law = result->best, .fit = result,
                     .structure = result->fit.structure};
  testudo_status status = TESTUDO_OK;
  if (!report_put_json(output.stream, delay_file_fields, &file))
    status = cli_refuse(error, "%s: the name of the trace must be UTF-8, as the delay file has it", result->trace);
  return session_output_end(&output, status, error);
}

/* ---- text ---- */

static void print_share(FILE *stream, const char *label, double share, double expected, const char *when)
{
  if (isfinite(share))
    fprintf(stream, "  %-20s%.4f of the variance; %.4f would be expected if %s\n", label, share, expected, when);
}

static void print_head(FILE *stream, const fit_result *result)
{
  const testudo_fit *fit = &result->fit;
  fprintf(stream, "%s: %lld row%s", result->trace, (long long)fit->samples, fit->samples == 1 ? "" : "s");
  if (fit->workers > 0)
    fprintf(stream, ", %lld worker%s", (long long)fit->workers, fit->workers == 1 ? "" : "s");
  if (fit->iterations > 0)
    fprintf(stream, ", %lld iteration%s", (long long)fit->iterations, fit->iterations == 1 ? "" : "s");
  fprintf(stream, "\n  %-20s%.6g s, std deviation %.6g s, from %.6g s to %.6g s\n", "mean", fit->mean, fit->stddev,
          fit->sorted[0], fit->sorted[fit->samples - 1]);
  if (fit->iterations > 0)
    fprintf(stream, "  %-20s%.6g s is the mean of the largest time of an iteration, %.4g times the mean\n", "slowest",
            fit->largest_mean, fit->largest_mean / fit->mean);
  print_share(stream, "between workers", fit->worker_variance_share, fit->worker_share_expected,
              "all workers were alike");
  print_share(stream, "between iterations", fit->iteration_variance_share, fit->iteration_share_expected,
              "all iterations were alike");
  if (fit->columns[0] != '\0')
    fprintf(stream, "  %-20s%s\n", "columns", fit->columns);
  if (fit->phases > 0)
    fprintf(stream, "  %-20s%lld rows were added to others of the same worker, iteration and chunk\n", "phases",
            (long long)fit->phases);
  if (fit->structure != NULL)
    fprintf(stream, "  %-20s%s: intraclass correlation of a worker's chunks %.3g, 95 %% interval %.3g to %.3g\n",
            "structure", fit->structure, fit->icc, fit->icc_low, fit->icc_high);
}

static void fit_print(FILE *stream, const void *result)
{
  const fit_result *fitted = result;
  const testudo_fit *fit = &fitted->fit;
  print_head(stream, fitted);
  fputs("\nlaws fitted by maximum likelihood, the smallest BIC first\n", stream);
  fields_print_rows(stream, model_fields, fit->model, fit->models, sizeof *fit->model);
  if (fit->models == 1 && isinf(fit->model[0].log_likelihood)) {
    fputs("\nall times are equal: no continuous law fits them; their law is deterministic\n", stream);
    return;
  }
  const testudo_fit_model *other = best_by_aic(fit);
  fprintf(stream, "\n  %-20s%s\n", "best by BIC", fit->model[0].law);
  fprintf(stream, "  %-20s%s\n", "best by AIC", other == &fit->model[0] ? "the same" : other->law);
  fputs("\nKS p is too large, because the parameters were fitted to the same rows: a small one refutes a law, a\n"
        "large one proves nothing. The fit treats all rows as independent draws of one law. Shares well above the\n"
        "expected ones mean that they are not: some workers (or iterations) are persistently slow, which none of\n"
        "these laws describes.\n", stream);
}

typedef struct cli_fit {
  testudo_fit *fit;
  fit_result result;
  testudo_i_arena arena;
} cli_fit;

static testudo_status fit_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_fit *fitted = context;
  const char *file = arguments->operand[0], *output = cli_text(arguments, "output", NULL);
  testudo_trace_options reading;
  TESTUDO_I_TRY(cli_reading(arguments, &reading, error));
  TESTUDO_I_TRY(input_explain(testudo_fit_trace(file, &reading, &fitted->fit, error), file, INPUT_TRACE, error));
  TESTUDO_I_TRY(fill_fit(&fitted->result, fitted->fit, arguments, &fitted->arena, error));
  if (output != NULL)
    TESTUDO_I_TRY(write_delay_file(&fitted->result, output, error));
  if (output == NULL || !cli_is_standard(output))
    report_show(arguments, fit_fields, &fitted->result);
  return TESTUDO_OK;
}

static void fit_clear(void *context)
{
  cli_fit *fitted = context;
  testudo_fit_free(fitted->fit);
  testudo_i_arena_clear(&fitted->arena);
}

static const cli_option options[] = {
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT,
     .help = "Write the best law to a delay file, for use as --delay @FILE."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, cli_reading_unit_options, CLI_READING_OWN, cli_common_options,
                                           NULL};

const cli_command command_fit = {
    .name = "fit", .operands = "TRACE.csv", .least_operands = 1, .most_operands = 1,
    .summary = "Fit delay laws to a trace.",
    .details = "Fits exp, shifted-exp, lognormal and pareto to the column seconds by maximum likelihood, ranks them by"
               " BIC (AIC is listed too) and gives the Kolmogorov-Smirnov distance of each. The p-value of that"
               " distance is too large, because the parameters were fitted to the same rows."
               "\n\nIf the trace has the columns worker and iteration, the share of the variance between workers, and"
               " between iterations, is printed beside the share expected if workers (iterations) did not differ:"
               " (workers - 1) / (rows - 1). A share well above that means that some workers are persistently slow;"
               " the fitted laws treat all rows as independent draws."
               "\n\nA trace of equal times is fitted by law deterministic only. 'testudo plot' draws the JSON result"
               " and the delay file.",
    .example = "testudo fit trace.csv -o delay.json\n"
               "testudo fit trace.csv --json >fit.json && testudo plot fit.json -o fit.svg\n"
               "testudo analyze design.json --delay @delay.json",
    .groups = groups, .result = fit_fields, .makes = "delay file", .run = fit_run,
    .reads_traces = true, .room = sizeof(cli_fit), .clear = fit_clear,
};
