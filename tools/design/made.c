/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the arguments of `testudo design` to the design as its file has it. */
#define _POSIX_C_SOURCE 200809L
#include "design/made.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "common/session.h"
#include "design/family.h"
#include "design/schemes.h"
#include "designfile/write.h"
#include "runtime/design.h"

const cli_option design_scheme_options[] = {
    {.name = "scheme", .value = "WORD", .kind = CLI_CHOICE, .choices = SCHEME_WORDS,
     .preset = "partial; with --code gradient-code", .heading = "What everybody needs",
     .help = "What the server waits for: all workers (uncoded), the first --wait of them (ignore-stragglers), all but"
             " --stragglers of them (gradient-code), the first of --tolerances that enough workers reach (nested, a"
             " working model), every chunk from --parts workers (partial), or, for each block of the gradient's"
             " coordinates, all but that block's number in --tolerances (block, a working model)."},
    {.name = NULL},
};

const cli_option design_by_scheme_options[] = {
    {.name = "stragglers", .value = "s", .kind = CLI_INTEGER, .least = 0, .most = TESTUDO_MAX_WORKERS,
     .heading = "By scheme and family", .help = "gradient-code: number of workers that need not finish."
                                               " Without it --replication says it: one less, with parts l less."},
    {.name = "code", .value = "WORD", .kind = CLI_CHOICE_OR_FILE, .choices = "matrix:FILE",
     .endings = ".csv .mtx .npy .txt .gz",
     .help = "gradient-code: a code of your own. Row j of the matrix has the weights with which worker j multiplies its"
             " chunks before it adds them; 0 is a chunk that it does not hold. Without any --stragglers workers the"
             " rows of the others must have all ones in their span: tried on all sets of stragglers, or on random ones"
             " where there are too many."},
    {.name = "construction", .value = "WORD", .kind = CLI_CHOICE, .choices = "cyclic cyclic-mds frc",
     .preset = "frc for groups, otherwise cyclic",
     .help = "gradient-code: coefficients that are random on neighbours (cyclic), of a cyclic MDS code (cyclic-mds:"
             " better conditioned, needs m - s odd), or all one on groups (frc). It implies the assignment."},
    {.name = "improve-code", .value = "SECONDS", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e7,
     .help = "Redraw the random coefficients for this long and keep those whose largest amplification, over sampled and"
             " searched straggler sets, is smallest; Ctrl-C keeps the best so far."},
    {.name = "improve-tries", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e12,
     .help = "The same for n draws: the same seed and n give the same bytes."},
    {.name = "wait", .value = "K", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .help = "ignore-stragglers: number of workers that it waits for."},
    {.name = "tolerances", .value = "s0,s1,..", .kind = CLI_INTEGERS, .increasing = true, .least = 0,
     .most = TESTUDO_MAX_WORKERS,
     .help = "nested: numbers of workers that need not finish, any increasing list: for a tolerance s, s + 1 chunks of"
             " all workers but s are enough. block: one such number per block. The largest sets the load."},
    {.name = "sizes", .value = "n0,n1,..", .kind = CLI_INTEGERS, .least = 0, .most = 2147483647,
     .help = "block: number of coordinates of each block, one per tolerance; a block of 0 is left out."
             " 'testudo optimize --scheme block' chooses them for a delay law."},
    {.name = "dim", .value = "d", .kind = CLI_INTEGER, .least = 1, .most = 2147483647, .preset = "the sum of --sizes",
     .help = "block: length of the gradient. It must be the sum of --sizes, so that a slip is noticed; for gradients of"
             " other lengths the blocks scale."},
    {.name = "copies", .value = "d0,d1,..", .kind = CLI_INTEGERS, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .help = "pairwise: number of workers that hold each chunk, one number per chunk, instead of --replication."},
    {.name = NULL},
};

/* A delay model decides nothing but what comes next in a draft; rates also how long arcs are. */
static testudo_status made_check_model(const cli_request *request, const cli_arguments *arguments,
                                       testudo_error *error)
{
  bool draft = request_orders_by_law(request), delay = cli_given(arguments, "delay");
  static const char orders[] = "orders that a law decides (draft, also in twins: and short:)";
  const cli_rule rule[] = {
      {draft, {"delay"}, orders},
      {draft && delay, {"structure", "unit", "startup", "overhead", "class", "message", "signal", "markov", "domains",
                        "domain-factor", "failed", "fail-prob"}, "--delay, which applies to order draft,"},
      {(draft && delay) || request->rates != NULL, {"rates"}, "--assignment arcs, and to order draft with --delay,"},
  };
  return cli_check_rules(arguments, rule, sizeof rule / sizeof *rule, error);
}

