/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every search of the program has: its limits, its progress, and how its result is reported. */
#include "optimize/frame.h"

#include <math.h>

#include "base/error.h"
#include "common/session.h"

const cli_option search_options[] = {
    {.name = "time-limit", .value = "s", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e7,
     .heading = "Search", .preset = "none: the search ends by itself",
     .help = "Seconds of the whole run after which the search stops with the best so far. A search that ends by itself"
             " gives the same bytes again; one that is cut short may not."},
    {.name = "tries", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e12, .preset = "as the method needs",
     .help = "Number of restarts of a local search."},
    {.name = NULL},
};

static bool search_step(void *context, double fraction, double best, double bound)
{
  search_frame *frame = context;
  char *label = frame->label;
  size_t room = sizeof frame->label;
  int length = snprintf(label, room, "searching");
  if (!isnan(best))
    length += snprintf(label + length, room - (size_t)length, ", best %.6g", best);
  if (!isnan(bound))
    snprintf(label + length, room - (size_t)length, ", bound %.6g", bound);
  fraction = session_part(frame->limit, fraction);
  frame->out_of_time = session_out_of_time(frame->limit);
  if (!frame->progress->step(frame->progress->context, fraction))
    frame->interrupted = true;
  return !frame->interrupted && !frame->out_of_time;
}

void search_take(search_frame *frame, const cli_arguments *arguments)
{
  frame->limit = cli_real(arguments, "time-limit", 0.0);
  frame->monitor = (testudo_search_monitor){search_step, frame};
  frame->options = (testudo_search_options){.seed = (uint64_t)cli_integer(arguments, "seed", 1),
                                            .threads = session_threads(arguments),
                                            .tries = cli_integer(arguments, "tries", 0),
                                            .monitor = &frame->monitor};
}

void search_start(search_frame *frame, const char *label, const cli_arguments *arguments)
{
  frame->began = testudo_i_seconds_now();
  snprintf(frame->label, sizeof frame->label, "%s", label);
  frame->progress = session_progress_start(frame->label, arguments);
}

double search_seconds(const search_frame *frame)
{
  return testudo_i_seconds_now() - frame->began;
}

const char *const search_answer_words[] = {
    [TESTUDO_OPTIMAL] = "optimal", [TESTUDO_FEASIBLE] = "feasible", [TESTUDO_UNDECIDED] = "undecided", NULL};

static double search_gap(const void *result)
{
  const testudo_search_result *search = result;
  return search->after - search->bound;
}

const field search_fields[] = {
    {FIELD(testudo_search_result, before), .meaning = "the objective of the design that was given; from"
     " sizes under --delay, of the first family"},
    {FIELD(testudo_search_result, before_stderr), .meaning = "its standard error; 0: exact"},
    {FIELD(testudo_search_result, after), .meaning = "the objective of the design that was found"},
    {FIELD(testudo_search_result, after_stderr), .meaning = "its standard error; 0: exact"},
    {FIELD(testudo_search_result, gain_stderr), .meaning = "standard error of after - before, on the same trials"},
    {FIELD(testudo_search_result, bound), .meaning = "nothing that the problem allows is below"},
    {FIELD_CHARS("bound_from", testudo_search_result, proof), .meaning = "where the bound comes from"},
    {FIELD_WORKED_OUT("gap", search_gap), .meaning = "after - bound"},
    {FIELD_CHARS("best_of_all", testudo_search_result, range), .meaning = "all of this was gone through"},
    {FIELD_ENUM("status", testudo_search_result, answer, search_answer_words),
     .meaning = "optimal: nothing better exists, proved; feasible: the best found; undecided: nothing found in time"},
    {FIELD_CHARS("method", testudo_search_result, method), .meaning = "what found it"},
    {FIELD(testudo_search_result, tries), .meaning = "restarts or samples"},
    {FIELD(testudo_search_result, moves), .meaning = "moves tried"},
    {FIELD(testudo_search_result, stopped), .meaning = "was it stopped by the time limit or the user?"},
    {.key = NULL},
};

static void print_value(FILE *stream, const char *name, double value, double spread, const char *unit)
{
  fields_label(stream, name);
  if (isnan(value))
    fprintf(stream, "not known\n");
  else if (spread > 0.0)
    fprintf(stream, "%.9g%s, simulated, standard error %.2g\n", value, unit, spread);
  else
    fprintf(stream, "%.9g%s\n", value, unit);
}

void search_print(FILE *stream, const testudo_search_result *result, const char *unit)
{
  print_value(stream, "before", result->before, result->before_stderr, unit);
  print_value(stream, "after", result->after, result->after_stderr, unit);
  if (result->after < result->before) {
    fields_line(stream, "gain", "%.3g %%", 100 * (1 - result->after / result->before));
    if (result->gain_stderr > 0.0)
      fprintf(stream, ", standard error %.2g %%", 100 * result->gain_stderr / result->before);
    fprintf(stream, "\n");
  }
  if (isnan(result->bound))
    fields_line(stream, "bound", "none is known\n");
  else
    fields_line(stream, "bound", "%.9g%s (%s)\n", result->bound, unit, result->proof);
  if (result->range[0] != '\0')
    fields_line(stream, "best of", "%s: all were gone through\n", result->range);
  fields_line(stream, "status", "%s, by %s%s\n", search_answer_words[result->answer], result->method,
              result->stopped ? "; stopped" : "");
}

testudo_status search_exit(const search_frame *frame, const testudo_search_result *result, testudo_error *error)
{
  if (frame->interrupted)
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted: the result is the best so far");
  if (result->answer == TESTUDO_UNDECIDED)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "undecided within the limit");
  return TESTUDO_OK;
}
