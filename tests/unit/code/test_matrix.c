/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include "graphs.h"

#define MM "%%MatrixMarket matrix coordinate "

static testudo_status parse(const char *text, testudo_assignment *graph, testudo_error *error)
{
  return testudo_assignment_parse(text, strlen(text), "a.mtx", graph, error);
}

static void assert_rows(const char *text, int32_t workers, int32_t chunks, const char *const *wanted)
{
  testudo_assignment graph;
  testudo_error error = {""};
  if (parse(text, &graph, &error) != TESTUDO_OK)
    fail_msg("%s: %s", text, error.text);
  assert_int_equal(graph.workers, workers);
  assert_int_equal(graph.chunks, chunks);
  for (int32_t j = 0; j < workers; j++) {
    char row[64] = "";
    for (int64_t e = graph.row[j]; e < graph.row[j + 1]; e++)
      snprintf(row + strlen(row), sizeof row - strlen(row), "%d ", (int)graph.chunk[e]);
    assert_string_equal(row, wanted[j]);
  }
  testudo_assignment_free(&graph);
}

static void reads_what_it_should(void **state)
{
  (void)state;
  static const char *const rows[] = {"0 2 ", "1 ", "0 1 "};
  static const char *const text[] = {
      MM "pattern general\n3 3 5\n1 3\n1 1\n2 2\n3 1\n3 2\n",
      MM "integer general\n3 3 5\n1 3 1\n1 1 -7\n2 2 10\n3 1 1\n3 2 99999999999999999999\n",
      MM "real general\n3 3 5\n1 3 1.5\n1 1 .5\n2 2 1.\n3 1 -1e-400\n3 2 +3D+2\n",
      "%%matrixmarket MATRIX Coordinate Pattern GENERAL\r\n% a comment\r\n\r\n 3\t3  5 \r\n1 3\r\n1 1\r\n2 2\r\n"
      "3 1\r\n3 2",
      MM "pattern general\n%\n\n% %\n3 3 5\n3 2\n\n2 2\n% between\n3 1\n1 1\n1 3\n\n%end\n",
      "1,0,1\n0,1,0\n1,1,0\n",
      "1 , 0,1\r\n0,1,0\r\n1,\t1,0\r\n\r\n \r\n",
      "\xef\xbb\xbf" "1,0,1\n0,1,0\n1,1,0",
      "\xef\xbb\xbf" MM "pattern general\n3 3 5\n1 3\n1 1\n2 2\n3 1\n3 2\n",
  };
  for (size_t k = 0; k < sizeof text / sizeof *text; k++)
    assert_rows(text[k], 3, 3, rows);
}

static void expands_symmetric_files(void **state)
{
  (void)state;
  static const char *const rows[] = {"0 1 2 ", "0 ", "0 2 "};
  assert_rows(MM "real symmetric\n3 3 4\n1 1 2\n2 1 3\n3 1 1\n3 3 1\n", 3, 3, rows);
}

static void reads_the_smallest_and_idle_workers(void **state)
{
  (void)state;
  static const char *const one[] = {"0 "};
  static const char *const idle[] = {"", "0 1 ", ""};
  assert_rows("1", 1, 1, one);
  assert_rows(MM "pattern general\n1 1 1\n1 1\n", 1, 1, one);
  assert_rows("0,0\n1,1\n0,0\n", 3, 2, idle);
  assert_rows(MM "pattern general\n3 2 2\n2 1\n2 2\n", 3, 2, idle);
}

typedef struct broken {
  const char *text, *sentence;
} broken;