testudo_status made_take(cli_made *made, const cli_arguments *arguments, testudo_error *error)
{
  int preset = cli_given(arguments, "code") ? CHOICE_GRADIENT_CODE : CHOICE_PARTIAL;
  made->request.scheme = &scheme_of_choice[cli_choice(arguments, "scheme", preset)];
  TESTUDO_I_TRY(request_take(&made->request, arguments, error));
  TESTUDO_I_TRY(made_check_model(&made->request, arguments, error));
  return request_check_seed(&made->request, arguments, error);
}

/* ---- coefficients drawn again ---- */

/* Progress vectors a try is measured on. */
enum { SAMPLES = 200 };

static double code_seed(const void *result)
{
  return (double)((const testudo_improvement *)result)->code_seed;
}

static void improve_print(FILE *text, const void *result)
{
  const testudo_improvement *found = result;
  fields_line(text, "improved", "largest amplification found %.3g, in %" PRId64 " draws (of the first %.3g)\n",
              found->after, found->tries, found->before);
}

const field improve_fields[] = {
    {FIELD(testudo_improvement, tries), .phrase = improve_print, .meaning = "draws of the coefficients"},
    {FIELD_WORKED_OUT("code_seed", code_seed), .meaning = "seed of the draw that was kept"},
    {FIELD(testudo_improvement, samples), .meaning = "progress vectors that each draw was measured on"},
    {FIELD_AS("amplification_sampled_worst_first", testudo_improvement, before),
     .meaning = "largest amplification found of the first draw"},
    {FIELD_AS("amplification_sampled_worst_best", testudo_improvement, after),
     .meaning = "largest amplification found of the draw that was kept"},
    {.key = NULL},
};

static testudo_status improve_record(testudo_design *design, const testudo_improvement *found, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_json_memory_clear) testudo_i_json_memory added = {0};
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&added, error));
  testudo_i_json_open_object(&added.writer, NULL);
  fields_put(&added.writer, improve_fields, found);
  testudo_i_json_close_object(&added.writer);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&added, error));
  return testudo_i_design_add_provenance(design, "improved", added.text, error);
}

static testudo_status improve_design(testudo_design *design, const cli_arguments *arguments, testudo_improvement *found,
                                     testudo_error *error)
{
  double seconds = cli_real(arguments, "improve-code", 0.0);
  int64_t tries = cli_integer(arguments, "improve-tries", 0);
  if (!cli_given(arguments, "improve-code") && !cli_given(arguments, "improve-tries"))
    return TESTUDO_OK;
  const testudo_monitor *monitor = session_progress_start("improving the code", arguments);
  TESTUDO_I_TRY(session_progress_end(testudo_code_improve(design, (uint64_t)cli_integer(arguments, "seed", 1), seconds,
                                                          tries, SAMPLES, monitor, found, error)));
  session_say(arguments, "%s after %" PRId64 " tries: largest amplification found %.3g, of the first %.3g",
              found->interrupted ? "stopped" : "best", found->tries, found->after, found->before);
  return improve_record(design, found, error);
}

/* ---- the design ---- */

testudo_status made_by_arguments(cli_made *made, const cli_arguments *arguments, testudo_error *error)
{
  const testudo_code_check *tested = &made->request.tested;
  TESTUDO_I_TRY(made_take(made, arguments, error));
  TESTUDO_I_TRY(request_make(&made->request, arguments, &made->design, error));
  TESTUDO_I_TRY(testudo_design_set_provenance(made->design, arguments->line, made->request.seed, error));
  TESTUDO_I_TRY(improve_design(made->design, arguments, &made->improvement, error));
  TESTUDO_I_TRY(testudo_design_claim_family(made->design, family_claims(&made->request), error));
  return tested->sets > 0 ? testudo_claim_straggler_sets(made->design, tested, error) : TESTUDO_OK;
}

testudo_status made_seal(testudo_design *design, testudo_error *error)
{
  char *text = NULL;
  size_t length = 0;
  FILE *stream = open_memstream(&text, &length);
  TESTUDO_I_TRY(testudo_i_memory_check(stream != NULL, error));
  testudo_status status = testudo_i_design_put(design, stream, &design->checksum, error);
  bool written = fclose(stream) == 0;
  free(text);
  TESTUDO_I_TRY(status);
  return testudo_i_memory_check(written, error);
}

void made_clear(cli_made *made)
{
  testudo_i_arena_clear(&made->request.arena);
  testudo_design_free(made->design);
}
