/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the command line asks of each scheme: the one table of the program that knows them (lib/runtime/scheme and
   lib/code/making know the rest). */
#ifndef TOOLS_DESIGN_SCHEMES_H
#define TOOLS_DESIGN_SCHEMES_H

#include "design/request.h"

/* Options that some schemes have, bit k for scheme_options[k]. */
enum {
  SCHEME_PARTS = 1,
  SCHEME_STRAGGLERS = 2,
  SCHEME_WAIT = 4,
  SCHEME_TOLERANCES = 8,
  SCHEME_SIZES = 16,
  SCHEME_DIM = 32,
  SCHEME_CONSTRUCTION = 64,
  SCHEME_OPTIONS = 7
};
extern const char *const scheme_options[SCHEME_OPTIONS];

typedef struct cli_scheme {
  testudo_scheme id;
  cli_assignment assignment; /* when none is given */
  unsigned options, needs;   /* those it has; the one of them that has no default */
  const char *square;        /* what --assignment cyclic, which wants as many chunks as workers, could give way to */
  /* The copies of every chunk, and what the scheme asks of them; NULL: they are the user's. */
  testudo_status (*check)(cli_request *request, const cli_arguments *arguments, testudo_error *error);
} cli_scheme;

/* The words of --scheme; their rows stand in the same order. */
#define SCHEME_WORDS "uncoded ignore-stragglers gradient-code nested partial block"
enum { CHOICE_GRADIENT_CODE = 2, CHOICE_PARTIAL = 4, CHOICE_BLOCK = 5 };
extern const cli_scheme scheme_of_choice[];

#endif
