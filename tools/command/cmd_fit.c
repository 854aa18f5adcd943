/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo fit */
#include "commands.h"

#include <math.h>

#include <testudo/fit.h>

#include "base/error.h"
#include "common/input.h"
#include "common/session.h"
#include "delay/delay_json.h"

/* Steps of the empirical law in a result; a longer trace is thinned. */
enum { MOST_STEPS = 2000 };

typedef struct cli_fit {
  testudo_fit *fit;
  const char *trace, *command; /* the trace without folders */
} cli_fit;

static const testudo_fit_model *best_by_aic(const testudo_fit *fit)
{
  const testudo_fit_model *best = &fit->model[0];
  for (size_t k = 1; k < fit->models; k++)
    if (fit->model[k].aic < best->aic)
      best = &fit->model[k];
  return best;
}

/* ---- JSON ---- */

static void put_model(testudo_i_json_writer *writer, const testudo_fit_model *model)
{
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_string(writer, "law", model->law);
  testudo_i_json_put_integer(writer, "parameters", model->parameters);
  testudo_i_json_put_real(writer, "log_likelihood", model->log_likelihood);
  testudo_i_json_put_real(writer, "aic", model->aic);
  testudo_i_json_put_real(writer, "bic", model->bic);
  testudo_i_json_put_real(writer, "ks", model->ks);
  testudo_i_json_put_real(writer, "ks_p", model->ks_p);
  testudo_i_json_close_object(writer);
}

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
static void put_law(testudo_i_json_writer *writer, const testudo_fit *fit)
{
  int64_t steps = fit->samples < MOST_STEPS ? fit->samples : MOST_STEPS;
  testudo_i_json_open_object(writer, "ecdf");
  for (int part = 0; part < 2; part++) {
    testudo_i_json_open_array(writer, part == 0 ? "t" : "p");
    for (int64_t s = 0, last = 0; s <= steps; s++) {
      int64_t rows = last < fit->samples ? rows_of_step(fit, s, steps) : last;
      if (rows > last)
        testudo_i_json_put_real(writer, NULL,
                                part == 0 ? fit->sorted[rows - 1] : (double)rows / (double)fit->samples);
      last = rows;
    }
    testudo_i_json_close_array(writer);
  }
  testudo_i_json_close_object(writer);
}

static void fit_put(testudo_i_json_writer *writer, const void *context)
{
  const cli_fit *result = context;
  const testudo_fit *fit = result->fit;
  testudo_i_json_put_string(writer, "command", result->command);
  testudo_i_json_put_string(writer, "version", testudo_version());
  testudo_i_json_put_string(writer, "trace", result->trace);
  testudo_i_json_put_integer(writer, "samples", fit->samples);
  testudo_i_json_put_integer(writer, "workers", fit->workers);
  testudo_i_json_put_integer(writer, "iterations", fit->iterations);
  testudo_i_json_put_real(writer, "mean", fit->mean);
  testudo_i_json_put_real(writer, "stddev", fit->stddev);
  testudo_i_json_put_real(writer, "min", fit->sorted[0]);
  testudo_i_json_put_real(writer, "max", fit->sorted[fit->samples - 1]);
  testudo_i_json_open_array(writer, "models");
  for (size_t k = 0; k < fit->models; k++)
    put_model(writer, &fit->model[k]);
  testudo_i_json_close_array(writer);
  testudo_i_json_put_string(writer, "best", fit->model[0].law);
  testudo_i_json_put_string(writer, "best_aic", best_by_aic(fit)->law);
  testudo_i_json_put_real(writer, "worker_variance_share", fit->worker_variance_share);
  testudo_i_json_put_real(writer, "worker_share_expected", fit->worker_share_expected);
  testudo_i_json_put_real(writer, "iteration_variance_share", fit->iteration_variance_share);
  testudo_i_json_put_real(writer, "iteration_share_expected", fit->iteration_share_expected);
  testudo_i_json_put_real(writer, "largest_mean", fit->largest_mean);
  testudo_i_json_put_real(writer, "largest_over_mean", fit->largest_mean / fit->mean);
  put_law(writer, fit);
}

