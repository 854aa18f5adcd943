/* SPDX-License-Identifier: BSD-3-Clause */
/* Error sentences. */
#ifndef TESTUDO_BASE_ERROR_H
#define TESTUDO_BASE_ERROR_H

#include <stddef.h>

#include <testudo/status.h>

/* Writes the sentence into error (which may be NULL) and returns status, so that callers write
   `return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "...")`. A sentence that is too long is cut with "...". */
testudo_status testudo_i_fail(testudo_error *error, testudo_status status, const char *format, ...)
    TESTUDO_PRINTF(3, 4);

/* The sentence for memory that could not be had. */
testudo_status testudo_i_fail_memory(testudo_error *error);

/* TESTUDO_ERROR_SYSTEM with that sentence unless the memory was had: for one block, what testudo_i_arena_check is for
   many. */
TESTUDO_CHECKED testudo_status testudo_i_memory_check(bool had, testudo_error *error);

/* Puts "prefix: " before the sentence already in error. */
void testudo_i_error_prefix(testudo_error *error, const char *prefix);

/* Answers the status; the same is done to the sentence of TESTUDO_ERROR_INPUT and TESTUDO_ERROR_ARGUMENT. */
TESTUDO_CHECKED testudo_status testudo_i_prefixed(testudo_status status, const char *prefix, testudo_error *error);

/* The one clean-up idiom: a step that fails ends the function with its status. What the function holds by then must
   belong to somebody who gives it back: an object that the caller frees, or a variable that is TESTUDO_I_HELD. */
#define TESTUDO_I_TRY(call)                                                                                            \
  do {                                                                                                                 \
    testudo_status testudo_i_tried = (call);                                                                           \
    if (testudo_i_tried != TESTUDO_OK)                                                                                 \
      return testudo_i_tried;                                                                                          \
  } while (0)

/* The first lines of a public call: a pointer that it needs is NULL. `error` is the call's own. */
#define TESTUDO_I_NEED(argument)                                                                                       \
  do {                                                                                                                 \
    if ((argument) == NULL)                                                                                            \
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s is NULL", #argument);                                   \
  } while (0)

/* A variable that gives back what it holds where its scope ends, by whichever return: clear(&variable). It begins
   empty, zeroed or NULL; what goes on to somebody else is taken out of it. The compilers that we build with know it. */
#define TESTUDO_I_HELD(clear) __attribute__((cleanup(clear)))

/* The end of making an object: what was made is *to's where `last`, the last step, succeeds, and goes to `drop` where
   it fails. */
#define TESTUDO_I_HAND_OVER(last, made, drop, to)                                                                      \
  do {                                                                                                                 \
    testudo_status testudo_i_made = (last);                                                                            \
    if (testudo_i_made == TESTUDO_OK)                                                                                  \
      *(to) = (made);                                                                                                  \
    else                                                                                                               \
      drop(made);                                                                                                      \
    return testudo_i_made;                                                                                             \
  } while (0)

/* True when the monitor (may be NULL) asks to stop. */
static inline bool testudo_i_stopped(const testudo_monitor *monitor, double fraction)
{
  return monitor != NULL && monitor->step != NULL && !monitor->step(monitor->context, fraction);
}

/* Seconds of the clock that limits of time go by; it never goes back. */
double testudo_i_seconds_now(void);

#endif
