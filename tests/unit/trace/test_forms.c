/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forms in which programs leave traces: each gives its rows, all by the file itself or with the options that a person
   would give. */
#include "check.h"

#include "trace/trace.h"

#define BYTES(text) text, sizeof text - 1

/* The rows as one text: "worker/iteration/chunk=seconds", a name for the worker where it has one, parts left out that
   the trace does not have, * where the time is a least one. Or the sentence of the refusal. */
static void print_trace(const char *bytes, size_t length, const testudo_trace_options *options, char *text)
{
  testudo_i_trace trace;
  testudo_error error = {""};
  testudo_status status = testudo_i_trace_parse_as(bytes, length, "t", options, &trace, &error);
  text[0] = '\0';
  if (status != TESTUDO_OK) {
    assert_true(status == TESTUDO_ERROR_INPUT || status == TESTUDO_ERROR_ARGUMENT);
    assert_null(trace.seconds);
    strcpy(text, error.text);
    return;
  }
  for (int64_t k = 0; k < trace.rows; k++) {
    char *at = text + strlen(text);
    if (trace.worker_name != NULL)
      at += sprintf(at, "%s", trace.worker_name[trace.worker[k]]);
    else if (trace.worker != NULL)
      at += sprintf(at, "%d", trace.worker[k]);
    if (trace.iteration != NULL)
      at += sprintf(at, "/%d", trace.iteration[k]);
    if (trace.chunk != NULL)
      at += sprintf(at, "/%d", trace.chunk[k]);
    at += sprintf(at, "=%.15g", trace.seconds[k]);
    if (trace.chunks != NULL)
      at += sprintf(at, ":%d", trace.chunks[k]);
    sprintf(at, "%s ", trace.censored != NULL && trace.censored[k] ? "*" : "");
  }
  testudo_i_trace_free(&trace);
}

typedef struct form {
  const char *bytes;
  size_t length;
  const testudo_trace_options *options;
  const char *wanted;
} form;

#define OPTIONS(...) &(const testudo_trace_options){__VA_ARGS__}
#define COLUMN(key, name) .column[TESTUDO_TRACE_##key] = name

static void check_forms(const form *forms, size_t count)
{
  for (size_t k = 0; k < count; k++) {
    char text[4096];
    print_trace(forms[k].bytes, forms[k].length, forms[k].options, text);
    if (strncmp(text, forms[k].wanted, strlen(forms[k].wanted)) != 0)
      fail_msg("form %zu: '%s', wanted '%s'", k, text, forms[k].wanted);
  }
}

#define TWO "0/0=1.5 1/0=2.5 "

