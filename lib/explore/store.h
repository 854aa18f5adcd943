/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store of an exploration: an SQLite database with a row per computed point (docs/store.md). Rows are added and
   never changed; each is a transaction of its own, so that a process that is killed loses the points in flight and
   nothing else. The only home of SQLite. */
#ifndef TESTUDO_EXPLORE_STORE_H
#define TESTUDO_EXPLORE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/status.h>

enum { TESTUDO_I_STORE_VERSION = 2, TESTUDO_I_STORE_KEY = 32 };

typedef struct testudo_i_store testudo_i_store;

/* Texts are lent. */
typedef struct testudo_i_store_row {
  const char *key;         /* TESTUDO_I_STORE_KEY hexadecimal digits, a hash of everything that decides the result */
  const char *computation; /* "analyze", "simulate" */
  const char *design;      /* the command that makes the design */
  const char *command;     /* the command whose result it is */
  const char *parameters;  /* JSON: the options and values of the point */
  const char *version;     /* of the program */
  int64_t seed, trials;    /* trials 0: it draws none */
  double limit;            /* seconds that it was allowed where it was not finished; otherwise 0 */
  const char *result;      /* JSON; NULL: it was not finished within the limit */
  double seconds;          /* that it took */
} testudo_i_store_row;

typedef enum testudo_i_store_mode {
  TESTUDO_I_STORE_READ, /* it must be there */
  TESTUDO_I_STORE_WRITE /* it is made where it is not there, and brought to the current version */
} testudo_i_store_mode;

/* TESTUDO_ERROR_INPUT for a file that is no store, or one of a later version; TESTUDO_ERROR_SYSTEM where it cannot be
   opened, made or written. Close whatever is there; NULL is closed too. A store may be read while another process adds
   to it. Threads may share one. */
TESTUDO_CHECKED testudo_status testudo_i_store_open(const char *path, testudo_i_store_mode mode,
                                                    testudo_i_store **store, testudo_error *error);
void testudo_i_store_close(testudo_i_store *store);
void testudo_i_store_drop(testudo_i_store **store); /* for TESTUDO_I_HELD */

/* Makes this process the one that explores into the store, until it ends; TESTUDO_ERROR_SYSTEM where another is. */
TESTUDO_CHECKED testudo_status testudo_i_store_claim(testudo_i_store *store, testudo_error *error);

/* Adds a row, durable when this returns unless the machine itself fails. What is there already stays: a row of the
   same key, trials and limit. */
TESTUDO_CHECKED testudo_status testudo_i_store_add(testudo_i_store *store, const testudo_i_store_row *row,
                                                   testudo_error *error);

/* Is there a row that answers the point: finished with as many trials, or given up with as much time? */
TESTUDO_CHECKED testudo_status testudo_i_store_has(testudo_i_store *store, const char *key, int64_t trials,
                                                   double limit, bool *has, testudo_error *error);

/* Calls take(context, row) for every row, or with `best` for the one of each key that says most (finished, of most
   trials), in the order of keys and trials. What take answers but TESTUDO_OK ends the walk. */
TESTUDO_CHECKED testudo_status testudo_i_store_walk(testudo_i_store *store, bool best,
                                                    testudo_status (*take)(void *context,
                                                                           const testudo_i_store_row *row,
                                                                           testudo_error *error),
                                                    void *context, testudo_error *error);

/* Keeps the bytes of draws (sample/kept/draws.h) of a point: its trials first .. first + trials - 1, by this version of
   the program. */
TESTUDO_CHECKED testudo_status testudo_i_store_keep(testudo_i_store *store, const char *key, const char *version,
                                                    int64_t first, int64_t trials, const char *bytes, size_t length,
                                                    testudo_error *error);

/* Those of a point that begin with trial `first`, of the version, the most trials (malloc); *bytes is NULL where there
   are none. */
TESTUDO_CHECKED testudo_status testudo_i_store_kept(testudo_i_store *store, const char *key, const char *version,
                                                    int64_t first, char **bytes, size_t *length,
                                                    testudo_error *error);

/* How many trials those have, without reading them; 0: none. */
TESTUDO_CHECKED testudo_status testudo_i_store_kept_trials(testudo_i_store *store, const char *key,
                                                           const char *version, int64_t first, int64_t *trials,
                                                           testudo_error *error);

typedef struct testudo_i_store_counts {
  int64_t points, finished, unfinished, rows; /* points: distinct keys; finished and unfinished of those */
  double seconds;                             /* of all rows */
  int64_t drawn;                              /* bytes of kept draws */
} testudo_i_store_counts;
TESTUDO_CHECKED testudo_status testudo_i_store_count(testudo_i_store *store, testudo_i_store_counts *counts,
                                                     testudo_error *error);

/* Adds the rows of another store, all of them or none: *added of them were new. TESTUDO_ERROR_INPUT where the two have
   different results of one version of the program for the same point. */
TESTUDO_CHECKED testudo_status testudo_i_store_merge(testudo_i_store *store, const char *other, int64_t *added,
                                                     testudo_error *error);

/* Do a file's bytes begin as those of a store do (as of every SQLite database)? */
bool testudo_i_store_begins(const char *bytes, size_t length);

/* Is every page of the database as it should be (PRAGMA integrity_check)? */
TESTUDO_CHECKED testudo_status testudo_i_store_verify(testudo_i_store *store, testudo_error *error);

/* The hash that keys are: two halves of 64 bits over the bytes. */
void testudo_i_store_key(const char *bytes, size_t length, char key[TESTUDO_I_STORE_KEY + 1]);

#endif
