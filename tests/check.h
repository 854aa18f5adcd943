/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmocka with what it wants included before it, and comparisons that print their operands. */
#ifndef TESTUDO_TESTS_CHECK_H
#define TESTUDO_TESTS_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <testudo/status.h>

/* |found - wanted| <= relative * |wanted|. */
#define assert_close(found, wanted, relative) \
  check_close((found), (wanted), fabs(wanted) * (relative), #found, __FILE__, __LINE__)
#define assert_near(found, wanted, absolute) check_close((found), (wanted), (absolute), #found, __FILE__, __LINE__)
#define assert_ok(call) check_status((call), TESTUDO_OK, #call, __FILE__, __LINE__)
#define assert_status(call, wanted) check_status((call), (wanted), #call, __FILE__, __LINE__)

static inline void check_close(double found, double wanted, double allowed, const char *what, const char *file,
                               int line)
{
  if (found == wanted || fabs(found - wanted) <= allowed)
    return;
  print_error("%s = %.17g, wanted %.17g within %.3g\n", what, found, wanted, allowed);
  _fail(file, line);
}

static inline void check_status(testudo_status found, testudo_status wanted, const char *what, const char *file,
                                int line)
{
  if (found == wanted)
    return;
  print_error("%s answers %d, wanted %d\n", what, (int)found, (int)wanted);
  _fail(file, line);
}

#endif