static const broken table[] = {
    {"", "line 1: the file is empty, but a matrix of workers and chunks is needed"},
    {"\n \n", "line 1: the file is empty, but a matrix of workers and chunks is needed"},
    {"%", "line 1: the banner is \"%\"; it must be \"%%MatrixMarket\""},
    {"%MatrixMarket matrix coordinate pattern general\n", "line 1: the banner is \"%MatrixMarket\"; it must be"},
    {"%%MatrixMarket", "line 1: the object is missing; only \"matrix coordinate\" is read"},
    {"%%MatrixMarket vector coordinate pattern general\n", "line 1: the object is \"vector\"; only"},
    {"%%MatrixMarket matrix\n", "line 1: the format is missing; only"},
    {"%%MatrixMarket matrix array real general\n2 2\n", "line 1: the format is \"array\"; only \"matrix coordinate\""},
    {MM "\n", "line 1: the field is missing; pattern, integer and real are read"},
    {MM "complex general\n", "line 1: the field is \"complex\"; pattern, integer and real are read"},
    {MM "pattern\n", "line 1: the symmetry is missing; general and symmetric are read"},
    {MM "real skew-symmetric\n", "line 1: the symmetry is \"skew-symmetric\"; general and symmetric are read"},
    {MM "real hermitian\n", "line 1: the symmetry is \"hermitian\""},
    {MM "pattern general now\n", "line 1: \"now\" is one word too many"},
    {MM "pattern general", "line 1: the file ends before the line of rows, columns and entries"},
    {MM "pattern general\n% c\n\n", "line 3: the file ends before the line of rows, columns and entries"},
    {MM "pattern general\nx 2 2\n", "line 2: number of rows (workers): \"x\", but 1..16777216 are allowed"},
    {MM "pattern general\n0 2 2\n", "line 2: number of rows (workers): \"0\", but 1..16777216 are allowed"},
    {MM "pattern general\n-1 2 2\n", "line 2: number of rows (workers): \"-1\", but"},
    {MM "pattern general\n99999999999999999999999999 2 2\n",
     "line 2: number of rows (workers): \"99999999999999999999999999\""},
    {MM "pattern general\n2\n", "line 2: the number of columns (chunks) is missing"},
    {MM "pattern general\n2 16777217 2\n",
     "line 2: number of columns (chunks): \"16777217\", but 1..16777216 are allowed"},
    {MM "pattern general\n2 2.0 2\n", "line 2: number of columns (chunks): \"2.0\", but"},
    {MM "pattern general\n2 2\n", "line 2: the number of entries is missing"},
    {MM "pattern general\n2 2 5\n", "line 2: number of entries: \"5\", but 0..4 are allowed"},
    {MM "pattern general\n2 2 2 2\n", "line 2: \"2\" is one word too many"},
    {MM "real symmetric\n2 3 2\n", "line 2: 2 rows and 3 columns, but a symmetric matrix is square"},
    {MM "pattern general\n2 2 0\n", "line 2: 2 columns, but 0 entries: every column (chunk) needs one"},
    {MM "pattern general\n2 2 2\n1 1\n", "line 3: the file ends after 1 entries, but line 2 announces 2"},
    {MM "pattern general\n2 2 2\n1 1\n2 2\n\n2 1\n", "line 6: more than the 2 entries that line 2 announces"},
    {MM "pattern general\n2 2 2\n3 1\n2 2\n", "line 3: row: \"3\", but 1..2 are allowed"},
    {MM "pattern general\n2 2 2\n1 1\n0 2\n", "line 4: row: \"0\", but 1..2 are allowed"},
    {MM "pattern general\n2 2 2\n1 1\n2 3\n", "line 4: column: \"3\", but 1..2 are allowed"},
    {MM "pattern general\n2 2 2\n1\n2 2\n", "line 3: the column is missing"},
    {MM "pattern general\n2 2 2\n1 1 1\n2 2 1\n", "line 3: \"1\" is one word too many"},
    {MM "integer general\n2 2 2\n1 1\n2 2 1\n", "line 3: the value is missing"},
    {MM "integer general\n2 2 2\n1 1 1.5\n2 2 1\n", "line 3: value \"1.5\" is not an integer"},
    {MM "real general\n2 2 2\n1 1 nan\n2 2 1\n", "line 3: value \"nan\" is not a number"},
    {MM "real general\n2 2 2\n1 1 1e\n2 2 1\n", "line 3: value \"1e\" is not a number"},
    {MM "real general\n2 2 2\n1 1 .\n2 2 1\n", "line 3: value \".\" is not a number"},
    {MM "real general\n2 2 2\n1 1 1\n2 2 -0.00e5\n", "line 4: value \"-0.00e5\" is 0, but an entry says that"},
    {MM "real symmetric\n2 2 2\n1 1 1\n1 2 1\n", "line 4: row 1, column 2 is above the diagonal of a symmetric"},
    {MM "pattern general\n2 2 3\n1 1\n2 2\n1 1\n", "line 5: row 1, column 1 is there already, in line 3"},
    {MM "pattern symmetric\n2 2 3\n1 1\n2 1\n2 1\n", "line 5: row 2, column 1 is there already, in line 4"},
    {MM "pattern general\n2 3 3\n1 1\n2 1\n2 3\n", "line 2: column 2 has no entry, but every column (chunk) needs one"},
    {MM "pattern general\n70000 1 1\n1 1\n", "line 2: 70000 rows, but 1 entries: at most 65536 rows (workers) may be"},
    {MM "pattern general\n2 2 2\n1 \x01\n2 2\n", "line 3: column: \"?\", but 1..2 are allowed"},
    {"1,0\n0,2\n", "line 2: field 2 is \"2\", but only 0 and 1 are allowed"},
    {"a,b\n0,1\n", "line 1: field 1 is \"a\", but only 0 and 1 are allowed"},
    {"1,0\n0,\n", "line 2: field 2 is \"\", but only 0 and 1 are allowed"},
    {"1,0\n0,1,0\n", "line 2: 3 fields, but the first line has 2"},
    {"1,0\n0,1\n1\n", "line 3: 1 fields, but the first line has 2"},
    {"1,0\n\n0,1\n", "line 2: empty, but a line is a worker with a 0 or 1 for every chunk"},
    {"1,0,1\n1,0,1\n", "line 2: column 2 has no entry, but every column (chunk) needs one"},
    {"0,0\n0,1\n", "line 2: 2 columns, but 1 entries: every column (chunk) needs one"},
    {"1;0\n0;1\n", "line 1: field 1 is \"1;0\", but only 0 and 1 are allowed"},
    {"1,0\r0,1\r", "line 1: field 2 is \"0?0\", but only 0 and 1 are allowed"},
};

