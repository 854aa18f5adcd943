/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include "graphs.h"

#define MM "%%MatrixMarket matrix coordinate "
#define MA "%%MatrixMarket matrix array "

static testudo_status parse_bytes(const char *text, size_t length, const char *name, testudo_assignment *graph,
                                  testudo_error *error)
{
  testudo_matrix matrix;
  testudo_status status = testudo_matrix_parse(text, length, name, NULL, &matrix, error);
  assert_null(matrix.weight);
  *graph = matrix.assignment;
  return status;
}

static testudo_status parse(const char *text, testudo_assignment *graph, testudo_error *error)
{
  return parse_bytes(text, strlen(text), "a.mtx", graph, error);
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
      MM "integer general\n3 3 5\n1 3 1\n1 1 1\n2 2 +1\n3 1 01\n3 2 1\n",
      MM "integer general\n3 3 7\n1 3 1\n1 1 1\n2 3 0\n2 2 1\n3 1 1\n3 2 1\n3 2 0\n",
      MM "real general\n3 3 5\n1 3 1.0\n1 1 1\n2 2 1.\n3 1 10e-1\n3 2 +1D+0\n",
      MM "real general\n3 3 6\n1 3 1.0\n1 1 1\n2 1 -0.0e5\n2 2 1.\n3 1 10e-1\n3 2 +1D+0\n",
      "%%matrixmarket MATRIX Coordinate Pattern GENERAL\r\n% a comment\r\n\r\n 3\t3  5 \r\n1 3\r\n1 1\r\n2 2\r\n"
      "3 1\r\n3 2",
      " \n\t" MM "pattern general\n%\n\n% %\n3 3 5\n3 2\n\n2 2\n% between\n3 1\n1 1\n1 3\n\n%end\n",
      MA "real general\n3 3\n1\n0\n1\n0.0\n1\n1e0\n1\n0\n0\n",
      MA "integer general\n% column by column\n3 3\n\n1\n0\n1\n0\n1\n1\n1\n0\n0",
      "1,0,1\n0,1,0\n1,1,0\n",
      "1 , 0,1\r\n0,1,0\r\n1,\t1,0\r\n\r\n \r\n",
      "\xef\xbb\xbf" "1,0,1\n0,1,0\n1,1,0",
      "\xef\xbb\xbf" MM "pattern general\n3 3 5\n1 3\n1 1\n2 2\n3 1\n3 2\n",
      "1;0;1\n0;1;0\n1;1;0\n",
      "1,0;0,0;1,0\n0;1,0;0\n1;1;0,00\n",
      "1 0 1\n0 1 0\n1 1 0\n",
      "  1.0   0  1\n  0    1  0\n\n  1    1  0  \n",
      "1\t0\t1\n0\t1\t0\n1\t1\t0\n",
      "# from numpy.savetxt\n1.000000000000000000e+00 0.000000000000000000e+00 1e0\n0 1 0\n1 1 0\n",
      "\"1\",\"0\",\"1\"\n\"0\",\"1\",\"0\"\n\"1\",\"1\",\"0\"\n",
      "\"\",\"V1\",\"V2\",\"V3\"\n\"1\",1,0,1\n\"2\",0,1,0\n\"3\",1,1,0\n",
      "\"V1\" \"V2\" \"V3\"\n\"1\" 1 0 1\n\"2\" 0 1 0\n\"3\" 1 1 0\n",
      ",0,1,2\n0,1,0,1\n1,0,1,0\n2,1,1,0\n",
      "worker,a,b,c\nnode0,1,0,1\nnode1,0,1,0\nnode2,1,1,0\n",
      "a,b,c\n1,0,1\n0,1,0\n1,1,0\n",
      "0,1,2\n1,0,1\n0,1,0\n1,1,0\n",
      "1,0,1,\n0,1,0,\n1,1,0,\n",
      "a;b;c;\n1;0;1;\n0;1;0;\n1;1;0;\n",
      MM "unsigned-integer general\n3 3 5\n1 3 1\n1 1 1\n2 2 1\n3 1 1\n3 2 1\n",
      "True,False,True\nFalse,True,False\nTRUE,true,false\n",
      "sep=;\n1;0;1\n0;1;0\n1;1;0\n",
  };
  for (size_t k = 0; k < sizeof text / sizeof *text; k++)
    assert_rows(text[k], 3, 3, rows);
}

