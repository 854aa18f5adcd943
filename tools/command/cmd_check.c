/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo check */
#include "commands.h"

#include <stdlib.h>

#include <testudo/designfile.h>
#include <testudo/optimize.h>

#include "base/error.h"
#include "common/head.h"
#include "option/input.h"
#include "common/metrics.h"
#include "common/session.h"
#include "common/output.h"
#include "runtime/scheme/scheme.h"
#include "trust/report.h"

typedef struct cli_checked {
  const char *file;
  const char *problem; /* NULL when the file is valid */
  bool valid, hold;
  char undecodable[160]; /* the problem of a code that does not decode */
  testudo_design *design;
  design_result about;
  const design_result *known; /* `about`, once it is */
  cli_metrics metrics;
  const cli_metrics *measured; /* `metrics`, once they are */
  testudo_claim *claim;
  size_t claims;
  testudo_code_check code;
  const testudo_code_check *tested; /* `code`, where there is one */
  trust_result *trust;        /* one per tolerance of a nested or block code; NULL: not asked for */
  size_t trusts;
  const trust_result *single; /* of another code */
  testudo_i_arena arena;
} cli_checked;

/* Of a nested or block code every tolerance. */
static testudo_status measure_trust(cli_checked *checked, const cli_arguments *arguments, testudo_error *error)
{
  const testudo_design *design = checked->design;
  const int64_t samples = cli_integer(arguments, "trust", 0);
  const uint64_t seed = (uint64_t)cli_integer(arguments, "seed", 1);
  if (samples == 0)
    return TESTUDO_OK;
  const testudo_monitor *monitor = session_progress_start("measuring trust", arguments);
  int32_t levels;
  const int32_t *tolerance = testudo_design_tolerances(design, &levels);
  trust_result *trust = testudo_i_arena_calloc(&checked->arena, levels > 0 ? (size_t)levels : 1, sizeof *trust);
  TESTUDO_I_TRY(testudo_i_arena_check(&checked->arena, error));
  for (int32_t level = 0; level < levels; level++) {
    trust[level].tolerance = tolerance[level];
    TESTUDO_I_TRY(testudo_trust_measure_level(design, level, samples, seed, monitor, &trust[level].trust, error));
  }
  if (levels > 0) {
    checked->trust = trust;
    checked->trusts = (size_t)levels;
    return TESTUDO_OK;
  }
  trust->tolerance = -1;
  trust->holders = testudo_i_scheme_of(design)->order_matters && testudo_design_parts(design) > 1;
  TESTUDO_I_TRY(testudo_trust_measure(design, samples, seed, monitor, &trust->trust, error));
  checked->single = trust;
  return TESTUDO_OK;
}

static testudo_status check_code(cli_checked *checked, const cli_arguments *arguments, testudo_error *error)
{
  testudo_code_check *code = &checked->code;
  const testudo_monitor *monitor = session_progress_start("testing the code", arguments);
  TESTUDO_I_TRY(session_progress_end(testudo_code_verify(checked->design, monitor, code, error)));
  checked->tested = code->sets > 0 ? code : NULL;
  return TESTUDO_OK;
}

/* After check_code, whose answer is part of the verdict. */
static testudo_status check_claims(cli_checked *checked, const cli_arguments *arguments, testudo_error *error)
{
  const testudo_code_check *code = &checked->code;
  const testudo_monitor *monitor = session_progress_start("proving claims", arguments);
  TESTUDO_I_TRY(session_progress_end(testudo_search_prove(checked->design, checked->file, monitor, &checked->claim,
                                                          &checked->claims, error)));
  TESTUDO_I_TRY(metrics_measure(&checked->metrics, checked->design, error));
  design_fill(&checked->about, checked->design);
  checked->known = &checked->about;
  checked->measured = &checked->metrics;
  checked->hold = code->failed == 0;
  for (size_t k = 0; k < checked->claims; k++) {
    checked->hold = checked->hold && checked->claim[k].holds;
    if (checked->claim[k].level == 0)
      checked->claim[k].level = -1; /* none */
  }
  if (code->failed == 0)
    return TESTUDO_OK;
  bool named = code->first[0] != '\0';
  snprintf(checked->undecodable, sizeof checked->undecodable, "the code does not decode%s%s%s", named ? " (" : "",
           code->first, named ? ")" : "");
  checked->problem = checked->undecodable;
  return TESTUDO_OK;
}

static void check_free(cli_checked *checked)
{
  free(checked->claim);
  testudo_i_arena_clear(&checked->arena);
  metrics_free(&checked->metrics);
  testudo_design_free(checked->design);
}

/* ---- fields ---- */

static const char *const holds_words[] = {"FAILS", "holds"};

static const field claim_fields[] = {
    {FIELD_CHARS("metric", testudo_claim, metric), .label = "claim", .meaning = "what is claimed"},
    {FIELD(testudo_claim, level), .label = "l", .meaning = "l of q_max and row_sum_max; null: none"},
    {FIELD(testudo_claim, claimed), .label = "claimed", .digits = 15, .meaning = "the number claimed"},
    {FIELD(testudo_claim, found), .label = "found", .digits = 15, .meaning = "the number measured again"},
    {FIELD(testudo_claim, known), .label = "known", .meaning = "can this version measure it?"},
    {FIELD(testudo_claim, holds), .label = "", .words = holds_words, .meaning = "does the claim hold?"},
    {.key = NULL},
};

static void check_print(FILE *text, const void *result)
{
  const cli_checked *checked = result;
  if (checked->known == NULL) {
    fprintf(text, "%s: not valid\n", checked->file);
    return;
  }
  if (checked->valid)
    fprintf(text, "%s: valid, %zu claims %s\n", checked->file, checked->claims,
            checked->hold ? "hold" : "checked, NOT all hold");
  else
    fprintf(text, "%s: NOT valid: the code does NOT decode\n", checked->file);
  design_print(text, checked->design);
}

