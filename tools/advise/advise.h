/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An advice, as results, text and page show it. */
#ifndef TOOLS_ADVISE_ADVISE_H
#define TOOLS_ADVISE_ADVISE_H

#include <testudo/advise.h>
#include <testudo/trace.h>

#include "common/head.h"
#include "report/field.h"

/* A remedy, its names as results have them. */
typedef struct advise_row {
  testudo_remedy of;        /* a copy: its design is lent */
  const char *kind, *design;
} advise_row;

/* A remedy that was measured, as a line of the text's tables. */
typedef struct advise_line {
  char name[104];
  double load, copies, computed;
  double predicted, replayed; /* means, or what the objective is where it is another */
  double objective, replayed_objective;
  double messages, floats, memory, megabytes;
  char interval[48], gain[64], given_up[96];
} advise_line;

typedef struct advise_trace {
  const char *name, *structure, *law; /* law NULL: none holds */
  const char *startup;      /* law of the start-up; NULL: there is none */
  char shown_law[256], shown_startup[256]; /* with fewer digits */
  int64_t workers, iterations, chunks;
  const testudo_fit_worker *persistent;
  int32_t named;
  const char *unknown, *assumed;
} advise_trace;

typedef struct advise_result {
  testudo_advice of;        /* a copy: its lists are lent */
  const char *command, *version, *objective;
  testudo_objective_kind goal;
  int64_t seed, dim;        /* dim -1: not known */
  int32_t workers;
  int32_t best_of_all;      /* with --inexact: index of the best remedy of all; -1: was not asked for */
  advise_trace trace;
  const advise_trace *traced; /* NULL: a model */
  delay_result delay;
  const delay_result *delayed; /* NULL: a trace */
  advise_row *row;
  int32_t rows;
  advise_line *exact, *other; /* of those that were measured */
  size_t exacts, others;
} advise_result;

extern const field advise_fields[];

typedef struct advise_asked {
  const cli_arguments *arguments;
  const cli_cluster *cluster; /* its model, without a trace */
  const char *trace;          /* NULL: a model */
  testudo_objective objective;
} advise_asked;

/* What the program says of an advice; lists in the arena, the rest lent by the advice. */
TESTUDO_CHECKED testudo_status advise_fill(advise_result *result, const testudo_advice *advice,
                                           const advise_asked *asked, testudo_i_arena *arena, testudo_error *error);

/* In words, as `phrase` of the first field. */
void advise_print(FILE *text, const void *result);

/* ---- for text and page ---- */

/* Those of the replay where there is one, otherwise the predicted ones. */
const testudo_remedy_times *advise_times(const testudo_remedy *remedy);
bool advise_is_measured(const testudo_remedy *remedy);
/* "8 chunks per worker". */
void advise_chunks_write(const advise_trace *trace, char *text, size_t room);
/* "12.3 % (10.1 to 14.5)"; "-" of "none" and where it is not known. */
void advise_gain_write(const testudo_remedy *remedy, char *text, size_t room);
/* What a remedy that is not the exact gradient gives up: "leaves 12 % of the data out". */
void advise_given_up_write(const testudo_remedy *remedy, char *text, size_t room);
/* Of the objective: " s", or "" of a probability. */
const char *advise_unit(const advise_result *result);
/* "replayed: 60 measured iterations; predicted: 20000 drawn ones (simulation)" */
void advise_source_write(const advise_result *result, char *text, size_t room);

/* ---- the page ---- */

/* One page of HTML, without other files. `trace` may be NULL: there is no picture of it then. */
TESTUDO_CHECKED testudo_status advise_put_page(FILE *stream, const advise_result *result, const testudo_trace *trace,
                                               testudo_error *error);
/* The picture of a trace in it: one row per worker. */
TESTUDO_CHECKED testudo_status advise_put_picture(FILE *stream, const advise_result *result,
                                                  const testudo_trace *trace, testudo_error *error);

#endif