static void expands_symmetric_files(void **state)
{
  (void)state;
  static const char *const rows[] = {"0 1 2 ", "0 ", "0 2 "};
  assert_rows(MM "real symmetric\n3 3 4\n1 1 1\n2 1 1\n3 1 1\n3 3 1\n", 3, 3, rows);
  assert_rows(MA "integer symmetric\n3 3\n1\n1\n1\n0\n0\n1\n", 3, 3, rows);
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
    {"%%MatrixMarket", "line 1: the object is missing; \"matrix coordinate\" and \"matrix array\" are read"},
    {"%%MatrixMarket vector coordinate pattern general\n", "line 1: the object is \"vector\"; \"matrix"},
    {"%%MatrixMarket matrix\n", "line 1: the format is missing; \"matrix"},
    {"%%MatrixMarket matrix elemental real general\n2 2\n", "line 1: the format is \"elemental\"; \"matrix coord"},
    {MA "pattern general\n2 2\n", "line 1: an array cannot be a pattern: it has a value for every place"},
    {MA "real general\n2 2 4\n", "line 2: \"4\" is one word too many"},
    {MA "real general\n2 2\n1\n0\n1\n", "line 5: the file ends before row 2 of column 2, but line 2 announces 2 x 2"},
    {MA "real general\n2 2\n1\n0\n1\n1\n0\n", "line 7: more than line 2 announces"},
    {MA "real general\n2 2\n1\n0\n0.5\n1\n", "line 5: value \"0.5\" in column 2 is neither 0 nor 1, which say who"},
    {MA "real general\n2 2\n1 0\n1\n1\n", "line 3: \"0\" is one word too many"},
    {MA "real symmetric\n2 2\n1\n7\n1\n", "line 4: value \"7\" in column 1 is neither"},
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
    {MM "pattern general\n2 2 2\n1 1\n2 2\n\n2 1\n", "line 6: more than line 2 announces"},
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
    {MM "real general\n2 2 2\n1 1 1\n2 2 -0.00e5\n", "line 2: 2 columns, but 1 entries: every column (chunk)"},
    {MM "real general\n2 2 3\n1 1 1\n2 2 1\n1 2 0.3\n", "line 5: value \"0.3\" in column 2 is neither 0 nor 1"},
    {MM "integer general\n2 2 2\n1 1 -1\n2 2 1\n", "line 3: value \"-1\" in column 1 is neither 0 nor 1"},
    {MM "real symmetric\n2 2 2\n1 1 1\n1 2 1\n", "line 4: row 1, column 2 is above the diagonal of a symmetric"},
    {MM "pattern general\n2 2 3\n1 1\n2 2\n1 1\n", "line 5: row 1, column 1 is there already, in line 3"},
    {MM "pattern symmetric\n2 2 3\n1 1\n2 1\n2 1\n", "line 5: row 2, column 1 is there already, in line 4"},
    {MM "pattern general\n2 3 3\n1 1\n2 1\n2 3\n", "line 2: column 2 has no entry, but every column (chunk) needs one"},
    {MM "pattern general\n70000 1 1\n1 1\n", "line 2: 70000 rows, but 1 entries: at most 65536 rows (workers) may be"},
    {MM "pattern general\n2 2 2\n1 \x01\n2 2\n", "line 3: column: \"?\", but 1..2 are allowed"},
    {"1,0\n0,2\n", "line 2: value \"2\" in column 2 is neither 0 nor 1, which say who holds what"},
    {"1,0\n0,0.5\n", "line 2: value \"0.5\" in column 2 is neither 0 nor 1"},
    {"1;0\n0;0,5\n", "line 2: value \"0,5\" in column 2 is neither 0 nor 1"},
    {"a,b\n0,x\n", "line 2: column 2 is \"x\", which is not a number"},
    {"w,1\n0,1\n", "line 1: column 1 is \"w\", which is not a number"},
    {",0,1\n7,1,0\n8,0,3\n", "line 3: value \"3\" in column 2 is neither"},
    {"1,0\n0,\n", "line 2: column 2 is \"\", which is not a number"},
    {"1,0\n0,1,0\n", "line 2: 3 cells, but line 1 has 2"},
    {"1,0\n0,1\n1\n", "line 3: 1 cell, but line 1 has 2"},
    {"1,0,1\n1,0,1\n", "line 2: column 2 has no entry, but every column (chunk) needs one"},
    {"0,0\n0,1\n", "line 2: 2 columns, but 1 entries: every column (chunk) needs one"},
    {"1,0\n0,nan\n", "line 2: column 2 is \"nan\", which is not a number"},
    {"1,\"0\n0,1\n", "line 1: a quotation mark that is not closed on its line"},
    {"1,\n0,1\n", "line 2: column 2 is \"1\", but the first row has none"},
    {"a,b\n", "line 1: the file is empty, but a matrix of workers and chunks is needed"},
    {"# nothing\n", "line 1: the file is empty, but a matrix of workers and chunks is needed"},
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
  assert_status(parse_bytes(text, sizeof text - 1, "z", &graph, &error), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "z: line 2: 3 cells, but line 1 has 2");
}

