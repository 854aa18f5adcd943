/* SPDX-License-Identifier: GPL-3.0-or-later */
/* METHOD: a name, and what it runs with: NAME[:K][:key=value..]. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/code.h>

#include "base/error.h"
#include "option/input.h"
#include "sgd/learn/learn.h"
#include "sgd/sgd.h"

#define SGD_NAMES                                                                                                      \
  "sync k-sync k-batch-sync k-async k-batch-async adasync staleness-step lgc gradient-code nested partial"             \
  " partial-deadline stochastic-code coco-ef coco-no-memory coco-unbiased coco-difference"

const cli_option sgd_method_options[] = {
    {.name = "method", .value = "METHOD,..", .kind = CLI_TEXT, .repeated = true, .heading = "Methods",
     .words = SGD_NAMES " ignore-stragglers",
     .help = "What is compared, a comma between or the option repeated. METHOD is NAME[:K][:key=value..], with the keys"
             " wait, step, design, copies, deadline, compressor, spread, rule, schedule, interval and optimum, which"
             " stand above the options of these names. NAME is one of: " SGD_NAMES
             "; ignore-stragglers is k-sync."},
    {.name = "wait", .value = "K", .kind = CLI_INTEGER, .least = 1, .most = 1000000, .preset = "half the workers",
     .help = "How many an update waits for; of adasync the first K. Sums of a code (stochastic-code, coco-*) wait for"
             " all that have not failed, unless K is given with the method."},
    {.name = "step", .value = "eta", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e100,
     .preset = "0.5/L of the data", .help = "Step size; of staleness-step the largest."},
    {.name = "copies", .value = "d", .kind = CLI_INTEGER, .least = 1, .most = 1000000, .preset = "2",
     .help = "Copies of each chunk in the designs that are made where a method names none: as many chunks as workers,"
             " cyclic; with a method copies=by-norm/d too, d on average and more of chunks with larger gradients, of"
             " stochastic-code and coco-*. With --choose compression the most. 'testudo design --assignment pairwise'"
             " makes balanced ones."},
    {.name = "deadline", .value = "SECONDS", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e100,
     .help = "When partial-deadline takes the best estimate that there is."},
    {.name = "compressor", .value = "NAME/SIZE", .kind = CLI_TEXT, .preset = "top-k/ and random-k/ a tenth",
     .help = "Of coco-*: top-k/K or grouped-sign/NUMBERS for coco-ef and coco-no-memory; random-k/K,"
             " stochastic-sign/NUMBERS or none for coco-unbiased and coco-difference."},
    {.name = "spread", .value = "C", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e100,
     .preset = "the step/200", .help = "C of staleness-step."},
    {.name = "rule", .value = "NAME", .kind = CLI_CHOICE, .choices = "k-sync k-batch-sync k-async k-batch-async",
     .preset = "k-batch-async", .help = "Whose K adasync raises."},
    {.name = "schedule", .value = "FILE.json", .kind = CLI_FILE,
     .help = "The schedule of adasync; without, K follows the loss."},
    {.name = "interval", .value = "SECONDS", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e100,
     .preset = "a 50th of --time", .help = "How often adasync chooses K."},
    {.name = NULL},
};

/* ---- values ---- */

static testudo_status want_number(const char *method, const char *key, const char *text, double least, double most,
                                  double *number, testudo_error *error)
{
  char *end;
  errno = 0;
  *number = strtod(text, &end);
  if (end == text || *end != '\0' || errno != 0 || !(*number >= least && *number <= most))
    return cli_refuse(error, "--method %s: %s must be a number from %g to %g, not '%s'", method, key, least, most,
                      text);
  return TESTUDO_OK;
}

static testudo_status want_compressor(sgd_wanted *wanted, const char *text, testudo_error *error)
{
  const char *slash = strchr(text, '/');
  size_t length = slash == NULL ? strlen(text) : (size_t)(slash - text);
  double size = 0;
  for (int kind = 0; testudo_compressor_name((testudo_compressor_kind)kind) != NULL; kind++) {
    const char *name = testudo_compressor_name((testudo_compressor_kind)kind);
    if (strlen(name) != length || strncmp(name, text, length) != 0)
      continue;
    if ((slash == NULL) != (kind == TESTUDO_COMPRESSOR_NONE))
      return cli_refuse(error, "--compressor %s: write %s", text, slash == NULL ? "NAME/SIZE" : "none alone");
    if (slash != NULL)
      TESTUDO_I_TRY(want_number(wanted->text, "the size of compressor", slash + 1, 1, 2147483647, &size, error));
    if (size != floor(size))
      return cli_refuse(error, "--compressor %s: the size is a whole number", text);
    wanted->method.compressor = (testudo_compressor_kind)kind;
    wanted->method.size = (size_t)size;
    wanted->compressor = true;
    return TESTUDO_OK;
  }
  return cli_refuse(error, "--compressor %s: one of none, top-k/K, grouped-sign/NUMBERS, random-k/K,"
                    " stochastic-sign/NUMBERS", text);
}

