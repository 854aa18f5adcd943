/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of the training job. */
#define _GNU_SOURCE
#include "job.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum option_id {
  DESIGN = 1, LIBSVM, CSV, LABEL, SAMPLES, FEATURES, CLASSES, ITERATIONS, STEP, DELAY, STRUCTURE, UNIT, SLOW, DEADLINE,
  DECODER, SEED, PATIENCE, POLL, TRACE, DRAWN, TIMES, FAIL, PREFIXES, DOUBLES, NO_CHECK, QUIET, HELP
} option_id;

/* One row an option: what the help says, and the least and most of a number. */
typedef struct row {
  const char *name, *value, *help;
  option_id id;
  double least, most;
} row;

static const row rows[] = {
    {"design", "FILE", "Design file; there must be one rank more than it has workers. Required.", DESIGN, 0, 0},
    {"libsvm", "FILE", "Data: one sample a line, label index:value ..", LIBSVM, 0, 0},
    {"csv", "FILE", "Data: a table, one sample a line.", CSV, 0, 0},
    {"label", "COLUMN", "Its column with the classes. Default: the last.", LABEL, 0, 0},
    {"samples", "n", "Without a file: samples that are generated. Default: 4096.", SAMPLES, 1, 1e8},
    {"features", "n", "Their features. Default: 32.", FEATURES, 1, 1e6},
    {"classes", "n", "Their classes; 2: logistic regression, more: softmax. Default: 2.", CLASSES, 2, 1000},
    {"iterations", "n", "Steps of gradient descent. Default: 100.", ITERATIONS, 1, 1e7},
    {"step", "x", "Size of a step. Default: 1.", STEP, 1e-12, 1e12},
    {"delay", "LAW", "Time of a chunk in seconds, work included: drawn, and slept until it is over. Without: the work"
     " alone.", DELAY, 0, 0},
    {"structure", "WORD", "scaled: one draw per worker and iteration; additive: one per chunk. Default: scaled.",
     STRUCTURE, 0, 0},
    {"unit", "WORD", "LAW is of a chunk or of a worker's share, the m-th part of the data. Default: chunk.", UNIT, 0,
     0},
    {"slow", "j:factor", "Worker j takes so many times as long. May be repeated.", SLOW, 0, 0},
    {"deadline", "t", "Take the best estimate t seconds after an iteration began.", DEADLINE, 1e-6, 1e9},
    {"decoder", "WORD", "exact, optimal, one-step, component. Default: exact.", DECODER, 0, 0},
    {"seed", "n", "Of data and delays. Default: 1.", SEED, 0, 9007199254740992.0},
    {"patience", "s", "A rank that is silent for so long is taken for dead. Default: 10.", PATIENCE, 2, 1e6},
    {"poll", "s", "Between two looks at what has come. Default: 0.0002.", POLL, 1e-6, 1},
    {"trace", "FILE", "Write the measured times of steps, for 'testudo fit'.", TRACE, 0, 0},
    {"drawn", "FILE", "Write the delays that were drawn, of every chunk, for --delay replay:FILE.", DRAWN, 0, 0},
    {"times", "FILE", "Write the times of iterations.", TIMES, 0, 0},
    {"fail", "r:i", "Rank r kills itself in iteration i (mpirun --enable-recovery lets the others go on).", FAIL, 0, 0},
    {"prefixes", NULL, "Ask workers for the first so many chunks of their orders, so that they keep a few sums and no"
     " gradients: scheme partial, one part, orders round a circle or mirrored pairs.", PREFIXES, 0, 0},
    {"double", NULL, "Messages are of doubles. Default: floats.", DOUBLES, 0, 0},
    {"no-check", NULL, "Do not compare every gradient with the direct sum.", NO_CHECK, 0, 0},
    {"quiet", NULL, "No progress on standard error.", QUIET, 0, 0},
    {"help", NULL, "Show this.", HELP, 0, 0},
};
enum { ROWS = sizeof rows / sizeof *rows };

void settings_help(void)
{
  printf("usage: mpirun -n RANKS train --design FILE [options]\n"
         "Logistic or softmax regression by gradient descent, rank 0 the server, worker j of the design rank j + 1.\n"
         "Prints one line of JSON; exits with 1 when workers are lost that the design needs.\n");
  for (int k = 0; k < ROWS; k++)
    printf("  --%s%s%s\n      %s\n", rows[k].name, rows[k].value != NULL ? " " : "",
           rows[k].value != NULL ? rows[k].value : "", rows[k].help);
}

static bool read_number(const row *r, const char *text, double *number)
{
  char *end;
  errno = 0;
  *number = strtod(text, &end);
  return end != text && *end == 0 && errno == 0 && *number >= r->least && *number <= r->most;
}

/* The place of a word among others; -1: it is none. */
static int read_word(const char *text, const char *const *word)
{
  for (int k = 0; word[k] != NULL; k++)
    if (strcmp(word[k], text) == 0)
      return k;
  return -1;
}

/* "3:5" */
static bool read_pair(const char *text, long most, long *first, double *second)
{
  char *end;
  errno = 0;
  *first = strtol(text, &end, 10);
  if (errno != 0 || end == text || *end != ':' || *first < 0 || *first > most)
    return false;
  const char *rest = end + 1;
  *second = strtod(rest, &end);
  return end != rest && *end == 0 && isfinite(*second);
}

