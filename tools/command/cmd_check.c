/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo check */
#include "commands.h"

#include <stdlib.h>

#include <testudo/designfile.h>
#include <testudo/optimize.h>

#include "base/error.h"
#include "base/memory.h"
#include "common/input.h"
#include "common/metrics.h"
#include "common/session.h"
#include "trust/report.h"

typedef struct cli_checked {
  const char *file;
  const char *problem; /* NULL when the file is valid */
  testudo_design *design;
  cli_metrics metrics;
  testudo_claim *claim;
  size_t claims;
  testudo_code_check code;
  bool hold;
  testudo_trust *trust; /* one per tolerance of a nested or block code, else one; NULL: not asked for */
} cli_checked;

/* Of a nested or block code every tolerance. */
static testudo_status measure_all(cli_checked *checked, int64_t samples, uint64_t seed, const testudo_monitor *monitor,
                                  testudo_error *error)
{
  int32_t levels;
  testudo_design_tolerances(checked->design, &levels);
  checked->trust = testudo_i_calloc(levels > 0 ? (size_t)levels : 1, sizeof *checked->trust);
  TESTUDO_I_TRY(testudo_i_memory_check(checked->trust != NULL, error));
  if (levels == 0)
    return testudo_trust_measure(checked->design, samples, seed, monitor, checked->trust, error);
  for (int32_t level = 0; level < levels; level++)
    TESTUDO_I_TRY(testudo_trust_measure_level(checked->design, level, samples, seed, monitor, &checked->trust[level],
                                              error));
  return TESTUDO_OK;
}

static testudo_status measure_trust(cli_checked *checked, const cli_arguments *arguments, testudo_error *error)
{
  int64_t samples = cli_integer(arguments, "trust", 0);
  if (samples == 0)
    return TESTUDO_OK;
  const testudo_monitor *monitor = session_progress_start("measuring trust", arguments);
  testudo_status status = session_progress_end(
      measure_all(checked, samples, (uint64_t)cli_integer(arguments, "seed", 1), monitor, error));
  if (status != TESTUDO_OK) {
    free(checked->trust);
    checked->trust = NULL;
  }
  return status;
}

static testudo_status check_design(cli_checked *checked, const cli_arguments *arguments, testudo_error *error)
{
  const testudo_monitor *monitor = session_progress_start("proving claims", arguments);
  TESTUDO_I_TRY(session_progress_end(testudo_search_prove(checked->design, checked->file, monitor, &checked->claim,
                                                          &checked->claims, error)));
  TESTUDO_I_TRY(metrics_measure(&checked->metrics, checked->design, error));
  monitor = session_progress_start("testing the code", arguments);
  TESTUDO_I_TRY(session_progress_end(testudo_code_verify(checked->design, monitor, &checked->code, error)));
  checked->hold = checked->code.failed == 0;
  for (size_t k = 0; k < checked->claims; k++)
    checked->hold = checked->hold && checked->claim[k].holds;
  return TESTUDO_OK;
}

static void check_free(cli_checked *checked)
{
  free(checked->claim);
  free(checked->trust);
  metrics_free(&checked->metrics);
  testudo_design_free(checked->design);
}

/* ---- output ---- */

static void check_put_claim(testudo_i_json_writer *writer, const testudo_claim *claim)
{
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_string(writer, "metric", claim->metric);
  if (claim->level > 0)
    testudo_i_json_put_integer(writer, "level", claim->level);
  testudo_i_json_put_real(writer, "claimed", claim->claimed);
  testudo_i_json_put_real(writer, "found", claim->found);
  testudo_i_json_put_boolean(writer, "known", claim->known);
  testudo_i_json_put_boolean(writer, "holds", claim->holds);
  testudo_i_json_close_object(writer);
}

static void check_put(testudo_i_json_writer *writer, const void *context)
{
  const cli_checked *checked = context;
  testudo_i_json_put_string(writer, "file", checked->file);
  testudo_i_json_put_boolean(writer, "valid", checked->problem == NULL);
  if (checked->problem != NULL) {
    testudo_i_json_put_string(writer, "problem", checked->problem);
    return;
  }
  metrics_put_design(writer, checked->design);
  metrics_put(writer, &checked->metrics);
  testudo_i_json_open_array(writer, "claims");
  for (size_t k = 0; k < checked->claims; k++)
    check_put_claim(writer, &checked->claim[k]);
  testudo_i_json_close_array(writer);
  if (checked->code.sets > 0)
    code_check_put(writer, &checked->code);
  if (checked->trust != NULL)
    trust_put(writer, checked->design, checked->trust);
}

static void check_print(FILE *stream, const void *context)
{
  const cli_checked *checked = context;
  if (checked->problem != NULL) {
    fprintf(stream, "%s: not valid\n", checked->file);
    return;
  }
  fprintf(stream, "%s: valid, %zu claims %s\n", checked->file, checked->claims,
          checked->hold ? "hold" : checked->code.failed > 0 ? "checked, but the code does NOT decode"
                                                            : "checked, NOT all hold");
  metrics_print_design(stream, checked->design);
  metrics_print(stream, &checked->metrics, checked->design);
  for (size_t k = 0; k < checked->claims; k++) {
    const testudo_claim *claim = &checked->claim[k];
    char metric[64], found[40] = "nothing: this version cannot prove it";
    snprintf(metric, sizeof metric, claim->level > 0 ? "%s, l=%d" : "%s", claim->metric, claim->level);
    if (claim->known)
      snprintf(found, sizeof found, "%.15g", claim->found);
    fprintf(stream, "  claim         %-18s claimed %-8.15g found %-8s %s\n", metric, claim->claimed, found,
            claim->holds ? "holds" : "FAILS");
  }
  if (checked->code.sets > 0)
    code_check_print(stream, &checked->code);
  if (checked->trust != NULL)
    trust_print(stream, checked->design, checked->trust);
}

