/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `testudo stragglers`: the error of approximate decoding by the number of stragglers. */
#ifndef TOOLS_STRAGGLERS_H
#define TOOLS_STRAGGLERS_H

#include <testudo/approximate.h>

#include "common/head.h"
#include "option/option.h"

enum { STRAGGLERS_MOST_DESIGNS = 64, STRAGGLERS_DECODERS = 2 };

/* One number of stragglers, or one probability. */
typedef struct cli_left {
  testudo_straggler_error error;
  double aligned; /* one-step: the mean square of sum_i (c_i - 1); else NAN */
} cli_left;

typedef struct cli_chance {
  double p, mean, aligned;
} cli_chance;

/* One design with one decoder. */
typedef struct cli_curve {
  const char *file;
  const testudo_design *design;
  design_result about;
  testudo_decoder decoder;
  size_t count, chances; /* measured; chances of one-step only */
  cli_left *left;
  cli_chance *chance;
} cli_curve;

typedef struct cli_stragglers {
  const cli_arguments *arguments;
  const char *command, *version;
  int64_t seed;
  int64_t samples;
  size_t designs, curves;
  testudo_design *design[STRAGGLERS_MOST_DESIGNS];
  cli_curve *curve;
  bool interrupted;
  testudo_i_arena arena; /* of the curves' lists */
} cli_stragglers;

/* Of one that is zeroed: reads the designs and checks the options. Free whatever the answer. */
TESTUDO_CHECKED testudo_status stragglers_open(cli_stragglers *all, const cli_arguments *arguments,
                                               testudo_error *error);
void stragglers_free(void *context);

/* Interrupted: TESTUDO_INTERRUPTED, with what there is. */
TESTUDO_CHECKED testudo_status stragglers_measure(cli_stragglers *all, testudo_error *error);

extern const field stragglers_fields[]; /* of a cli_stragglers */

#endif
