/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trace reader: what it takes, and every kind of broken file with the line it must name. */
#include "check.h"

#include "trace/trace.h"


#define BYTES(text) text, sizeof text - 1

static void reads_known_columns_in_any_order(void **state)
{
  (void)state;
  testudo_i_trace trace;
  const char text[] = "phase,chunk,seconds,worker\r\nfwd,3, 0.5\t,7\r\n,2147483647,1e-3,0";
  assert_ok(testudo_i_trace_parse_as(BYTES(text), "t.csv", NULL, &trace, NULL));
  assert_int_equal(trace.rows, 2);
  assert_true(trace.seconds[0] == 0.5 && trace.seconds[1] == 1e-3);
  assert_true(trace.chunk[0] == 3 && trace.chunk[1] == INT32_MAX);
  assert_true(trace.worker[0] == 7 && trace.worker[1] == 0);
  assert_null(trace.iteration);
  testudo_i_trace_free(&trace);
  assert_null(trace.seconds);
}

static void takes_what_spreadsheets_add(void **state)
{
  (void)state;
  const char *const texts[] = {"\xef\xbb\xbfseconds\n4.25\n", "seconds\r\n4.25\r\n\r\n\r\n", "seconds\n4.25",
                               "seconds\n4.25\n\n\n", "seconds ,\n 4.25, x\n", "iteration,seconds\n00,+4.250e0\n"};
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    testudo_i_trace trace;
    assert_ok(testudo_i_trace_parse_as(texts[k], strlen(texts[k]), "t", NULL, &trace, NULL));
    assert_int_equal(trace.rows, 1);
    assert_true(trace.seconds[0] == 4.25);
    testudo_i_trace_free(&trace);
  }
}

static void refuse(const char *bytes, size_t length, const char *what)
{
  testudo_i_trace trace = {.rows = 99};
  testudo_error error = {""};
  if (testudo_i_trace_parse_as(bytes, length, "t.csv", NULL, &trace, &error) != TESTUDO_ERROR_INPUT)
    fail_msg("read, but wanted '%s'", what);
  assert_true(trace.rows == 0 && trace.seconds == NULL && trace.worker == NULL);
  if (strncmp(error.text, what, strlen(what)) != 0)
    fail_msg("'%s' does not begin with '%s'", error.text, what);
  assert_status(testudo_i_trace_parse_as(bytes, length, "t.csv", NULL, &trace, NULL), TESTUDO_ERROR_INPUT);
}

