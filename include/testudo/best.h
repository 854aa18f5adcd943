/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of the best designs known: for every cell the fastest design of scheme partial that somebody has found, its
   value as an interval that can be proved again, and what no design can be better than (docs/designs.md). */
#ifndef TESTUDO_BEST_H
#define TESTUDO_BEST_H

#include <stdint.h>

#include <testudo/delay.h>
#include <testudo/design.h>
#include <testudo/optimize.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a cell asks for ---- */

/* Sizes, limits, and what is to be small: T with every finished chunk counted. A share is the m-th part of the data,
   `granularity` chunks. Workers are alike: a model with rates, classes or domains is refused. */
typedef struct testudo_best_key {
  int32_t workers, granularity, parts; /* each >= 1; there are workers * granularity chunks */
  double load;              /* shares: no worker holds more */
  double copies;            /* chunks have so many on average at most; parts .. load */
  int32_t least_copies;     /* and each chunk at least so many; parts .. copies */
  testudo_objective objective; /* mean, or a quantile */
  const testudo_delay_model *model; /* lent; its laws name no files */
} testudo_best_key;

/* TESTUDO_ERROR_ARGUMENT with the reason where the numbers are out of range or do not go together. */
TESTUDO_CHECKED testudo_status testudo_best_key_check(const testudo_best_key *key, testudo_error *error);

/* May this design stand in the cell: scheme, sizes, loads, copies? TESTUDO_ERROR_ARGUMENT with the reason. */
TESTUDO_CHECKED testudo_status testudo_best_fits(const testudo_best_key *key, const testudo_design *design,
                                                 testudo_error *error);

/* ---- values ---- */

typedef enum testudo_best_kind {
  TESTUDO_BEST_EXACT,       /* low .. high is the value and its estimated numerical error */
  TESTUDO_BEST_SIMULATED    /* a 95 % interval: of the mean by its standard error, of a quantile by order statistics */
} testudo_best_kind;

typedef struct testudo_best_value {
  testudo_best_kind kind;
  double value, low, high;  /* seconds */
  int64_t trials;           /* simulated: those of testudo_simulate, with .. */
  uint64_t seed;            /* .. this seed; 0 and 0 where exact */
  char method[120];         /* "elimination, 35 states" */
} testudo_best_value;

typedef struct testudo_best_options {
  int64_t trials;           /* where no law is exact; 0: 400,000, fewer where they would take minutes */
  uint64_t seed;
  int32_t threads;          /* 0: all cores; never changes a number */
  const testudo_monitor *monitor;
} testudo_best_options;

#define TESTUDO_BEST_MAX_STATES 20000 /* a law that must hold more states is simulated */

/* Measures a design that fits the key: exactly where a law is exact and the structure not mixed, else by trials; `as`,
   where not NULL, a value that
   was measured before: in the same way, with its trials and seed. TESTUDO_ERROR_LIMIT where no interval is known: the
   simulated mean of a T of infinite deviation, a quantile beyond the trials, a T that may never end.
   TESTUDO_INTERRUPTED by the monitor. */
TESTUDO_CHECKED testudo_status testudo_best_measure(const testudo_best_key *key, const testudo_design *design,
                                                    const testudo_best_options *options, const testudo_best_value *as,
                                                    testudo_best_value *value, testudo_error *error);

/* No design that fits the key is faster: complete enumeration of all designs where they are few
   (docs/designs.md#all-designs-of-a-small-cell), else perfect balancing, and chunks that are late, of workers that all
   hold as much as the cell allows (docs/theory/search-latency.md#the-objective). *bound is NAN and proof "" where it is
   not known; 96 characters. Up to half a minute. */
TESTUDO_CHECKED testudo_status testudo_best_bound(const testudo_best_key *key, const testudo_monitor *monitor,
                                                  double *bound, char *proof, testudo_error *error);

/* ---- which design is it ---- */

/* FNV-1a-64 of the sizes and orders: the same for every code over the same table of orders, and for nothing else that
   happens by accident. */
uint64_t testudo_best_orders(const testudo_design *design);

/* The same number for two designs if and (but for accidents of 64 bits) only if workers and chunks of one can be
   renumbered so that its orders are those of the other: canonical labelling, by nauty, of the graph of workers, chunks
   and places, coloured by what they are, component by component. *known = false where the program was made without
   nauty, or the design has more than 200,000 entries in one component. `by` names what numbered it, "nauty 2.8.6":
   other versions may give other numbers; 32 characters. */
TESTUDO_CHECKED testudo_status testudo_best_canonical(const testudo_design *design, bool *known, uint64_t *number,
                                                      char *by, testudo_error *error);

/* ---- rows ---- */

/* What a row says of the record before it. */
typedef struct testudo_best_previous {
  const char *method, *by, *date; /* method NULL: there was none */
  double value, low, high;
  uint64_t orders;
} testudo_best_previous;