static void names_the_line_of_every_fault(void **state)
{
  (void)state;
  const size_t count = sizeof table / sizeof *table;
  assert_true(count >= 20);
  for (size_t k = 0; k < count; k++) {
    testudo_assignment graph;
    testudo_error error = {""};
    testudo_status status = parse(table[k].text, &graph, &error);
    if (status != TESTUDO_ERROR_INPUT || strncmp(error.text, "a.mtx: ", 7) != 0 ||
        strncmp(error.text + 7, table[k].sentence, strlen(table[k].sentence)) != 0)
      fail_msg("case %zu answers %d, \"%s\", wanted \"%s\"", k, (int)status, error.text, table[k].sentence);
    assert_null(graph.row);
    assert_null(graph.chunk);
    assert_status(parse(table[k].text, &graph, NULL), TESTUDO_ERROR_INPUT);
  }
}

static void does_not_stop_at_a_zero_byte(void **state)
{
  (void)state;
  testudo_assignment graph;
  testudo_error error;
  static const char text[] = "1,0\n0,1\0,1\n";
  assert_status(testudo_assignment_parse(text, sizeof text - 1, "z", &graph, &error), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "z: line 2: field 2 is \"1?\", but only 0 and 1 are allowed");
}

/* Writes an assignment in one of the forms; entries of Matrix Market in the order of the rows. */
static char *print(const testudo_assignment *graph, int form)
{
  static const char *const banner[] = {"pattern general", "integer general", "real general"};
  size_t room = (size_t)entries_of(graph) * 40 + (size_t)graph->workers * ((size_t)graph->chunks * 2 + 2) + 100;
  char *text = malloc(room), *at = text;
  assert_non_null(text);
  if (form < 3)
    at += sprintf(at, "%s%s\n%d %d %lld\n", MM, banner[form], (int)graph->workers, (int)graph->chunks,
                  (long long)entries_of(graph));
  for (int32_t j = 0; j < graph->workers; j++) {
    if (form == 3) {
      for (int32_t i = 0; i < graph->chunks; i++) {
        bool held = false;
        for (int64_t e = graph->row[j]; e < graph->row[j + 1]; e++)
          held = held || graph->chunk[e] == i;
        at += sprintf(at, "%d%c", held, i + 1 < graph->chunks ? ',' : '\n');
      }
      continue;
    }
    for (int64_t e = graph->row[j]; e < graph->row[j + 1]; e++)
      at += sprintf(at, "%d %d%s\n", (int)j + 1, (int)graph->chunk[e] + 1,
                    form == 0 ? "" : form == 1 ? " -3" : " 2.50e-3");
  }
  *at = '\0';
  return text;
}

static int ascending(const void *a, const void *b)
{
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

static void reads_back_400_random_assignments_in_every_form(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 51, TESTUDO_I_FOR_TEST, 0, 0);
  for (int trial = 0; trial < 400; trial++) {
    testudo_assignment graph = random_graph(&random, 1 + (int32_t)testudo_i_random_below(&random, 30),
                                            1 + (int32_t)testudo_i_random_below(&random, 30),
                                            testudo_i_random_uniform(&random)), back;
    char *text = print(&graph, trial % 4);
    testudo_error error = {""};
    if (parse(text, &back, &error) != TESTUDO_OK)
      fail_msg("trial %d: %s", trial, error.text);
    assert_int_equal(back.workers, graph.workers);
    assert_int_equal(back.chunks, graph.chunks);
    assert_memory_equal(back.row, graph.row, ((size_t)graph.workers + 1) * sizeof *graph.row);
    for (int32_t j = 0; j < graph.workers; j++)
      qsort(graph.chunk + graph.row[j], (size_t)(graph.row[j + 1] - graph.row[j]), sizeof *graph.chunk, ascending);
    assert_memory_equal(back.chunk, graph.chunk, (size_t)entries_of(&graph) * sizeof *graph.chunk);
    free(text);
    testudo_assignment_free(&graph);
    testudo_assignment_free(&back);
  }
}