static void common_forms_are_read(void **state)
{
  (void)state;
  const form forms[] = {
      {BYTES("worker,iteration,seconds\n0,0,1.5\n1,0,2.5\n"), NULL, TWO},
      {BYTES("worker,iteration,seconds\r\n0,0,1.5\r\n1,0,2.5\r\n"), NULL, TWO},
      {BYTES("\xef\xbb\xbfworker,iteration,seconds\n0,0,1.5\n1,0,2.5"), NULL, TWO},
      {BYTES("worker;iteration;seconds\n0;0;1,5\n1;0;2,5\n"), NULL, TWO},
      {BYTES("sep=;\r\nworker;iteration;seconds\r\n0;0;1,5\r\n1;0;2,5\r\n"), NULL, TWO},
      {BYTES("worker\titeration\tseconds\n0\t0\t1.5\n1\t0\t2.5\n"), NULL, TWO},
      {BYTES("worker\titeration\tseconds\n0\t0\t1,5\n1\t0\t2,5\n"), NULL, TWO},
      {BYTES("worker iteration seconds\n0 0 1.5\n1 0 2.5\n"), NULL, TWO},
      {BYTES("  worker iteration   seconds\n       0         0       1.5\n       1         0       2.5\n"), NULL, TWO},
      {BYTES("\"worker\",\"iteration\",\"seconds\"\n0,0,1.5\n1,0,2.5\n"), NULL, TWO},
      {BYTES("\"worker\",\"iteration\",\"seconds\"\n\"0\",\"0\",\"1,5\"\n\"1\",\"0\",\"2,5\"\n"),
       OPTIONS(.decimal_comma = true), TWO},
      {BYTES("\"\",\"worker\",\"iteration\",\"seconds\"\n\"1\",0,0,1.5\n\"2\",1,0,2.5\n"), NULL, TWO},
      {BYTES("\"worker\" \"iteration\" \"seconds\"\n\"1\" 0 0 1.5\n\"2\" 1 0 2.5\n"), NULL, TWO},
      {BYTES(",worker,iteration,seconds\n0,0,0,1.5\n1,1,0,2.5\n"), NULL, TWO},
      {BYTES("# host=node7 unit=s\nworker,iteration,seconds\n0,0,1.5\n# a pause\n1,0,2.5\n"), NULL, TWO},
      {BYTES("\nworker,iteration,seconds\n\n0,0,1.5\n\n1,0,2.5\n\n\n"), NULL, TWO},
      {BYTES("Worker,Iteration,Seconds\n0,0,1.5\n1,0,2.5\n"), NULL, TWO},
      {BYTES("WORKER,ITERATION,SECONDS\n0,0,1.5\n1,0,2.5\n"), NULL, TWO},
      {BYTES("rank,step,duration\n0,0,1.5\n1,0,2.5\n"), NULL, TWO},
      {BYTES("Rank,Step,Time\n0,0,1.5\n1,0,2.5\n"), NULL, TWO},
      {BYTES("host,iter,dur\n0,0,1.5\n1,0,2.5\n"), NULL, TWO},
      {BYTES("time,node,step,phase\n1.5,0,0,all\n2.5,1,0,all\n"), NULL, TWO},
      {BYTES("worker,iteration,seconds,\n0,0,1.5,\n1,0,2.5,\n"), NULL, TWO},
      {BYTES("worker,iteration,seconds\n0,0,1.5,\n1,0,2.5,\n"), NULL, TWO},
      {BYTES("worker,iteration,seconds\n0.0,0.0,1.50e0\n1.0,0.0,+2.5\n"), NULL, TWO},
      {BYTES("# "
       "worker,iteration,seconds\n0.000000000000000000e+00,0.0,1.500000000000000000e+00\n1.0e+00,0.0,2.5e+00\n"),
       NULL, TWO},
      {BYTES("# worker iteration seconds\n0 0 1.5\n1 0 2.5\n"), NULL, TWO},
      {BYTES("worker,iteration,ms\n0,0,1500\n1,0,2500\n"),
       OPTIONS(COLUMN(SECONDS, "ms"), .unit = TESTUDO_TRACE_UNIT_MS), TWO},
      {BYTES("worker,iteration,dur\n0,0,1500000\n1,0,2500000\n"), OPTIONS(.unit = TESTUDO_TRACE_UNIT_US), TWO},
      {BYTES("worker,iteration,time\n0,0,1500000000\n1,0,2500000000\n"), OPTIONS(.unit = TESTUDO_TRACE_UNIT_NS), TWO},
      {BYTES("worker,iteration,start,end\n0,0,10,11.5\n1,0,10.25,12.75\n"), NULL, TWO},
      {BYTES("worker,iteration,start,end\n0,0,1700000000000000000,1700000001500000000\n"
             "1,0,1700000000123456789,1700000002623456789\n"),
       OPTIONS(.unit = TESTUDO_TRACE_UNIT_NS), TWO},
      {BYTES("0,0,1.5\n1,0,2.5\n"),
       OPTIONS(COLUMN(WORKER, "1"), COLUMN(ITERATION, "2"), COLUMN(SECONDS, "3")), TWO},
      {BYTES("t,who,when\n1.5,0,0\n2.5,1,0\n"),
       OPTIONS(COLUMN(WORKER, "WHO"), COLUMN(ITERATION, "when"), COLUMN(SECONDS, "t")), TWO},
      {BYTES("seconds,worker,iteration,total\n9,0,0,1.5\n9,1,0,2.5\n"), OPTIONS(COLUMN(SECONDS, "total")), TWO},
      {BYTES("1.5,2.5\n"), NULL, TWO},
      {BYTES("1.5 2.5\n"), NULL, TWO},
      {BYTES("1,5;2,5\n"), NULL, TWO},
      {BYTES("1.500000000000000000e+00 2.500000000000000000e+00\n"), NULL, TWO},
      {BYTES("1,5 2,5\n"), OPTIONS(.separator = ' '), TWO},
  };
  assert_true(sizeof forms / sizeof *forms >= 30);
  check_forms(forms, sizeof forms / sizeof *forms);
}

