/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/weighted_sum.h"

#include <string.h>

#include "base/clones.h"

/* Numbers handled between one look at an input and the next: the outputs' stay in the first-level cache. */
enum { TILE = 512 };

#define NUMBER double
#define NAME(name) name##_double
#include "runtime/weighted_sum_body.inc"
#undef NUMBER
#undef NAME

#define NUMBER float
#define NAME(name) name##_float
#include "runtime/weighted_sum_body.inc"
#undef NUMBER
#undef NAME
