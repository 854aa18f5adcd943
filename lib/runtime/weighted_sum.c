/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/weighted_sum.h"

#include <string.h>

#include "base/clones.h"

/* Numbers handled between one look at an input and the next: the outputs' stay in the first-level cache. */
enum { TILE = 512 };

#define BODY "runtime/weighted_sum_body.inc"
#include "base/both_numbers.inc"
