/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chrome traces of profilers. */
#include "check.h"

#include "trace/trace.h"

#define STEPS "{\"ph\":\"X\",\"name\":\"ProfilerStep#3\",\"pid\":1,\"tid\":1,\"ts\":0,\"dur\":100}," \
              "{\"ph\":\"X\",\"name\":\"ProfilerStep#4\",\"pid\":1,\"tid\":1,\"ts\":100,\"dur\":100}"
#define EVENT(name, pid, ts, dur) \
  "{\"ph\":\"X\",\"cat\":\"op\",\"name\":\"" name "\",\"pid\":" pid ",\"tid\":7,\"ts\":" ts ",\"dur\":" dur \
  ",\"args\":{\"a\":[1,\"]}\"]}}"
#define OTHER \
  "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":1,\"args\":{\"name\":\"python\"}}," \
  "{\"ph\":\"i\",\"name\":\"fwd\",\"ts\":5}"

static void wanted(const char *name, const char *bytes, const char *events, const char *sum, const char *rows)
{
  testudo_i_trace trace;
  testudo_error error = {""};
  testudo_trace_options options = {.events = events, .sum = sum};
  char text[1024] = "";
  if (testudo_i_trace_parse_as(bytes, strlen(bytes), name, &options, &trace, &error) == TESTUDO_OK) {
    for (int64_t k = 0; k < trace.rows; k++)
      if (trace.worker_name != NULL)
        sprintf(text + strlen(text), "%s/%d/%d=%.6g ", trace.worker_name[trace.worker[k]], trace.iteration[k],
                trace.chunk[k], trace.seconds[k] * 1e6);
      else
        sprintf(text + strlen(text), "%d/%d/%d=%.6g ", trace.worker[k], trace.iteration[k], trace.chunk[k],
                trace.seconds[k] * 1e6);
    testudo_i_trace_free(&trace);
  } else
    strcpy(text, error.text);
  if (strncmp(text, rows, strlen(rows)) != 0)
    fail_msg("'%s' does not begin with '%s'", text, rows);
}

static void steps_are_iterations(void **state)
{
  (void)state;
  static const char text[] =
      "{\"schemaVersion\":1,\"distributedInfo\":{\"backend\":\"nccl\",\"rank\":5,\"world_size\":8},\n"
      "\"traceEvents\":[" OTHER ","
      EVENT("bwd", "1", "50", "20") "," EVENT("fwd", "1", "10", "30.5") "," STEPS "," EVENT("fwd", "1", "110", "31") ","
      EVENT("bwd", "1", "150", "21") "," EVENT("aten::mm", "1", "11", "3") "," EVENT("fwd", "1", "900",
          "1") "],\"x\":[]}\n";
  wanted("t", text, "?wd", NULL, "5/3/0=30.5 5/3/1=20 5/4/0=31 5/4/1=21 ");
  wanted("t", text, "fwd", NULL, "5/3/0=30.5 5/4/0=31 ");
  wanted("t", text, "*wd", "name", "5/3/0=50.5 5/4/0=52 ");
  wanted("t", text, "none*", NULL, "t: no event that has a duration matches 'none*'");
  wanted("t", text, NULL, NULL, "t: a profiler's file of 3 names of events: say which are chunks, --events PATTERN "
      "with * and "
         "?; most of the time is in 'fwd', 'bwd', 'aten::mm'");
  wanted("t", text, "fwd", "phase", "sum: 'phase', but events of a profiler differ in their name: --sum name");
}

static void without_steps_the_order_counts(void **state)
{
  (void)state;
  static const char text[] = "[" EVENT("f", "0", "30", "3") ",\n" EVENT("f", "0", "10", "1") "," EVENT("f", "2", "20",
      "2") ","
                             EVENT("f", "2", "5", "4") ",";
  wanted("t", text, "f", NULL, "0/0/0=1 0/1/0=3 2/0/0=4 2/1/0=2 ");
  wanted("t", text, NULL, NULL, "0/0/0=1 0/1/0=3 2/0/0=4 2/1/0=2 ");
  static const char one[] = "[" EVENT("f", "77", "30", "3") "]";
  wanted("x/rank3.json", one, "f", NULL, "3/0/0=3 ");
  wanted("x/trace_rank-12.pt.json", one, "f", NULL, "12/0/0=3 ");
  wanted("x/trace.json", one, "f", NULL, "77/0/0=3 ");
}

static void processes_may_have_names_and_kernels_processes_of_their_own(void **state)
{
  (void)state;
  static const char text[] = "[" STEPS "," EVENT("k", "\"GPU 1\"", "120", "2") "," EVENT("k", "\"GPU 0\"", "20",
      "1") "]";
  wanted("t", text, "k", NULL, "GPU 1/4/0=2 GPU 0/3/0=1 ");
}

static void broken_profiles_are_refused_with_their_line(void **state)
{
  (void)state;
  wanted("t", "{\"a\":1}", "f", NULL, "t: is JSON, but no trace of a profiler: it has no traceEvents");
  wanted("t", "{\n\"traceEvents\":{}}", "f", NULL, "t: line 2: traceEvents is no array");
  wanted("t", "{\"traceEvents\":[\n{\"ph\":}]}", "f", NULL, "t: line 2: an event that is no JSON");
  wanted("t", "{\"traceEvents\":[\n\n{\"ph\":\"X\"", "f", NULL, "t: line 3: an event that is no JSON");
  wanted("t", "{\"traceEvents\":[\n{\"ph\":\"X\"} {}]}", "f", NULL,
      "t: line 2: a comma, or the end of the events, is missing");
  wanted("t", "{\"traceEvents\":[1]}", "f", NULL, "t: line 1: an event is missing");
  wanted("t", "{\"traceEvents\":[", "f", NULL, "t: line 1: an event is missing, or the end of the events");
  wanted("t", "{\"traceEvents\":[],", "f", NULL, "t: line 1: a member's name is missing: the file is cut off");
  wanted("t", "{\"traceEvents\":[]}", "f", NULL, "t: no event that has a duration matches 'f'");
  wanted("t", "[{\"ph\":\"X\",\"name\":\"fwd\",\"ts\":1,\"dur\":0}]", "f*", NULL, "t: no event that has a duration");
  wanted("t", "[", "f", NULL, "t: no event that has a duration matches 'f'");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(steps_are_iterations),
      cmocka_unit_test(without_steps_the_order_counts),
      cmocka_unit_test(processes_may_have_names_and_kernels_processes_of_their_own),
      cmocka_unit_test(broken_profiles_are_refused_with_their_line),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