static void trust_print(FILE *text, const void *result)
{
  const cli_checked *checked = result;
  for (size_t k = 0; k < checked->trusts; k++)
    fields_print(text, trust_fields, &checked->trust[k]);
}

static const field check_fields[] = {
    {FIELD(cli_checked, file), .phrase = check_print, .meaning = "the file"},
    {FIELD(cli_checked, valid), .meaning = "does it obey every rule of a design file, and decode?"},
    {FIELD(cli_checked, problem), .meaning = "what is wrong, with its place; null: valid"},
    {FIELD_BEHIND("design", cli_checked, known, design_fields), .meaning = "the design"},
    {FIELD_SAME_BEHIND(cli_checked, measured, metrics_fields)},
    {FIELD_ROWS("claims", cli_checked, claim, claims, claim_fields), .label = "", .meaning = "claims, measured again"},
    {FIELD_BEHIND("code_check", cli_checked, tested, code_check_fields), .label = "",
     .meaning = "do the coefficients decode? null: nothing to test"},
    {FIELD_BEHIND("trust", cli_checked, single, trust_fields), .label = "",
     .meaning = "numerical trust of a code of one tolerance; null: not asked for"},
    {FIELD_ROWS("trust_by_tolerance", cli_checked, trust, trusts, trust_fields), .phrase = trust_print,
     .meaning = "numerical trust of a nested or block code, one per tolerance; null: not asked for"},
    {.key = NULL},
};

/* ---- work ---- */

static testudo_status check_tell(cli_checked *checked, const cli_arguments *arguments)
{
  checked->valid = checked->problem == NULL;
  report_show(arguments, check_fields, checked);
  return checked->known != NULL && !checked->hold ? SESSION_CLAIM_FAILED : TESTUDO_OK;
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
  TESTUDO_I_TRY(check_code(checked, arguments, error));
  TESTUDO_I_TRY(check_claims(checked, arguments, error));
  return measure_trust(checked, arguments, error);
}

static testudo_status check_file(const char *file, const cli_arguments *arguments)
{
  TESTUDO_I_HELD(check_free) cli_checked checked = {.file = file};
  testudo_error error = {""};
  testudo_status status = session_progress_end(check_measure(&checked, arguments, &error));
  bool asked = checked.design != NULL && (status == TESTUDO_ERROR_ARGUMENT || status == TESTUDO_ERROR_SYSTEM);
  if (status == TESTUDO_ERROR_SYSTEM && session_stopped())
    return TESTUDO_INTERRUPTED;
  if (asked)
    session_complain("%s: %s", file, error.text);
  else if (status == TESTUDO_ERROR_SYSTEM) /* it was not read: no verdict either */
    session_complain("%s", error.text);
  else if (status != TESTUDO_OK && status != TESTUDO_INTERRUPTED) {
    checked.problem = error.text;
    session_complain("%s", error.text);
  }
  /* Otherwise what was asked for is not known, which says nothing of the file: no verdict. */
  if (status == TESTUDO_OK || checked.problem != NULL) {
    testudo_status reported = check_tell(&checked, arguments);
    status = status == TESTUDO_OK ? reported : status;
  }
  return status;
}

static testudo_status reseal(const cli_arguments *arguments, testudo_error *error)
{
  TESTUDO_I_HELD(check_free) cli_checked checked = {.file = arguments->operand[0]};
  TESTUDO_I_TRY(testudo_design_read_unsealed(checked.file, &checked.design, error));
  const char *output = cli_text(arguments, "output", NULL);
  TESTUDO_I_TRY(check_code(&checked, arguments, error));
  /* A seal would lend a code that does not decode the look of a sound one. */
  if (checked.code.failed == 0)
    TESTUDO_I_TRY(session_put_design(checked.design, output, error));
  TESTUDO_I_TRY(check_claims(&checked, arguments, error));
  if (checked.problem != NULL) {
    session_complain("%s: %s: not resealed", checked.file, checked.problem);
    return cli_is_standard(output) ? SESSION_CLAIM_FAILED : check_tell(&checked, arguments);
  }
  checked.file = output;
  return cli_is_standard(output) ? TESTUDO_OK : check_tell(&checked, arguments);
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
             " to -o FILE, unless its code does not decode."},
    {.name = "trust", .value = "SAMPLES", .kind = CLI_INTEGER, .least = 1, .most = 100000000,
     .help = "Also measure how decoding amplifies rounding errors, on this many sampled progress vectors and by"
             " searching for worse straggler sets (schemes gradient-code and partial, and every tolerance of nested"
             " and block)."},
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT, .help = "Output file of --reseal."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, cli_seed_options, cli_common_options, NULL};

const cli_command command_check = {
    .name = "check", .operands = "DESIGN.json..", .least_operands = 1, .most_operands = SIZE_MAX,
    .summary = "Validate design files and verify the claims they carry.",
    .details = "The exit code is that of the worst file. With --json, prints one JSON object per file, one per line."
               " A claim is a number that the file states about its design, such as Q_max; each is computed again"
               " from the order table. The coefficients of gradient codes and nested codes must decode some well"
               " conditioned straggler sets, those of partial codes the sets of holders of a chunk; a file with a set"
               " that does not decode is not valid (exit code 1, as of a failed claim), and is not resealed.",
    .example = "testudo check design.json\ntestudo check --trust 1000 design.json\n"
               "testudo check --reseal edited.json -o design.json",
    .groups = groups, .result = check_fields, .makes = "design", .goes_on = true, .run = check_run,
};
