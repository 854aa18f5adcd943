/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `testudo design` asks of each scheme: the one table of the program that knows them (lib/runtime/scheme and
   lib/code/making know the rest). */
#ifndef TOOLS_DESIGN_SCHEMES_H
#define TOOLS_DESIGN_SCHEMES_H

#include "design/request.h"

typedef struct cli_scheme {
  testudo_scheme id;
  const char *assignment; /* when none is given */
  const char *options;    /* of --parts, --stragglers, --wait, --tolerances, --sizes, --dim: those it has */
  const char *needs;      /* the one of them that has no default */
  const char *square;     /* what --assignment cyclic, which wants as many chunks as workers, could give way to */
  bool constructs;        /* it has --construction */
  bool planned;           /* with --delay its sizes are chosen by a search */
  /* The copies of every chunk, and what the scheme asks of them; NULL: they are the user's. */
  testudo_status (*check)(cli_request *request, const cli_arguments *arguments, testudo_error *error);
  /* "-s2": what follows the sizes in the name of a design; answers its length. */
  int (*suffix)(const cli_request *request, char *text, size_t room);
} cli_scheme;

/* The row of a word of --scheme. */
const cli_scheme *scheme_of_word(const char *word);

#endif
