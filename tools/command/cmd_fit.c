/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo fit */
#include "commands.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "common/output.h"
#include "common/session.h"
#include "fit/fit.h"
#include "option/input.h"
#include "option/reading.h"

typedef struct cli_fit {
  testudo_fit *fit;
  fit_result result;
  testudo_i_arena arena;
} cli_fit;

/* ---- --law ---- */

/* gamma:.. is called gamma, "shift:x,gamma:.." shift:gamma, and "mixture:p,gamma:..,gamma:.." mixture:gamma. */
static void name_law(const char *law, char *name, size_t room)
{
  const char *comma = strchr(law, ',');
  bool made = comma != NULL && strchr(comma, ':') != NULL;
  snprintf(name, room, "%.*s%s%.*s", (int)strcspn(law, ":"), law, made ? ":" : "",
           made ? (int)strcspn(comma + 1, ":") : 0, made ? comma + 1 : "");
}

/* By its name, by the first word of it, or by the whole law. */
static bool is_called(const char *law, const char *name)
{
  char own[64];
  size_t length = strlen(name);
  name_law(law, own, sizeof own);
  return strcmp(own, name) == 0 || (strncmp(law, name, length) == 0 && strchr(":,", law[length]) != NULL);
}

static testudo_status refuse_law(const testudo_fit *fit, const char *name, testudo_error *error)
{
  char list[600] = "", own[64];
  for (size_t k = 0; k < fit->models; k++) {
    name_law(fit->model[k].law, own, sizeof own);
    snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", k == 0 ? "" : ", ", own);
  }
  return cli_refuse(error, "--law: no law '%s' was fitted; these were: %s", name, list);
}

static testudo_status take_law(const cli_fit *fitted, const cli_arguments *arguments, const char **law,
                               testudo_error *error)
{
  const testudo_fit *fit = fitted->fit;
  const char *name = cli_text(arguments, "law", NULL);
  const testudo_fit_model *model = NULL;
  *law = NULL;
  if (name == NULL)
    return TESTUDO_OK;
  for (size_t k = 0; model == NULL && k < fit->models; k++)
    if (is_called(fit->model[k].law, name))
      model = &fit->model[k];
  if (model == NULL)
    return refuse_law(fit, name, error);
  if (model->refuted && !cli_given(arguments, "force"))
    return cli_refuse(error, "--law: %s is refuted: KS %.3g, p %.2g; --force writes it anyway", model->law,
                      model->ks, model->ks_p);
  *law = model->law;
  return TESTUDO_OK;
}

/* A law instead of a replay or of the times brings the terms of the trace back. One law has no structure mixed: the
   chunks are then as independent as one law can have them. */
static void take_terms_for_law(cli_fit *fitted, const cli_arguments *arguments, const char *law)
{
  fit_result *result = &fitted->result;
  delay_result *delay = &result->recommended->delay;
  delay->rates = fit_has_rates(&result->fit) ? result->rates : NULL;
  delay->workers = delay->rates == NULL ? 0 : (int32_t)result->rate_count;
  int structure = testudo_i_find_word(testudo_i_structure_names, result->fit.structure);
  bool mixed = structure == TESTUDO_STRUCTURE_MIXED;
  delay->mixed = NULL;
  delay->structure = mixed ? TESTUDO_STRUCTURE_ADDITIVE : structure;
  session_say(arguments, "the file holds %s%s, not the recommended model", law,
              mixed ? ", structure additive instead of mixed" : "");
}

/* ---- the run ---- */

