/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --resume FILE: the draws of a simulation in a file, from which it goes on. */
#ifndef TOOLS_COMMON_RESUME_H
#define TOOLS_COMMON_RESUME_H

#include <testudo/sample.h>

#include "common/cluster.h"
#include "sample/kept/draws.h"

enum { RESUME_KEY = 16 }; /* digits */

/* One line that says what they are draws of, and then their bytes (sample/kept/draws.h). */
typedef struct resume_file {
  const char *path;      /* NULL: no --resume, and everything here does nothing */
  char key[RESUME_KEY + 1];
  testudo_i_draws given; /* what the file had */
  testudo_i_draws all;   /* what the simulation has used, by testudo_i_draws_simulate */
} resume_file;

/* Reads the file, where there is one. Draws of another design, model, seed, report, deadline, rounding or version are
   TESTUDO_ERROR_INPUT: by the words of the command and what is in the files that they name, and by the first batch,
   which is drawn again. Clear whatever the answer. */
TESTUDO_CHECKED testudo_status resume_open(resume_file *file, const cli_cluster *cluster,
                                           const cli_arguments *arguments,
                                           const testudo_simulation_options *options, testudo_error *error);

/* Writes the file anew where there are more trials than it had. */
TESTUDO_CHECKED testudo_status resume_save(const resume_file *file, testudo_error *error);
void resume_clear(resume_file *file);

#endif
