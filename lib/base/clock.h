/* SPDX-License-Identifier: BSD-3-Clause */
/* The clock that limits of time go by. */
#ifndef TESTUDO_BASE_CLOCK_H
#define TESTUDO_BASE_CLOCK_H

/* Seconds since some moment; it never goes back. */
double testudo_i_seconds_now(void);

#endif