static void refuses_broken_traces_with_their_line(void **state)
{
  (void)state;
  const struct {
    const char *bytes;
    size_t length;
    const char *what;
  } cases[] = {
      {BYTES(""), "t.csv: is empty"},
      {BYTES("\n\r\n\n"), "t.csv: is empty"},
      {BYTES("\xef\xbb\xbf"), "t.csv: is empty"},
      {BYTES("seconds"), "t.csv: no rows after the header"},
      {BYTES("seconds\n\n"), "t.csv: no rows after the header"},
      {BYTES("worker,times\n0,1\n"), "t.csv: line 1: no column is named seconds"},
      {BYTES("\nsecond\n1\n"), "t.csv: line 2: no column is named seconds"},
      {BYTES("seconds,seconds\n1,2\n"), "t.csv: line 1: two columns are named seconds"},
      {BYTES("worker,seconds,worker\n1,2,3\n"), "t.csv: line 1: two columns are named worker"},
      {BYTES("\"seconds\n1\n"), "t.csv: line 1: a quotation mark"},
      {BYTES("name,seconds\n\"a,b,1\n"), "t.csv: line 2: a quotation mark"},
      {BYTES("seconds\n1\n0\n"), "t.csv: line 3: seconds '0' is not a positive number"},
      {BYTES("seconds\n1\n2\n-3\n"), "t.csv: line 4: seconds '-3'"},
      {BYTES("seconds\nnan\n"), "t.csv: line 2: seconds 'nan'"},
      {BYTES("seconds\ninf\n"), "t.csv: line 2: seconds 'inf'"},
      {BYTES("seconds\n1e309\n"), "t.csv: line 2: seconds '1e309'"},
      {BYTES("seconds\n1e-400\n"), "t.csv: line 2: seconds '1e-400'"},
      {BYTES("seconds\n0x1p3\n"), "t.csv: line 2: seconds '0x1p3'"},
      {BYTES("seconds\n1.5s\n"), "t.csv: line 2: seconds '1.5s'"},
      {BYTES("seconds\n1 2\n"), "t.csv: line 2: seconds '1 2'"},
      {BYTES("seconds\n1\r\r\n"), "t.csv: line 2: seconds '1?'"},
      {BYTES("seconds\n1\0\n"), "t.csv: line 2: seconds '1?'"},
      {BYTES("seconds\n\xff\xfe\n"), "t.csv: line 2: seconds '?\?'"},
      {BYTES("worker,seconds\n1\n"), "t.csv: line 2: 1 cell, but line 1 has 2"},
      {BYTES("worker,seconds\n1,2\n1,2,3\n"), "t.csv: line 3: 3 cells, but line 1 has 2"},
      {BYTES("seconds\n1;5\n"), "t.csv: line 2: seconds '1;5'"},
      {BYTES("seconds\n1,5\n1.5\n"), "t.csv: line 3: seconds '1.5'"},
      {BYTES("worker,seconds\n-1,2\n"), "t.csv: line 2: worker '-1' is not a whole number from 0 to 2147483647"},
      {BYTES("worker,seconds\n1.5,2\n"), "t.csv: line 2: worker '1.5'"},
      {BYTES("worker,seconds\n,2\n"), "t.csv: line 2: worker is empty"},
      {BYTES("iteration,seconds\n2147483648,2\n"), "t.csv: line 2: iteration '2147483648'"},
      {BYTES("chunk,seconds\n0,2\n99999999999999999999999,2\n"), "t.csv: line 3: chunk '99999999999999999999999'"},
      {BYTES("chunk,seconds\nthe first of all the chunks that there are in it,2\n"),
       "t.csv: line 2: chunk 'the first of all the chunks that there a...'"},
      {BYTES("seconds\n1\n\x89PNG\r\n"), "t.csv: line 3: seconds '?PNG'"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
    refuse(cases[k].bytes, cases[k].length, cases[k].what);
}

static void refuses_lines_without_end(void **state)
{
  (void)state;
  const size_t length = ((size_t)1 << 26) + ((size_t)1 << 20);
  char *bytes = malloc(length);
  assert_non_null(bytes);
  memset(bytes, '1', length);
  refuse(bytes, length, "t.csv: line 1: longer than 67108864 characters");
  memcpy(bytes, "seconds\n", 8);
  refuse(bytes, length, "t.csv: line 2: longer than 67108864 characters");
  /* A number may be long, but not that long. */
  refuse(bytes, 608, "t.csv: line 2: seconds '1111111111111111111111111111111111111111...'");
  memset(bytes, ',', (size_t)1 << 25);
  refuse(bytes, (size_t)1 << 25, "t.csv: line 1: more than 16777216 cells");
  free(bytes);
}

static void reads_many_rows(void **state)
{
  (void)state;
  enum { ROWS = 100000 };
  char *bytes = malloc(40 * ROWS);
  assert_non_null(bytes);
  size_t length = (size_t)sprintf(bytes, "worker,seconds\n");
  for (int k = 0; k < ROWS; k++)
    length += (size_t)sprintf(bytes + length, "%d,%.17g\n", k % 97, exp(sin(k * 0.7131)));
  testudo_i_trace trace;
  assert_ok(testudo_i_trace_parse_as(bytes, length, "t.csv", NULL, &trace, NULL));
  assert_int_equal(trace.rows, ROWS);
  for (int k = 0; k < ROWS; k++)
    assert_true(trace.worker[k] == k % 97 && trace.seconds[k] == exp(sin(k * 0.7131)));
  testudo_i_trace_free(&trace);
  free(bytes);
}

static void a_missing_file_and_a_folder_are_named(void **state)
{
  (void)state;
  testudo_i_trace trace;
  testudo_error error;
  assert_status(testudo_i_trace_read_as("no-such-trace.csv", NULL, &trace, &error), TESTUDO_ERROR_INPUT);
  assert_int_equal(strncmp(error.text, "no-such-trace.csv: ", 19), 0);
  assert_status(testudo_i_trace_read_as(".", NULL, &trace, &error), TESTUDO_ERROR_INPUT);
  assert_null(trace.seconds);
}

static void the_public_reader_gives_an_object(void **state)
{
  (void)state;
  char path[] = "/tmp/testudo-trace-XXXXXX";
  int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  FILE *file = fdopen(descriptor, "w");
  fputs("host;dauer\nb;1500\na;2500\n", file);
  fclose(file);
  const testudo_trace_options options = {.unit = TESTUDO_TRACE_UNIT_MS, .column = {[TESTUDO_TRACE_SECONDS] = "Dauer"}};
  testudo_trace *trace;
  assert_ok(testudo_trace_read(path, &options, &trace, NULL));
  assert_true(trace->rows == 2 && trace->seconds[0] == 1.5 && trace->worker[0] == 1 && trace->names == 2);
  assert_string_equal(trace->worker_name[0], "a");
  assert_string_equal(trace->taken[TESTUDO_TRACE_SECONDS], "dauer");
  assert_string_equal(trace->taken[TESTUDO_TRACE_WORKER], "host");
  assert_null(trace->taken[TESTUDO_TRACE_CHUNK]);
  assert_true(trace->form == TESTUDO_TRACE_TABLE && trace->unit == TESTUDO_TRACE_UNIT_MS);
  testudo_trace_free(trace);
  testudo_trace_free(NULL);
  assert_status(testudo_trace_read(path, NULL, &trace, NULL), TESTUDO_ERROR_INPUT);
  assert_null(trace);
  remove(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_known_columns_in_any_order),
      cmocka_unit_test(takes_what_spreadsheets_add),
      cmocka_unit_test(refuses_broken_traces_with_their_line),
      cmocka_unit_test(refuses_lines_without_end),
      cmocka_unit_test(reads_many_rows),
      cmocka_unit_test(a_missing_file_and_a_folder_are_named),
      cmocka_unit_test(the_public_reader_gives_an_object),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