static testudo_status want_rule(sgd_wanted *wanted, const char *text, testudo_error *error)
{
  for (int rule = 0; rule < TESTUDO_WAITING_LGC; rule++)
    if (strcmp(text, testudo_update_rule_name((testudo_update_rule)rule)) == 0) {
      wanted->method.rule = (testudo_update_rule)rule;
      return TESTUDO_OK;
    }
  return cli_refuse(error, "--method %s: rule is one of k-sync, k-batch-sync, k-async and k-batch-async, not '%s'",
                    wanted->text, text);
}

/* ---- what goes with what ---- */

/* A key of METHOD, and the option of that name. */
typedef struct method_key {
  const char *name;
  bool (*applies)(testudo_sgd_kind kind); /* NULL: to the method called `to`, or without that to all */
  const char *to;
  size_t at;            /* in testudo_sgd_method, of a number; 0: it is none */
  double least, most;
  double preset;        /* where neither the method nor an option has said it */
} method_key;

#define METHOD_NUMBER(member) offsetof(testudo_sgd_method, member)
static const method_key method_keys[] = {
    {"wait", testudo_i_sgd_waits, "methods that wait for a number", 0, 1, 1e6, 0.0},
    {"step", NULL, NULL, METHOD_NUMBER(step), 1e-300, 1e100, NAN},
    {"design", testudo_sgd_runs_design, "methods that run a design", 0, 0.0, 0.0, 0.0},
    {"copies", testudo_sgd_runs_design, "methods that run a design", 0, 1, 1e6, 0.0},
    {"deadline", NULL, "partial-deadline", METHOD_NUMBER(deadline), 1e-300, 1e100, 0.0},
    {"compressor", testudo_sgd_compresses, "coco-*", 0, 0.0, 0.0, 0.0},
    {"spread", NULL, "staleness-step", METHOD_NUMBER(spread), 1e-300, 1e100, 0.0},
    {"rule", NULL, "adasync", 0, 0.0, 0.0, 0.0},
    {"schedule", NULL, "adasync", 0, 0.0, 0.0, 0.0},
    {"interval", NULL, "adasync", METHOD_NUMBER(interval), 1e-300, 1e100, 0.0},
    {"optimum", NULL, "adasync", METHOD_NUMBER(optimum), -1e300, 1e300, 0.0},
};
enum { METHOD_KEYS = sizeof method_keys / sizeof *method_keys };

static bool takes_key(testudo_sgd_kind kind, const method_key *key)
{
  return key->applies != NULL ? key->applies(kind) : key->to == NULL || strcmp(testudo_sgd_name(kind), key->to) == 0;
}

static const method_key *find_key(const char *name)
{
  for (int k = 0; k < METHOD_KEYS; k++)
    if (strcmp(name, method_keys[k].name) == 0)
      return &method_keys[k];
  return NULL;
}

static double *number_of(testudo_sgd_method *method, const method_key *key)
{
  return (double *)(void *)((char *)method + key->at);
}

/* Options that none of the methods takes. */
static testudo_status check_method_options(const cli_sgd *sgd, testudo_error *error)
{
  for (int k = 0; k < METHOD_KEYS; k++) {
    bool used = !cli_given(sgd->arguments, method_keys[k].name);
    for (int32_t m = 0; m < sgd->methods && !used; m++)
      used = takes_key(sgd->wanted[m].method.kind, &method_keys[k]);
    if (!used)
      return cli_refuse(error, "--%s applies to %s only", method_keys[k].name, method_keys[k].to);
  }
  return TESTUDO_OK;
}

/* ---- one METHOD ---- */

static testudo_status want_count(const sgd_wanted *wanted, const method_key *key, const char *text, const char *other,
                                 int32_t *count, testudo_error *error)
{
  double number;
  TESTUDO_I_TRY(want_number(wanted->text, key->name, text, key->least, key->most, &number, error));
  *count = (int32_t)number;
  return number == floor(number) ? TESTUDO_OK
                                 : cli_refuse(error, "--method %s: %s is a whole number%s", wanted->text, key->name,
                                              other);
}