static void times_alone_are_read(void **state)
{
  (void)state;
  const form forms[] = {
      {BYTES("seconds\n1.5\n2.5\n"), NULL, "=1.5 =2.5 "},
      {BYTES("1.5\n2.5\n"), NULL, "=1.5 =2.5 "},
      {BYTES("# seconds\n1.5\n"), NULL, "=1.5 "},
      {BYTES("seconds\n1,5\n2,5\n"), NULL, "=1.5 =2.5 "},
      {BYTES("x\n1500\n"), OPTIONS(COLUMN(SECONDS, "x"), .unit = TESTUDO_TRACE_UNIT_MS), "=1.5 "},
  };
  check_forms(forms, sizeof forms / sizeof *forms);
}

static void workers_may_have_names(void **state)
{
  (void)state;
  const form forms[] = {
      {BYTES("worker,iteration,seconds\nip-10-0-1-2,0,1.5\nip-10-0-1-3,0,2.5\n"), NULL,
       "ip-10-0-1-2/0=1.5 ip-10-0-1-3/0=2.5 "},
      {BYTES("host,seconds\n10.0.0.1,1\n10.0.0.2,2\n"), NULL, "10.0.0.1=1 10.0.0.2=2 "},
      {BYTES("node,seconds\n3,1\n4,2\ndriver,3\n3,4\n"), NULL, "3=1 4=2 driver=3 3=4 "},
      {BYTES("node,seconds\n\"rack, 1\",1\nM\xc3\xbcller,2\n"), NULL, "rack, 1=1 M\xc3\xbcller=2 "},
      {BYTES("worker;seconds\nrack,1;1.5\n"), NULL, "rack,1=1.5 "},
      {BYTES("worker,seconds\na\x1b[2J,1\n"), NULL,
       "t: line 2: worker 'a?[2J' has control characters, or is not UTF-8"},
      {BYTES("worker,seconds\na\xc3,1\n"), NULL, "t: line 2: worker 'a?' has control characters, or is not UTF-8"},
      {BYTES("worker,seconds\nx,1\n,1\n"), NULL, "t: line 3: worker is empty"},
  };
  check_forms(forms, sizeof forms / sizeof *forms);
}

static void names_are_sorted_as_people_count(void **state)
{
  (void)state;
  testudo_i_trace trace;
  assert_ok(testudo_i_trace_parse_as(BYTES("worker,seconds\nnode10,1\nnode2,2\nNode1,3\nnode2,4\nnode002,5\n"), "t",
      NULL, &trace, NULL));
  const char *const wanted[] = {"Node1", "node002", "node2", "node10"};
  assert_int_equal(trace.names, 4);
  for (int k = 0; k < 4; k++)
    assert_string_equal(trace.worker_name[k], wanted[k]);
  assert_true(trace.worker[0] == 3 && trace.worker[1] == 2 && trace.worker[2] == 0 && trace.worker[4] == 1);
  testudo_i_trace_free(&trace);
}