/* ---- work ---- */

static testudo_status check_tell(const cli_checked *checked, const cli_arguments *arguments)
{
  session_tell(arguments, &(session_result){check_put, check_print, checked});
  return checked->problem == NULL && !checked->hold ? SESSION_CLAIM_FAILED : TESTUDO_OK;
}

/* Which answer counts for the run: the gravest of the files'. */
static int gravity(testudo_status status)
{
  static const testudo_status rising[] = {TESTUDO_OK, SESSION_CLAIM_FAILED, TESTUDO_ERROR_LIMIT, TESTUDO_ERROR_INPUT,
                                          TESTUDO_ERROR_ARGUMENT, TESTUDO_ERROR_SYSTEM, TESTUDO_INTERRUPTED};
  int grave = 0;
  for (size_t k = 0; k < sizeof rising / sizeof *rising; k++)
    if (rising[k] == status)
      grave = (int)k;
  return grave;
}

static testudo_status check_measure(cli_checked *checked, const cli_arguments *arguments, testudo_error *error)
{
  TESTUDO_I_TRY(input_design(checked->file, &checked->design, error));
  TESTUDO_I_TRY(check_design(checked, arguments, error));
  return measure_trust(checked, arguments, error);
}

static testudo_status check_file(const char *file, const cli_arguments *arguments)
{
  cli_checked checked = {.file = file};
  testudo_error error = {""};
  testudo_status status = session_progress_end(check_measure(&checked, arguments, &error));
  bool asked = checked.design != NULL && (status == TESTUDO_ERROR_ARGUMENT || status == TESTUDO_ERROR_SYSTEM);
  if (asked)
    fprintf(stderr, "testudo: %s: %s\n", file, error.text);
  else if (status != TESTUDO_OK && status != TESTUDO_INTERRUPTED) {
    checked.problem = error.text;
    fprintf(stderr, "testudo: %s\n", error.text);
  }
  /* Otherwise what was asked for cannot be told, which says nothing of the file: no verdict. */
  if (status == TESTUDO_OK || checked.problem != NULL) {
    testudo_status told = check_tell(&checked, arguments);
    status = status == TESTUDO_OK ? told : status;
  }
  check_free(&checked);
  return status;
}

static testudo_status check_resealed(cli_checked *checked, const cli_arguments *arguments, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_design_read_unsealed(checked->file, &checked->design, error));
  const char *output = cli_text(arguments, "output", NULL);
  TESTUDO_I_TRY(session_put_design(checked->design, output, error));
  TESTUDO_I_TRY(check_design(checked, arguments, error));
  checked->file = output;
  return cli_is_standard(output) ? TESTUDO_OK : check_tell(checked, arguments);
}

static testudo_status reseal(const cli_arguments *arguments, testudo_error *error)
{
  cli_checked checked = {.file = arguments->operand[0]};
  testudo_status status = check_resealed(&checked, arguments, error);
  check_free(&checked);
  return status;
}

static testudo_status check_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  (void)context;
  bool resealed = cli_given(arguments, "reseal");
  if (resealed != cli_given(arguments, "output"))
    return cli_refuse(error, "--reseal and -o FILE go together");
  if (cli_given(arguments, "seed") && !cli_given(arguments, "trust"))
    return cli_refuse(error, "--seed applies to --trust only");
  if (resealed && cli_given(arguments, "trust"))
    return cli_refuse(error, "--trust does not apply to --reseal");
  if (resealed && arguments->operands != 1)
    return cli_refuse(error, "--reseal takes one file");
  if (resealed)
    return reseal(arguments, error);
  testudo_status worst = TESTUDO_OK;
  for (size_t k = 0; k < arguments->operands; k++) {
    if (session_stopped())
      return TESTUDO_INTERRUPTED;
    testudo_status status = check_file(arguments->operand[k], arguments);
    worst = gravity(status) > gravity(worst) ? status : worst;
  }
  return worst;
}

static const cli_option options[] = {
    {.name = "reseal", .kind = CLI_FLAG,
     .help = "Accept a missing or wrong checksum, validate everything else, and write the file with the right checksum"
             " to -o FILE."},
    {.name = "trust", .value = "SAMPLES", .kind = CLI_INTEGER, .least = 1, .most = 100000000,
     .help = "Also measure how decoding amplifies rounding errors, on this many sampled progress vectors and by"
             " searching for worse straggler sets (schemes gradient-code and partial, and every tolerance of nested"
             " and block)."},
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT, .help = "Where --reseal writes."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, cli_seed_options, cli_common_options, NULL};

const cli_command command_check = {
    .name = "check", .operands = "DESIGN.json..", .least_operands = 1, .most_operands = SIZE_MAX,
    .summary = "Validate design files and verify the claims they carry.",
    .details = "The exit code is that of the worst file. With --json, prints one JSON object per file, one per line."
               " A claim is a number that the file states about its design, such as Q_max; each is computed again"
               " from the order table. The coefficients of gradient codes and nested codes must decode some well"
               " conditioned straggler sets; a set that does not decode counts as a failed claim.",
    .example = "testudo check design.json\ntestudo check --trust 1000 design.json\n"
               "testudo check --reseal edited.json -o design.json",
    .groups = groups, .goes_on = true, .run = check_run,
};