static bool holds(const testudo_assignment *graph, int32_t worker, int32_t chunk)
{
  bool held = false;
  for (int64_t e = graph->row[worker]; e < graph->row[worker + 1]; e++)
    held = held || graph->chunk[e] == chunk;
  return held;
}

enum { PATTERN, WHOLE, REAL, ARRAY, DENSE, FORMS = DENSE + 4 };

/* Writes an assignment in one of the forms; entries of Matrix Market in the order of the rows. */
static char *print(const testudo_assignment *graph, int form)
{
  static const char *const banner[] = {"pattern general", "integer general", "real general"};
  size_t room = (size_t)entries_of(graph) * 40 + (size_t)graph->workers * ((size_t)graph->chunks * 2 + 2) + 200;
  char *text = malloc(room), *at = text;
  assert_non_null(text);
  if (form < ARRAY)
    at += sprintf(at, "%s%s\n%d %d %lld\n", MM, banner[form], (int)graph->workers, (int)graph->chunks,
                  (long long)entries_of(graph));
  if (form == ARRAY) {
    at += sprintf(at, "%sreal general\n%d %d\n", MA, (int)graph->workers, (int)graph->chunks);
    for (int32_t i = 0; i < graph->chunks; i++)
      for (int32_t j = 0; j < graph->workers; j++)
        at += sprintf(at, "%d\n", holds(graph, j, i));
  }
  for (int32_t j = 0; j < graph->workers && form != ARRAY; j++) {
    if (form >= DENSE) {
      static const char separator[] = {',', ';', '\t', ' '};
      for (int32_t i = 0; i < graph->chunks; i++)
        at += sprintf(at, "%d%c", holds(graph, j, i), i + 1 < graph->chunks ? separator[form - DENSE] : '\n');
      continue;
    }
    for (int64_t e = graph->row[j]; e < graph->row[j + 1]; e++)
      at += sprintf(at, "%d %d%s\n", (int)j + 1, (int)graph->chunk[e] + 1,
                    form == PATTERN ? "" : form == WHOLE ? " 1" : " 1.000e+00");
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
    char *text = print(&graph, trial % FORMS);
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
  int accepted = 0, refused = 0, without_line = 0; /* "is UTF-16 text", .. */
  for (int trial = 0; trial < 60000; trial++) {
    /* Every second text starts out whole. */
    const char *seed = trial % 2 == 0 ? table[testudo_i_random_below(&random, seeds)].text
                       : trial % 4 == 1 ? "1,0,1\n0,1,0\n1,1,0\n" : MM "real general\n2 2 3\n1 1 1\n2 2 1e0\n2 1 0\n";
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
    testudo_status status = parse_bytes(exact, length, "m", &graph, &error);
    if (status == TESTUDO_OK) {
      accepted++;
      assert_true(is_simple(&graph));
      testudo_assignment_free(&graph);
    } else {
      refused++;
      assert_int_equal(status, TESTUDO_ERROR_INPUT);
      assert_memory_equal(error.text, "m: ", 3);
      without_line += strncmp(error.text, "m: line ", 8) != 0;
    }
    free(exact);
    free(bytes);
  }
  assert_true(accepted > 5000 && refused > 20000 && without_line < 300);
}

static void reads_files_and_names_those_it_cannot(void **state)
{
  (void)state;
  char path[] = "matrix-XXXXXX";
  int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  assert_int_equal(write(descriptor, "1,1\n0,3\n", 8), 8);
  assert_int_equal(close(descriptor), 0);
  testudo_matrix matrix;
  testudo_error error;
  char wanted[120];
  assert_status(testudo_matrix_read(path, NULL, &matrix, &error), TESTUDO_ERROR_INPUT);
  snprintf(wanted, sizeof wanted, "%s: line 2: value \"3\" in column 2 is neither 0 nor 1, which say who holds what",
           path);
  assert_string_equal(error.text, wanted);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  fputs("1,1\n0,1\n", file);
  assert_int_equal(fclose(file), 0);
  assert_ok(testudo_matrix_read(path, NULL, &matrix, &error));
  assert_int_equal(entries_of(&matrix.assignment), 3);
  testudo_matrix_free(&matrix);
  assert_int_equal(remove(path), 0);
  assert_status(testudo_matrix_read(path, NULL, &matrix, &error), TESTUDO_ERROR_INPUT);
  assert_non_null(strstr(error.text, path));
  assert_null(matrix.assignment.row);
}

/* ---- weights, and rows that are chunks ---- */

static void weights_go_with_their_entries(void **state)
{
  (void)state;
  static const char *const texts[] = {
      "0.5,0,-2\n0,3,0\n1e-3,0,7\n",
      MM "real general\n3 3 6\n3 1 .001\n1 3 -2\n2 2 3\n1 1 .5\n3 3 7\n2 1 0\n",
      MA "real general\n3 3\n.5\n0\n1d-3\n0\n3\n0\n-2\n0\n7\n",
  };
  static const double weight[] = {0.5, -2, 3, 1e-3, 7}, turned[] = {0.5, 1e-3, 3, -2, 7};
  static const int32_t chunk[] = {0, 2, 1, 0, 2};
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
    for (int transposed = 0; transposed < 2; transposed++) {
      const testudo_matrix_options options = {.transposed = transposed, .weighted = true};
      testudo_matrix matrix;
      assert_ok(testudo_matrix_parse(texts[k], strlen(texts[k]), "w", &options, &matrix, NULL));
      assert_int_equal(entries_of(&matrix.assignment), 5);
      assert_memory_equal(matrix.weight, transposed ? turned : weight, sizeof weight);
      assert_memory_equal(matrix.assignment.chunk, chunk, sizeof chunk); /* a symmetric pattern */
      testudo_matrix_free(&matrix);
    }
}

static void transposed_matrices_speak_of_the_file(void **state)
{
  (void)state;
  const testudo_matrix_options options = {.transposed = true};
  static const char *const wrong[][2] = {
      {"1,0\n0,1\n0,2\n", "t: line 3: value \"2\" in column 2 is neither 0 nor 1, which say who holds what"},
      {"1,1\n0,0\n1,1\n", "t: line 3: row 2 has no entry, but every row (chunk) needs one"},
      {MM "pattern general\n3 2 4\n1 1\n2 1\n3 2\n2 1\n", "t: line 6: row 2, column 1 is there already, in line 4"},
  };
  testudo_matrix matrix;
  testudo_error error;
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
    assert_status(testudo_matrix_parse(wrong[k][0], strlen(wrong[k][0]), "t", &options, &matrix, &error),
                  TESTUDO_ERROR_INPUT);
    assert_string_equal(error.text, wrong[k][1]);
  }
  assert_ok(testudo_matrix_parse("1,1,0\n0,1,0\n", 12, "t", &options, &matrix, NULL)); /* worker 2 is idle */
  assert_int_equal(matrix.assignment.workers, 3);
  assert_int_equal(matrix.assignment.chunks, 2);
  static const int32_t chunk[] = {0, 0, 1};
  static const int64_t row[] = {0, 1, 3, 3};
  assert_memory_equal(matrix.assignment.chunk, chunk, sizeof chunk);
  assert_memory_equal(matrix.assignment.row, row, sizeof row);
  testudo_matrix_free(&matrix);
}

