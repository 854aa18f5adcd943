/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result of fit, and the delay file that it writes. */
#ifndef TOOLS_FIT_FIT_H
#define TOOLS_FIT_FIT_H

#include <testudo/fit.h>

#include "common/head.h"
#include "report/field.h"

typedef struct ecdf_result {
  int64_t count;
  double *t, *p;
} ecdf_result;

typedef struct fit_model_result {
  testudo_fit_model of;
  const double *number, *standard_error; /* lists of it, or read ones */
} fit_model_result;

/* The model to go on with: as the object "delay" of results. */
typedef struct recommended_result {
  int kind;                 /* testudo_fit_kind */
  delay_result delay;
  markov_result markov;
} recommended_result;

typedef struct fit_result {
  testudo_fit fit; /* a copy: its lists are lent */
  const char *command, *version, *trace, *best, *best_aic;
  fit_model_result *model, *shown; /* shown: with laws of six digits, for the text */
  size_t models;
  bool refuted;
  char verdict[120];
  double least, most, largest_over_mean;
  const double *rates;      /* of every worker, 1 for those that do not differ; NULL: not known */
  int64_t rate_count;
  ecdf_result ecdf;
  recommended_result *recommended; /* NULL: nothing is */
} fit_result;

extern const field fit_fields[];        /* of a fit_result */
extern const field delay_file_fields[]; /* of the file that fit writes */

/* What the program says of a fit; its lists are in the arena. */
TESTUDO_CHECKED testudo_status fit_fill(fit_result *result, const testudo_fit *fit, const cli_arguments *arguments,
                                        testudo_i_arena *arena, testudo_error *error);

/* Is any worker slower or faster than the others by more than chance? */
bool fit_has_rates(const testudo_fit *fit);

/* A law with six significant digits per number, to look at; as much room as for the law is enough. */
void fit_shorten_law(const char *law, char *text, size_t room);

/* The first of the workers that are slow for good, a line each. */
void fit_print_slow(FILE *text, const char *label, const testudo_fit_worker *slow, int32_t count);

/* The number of a structure's word; -1: none. */

/* In words, as `phrase` of the first field. */
void fit_print(FILE *text, const void *result);
extern const field fit_model_fields[], fit_prediction_fields[];

/* The recommended model, or the terms of it with another law (NULL: its own), to a delay file. */
TESTUDO_CHECKED testudo_status fit_write_delay(const fit_result *result, const char *law, const char *path,
                                               testudo_error *error);

#endif