static testudo_status write_file(cli_fit *fitted, const cli_arguments *arguments, testudo_error *error)
{
  const char *output = cli_text(arguments, "output", NULL), *law;
  if (output == NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(take_law(fitted, arguments, &law, error));
  if (law != NULL)
    take_terms_for_law(fitted, arguments, law);
  return fit_write_delay(&fitted->result, law, output, error);
}

static testudo_status check_options(const cli_arguments *arguments, testudo_error *error)
{
  if (cli_given(arguments, "law") && !cli_given(arguments, "output"))
    return cli_refuse(error, "--law says which law -o writes: give -o FILE too");
  if (cli_given(arguments, "force") && !cli_given(arguments, "law"))
    return cli_refuse(error, "--force writes a law that is refuted: give --law NAME too");
  return TESTUDO_OK;
}

static testudo_status fit_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_fit *fitted = context;
  const char *file = arguments->operand[0], *output = cli_text(arguments, "output", NULL);
  TESTUDO_I_TRY(check_options(arguments, error));
  testudo_trace_options reading;
  TESTUDO_I_TRY(cli_reading(arguments, &reading, error));
  testudo_fit_options options = {.reading = &reading,
                                 .resamples = (int32_t)cli_integer(arguments, "resamples", 0),
                                 .seed = (uint64_t)cli_integer(arguments, "seed", 1),
                                 .threads = session_threads(arguments),
                                 .monitor = session_progress_start("fitting", arguments)};
  testudo_status status = session_progress_end(testudo_fit_trace(file, &options, &fitted->fit, error));
  TESTUDO_I_TRY(input_explain(status, file, INPUT_TRACE, error));
  TESTUDO_I_TRY(fit_fill(&fitted->result, fitted->fit, arguments, &fitted->arena, error));
  bool collective = fitted->fit->collective;
  if (!collective)
    TESTUDO_I_TRY(write_file(fitted, arguments, error));
  if (output == NULL || !cli_is_standard(output) || collective)
    report_show(arguments, fit_fields, &fitted->result);
  return !collective ? TESTUDO_OK
                     : testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s", fitted->result.trace, fitted->fit->why);
}

static void fit_clear(void *context)
{
  cli_fit *fitted = context;
  testudo_fit_free(fitted->fit);
  testudo_i_arena_clear(&fitted->arena);
}

static const cli_option options[] = {
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT,
     .help = "Write the recommended model to a delay file, for use as --delay @FILE."},
    {.name = "law", .value = "NAME", .kind = CLI_TEXT,
     .help = "Write this one of the fitted laws instead, such as gamma or shift:gamma, with the other terms of the"
             " recommended model."},
    {.name = "force", .kind = CLI_FLAG, .help = "Write it even where it is refuted."},
    {.name = "resamples", .value = "N", .kind = CLI_INTEGER, .least = 199, .most = 100000, .preset = "199",
     .help = "Samples drawn from each fitted law for its p-values."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, cli_reading_unit_options, CLI_READING_OWN, cli_seed_options,
                                           cli_threads_options, cli_common_options, NULL};

const cli_command command_fit = {
    .name = "fit", .operands = "TRACE.csv", .least_operands = 1, .most_operands = 1,
    .summary = "Find the delay model that a trace speaks for.",
    .details = "Says who is slow for good, and by how much (a --rates line to paste); how the times of a worker's"
               " chunks hang together (structure); which laws fit the times, with standard errors and p-values"
               " that know that parameters were fitted; and which delay model to go on with, set beside the"
               " measured time of the slowest worker. -o writes that model to a delay file, whole: where no law holds,"
               " the file holds the times themselves, or the iterations."
               "\n\nA law is refuted where its bootstrap p-value is below .01 and its Kolmogorov-Smirnov distance above"
               " .03. A trace that was taken after a collective, where all workers of an iteration have one time, says"
               " nothing about workers: nothing is recommended, and the exit code is 3."
               "\n\nA trace of equal times is fitted by law deterministic only. 'testudo plot' draws the JSON result"
               " and the delay file.",
    .example = "testudo fit trace.csv -o delay.json\n"
               "testudo fit trace.csv --json >fit.json && testudo plot fit.json -o fit.svg\n"
               "testudo analyze design.json --delay @delay.json",
    .groups = groups, .result = fit_fields, .makes = "delay file", .run = fit_run,
    .reads_traces = true, .room = sizeof(cli_fit), .clear = fit_clear,
};
