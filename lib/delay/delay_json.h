/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delay models in JSON, written and read: delay files and the models of claims. The members are those of the object
   "delay" of results: law, structure ("scaled", "additive", "mixed"), mixed (law of a chunk's own factor), unit
   ("chunk", "share"), startup, overhead, rates, classes [{workers, rate, law}], message, signal, markov {p, q, factor},
   domains (of each worker), domain_factor, failed, fail_prob. All but the law are optional, and null is the same as
   absent. Laws are texts without files: what is read must not make the program read others. A delay file that holds
   measured times has them in it: samples, a list of times that are all as likely, which then are the law, and `law` its
   name (mixed_samples the same for mixed); or replay {workers, chunks, seconds}: the times of iteration after
   iteration, worker after worker, and how many of them each worker has in each, no law, and the trace in `name`. */
#ifndef TESTUDO_DELAY_JSON_H
#define TESTUDO_DELAY_JSON_H

#include <testudo/delay.h>

#include "base/arena.h"
#include "json/read.h"
#include "json/write.h"

#define TESTUDO_I_DELAY_FORMAT "testudo-delay"

/* A model that was read, which lends what else is here. */
typedef struct testudo_i_delay_terms {
  testudo_delay_model model;
  bool structured;      /* does the text say its structure? */
  int32_t workers;      /* that its lists and classes are for; 0: any number */
  testudo_law **law;    /* all of them */
  size_t laws;
  testudo_replay *replay; /* of the model; NULL: none */
  testudo_i_arena arena;
} testudo_i_delay_terms;

/* Takes the model's law out of the terms: it is called `text` from now on, the caller frees it. NULL of a replay. */
TESTUDO_CHECKED testudo_status testudo_i_delay_terms_take_law(testudo_i_delay_terms *terms, const char *text,
                                                              testudo_law **law, testudo_error *error);

/* {"format":"testudo-delay","version":1,"law":LAW, ..}; members that are not of the model are for people. Clear the
   terms whatever the answer. */
TESTUDO_CHECKED testudo_status testudo_i_delay_file_read(const char *path, testudo_i_delay_terms *terms,
                                                         testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_delay_file_parse(const char *bytes, size_t length, const char *name,
                                                          testudo_i_delay_terms *terms, testudo_error *error);

/* The members of an object, for a design of so many workers; 0: any that fits the lists.
   What testudo_delay_check refuses is refused here, as TESTUDO_ERROR_INPUT. */
TESTUDO_CHECKED testudo_status testudo_i_delay_read_members(const testudo_i_json_at *at, int32_t workers,
                                                            testudo_i_delay_terms *terms);
void testudo_i_delay_terms_clear(testudo_i_delay_terms *terms);

/* Into the object that is open: what is not the default; not domains, whose factor no exact law has. */
void testudo_i_delay_put_members(testudo_i_json_writer *writer, const testudo_delay_model *model);

/* Is any of its laws, or its replay, in a file? */
bool testudo_i_delay_names_file(const testudo_delay_model *model);

extern const char *const testudo_i_structure_names[], *const testudo_i_unit_names[]; /* by enum; NULL at the end */

#endif