typedef struct testudo_best_row {
  testudo_best_key key;
  const char *delay;        /* its model, compact JSON */
  testudo_best_value value;
  const char *command;      /* "testudo design ..", which makes the design; NULL: .. */
  const char *file;         /* .. a design file in the folder of the table's files */
  uint64_t checksum;        /* of the design file, or of the one that the command writes */
  const char *version;      /* of the program whose command wrote it: others may write another checksum */
  uint64_t orders;          /* testudo_best_orders */
  const char *canonical_by; /* NULL: not known */
  uint64_t canonical;
  double load, copies;      /* of the design: shares, and the average over the chunks */
  int32_t least_copies;
  double bound;             /* NAN: not known */
  const char *proof;
  const char *method, *by, *date; /* what found it, who, and on which day (2026-11-29) */
  const char *named;        /* the command of the best named construction that was tried; NULL: none was */
  testudo_best_value named_value;
  const char *searched;     /* the search that `testudo table fill` has last run for the cell; NULL: none */
  testudo_best_previous previous;
} testudo_best_row;

/* ---- tables ---- */

/* Rows by their keys, no two of one key. All that rows point to is the table's. */
typedef struct testudo_best_table testudo_best_table;

/* A file of JSON lines (docs/file-format.md#tables-of-designs). TESTUDO_ERROR_INPUT with the line for anything wrong
   with the bytes, also for members that no row has and rows that are not in their order. The caller frees *table. */
TESTUDO_CHECKED testudo_status testudo_best_read(const char *path, testudo_best_table **table, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_best_parse(const char *bytes, size_t length, const char *name,
                                                  testudo_best_table **table, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_best_create(testudo_best_table **table, testudo_error *error); /* empty */
void testudo_best_free(testudo_best_table *table);

/* Rows sorted by key. The file appears whole or not at all. */
TESTUDO_CHECKED testudo_status testudo_best_write(const testudo_best_table *table, const char *path,
                                                  testudo_error *error);

size_t testudo_best_rows(const testudo_best_table *table);
/* Row k in the order of the keys (lent until the table changes). */
const testudo_best_row *testudo_best_row_at(const testudo_best_table *table, size_t k);
/* The row of a key; NULL: the cell is empty. */
const testudo_best_row *testudo_best_find(const testudo_best_table *table, const testudo_best_key *key);

/* Puts a copy of the row in its place; where there was one, that becomes the previous record, unless it is the same
   design, which keeps what was previous to it. The row's own `delay` and `previous` are not looked at. */
TESTUDO_CHECKED testudo_status testudo_best_put(testudo_best_table *table, const testudo_best_row *row,
                                                testudo_error *error);

/* ---- better, or not ---- */

typedef enum testudo_best_verdict {
  TESTUDO_BEST_BETTER,
  TESTUDO_BEST_EQUAL,       /* the same design, perhaps with workers and chunks renumbered */
  TESTUDO_BEST_WORSE,       /* or as good: nothing is gained */
  TESTUDO_BEST_CLOSE        /* the intervals do not tell */
} testudo_best_verdict;

/* Is `found`, whose value, orders and canonical number are known, better than the row of its cell? */
testudo_best_verdict testudo_best_weigh(const testudo_best_row *row, const testudo_best_row *found);

/* For those that are close: both designs on the same trials, as many as the larger number of the two rows; better, or
   worse, where the difference is 3 standard errors from 0, else close; what has not the less value is not better. */
TESTUDO_CHECKED testudo_status testudo_best_compare(const testudo_best_row *row, const testudo_design *design,
                                                    const testudo_best_row *found, const testudo_design *found_design,
                                                    const testudo_best_options *options,
                                                    testudo_best_verdict *verdict, double *difference,
                                                    double *standard_error, testudo_error *error);

/* ---- what records say of other cells ---- */

/* May the row's design, every chunk of which is cut into *pieces consecutive ones, stand in the cell, and is it no
   slower there? So where the cell differs by limits that the design keeps, and, where unit is share and structure
   scaled, without overhead and messages, by a multiple of the granularity. *pieces = 0: no. */
TESTUDO_CHECKED testudo_status testudo_best_implies(const testudo_best_row *row, const testudo_best_key *key,
                                                    int32_t *pieces, testudo_error *error);

/* Of all rows of other cells that imply something for this one, that of the least value; NULL where there is none. */
TESTUDO_CHECKED testudo_status testudo_best_implied(const testudo_best_table *table, const testudo_best_key *key,
                                                    const testudo_best_row **row, int32_t *pieces,
                                                    testudo_error *error);

/* The design with every chunk i cut into the chunks pieces i, .., pieces i + pieces - 1, one after the other in every
   order. The caller frees *split. */
TESTUDO_CHECKED testudo_status testudo_best_split(const testudo_design *design, int32_t pieces,
                                                  testudo_design **split, testudo_error *error);

/* Is the row's value exact, and no more than 1e-7 of it above the bound? Then no design of the cell is faster. */
bool testudo_best_is_optimal(const testudo_best_row *row);

/* ---- rows proved again ---- */

/* Everything that a row says of its design, computed again: checksum, orders, canonical number (by the same nauty),
   limits, value, interval and how it was found, bound; and the record before it is another design, worse and not below
   the bound. `named` is the design of its named construction, or NULL, and its value then is not looked at. *holds =
   false with what does not in `why`, 240 characters. Numbers hold to a relative 1e-9, exact values also within their
   errors. */
TESTUDO_CHECKED testudo_status testudo_best_prove(const testudo_best_row *row, const testudo_design *design,
                                                  const testudo_design *named,
                                                  const testudo_best_options *options, bool *holds, char *why,
                                                  testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