/* ---- npy ---- */

/* An array of `rows` x `columns` numbers, each `bytes` long. */
static size_t npy(char *file, const char *type, bool fortran, int rows, int columns, const void *data, size_t bytes)
{
  char header[128];
  int length = snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': %s, 'shape': (%d, %d), }", type,
                        fortran ? "True" : "False", rows, columns);
  memcpy(file, "\x93NUMPY\x01\0\x76\0", 10);
  memset(file + 10, ' ', 118);
  memcpy(file + 10, header, (size_t)length);
  memcpy(file + 128, data, bytes * (size_t)(rows * columns));
  return 128 + bytes * (size_t)(rows * columns);
}

static void arrays_of_any_type_are_read(void **state)
{
  (void)state;
  static const unsigned char bools[] = {1, 1, 0, 1}, turned[] = {1, 0, 1, 1};
  static const double doubles[] = {1, 1, 0, 1};
  static const float floats[] = {1, 1, -0.0f, 1};
  static const int64_t wholes[] = {1, 1, 0, 1};
  static const unsigned char big[] = {0, 1, 0, 1, 0, 0, 0, 1};
  static const struct {
    const char *type;
    bool fortran;
    const void *data;
    size_t bytes;
  } cases[] = {{"|b1", false, bools, 1}, {"|u1", true, turned, 1},   {"<f8", false, doubles, 8},
               {"<f4", false, floats, 4}, {"<i8", false, wholes, 8}, {">i2", false, big, 2}};
  static const int32_t chunk[] = {0, 1, 1};
  char file[256];
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_matrix matrix;
    size_t length = npy(file, cases[k].type, cases[k].fortran, 2, 2, cases[k].data, cases[k].bytes);
    assert_ok(testudo_matrix_parse(file, length, "n", NULL, &matrix, NULL));
    assert_memory_equal(matrix.assignment.chunk, chunk, sizeof chunk);
    assert_int_equal(matrix.assignment.row[1], 2);
    assert_false(matrix.ordered);
    testudo_matrix_free(&matrix);
    for (size_t cut = 0; cut < length; cut++) {
      assert_status(testudo_matrix_parse(file, cut, "n", NULL, &matrix, NULL), TESTUDO_ERROR_INPUT);
      assert_null(matrix.assignment.row);
    }
  }
}