static testudo_status take_key(cli_sgd *sgd, sgd_wanted *wanted, const char *name, const char *value,
                               testudo_error *error)
{
  static const char by_norm[] = "by-norm/";
  testudo_sgd_method *method = &wanted->method;
  const method_key *key = find_key(name);
  if (key == NULL)
    return cli_refuse(error, "--method %s: unknown key '%s'; there are wait, step, design, copies, deadline,"
                      " compressor, spread, rule, schedule, interval and optimum", wanted->text, name);
  if (!takes_key(method->kind, key))
    return cli_refuse(error, "--method %s: %s applies to %s only", wanted->text, name, key->to);
  if (key->at > 0)
    return want_number(wanted->text, name, value, key->least, key->most, number_of(method, key), error);
  if (strcmp(name, "wait") == 0)
    return want_count(wanted, key, value, "", &method->wait, error);
  if (strcmp(name, "compressor") == 0)
    return want_compressor(wanted, value, error);
  if (strcmp(name, "rule") == 0)
    return want_rule(wanted, value, error);
  if (strcmp(name, "schedule") == 0)
    return testudo_schedule_read(value, sgd->cluster.workers, &wanted->schedule, error);
  if (strcmp(name, "copies") == 0) {
    wanted->by_norm = strncmp(value, by_norm, strlen(by_norm)) == 0;
    return want_count(wanted, key, value + (wanted->by_norm ? strlen(by_norm) : 0), ", or by-norm/ and one",
                      &wanted->copies, error);
  }
  wanted->file = testudo_i_arena_text(&sgd->arena, value);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  return input_design(value, &wanted->design, error);
}

static testudo_status take_kind(sgd_wanted *wanted, const char *name, testudo_error *error)
{
  int kind = strcmp(name, "ignore-stragglers") == 0 ? TESTUDO_SGD_K_SYNC : -1;
  for (int k = 0; k < TESTUDO_SGD_KINDS && kind < 0; k++)
    if (strcmp(name, testudo_sgd_name((testudo_sgd_kind)k)) == 0)
      kind = k;
  if (kind < 0)
    return cli_refuse(error, "--method %s: unknown method '%s' (see testudo sgd --help)", wanted->text, name);
  wanted->method.kind = (testudo_sgd_kind)kind;
  return TESTUDO_OK;
}

/* ---- designs that are made ---- */

/* P chunks, whose workers' gradients at the optimum, if it is known, decide how many copies each has. */
static testudo_status deal_by_norm(cli_sgd *sgd, const sgd_wanted *wanted, testudo_assignment *assignment,
                                   testudo_error *error)
{
  int32_t workers = sgd->cluster.workers;
  if (!testudo_i_sgd_sums(wanted->method.kind) || sgd->runtime)
    return cli_refuse(error, "--method %s: copies=by-norm applies to stochastic-code and coco-* on data only",
                      wanted->text);
  TESTUDO_I_TRY(sgd_take_gram(sgd, error));
  return testudo_i_deal_copies(workers, workers, sgd->gram[sgd->gram[1] != NULL], (int64_t)workers * wanted->copies,
                               assignment, error);
}

testudo_status sgd_make_design(cli_sgd *sgd, const sgd_wanted *wanted, testudo_design **design, testudo_error *error)
{
  int32_t workers = sgd->cluster.workers;
  int32_t copies = wanted->copies > 0 ? wanted->copies : (int32_t)cli_integer(sgd->arguments, "copies", 2);
  testudo_sgd_kind kind = wanted->method.kind;
  testudo_assignment TESTUDO_I_HELD(testudo_assignment_free) assignment = {0};
  if (copies > workers)
    return cli_refuse(error, "%d copies, but there are %d workers", (int)copies, (int)workers);
  if (kind == TESTUDO_SGD_NESTED) {
    int32_t *tolerance = testudo_i_arena_alloc(&sgd->arena, (size_t)copies, sizeof *tolerance);
    TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
    for (int32_t s = 0; s < copies; s++)
      tolerance[s] = s;
    return testudo_design_create_nested(workers, tolerance, copies, sgd->cluster.seed, "", design, error);
  }
  TESTUDO_I_TRY(wanted->by_norm ? deal_by_norm(sgd, wanted, &assignment, error)
                                : testudo_assignment_cyclic(workers, copies, &assignment, error));
  if (kind == TESTUDO_SGD_GRADIENT_CODE)
    return testudo_design_create_gradient_code(&assignment, copies - 1, sgd->cluster.seed, "", design, error);
  return testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, 1, sgd->cluster.seed, "", design, error);
}

