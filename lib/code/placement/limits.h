/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTUDO_CODE_PLACEMENT_LIMITS_H
#define TESTUDO_CODE_PLACEMENT_LIMITS_H

#include <testudo/placement.h>

/* How many different domains there are; size[d] is how many workers domain d has (of each worker, when NULL). */
int32_t testudo_i_count_domains(const int32_t *domain, int32_t workers, int32_t *size);

#endif
