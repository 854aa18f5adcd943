/* SPDX-License-Identifier: BSD-3-Clause */
/* Where parts and stripes lie; and one stripe of coordinates, for the scheme whose stripes are public, encoded and
   decoded by itself. `offset` is where the stripe starts in what the pointers point to. */
#ifndef TESTUDO_RUNTIME_TRANSFER_H
#define TESTUDO_RUNTIME_TRANSFER_H

#include "runtime/codec.h"

/* Where part `part` lies in a gradient; *count is 0 of parts behind its end. */
void testudo_i_part_range(const testudo_design *design, size_t dim, int32_t part, size_t *first, size_t *count);

/* There are no gradients of no numbers. */
TESTUDO_CHECKED testudo_status testudo_i_check_dim(size_t dim, testudo_error *error);

/* The zeros at the end of a stripe's row stand for chunks that it has not: their gradients are not read. */
int32_t testudo_i_chunks_of_stripe(const testudo_request *request, int32_t stripe);

#define BODY "runtime/transfer_stripes.inc"
#include "runtime/all_numbers.inc"

#endif