static void arrays_are_refused_by_row(void **state)
{
  (void)state;
  static const double halves[] = {1, 0, 0.5, 1}, nans[] = {1, 0, NAN, 1};
  static const int64_t large[] = {1, 0, 3, 1};
  char file[256];
  testudo_matrix matrix;
  testudo_error error;
  size_t length = npy(file, "<f8", false, 2, 2, halves, 8);
  assert_status(testudo_matrix_parse(file, length, "n", NULL, &matrix, &error), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "n: row 2: value \"0.5\" in column 1 is neither 0 nor 1, which say who holds what");
  length = npy(file, "<f8", false, 2, 2, nans, 8);
  assert_status(testudo_matrix_parse(file, length, "n", NULL, &matrix, &error), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "n: row 2: column 1 is not a finite number");
  length = npy(file, "<i8", false, 2, 2, large, 8);
  assert_status(testudo_matrix_parse(file, length, "n", NULL, &matrix, &error), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "n: row 2: value \"3\" in column 1 is neither 0 nor 1, which say who holds what");
  length = npy(file, "<i8", false, 0, 2, large, 8);
  assert_status(testudo_matrix_parse(file, length, "n", NULL, &matrix, &error), TESTUDO_ERROR_INPUT);
  char *shape = strstr(file + 10, "(0, 2)");
  memcpy(shape, "(4,)  ", 6);
  assert_status(testudo_matrix_parse(file, 160, "n", NULL, &matrix, &error), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "n: the array has 1 dimension, but a matrix has 2");
}

/* As export writes orders: int32, padded with -1. Other tables of numbers are no orders by themselves. */
static void an_exported_order_is_one(void **state)
{
  (void)state;
  static const int32_t order[] = {2, 0, 1, -1, 2, 1}, chunk[] = {2, 0, 1, 2, 1}, no_order[] = {2, 0, 0, 2};
  char file[256];
  testudo_matrix matrix;
  testudo_error error;
  size_t length = npy(file, "<i4", false, 3, 2, order, 4);
  assert_ok(testudo_matrix_parse(file, length, "n", NULL, &matrix, NULL));
  assert_true(matrix.ordered);
  assert_int_equal(matrix.assignment.workers, 3);
  assert_memory_equal(matrix.assignment.chunk, chunk, sizeof chunk);
  testudo_matrix_free(&matrix);
  const testudo_matrix_options weighted = {.weighted = true};
  assert_ok(testudo_matrix_parse(file, length, "n", &weighted, &matrix, NULL));
  assert_false(matrix.ordered);
  testudo_matrix_free(&matrix);
  length = npy(file, "<i4", false, 2, 2, no_order, 4);
  assert_status(testudo_matrix_parse(file, length, "n", NULL, &matrix, &error), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "n: row 1: value \"2\" in column 1 is neither 0 nor 1, which say who holds what");
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
      cmocka_unit_test(weights_go_with_their_entries),
      cmocka_unit_test(transposed_matrices_speak_of_the_file),
      cmocka_unit_test(arrays_of_any_type_are_read),
      cmocka_unit_test(arrays_are_refused_by_row),
      cmocka_unit_test(an_exported_order_is_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