static bool set_slow(settings *s, const char *text)
{
  long worker;
  double factor;
  if (!read_pair(text, 65535, &worker, &factor) || factor < 1.0 || factor > 1e6)
    return false;
  if (worker >= s->slow_room) {
    double *more = realloc(s->slow, ((size_t)worker + 1) * sizeof *more);
    if (more == NULL)
      return false;
    for (s->slow = more; s->slow_room <= worker; s->slow_room++)
      s->slow[s->slow_room] = 1.0;
  }
  s->slow[worker] = factor;
  return true;
}

static bool set_fail(settings *s, const char *text)
{
  long rank;
  double iteration;
  if (!read_pair(text, 65536, &rank, &iteration) || iteration < 0 || iteration > 1e7)
    return false;
  s->fail_rank = (int32_t)rank;
  s->fail_iteration = (int32_t)iteration;
  return true;
}

static bool set_word(settings *s, option_id id, const char *text)
{
  static const char *const structures[] = {"scaled", "additive", NULL}, *const units[] = {"chunk", "share", NULL};
  static const char *const decoders[] = {"exact", "optimal", "one-step", "component", NULL};
  int k = read_word(text, id == STRUCTURE ? structures : id == UNIT ? units : decoders);
  if (k >= 0 && id == STRUCTURE)
    s->structure = k == 0 ? TESTUDO_STRUCTURE_SCALED : TESTUDO_STRUCTURE_ADDITIVE;
  if (k >= 0 && id == UNIT)
    s->unit = k == 0 ? TESTUDO_UNIT_CHUNK : TESTUDO_UNIT_SHARE;
  if (k >= 0 && id == DECODER)
    s->decoder = (testudo_decoder)k;
  return k >= 0;
}

static bool set_number(settings *s, const row *r, const char *text)
{
  double x;
  if (!read_number(r, text, &x) || (x != floor(x) && r->least == floor(r->least) && r->id != PATIENCE))
    return false;
  switch (r->id) {
  case SAMPLES: s->samples = (int32_t)x; break;
  case FEATURES: s->features = (int32_t)x; break;
  case CLASSES: s->classes = (int32_t)x; break;
  case ITERATIONS: s->iterations = (int32_t)x; break;
  case SEED: s->seed = (uint64_t)x; break;
  case STEP: s->step = x; break;
  case DEADLINE: s->deadline = x; break;
  case PATIENCE: s->patience = x; break;
  default: s->poll = x; break;
  }
  return true;
}

static bool set(settings *s, const row *r, const char *text)
{
  switch (r->id) {
  case DESIGN: s->design = text; return true;
  case LIBSVM: s->libsvm = text; return true;
  case CSV: s->csv = text; return true;
  case LABEL: s->label = text; return true;
  case DELAY: s->delay = text; return true;
  case TRACE: s->trace = text; return true;
  case DRAWN: s->drawn = text; return true;
  case TIMES: s->times = text; return true;
  case SLOW: return set_slow(s, text);
  case FAIL: return set_fail(s, text);
  case STRUCTURE:
  case UNIT:
  case DECODER: return set_word(s, r->id, text);
  case PREFIXES: s->prefixes = true; return true;
  case DOUBLES: s->doubles = true; return true;
  case NO_CHECK: s->check = false; return true;
  case QUIET: s->quiet = true; return true;
  default: return set_number(s, r, text);
  }
}

bool settings_read(int argc, char **argv, settings *s, bool *help, char *error, size_t room)
{
  struct option known[ROWS + 1] = {{0}};
  *s = (settings){.samples = 4096, .features = 32, .classes = 2, .iterations = 100, .step = 1.0, .patience = 10.0,
                  .poll = 0.0002, .seed = 1, .check = true, .fail_rank = -1, .fail_iteration = -1};
  *help = false;
  for (int k = 0; k < ROWS; k++)
    known[k] = (struct option){.name = rows[k].name, .has_arg = rows[k].value != NULL, .val = rows[k].id};
  opterr = 0;
  for (int id, at; at = optind, (id = getopt_long(argc, argv, ":", known, NULL)) != -1;) {
    if (id == '?' || id == ':') {
      const char *why = id == ':' ? "wants a value" : "is no option; see --help";
      snprintf(error, room, "%s %s", argv[at], why);
      return false;
    }
    const row *r = &rows[id - 1];
    if (id == HELP)
      *help = true;
    else if (!set(s, r, optarg)) {
      snprintf(error, room, "--%s '%s' is not allowed. %s", r->name, optarg, r->help);
      return false;
    }
  }
  bool both = s->prefixes && s->decoder != TESTUDO_DECODER_EXACT;
  if (both)
    snprintf(error, room, "--prefixes are decoded by sums: it does not go with --decoder");
  else if (optind < argc)
    snprintf(error, room, "%s is no option; see --help", argv[optind]);
  else
    snprintf(error, room, "--design is missing; see --help");
  return *help || (!both && optind == argc && s->design != NULL);
}

double settings_slow(const settings *s, int32_t worker)
{
  return worker < s->slow_room ? s->slow[worker] : 1.0;
}