static void put_delay_file(testudo_i_json_writer *writer, const void *context)
{
  const cli_fit *result = context;
  testudo_i_delay_file_put_head(writer, result->fit->model[0].law);
  testudo_i_json_open_object(writer, "fit");
  fit_put(writer, result);
  testudo_i_json_close_object(writer);
}

static testudo_status write_delay_file(const cli_fit *result, const char *path, testudo_error *error)
{
  testudo_i_output output;
  TESTUDO_I_TRY(session_output(&output, path, error));
  testudo_status status = TESTUDO_OK;
  if (!session_put_json(output.stream, &(session_result){put_delay_file, NULL, result}))
    status = cli_refuse(error, "%s: the name of the trace must be UTF-8, as the delay file has it", result->trace);
  return session_output_end(&output, status, error);
}

/* ---- text ---- */

static void print_share(FILE *stream, const char *label, double share, double expected, const char *when)
{
  if (isfinite(share))
    fprintf(stream, "  %-20s%.4f of the variance; %.4f would be expected if %s\n", label, share, expected, when);
}

static void print_head(FILE *stream, const cli_fit *result)
{
  const testudo_fit *fit = result->fit;
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
}

static void print_models(FILE *stream, const testudo_fit *fit)
{
  fprintf(stream, "\nlaws fitted by maximum likelihood, the smallest BIC first\n  %14s %14s %14s %8s %9s  law\n",
          "log L", "AIC", "BIC", "KS", "KS p");
  for (size_t k = 0; k < fit->models; k++) {
    const testudo_fit_model *model = &fit->model[k];
    fprintf(stream, "  %14.7g %14.7g %14.7g %8.4f %9.2g  %s\n", model->log_likelihood, model->aic, model->bic,
            model->ks, model->ks_p, model->law);
  }
}

static void fit_print(FILE *stream, const void *context)
{
  const cli_fit *result = context;
  const testudo_fit *fit = result->fit;
  print_head(stream, result);
  print_models(stream, fit);
  if (fit->models == 1 && isinf(fit->model[0].log_likelihood)) {
    fputs("\nall times are equal: no continuous law fits them, and their own is deterministic\n", stream);
    return;
  }
  const testudo_fit_model *other = best_by_aic(fit);
  fprintf(stream, "\n  %-20s%s\n", "best by BIC", fit->model[0].law);
  fprintf(stream, "  %-20s%s\n", "best by AIC", other == &fit->model[0] ? "the same" : other->law);
  fputs("\nKS p is too large, because the parameters were fitted to the same rows: a small one refutes a law, a\n"
        "large one proves nothing. The fit takes all rows for independent draws of one law; shares well above the\n"
        "expected ones say that they are not: some workers (or iterations) are slow for good, which no law here\n"
        "knows.\n", stream);
}

static testudo_status fit_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_fit *result = context;
  const char *file = arguments->operand[0], *output = cli_text(arguments, "output", NULL);
  TESTUDO_I_TRY(input_explain(testudo_fit_trace(file, &result->fit, error), file, INPUT_TRACE, error));
  result->trace = cli_basename(file);
  result->command = arguments->line;
  if (output != NULL)
    TESTUDO_I_TRY(write_delay_file(result, output, error));
  if (output == NULL || !cli_is_standard(output))
    session_tell(arguments, &(session_result){fit_put, fit_print, result});
  return TESTUDO_OK;
}

static void fit_clear(void *context)
{
  cli_fit *result = context;
  testudo_fit_free(result->fit);
}

static const cli_option options[] = {
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT,
     .help = "Write the best law to a delay file, for use as --delay @FILE."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, cli_common_options, NULL};

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
    .groups = groups, .run = fit_run, .room = sizeof(cli_fit), .clear = fit_clear,
};