/* What neither the method nor an option has said. */
static testudo_status take_defaults(cli_sgd *sgd, sgd_wanted *wanted, testudo_error *error)
{
  const cli_arguments *arguments = sgd->arguments;
  testudo_sgd_method *method = &wanted->method;
  int32_t workers = sgd->cluster.workers;
  if (method->wait == 0 && testudo_i_sgd_waits(method->kind) && !testudo_i_sgd_sums(method->kind))
    method->wait = (int32_t)cli_integer(arguments, "wait", workers > 1 ? workers / 2 : 1);
  if (method->wait > workers && method->kind != TESTUDO_SGD_K_BATCH_SYNC && method->kind != TESTUDO_SGD_K_BATCH_ASYNC)
    return cli_refuse(error, "--method %s waits for %d of %d workers", wanted->text, (int)method->wait, (int)workers);
  for (const method_key *key = method_keys; key < method_keys + METHOD_KEYS; key++)
    if (key->at > 0 && *number_of(method, key) == 0.0)
      *number_of(method, key) = cli_real(arguments, key->name, key->preset);
  if (method->kind == TESTUDO_SGD_PARTIAL_DEADLINE && method->deadline == 0.0)
    return cli_refuse(error, "--method %s needs a deadline: add --deadline SECONDS", wanted->text);
  if (method->kind == TESTUDO_SGD_ADASYNC && wanted->schedule == NULL && cli_given(arguments, "schedule"))
    TESTUDO_I_TRY(testudo_schedule_read(cli_get(arguments, "schedule")->file, workers, &wanted->schedule, error));
  method->schedule = wanted->schedule;
  if (testudo_sgd_runs_design(method->kind) && wanted->design == NULL)
    TESTUDO_I_TRY(sgd_make_design(sgd, wanted, &wanted->design, error));
  method->design = wanted->design;
  return TESTUDO_OK;
}

testudo_status sgd_add_method(cli_sgd *sgd, const char *text, testudo_error *error)
{
  if (sgd->methods == SGD_MOST_METHODS)
    return cli_refuse(error, "more than %d methods", SGD_MOST_METHODS);
  sgd_wanted *wanted = &sgd->wanted[sgd->methods++];
  char *copy = testudo_i_arena_text(&sgd->arena, text), *words = testudo_i_arena_text(&sgd->arena, text), *rest = NULL;
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  *wanted = (sgd_wanted){.text = copy, .method.rule = (testudo_update_rule)cli_choice(
                                           sgd->arguments, "rule", TESTUDO_WAITING_K_BATCH_ASYNC)};
  char *word = strtok_r(words, ":", &rest);
  TESTUDO_I_TRY(take_kind(wanted, word == NULL ? "" : word, error));
  const char *compressor = cli_text(sgd->arguments, "compressor", NULL);
  while ((word = strtok_r(NULL, ":", &rest)) != NULL) {
    char *equals = strchr(word, '=');
    if (equals != NULL)
      *equals = '\0';
    if (equals != NULL && strcmp(word, "compressor") == 0)
      compressor = NULL;
    TESTUDO_I_TRY(take_key(sgd, wanted, equals == NULL ? "wait" : word, equals == NULL ? word : equals + 1, error));
  }
  if (compressor != NULL && testudo_sgd_compresses(wanted->method.kind))
    TESTUDO_I_TRY(want_compressor(wanted, compressor, error));
  return take_defaults(sgd, wanted, error);
}

testudo_status sgd_take_methods(cli_sgd *sgd, testudo_error *error)
{
  if (!cli_given(sgd->arguments, "method"))
    return cli_refuse(error, "--method is missing: for example --method sync,k-sync:4,lgc:4");
  CLI_EACH_GIVEN(at, sgd->arguments, "method") {
    char *copy = testudo_i_arena_text(&sgd->arena, at->text), *rest = NULL;
    TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
    for (char *one = strtok_r(copy, ",", &rest); one != NULL; one = strtok_r(NULL, ",", &rest))
      TESTUDO_I_TRY(sgd_add_method(sgd, one, error));
  }
  if (sgd->methods == 0)
    return cli_refuse(error, "--method names no method");
  return check_method_options(sgd, error);
}
