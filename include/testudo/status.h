/* SPDX-License-Identifier: BSD-3-Clause */
/* What every call of Testudo answers, and how long calls are watched and stopped. */
#ifndef TESTUDO_STATUS_H
#define TESTUDO_STATUS_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TESTUDO_CHECKED __attribute__((warn_unused_result))
#define TESTUDO_PRINTF(at, first) __attribute__((format(printf, at, first)))
#else
#define TESTUDO_CHECKED
#define TESTUDO_PRINTF(at, first)
#endif

/* The answer of a call. The values up to 5 and 130 are the program's exit codes. */
typedef enum testudo_status {
  TESTUDO_OK = 0,
  TESTUDO_ERROR_ARGUMENT = 2,   /* an argument is out of its range, or not supported */
  TESTUDO_ERROR_INPUT = 3,      /* a file is not what it should be */
  TESTUDO_ERROR_LIMIT = 4,      /* not decided within the limit that the caller set */
  TESTUDO_ERROR_SYSTEM = 5,     /* no memory, no disk space, a file that cannot be opened */
  TESTUDO_UNDECODABLE = 6,      /* the messages available do not determine the gradient: an answer, not an error */
  TESTUDO_INTERRUPTED = 130     /* the monitor asked to stop */
} testudo_status;

/* One sentence: what was wrong, where, what is allowed. Owned by the caller; every call takes NULL too. */
typedef struct testudo_error {
  char text[512];
} testudo_error;

/* Called now and then by long computations, always from the calling thread; fraction is in [0,1], or negative where
   it is not known. Returning false stops the computation, which then answers TESTUDO_INTERRUPTED. */
typedef struct testudo_monitor {
  bool (*step)(void *context, double fraction);
  void *context;
} testudo_monitor;

/* The version of these headers; that of the library which a program runs with is testudo_version(), "major.minor.patch"
   in static storage. */
#define TESTUDO_VERSION_MAJOR 0
#define TESTUDO_VERSION_MINOR 1
#define TESTUDO_VERSION_PATCH 0
#define TESTUDO_VERSION "0.1.0"
const char *testudo_version(void);

#ifdef __cplusplus
}
#endif
#endif
