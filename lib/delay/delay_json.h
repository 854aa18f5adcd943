/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delay models in JSON, written and read: delay files, the member "delay" of results, the models of claims. */
#ifndef TESTUDO_DELAY_JSON_H
#define TESTUDO_DELAY_JSON_H

#include <testudo/delay.h>

#include "json/read.h"
#include "json/write.h"

/* ---- delay files: {"format":"testudo-delay","version":1,"law":LAW, ..}; other members are for people. LAW is a
   parametric law, neither a trace nor another file ---- */

#define TESTUDO_I_DELAY_FORMAT "testudo-delay"

/* The law of the file (malloc). */
TESTUDO_CHECKED testudo_status testudo_i_delay_file_read(const char *path, char **law, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_delay_file_parse(const char *bytes, size_t length, const char *name,
                                                          char **law, testudo_error *error);

/* ---- models ---- */

const char *testudo_i_structure_name(testudo_structure structure);

/* Of a claim, whose object is open: "law", "structure", and "rates", "failed" and "fail_prob" where they are not the
   default. */
void testudo_i_delay_put_members(testudo_i_json_writer *writer, const testudo_delay_model *model);

typedef struct testudo_i_delay_claimed {
  testudo_law *law;
  double *rates;
  testudo_delay_model model;
} testudo_i_delay_claimed;

/* The same read, for a design of so many workers; clear it whatever the answer. A law that names a file is refused. */
TESTUDO_CHECKED testudo_status testudo_i_delay_read_members(const testudo_i_json_document *document,
                                                            const testudo_i_json_value *item, const char *place,
                                                            int32_t workers, testudo_i_delay_claimed *claimed,
                                                            testudo_error *error);
void testudo_i_delay_claimed_clear(testudo_i_delay_claimed *claimed);

/* A number where the member stands, else `otherwise`. */
TESTUDO_CHECKED testudo_status testudo_i_json_take_number(const testudo_i_json_document *document,
                                                          const testudo_i_json_value *item, const char *place,
                                                          const char *key, double otherwise, double *number,
                                                          testudo_error *error);

#endif
