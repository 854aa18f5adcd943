/* SPDX-License-Identifier: BSD-3-Clause */
#ifdef HAVE_CONFIG_H
#define _POSIX_C_SOURCE 200809L
#include "config.h"
#endif

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

const char *testudo_version(void)
{
  return PACKAGE_VERSION;
}

static void mark_cut(char *text, size_t room, int wanted)
{
  if (wanted >= 0 && (size_t)wanted >= room)
    memcpy(text + room - 4, "...", 4);
}

testudo_status testudo_i_fail(testudo_error *error, testudo_status status, const char *format, ...)
{
  if (error != NULL) {
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    mark_cut(error->text, sizeof error->text, wanted);
  }
  return status;
}

testudo_status testudo_i_fail_memory(testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "not enough memory");
}

testudo_status testudo_i_memory_check(bool had, testudo_error *error)
{
  return had ? TESTUDO_OK : testudo_i_fail_memory(error);
}

void testudo_i_error_prefix(testudo_error *error, const char *prefix)
{
  if (error == NULL)
    return;
  char old[sizeof error->text];
  memcpy(old, error->text, sizeof old);
  int wanted = snprintf(error->text, sizeof error->text, "%s: %s", prefix, old);
  mark_cut(error->text, sizeof error->text, wanted);
}

testudo_status testudo_i_prefixed(testudo_status status, const char *prefix, testudo_error *error)
{
  if (status == TESTUDO_ERROR_INPUT || status == TESTUDO_ERROR_ARGUMENT)
    testudo_i_error_prefix(error, prefix);
  return status;
}

double testudo_i_seconds_now(void)
{
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}