/* Bytes changed, dropped, doubled: an assignment that is right, or one sentence with a line. */
static void survives_mutated_bytes(void **state)
{
  (void)state;
  static const char alphabet[] = "0123456789,.- \n\r\t%eE\xff\x01matrix";
  testudo_i_random random;
  testudo_i_random_start(&random, 52, TESTUDO_I_FOR_TEST, 0, 0);
  const size_t seeds = sizeof table / sizeof *table;
  int accepted = 0, refused = 0;
  for (int trial = 0; trial < 60000; trial++) {
    /* Every second text starts out whole. */
    const char *seed = trial % 2 == 0 ? table[testudo_i_random_below(&random, seeds)].text
                       : trial % 4 == 1 ? "1,0,1\n0,1,0\n1,1,0\n" : MM "real general\n2 2 3\n1 1 2\n2 2 1e3\n2 1 -1\n";
    size_t length = strlen(seed);
    /* Exactly as long as the text, so that a read beyond it is seen by valgrind and sanitizers. */
    char *bytes = malloc(length + 1);
    assert_non_null(bytes);
    memcpy(bytes, seed, length);
    for (uint64_t edits = testudo_i_random_below(&random, 4); edits > 0 && length > 0; edits--) {
      size_t at = (size_t)testudo_i_random_below(&random, length);
      if (testudo_i_random_below(&random, 3) == 0)
        memmove(bytes + at, bytes + at + 1, --length - at);
      else
        bytes[at] = alphabet[testudo_i_random_below(&random, sizeof alphabet)];
    }
    char *exact = malloc(length == 0 ? 1 : length);
    assert_non_null(exact);
    memcpy(exact, bytes, length);
    testudo_assignment graph;
    testudo_error error = {""};
    testudo_status status = testudo_assignment_parse(exact, length, "m", &graph, &error);
    if (status == TESTUDO_OK) {
      accepted++;
      assert_true(is_simple(&graph));
      testudo_assignment_free(&graph);
    } else {
      refused++;
      assert_int_equal(status, TESTUDO_ERROR_INPUT);
      assert_memory_equal(error.text, "m: line ", 8);
      assert_true(error.text[8] >= '1' && error.text[8] <= '9');
    }
    free(exact);
    free(bytes);
  }
  assert_true(accepted > 5000 && refused > 20000);
}

static void reads_files_and_names_those_it_cannot(void **state)
{
  (void)state;
  char path[] = "matrix-XXXXXX";
  int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  assert_int_equal(write(descriptor, "1,1\n0,3\n", 8), 8);
  assert_int_equal(close(descriptor), 0);
  testudo_assignment graph;
  testudo_error error;
  char wanted[80];
  assert_status(testudo_assignment_read(path, &graph, &error), TESTUDO_ERROR_INPUT);
  snprintf(wanted, sizeof wanted, "%s: line 2: field 2 is \"3\", but only 0 and 1 are allowed", path);
  assert_string_equal(error.text, wanted);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  fputs("1,1\n0,1\n", file);
  assert_int_equal(fclose(file), 0);
  assert_ok(testudo_assignment_read(path, &graph, &error));
  assert_int_equal(entries_of(&graph), 3);
  testudo_assignment_free(&graph);
  assert_int_equal(remove(path), 0);
  assert_status(testudo_assignment_read(path, &graph, &error), TESTUDO_ERROR_INPUT);
  assert_non_null(strstr(error.text, path));
  assert_null(graph.row);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_what_it_should),
      cmocka_unit_test(expands_symmetric_files),
      cmocka_unit_test(reads_the_smallest_and_idle_workers),
      cmocka_unit_test(names_the_line_of_every_fault),
      cmocka_unit_test(does_not_stop_at_a_zero_byte),
      cmocka_unit_test(reads_back_400_random_assignments_in_every_form),
      cmocka_unit_test(survives_mutated_bytes),
      cmocka_unit_test(reads_files_and_names_those_it_cannot),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