static void matrices_have_a_row_per_iteration(void **state)
{
  (void)state;
  const form forms[] = {
      {BYTES("1,2,3\n4,5,6\n"), NULL, "0/0=1 1/0=2 2/0=3 0/1=4 1/1=5 2/1=6 "},
      {BYTES("# a run\n1 2\n-1 5\n"), OPTIONS(.unit = TESTUDO_TRACE_UNIT_MS),
       "0/0=0.001 1/0=0.002 0/1=0.005* 1/1=0.005"},
      {BYTES("1,2\n3\n"), NULL, "t: line 2: 1 cell, but line 1 has 2"},
      {BYTES("1,2\n3,x\n"), NULL, "t: line 2: seconds 'x' is not a positive number"},
      {BYTES("1,2\n3,\n"), NULL, "t: line 2: seconds '' is not a positive number"},
      {BYTES("1,nan\n"), NULL, "t: line 1: seconds 'nan' is not a positive number"},
      {BYTES("1,2\n"), OPTIONS(.sum = "x"), "t: line 1: there is no header, so no column to be summed over"},
  };
  check_forms(forms, sizeof forms / sizeof *forms);
}

static void arrays_of_numpy_are_read(void **state)
{
  (void)state;
  static const struct {
    const char *shape, *order;
    float number[4];
    size_t numbers;
    const char *wanted;
  } arrays[] = {
      {"(2, 2)", "False", {1, 2, 3, 4}, 4, "0/0=1 1/0=2 0/1=3 1/1=4 "},
      {"(2, 2)", "True", {1, 2, 3, 4}, 4, "0/0=1 1/0=3 0/1=2 1/1=4 "},
      {"(4,)", "False", {1, 2, 3, 4}, 4, "=1 =2 =3 =4 "},
      {"(1, 2, 2)", "False", {1, 2, 3, 4}, 4, "0/0/0=1 0/0/1=2 1/0/0=3 1/0/1=4 "},
      {"(2, 2)", "False", {1, -1, 3, 4}, 4, "0/0=1 1/0=1* 0/1=3 1/1=4 "},
      {"(2, 2)", "False", {1, -4, 3, 4}, 4, "t: element (0, 1, 0): seconds -4 is not a positive number"},
      {"(2,)", "False", {1, -1}, 2, "t: element (1, 0, 0): seconds -1 is not a positive number"},
      {"(0, 2)", "False", {0}, 0, "t: a NumPy array of 0 elements"},
      {"(2, 2)", "False", {1, 2, 3, 4}, 3, "t: a NumPy array that is cut off"},
  };
  for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++) {
    char file[256] = "\x93NUMPY\1\0\x76";
    int length = 10 + sprintf(file + 10, "{'descr': '<f4', 'fortran_order': %s, 'shape': %s, }", arrays[k].order,
                              arrays[k].shape);
    memset(file + length, ' ', sizeof file - (size_t)length);
    file[127] = '\n';
    memcpy(file + 128, arrays[k].number, 4 * arrays[k].numbers);
    check_forms(&(form){file, 128 + 4 * arrays[k].numbers, NULL, arrays[k].wanted}, 1);
  }
}

