/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From times to their sketch, once there are too many. */
#include "sample/kept/times.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

void testudo_i_times_clear(testudo_i_times *times)
{
  free(times->time);
  testudo_i_sketch_free(times->sketch);
  *times = (testudo_i_times){.options = times->options};
}

static bool holds_all(const testudo_i_times *times, int64_t trials)
{
  return times->options->keep_order || times->options->keep_times || trials <= TESTUDO_SKETCHED_BEYOND;
}

testudo_status testudo_i_times_expect(testudo_i_times *times, int64_t trials, testudo_error *error)
{
  int64_t most = holds_all(times, trials) ? trials : TESTUDO_SKETCHED_BEYOND;
  return TESTUDO_I_GROW(times->time, times->room, (size_t)most, error);
}

testudo_status testudo_i_times_room(testudo_i_times *times, int64_t count, testudo_error *error)
{
  return TESTUDO_I_GROW(times->time, times->room, (size_t)(times->held + count), error);
}

/* A simulation that ends before it has so many trials, by rel_error or the monitor, has all of its times. */
static testudo_status begin_sketch(testudo_i_times *times, testudo_error *error)
{
  const testudo_simulation_options *options = times->options;
  TESTUDO_I_TRY(testudo_i_sketch_create(options->by, options->by_count, &times->sketch, error));
  TESTUDO_I_TRY(testudo_i_sketch_add(times->sketch, times->time, times->held, error));
  if (times->held > options->decode_trials)
    times->held = options->decode_trials;
  return TESTUDO_OK;
}

testudo_status testudo_i_times_take(testudo_i_times *times, const double *from, int64_t count, testudo_error *error)
{
  int64_t more = count;
  if (times->sketch == NULL && !holds_all(times, times->trials + count))
    TESTUDO_I_TRY(begin_sketch(times, error));
  if (times->sketch != NULL) {
    TESTUDO_I_TRY(testudo_i_sketch_add(times->sketch, from, count, error));
    int64_t wanted = times->options->decode_trials - times->held;
    more = count < wanted ? count : wanted;
  }
  memmove(times->time + times->held, from, (size_t)more * sizeof *from);
  times->held += more;
  times->trials += count;
  return TESTUDO_OK;
}
