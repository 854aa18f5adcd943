/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTUDO_DESIGNFILE_WRITE_H
#define TESTUDO_DESIGNFILE_WRITE_H

#include <stdint.h>
#include <stdio.h>

#include <testudo/design.h>

#include "json/write.h"

/* Writes a design file to an open stream (standard output, say) and returns its checksum. Write errors show when the
   stream is closed. TESTUDO_ERROR_ARGUMENT when a text is not UTF-8. */
TESTUDO_CHECKED testudo_status testudo_i_design_put(testudo_design *design, FILE *stream, uint64_t *checksum,
                                                    testudo_error *error);

/* The member "seed": a number, or where a reader's integers of 63 bits end, a text. */
void testudo_i_design_put_seed(testudo_i_json_writer *writer, uint64_t seed);

/* Adds `key` with the compact JSON text `value` as the last member of the design's provenance, which must be there. */
TESTUDO_CHECKED testudo_status testudo_i_design_add_provenance(testudo_design *design, const char *key,
                                                               const char *value, testudo_error *error);

#endif