static void rows_of_one_chunk_are_added_when_asked(void **state)
{
  (void)state;
#define PHASES "worker,iteration,microbatch,phase,seconds\n0,0,0,fwd,1\n0,0,1,fwd,2\n0,0,0,bwd,4\n0,1,0,fwd,8\n"
  const form forms[] = {
      {BYTES(PHASES), OPTIONS(.sum = "phase"), "0/0/0=5 0/0/1=2 0/1/0=8 "},
      {BYTES(PHASES), NULL,
       "t: line 4: worker 0, iteration 0 and chunk 0, which line 2 has too: if they are parts of one chunk's time, add "
       "them up with --sum phase"},
      {BYTES(PHASES "# x\n\n0,0,0,bwd,1\n"), OPTIONS(.sum = "phase"),
       "t: line 8: worker 0, iteration 0 and chunk 0, which line 4 has and the same phase; only rows that differ"},
      {BYTES("worker,iteration,chunk,seconds\na,0,0,1\nb,0,0,1\na,0,0,1\n"), NULL,
       "t: line 4: worker a, iteration 0 and chunk 0, which line 2 has too: if they are parts of one chunk's time, add "
       "them up with --sum COLUMN"},
      {BYTES("worker,iteration,chunk,seconds,phase,loss\n0,0,0,1,f,9\n0,0,0,1,b,9\n"), NULL,
       "t: line 3: worker 0, iteration 0 and chunk 0, which line 2 has too: if they are parts of one chunk's time, add "
       "them up with --sum COLUMN"},
      {BYTES("worker,iteration,phase,seconds\n0,0,fwd,1\n0,0,bwd,2\n"), OPTIONS(.sum = "phase"), "0/0=3 "},
      {BYTES("worker,iteration,phase,seconds\n0,0,fwd,1\n0,0,fwd,2\n"), OPTIONS(.sum = "phase"),
       "t: line 3: worker 0, iteration 0, which line 2 has and the same phase"},
      {BYTES("worker,iteration,seconds\n0,0,1\n0,0,2\n"), NULL, "0/0=1 0/0=2 "},
      {BYTES("worker,phase,seconds\n0,fwd,1\n"), OPTIONS(.sum = "phase"),
       "t: rows are added that share worker, iteration and chunk, but no column is named iteration"},
      {BYTES("worker,iteration,seconds\n0,0,1\n"), OPTIONS(.sum = "phase"), "t: line 1: no column is named phase"},
      {BYTES("worker,iteration,chunk,phase,seconds\n2000000000,2000000000,7,a,1\n0,0,2000000000,a,2\n"
             "2000000000,2000000000,7,b,4\n"),
       OPTIONS(.sum = "phase"), "2000000000/2000000000/7=5 0/0/2000000000=2 "},
      {BYTES("worker,iteration,chunk,seconds\n2000000000,2000000000,7,1\n0,0,2000000000,2\n"
             "2000000000,2000000000,7,4\n"),
       NULL, "t: line 4: worker 2000000000, iteration 2000000000 and chunk 7, which line 2 has too"},
  };
  check_forms(forms, sizeof forms / sizeof *forms);
}

static void censored_rows_are_kept_apart(void **state)
{
  (void)state;
  const form forms[] = {
      {BYTES("worker,iteration,seconds,censored\n0,0,1,0\n1,0,2,1\n0,1,1,false\n1,1,2,TRUE\n0,2,1,no\n1,2,2,Yes\n"),
       NULL,
       "0/0=1 1/0=2* 0/1=1 1/1=2* 0/2=1 1/2=2* "},
      {BYTES("worker,iteration,seconds\n0,0,1\n1,0,1.25\n2,0,-1\n0,1,2\n1,1,-1.0\n"), NULL,
       "0/0=1 1/0=1.25 2/0=1.25* 0/1=2 1/1=2* "},
      {BYTES("worker,iteration,ms\n0,0,1000\n1,0,-1\n"),
       OPTIONS(COLUMN(SECONDS, "ms"), .unit = TESTUDO_TRACE_UNIT_MS), "0/0=1 1/0=1* "},
      {BYTES("worker,iteration,chunk,phase,seconds\n0,0,0,f,1\n0,0,0,b,2\n1,0,0,f,1\n1,0,0,b,-1\n"),
       OPTIONS(.sum = "phase"), "0/0/0=3 1/0/0=3* "},
      {BYTES("worker,iteration,seconds\n0,0,1\n1,1,-1\n"), NULL, "t: iteration 1: all its times are -1, cancelled"},
      {BYTES("worker,seconds\n0,1\n1,-1\n"), NULL,
       "t: line 3: seconds -1, a cancelled worker, but no column is named iteration"},
      {BYTES("seconds,censored\n1,maybe\n"), NULL, "t: line 2: censored 'maybe' is none of 0, 1, false, true, no, yes"},
      {BYTES("seconds,censored\n-2,1\n"), NULL, "t: line 2: seconds '-2' is not a positive number"},
  };
  check_forms(forms, sizeof forms / sizeof *forms);
}

static void loads_are_read(void **state)
{
  (void)state;
  const form forms[] = {
      {BYTES("worker,iteration,chunks,seconds\n0,0,1,1\n0,1,8,8\n"), NULL, "0/0=1:1 0/1=8:8 "},
      {BYTES("worker,iteration,load,seconds\n0,0,4,1\n"), OPTIONS(COLUMN(CHUNKS, "load")), "0/0=1:4 "},
      {BYTES("chunks,seconds\n0,1\n"), NULL, "t: line 2: chunks '0' is not a whole number from 1 to 2147483647"},
  };
  check_forms(forms, sizeof forms / sizeof *forms);
}

static void broken_choices_are_refused(void **state)
{
  (void)state;
  const form forms[] = {
      {BYTES("a,b\n1,2\n"), NULL,
       "t: line 1: no column is named seconds, duration, time or dur, and none start and end; say which is the time: "
       "--column seconds=NAME"},
      {BYTES("start,b\n1,2\n"), NULL, "t: line 1: a column start, but none that is named end"},
      {BYTES("seconds,b\n1,2\n"), OPTIONS(COLUMN(END, "b")), "t: line 1: a column end, but none that is named start"},
      {BYTES("a,b\n1,2\n"), OPTIONS(COLUMN(SECONDS, "c")), "t: line 1: no column is named c, which seconds is to be"},
      {BYTES("a,b\n1,2\n"), OPTIONS(COLUMN(SECONDS, "3")), "t: line 1: no column is named 3"},
      {BYTES("1,2\n"), OPTIONS(COLUMN(SECONDS, "c")), "t: line 1: there is no header, so no column is named c"},
      {BYTES("a,b,c\n1,2,3\n"), OPTIONS(COLUMN(SECONDS, "a"), COLUMN(START, "b")),
       "column: seconds, and start and end, exclude each other"},
      {BYTES("start,end\n2,1\n"), NULL, "t: line 2: end - start = -1 is not a positive number"},
      {BYTES("start,end\n2,x\n"), NULL, "t: line 2: end 'x' is not a number"},
      {BYTES("Time,time,TIME\n1,2,3\n"), NULL, "=2 "},
      {BYTES("Time,TIME\n1,2\n"), NULL, "t: line 1: two columns are named time"},
      {BYTES("seconds\n1.5\n2,5\n"), NULL, "t: line 3: seconds '2,5' is not a positive number"},
      {BYTES("seconds\n1\n"), OPTIONS(.events = "x"),
       "t: events are those of a profiler's JSON file, but this is none"},
      {BYTES("PK\3\4\0\0"), NULL, "t: is a zip archive"},
  };
  check_forms(forms, sizeof forms / sizeof *forms);
}

static void what_was_taken_is_said(void **state)
{
  (void)state;
  testudo_i_trace trace;
  char text[256];
  assert_ok(testudo_i_trace_parse_as(BYTES("Rank,step,dur\n0,0,1\n"), "t", OPTIONS(.unit = TESTUDO_TRACE_UNIT_MS),
      &trace,
                                     NULL));
  testudo_i_trace_describe(&trace, text, sizeof text);
  assert_string_equal(text, "seconds from 'dur' in ms, worker from 'Rank', iteration from 'step'");
  testudo_i_trace_free(&trace);
  assert_ok(testudo_i_trace_parse_as(BYTES("1,2\n"), "t", NULL, &trace, NULL));
  testudo_i_trace_describe(&trace, text, sizeof text);
  assert_string_equal(text, "a row per iteration, a column per worker, in s");
  testudo_i_trace_free(&trace);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(common_forms_are_read),
      cmocka_unit_test(times_alone_are_read),
      cmocka_unit_test(workers_may_have_names),
      cmocka_unit_test(names_are_sorted_as_people_count),
      cmocka_unit_test(matrices_have_a_row_per_iteration),
      cmocka_unit_test(arrays_of_numpy_are_read),
      cmocka_unit_test(rows_of_one_chunk_are_added_when_asked),
      cmocka_unit_test(censored_rows_are_kept_apart),
      cmocka_unit_test(loads_are_read),
      cmocka_unit_test(broken_choices_are_refused),
      cmocka_unit_test(what_was_taken_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
