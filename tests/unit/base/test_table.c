/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delimited text in its forms, gzip, NumPy arrays, and numbers; every refusal with its line. */
#include "check.h"

#include <inttypes.h>
#include <zlib.h>

#include "base/npy.h"
#include "base/number.h"
#include "base/table.h"

#define LIMIT ((size_t)1 << 24)

/* The rows as one text: cells in brackets, a slash behind a row; or the sentence of the refusal. */
static void print_table(const char *bytes, size_t length, const testudo_i_table_options *options, char *text)
{
  testudo_i_source source = {0};
  testudo_i_table table = {0};
  testudo_error error = {""};
  bool more = true;
  testudo_status status = testudo_i_source_start(&source, bytes, length, "t", LIMIT, &error);
  text[0] = '\0';
  if (status == TESTUDO_OK)
    status = testudo_i_table_start(&table, &source, options, &error);
  while (status == TESTUDO_OK && more) {
    status = testudo_i_table_row(&table, &more, &error);
    for (size_t k = 0; status == TESTUDO_OK && more && k < table.cells; k++)
      sprintf(text + strlen(text), "[%.*s]", (int)table.cell[k].length, table.cell[k].at);
    if (status == TESTUDO_OK && more)
      strcat(text, "/");
  }
  if (status != TESTUDO_OK) {
    assert_status(status, TESTUDO_ERROR_INPUT);
    strcpy(text, error.text);
  }
  testudo_i_table_close(&table);
  testudo_i_source_close(&source);
}

static void is_table(const char *bytes, size_t length, const testudo_i_table_options *options, const char *wanted)
{
  char text[4096];
  print_table(bytes, length, options, text);
  assert_string_equal(text, wanted);
}

static void every_form_gives_the_same_cells(void **state)
{
  (void)state;
  static const char *const forms[] = {
      "a,b\n1,2\n", "a;b\n1;2\n", "a\tb\n1\t2\n", "a b\n1 2\n", "a   b\n 1 \t 2 \n", "a,b\r\n1,2\r\n", "a,b\n1,2",
      "\xef\xbb\xbf" "a,b\n1,2\n", "# from a cluster\na,b\n# and on\n1,2\n", "\n\na,b\n\n \t\n1,2\n\n",
          "\"a\",\"b\"\n1,\"2\"\n",
      " a , b \n 1 , 2 \n", "a,b,\n1,2,\n", "a,b\n1,2,\n", "sep=;\na;b\n1;2\n", "sep=,\r\na,b\r\n1,2\r\n",
      "a\tb\n\"1\"\t2\n", "a b\n\"row\" 1 2\n", "\"a\" \"b\"\n\"1\" \"1\" \"2\"\n",
  };
  for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
    const char *wanted = k == 12 ? "[a][b][]/[1][2][]/" : "[a][b]/[1][2]/";
    is_table(forms[k], strlen(forms[k]), NULL, wanted);
  }
}

static void quotation_marks_protect(void **state)
{
  (void)state;
  static const char text[] = "a,\"b,\"\"c\"\"\"\n\"1;,\t \", \"\"\n";
  is_table(text, strlen(text), NULL, "[a][b,\"c\"]/[1;,\t ][]/");
  is_table("\"a b\" c\n", 8, NULL, "[a b][c]/");
  is_table("\"a;b\",c\n", 8, NULL, "[a;b][c]/");
  is_table("a\"b,c\n", 6, NULL, "[a\"b][c]/");
}

static void lines_may_end_as_they_did_on_a_macintosh(void **state)
{
  (void)state;
  is_table("a,b\r1,2\r\r3,4", 12, NULL, "[a][b]/[1][2]/[3][4]/");
}

static void the_separator_may_be_given(void **state)
{
  (void)state;
  is_table("a;b,c\n", 6, &(testudo_i_table_options){.separator = ','}, "[a;b][c]/");
  is_table("a b;c\n", 6, &(testudo_i_table_options){.separator = ' '}, "[a][b;c]/");
  is_table("sep=;\na,b;c\n", 12, &(testudo_i_table_options){.separator = ','}, "[a][b;c]/");
  is_table("1,5 2,5\n", 8, &(testudo_i_table_options){.decimal_comma = true}, "[1,5][2,5]/");
  is_table("1,5\n", 4, &(testudo_i_table_options){.decimal_comma = true}, "[1,5]/");
  is_table("worker,time\n", 12, &(testudo_i_table_options){.decimal_comma = true}, "[worker][time]/");
  is_table("\"1,5\",\"2,5\"\n", 12, &(testudo_i_table_options){.decimal_comma = true}, "[1,5][2,5]/");
}

static void refusals_name_their_line(void **state)
{
  (void)state;
  static const struct {
    const char *bytes;
    size_t length;
    const char *what;
  } refused[] = {
#define REFUSED(bytes, what) {bytes, sizeof bytes - 1, what}
      REFUSED("a,b\n1\n", "t: line 2: 1 cell, but line 1 has 2"),
      REFUSED("\n# x\na,b\n\n1,2,3\n", "t: line 5: 3 cells, but line 3 has 2"),
      REFUSED("a b\n1 2 3\n", "t: line 2: 3 cells, but line 1 has 2"),
      REFUSED("a,\"b\n1,2\"\n", "t: line 1: a quotation mark that is not closed on its line"),
      REFUSED("a,b\n\"1\"x,2\n", "t: line 2: cell 1 goes on behind its quotation mark"),
      REFUSED("a b\n\"1\"x 2\n", "t: line 2: cell 1 goes on behind its quotation mark"),
      REFUSED("PK\x03\x04....", "t: is a zip archive (.npz, .xlsx): unpack it, or save its table as CSV or .npy"),
      REFUSED("\xff\xfe" "a\0,\0", "t: is UTF-16 text: save it as UTF-8"),
      REFUSED("PAR1....", "t: is a Parquet file: save its table as CSV or .npy"),
      REFUSED("\x93NUMPY\x01", "t: is a NumPy array, which is not read here"),
      REFUSED("\x1f\x8b\x08", "t: the compressed data end too early: the file is cut off"),
      REFUSED("\x1f\x8b\x09\x00\x00\x00\x00\x00\x00\x00\x00",
          "t: the compressed data are damaged: unknown compression method"),
  };
  for (size_t k = 0; k < sizeof refused / sizeof *refused; k++)
    is_table(refused[k].bytes, refused[k].length, NULL, refused[k].what);
}

/* The numbers of one row, cell by cell; NAN: not a number. */
static void is_numbers(const char *text, const testudo_i_table_options *options, const double *wanted, size_t count)
{
  testudo_i_source source;
  testudo_i_table table;
  assert_ok(testudo_i_source_start(&source, text, strlen(text), "t", LIMIT, NULL));
  assert_ok(testudo_i_table_start(&table, &source, options, NULL));
  assert_ok(testudo_i_table_first(&table, NULL));
  assert_int_equal(table.cells, count);
  for (size_t k = 0; k < count; k++) {
    double value = NAN;
    bool number = testudo_i_table_real(&table, k, &value);
    assert_int_equal(number, !isnan(wanted[k]));
    assert_true(!number || value == wanted[k]);
  }
  testudo_i_table_close(&table);
  testudo_i_source_close(&source);
}

static void decimal_commas_are_seen_and_never_mixed_with_points(void **state)
{
  (void)state;
  is_numbers("1;1,5;2\n", NULL, (double[]){1, 1.5, 2}, 3);
  is_numbers("1,5;1.5;2\n", NULL, (double[]){1.5, NAN, 2}, 3);
  is_numbers("1.5\t1,5\n", NULL, (double[]){1.5, NAN}, 2);
  is_numbers("1.234,5;1\n", NULL, (double[]){NAN, 1}, 2);
  is_numbers("1,234.5;1\n", NULL, (double[]){NAN, 1}, 2);
  is_numbers("1.5,\"1,5\"\n", NULL, (double[]){1.5, NAN}, 2);
  is_numbers("1.5;2\n", &(testudo_i_table_options){.decimal_comma = true}, (double[]){NAN, 2}, 2);
}

static void whole_numbers_may_be_written_as_reals(void **state)
{
  (void)state;
  static const char text[] = "3;3.0;3e2;-1;1.5;x;;99999999999999999999;1e30\n";
  const int64_t wanted[] = {3, 3, 300, -1, -1, -1, -1, INT64_MAX, INT64_MAX};
  testudo_i_source source;
  testudo_i_table table;
  assert_ok(testudo_i_source_start(&source, text, strlen(text), "t", LIMIT, NULL));
  assert_ok(testudo_i_table_start(&table, &source, NULL, NULL));
  assert_ok(testudo_i_table_first(&table, NULL));
  for (size_t k = 0; k < table.cells; k++)
    assert_int_equal(testudo_i_table_whole(&table, k), wanted[k]);
  testudo_i_table_close(&table);
  testudo_i_source_close(&source);
}

/* ---- gzip ---- */

static size_t gzip(const char *bytes, size_t length, unsigned char *to, size_t room)
{
  z_stream z = {0};
  assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  z.next_in = (Bytef *)(uintptr_t)bytes;
  z.avail_in = (uInt)length;
  z.next_out = to;
  z.avail_out = (uInt)room;
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  deflateEnd(&z);
  return room - z.avail_out;
}

static void gzip_is_undone_member_by_member(void **state)
{
  (void)state;
  unsigned char packed[4096];
  size_t length = gzip("a,b\n1,", 6, packed, sizeof packed);
  length += gzip("2\n", 2, packed + length, sizeof packed - length);
  is_table((char *)packed, length, NULL, "[a][b]/[1][2]/");
  is_table((char *)packed, length - 3, NULL, "t: the compressed data end too early: the file is cut off");
  packed[length - 6] ^= 1;
  is_table((char *)packed, length, NULL, "t: the compressed data are damaged: incorrect data check");
}

static void a_gzip_bomb_is_refused(void **state)
{
  (void)state;
  const size_t size = LIMIT + 100;
  char *lines = malloc(size), text[4096];
  unsigned char *packed = malloc(size);
  memset(lines, '\n', size);
  size_t length = gzip(lines, size, packed, size);
  print_table((char *)packed, length, NULL, text);
  assert_string_equal(text, "t: the file is too large when it is unpacked");
  free(packed);
  free(lines);
}

static void long_lines_and_many_rows_cross_the_window(void **state)
{
  (void)state;
  enum { ROWS = 3000, COLUMNS = 400 };
  char *bytes = malloc(8 * ROWS * COLUMNS);
  size_t length = 0;
  for (int r = 0; r < ROWS; r++)
    for (int c = 0; c < COLUMNS; c++)
      length += (size_t)sprintf(bytes + length, "%d%c", (r * 31 + c) % 9973, c + 1 < COLUMNS ? ',' : '\n');
  testudo_i_source source;
  testudo_i_table table;
  bool more;
  assert_ok(testudo_i_source_start(&source, bytes, length, "t", LIMIT, NULL));
  assert_ok(testudo_i_table_start(&table, &source, NULL, NULL));
  for (int r = 0; r < ROWS; r++) {
    assert_ok(testudo_i_table_row(&table, &more, NULL));
    assert_true(more && table.cells == COLUMNS && table.line == r + 1);
    for (int c = 0; c < COLUMNS; c++)
      assert_int_equal(testudo_i_table_whole(&table, (size_t)c), (r * 31 + c) % 9973);
  }
  assert_ok(testudo_i_table_row(&table, &more, NULL));
  assert_false(more);
  testudo_i_table_close(&table);
  testudo_i_source_close(&source);
  free(bytes);
}

/* ---- NumPy ---- */

/* A file of format `version` with that dictionary and these bytes. */
static size_t npy(char *file, int version, const char *dictionary, const void *data, size_t length)
{
  size_t header = strlen(dictionary) + 1, begin = version == 1 ? 10 : 12;
  memcpy(file, "\x93NUMPY", 6);
  file[6] = (char)version;
  file[7] = 0;
  memset(file + 8, 0, 4);
  file[8] = (char)(header & 255);
  file[9] = (char)(header >> 8);
  sprintf(file + begin, "%s\n", dictionary);
  memcpy(file + begin + header, data, length);
  return begin + header + length;
}

static void numpy_arrays_of_every_type_are_read(void **state)
{
  (void)state;
  static const struct {
    const char *type, *data;
    size_t bytes;
    double second;
  } types[] = {
      {"|b1", "\0\1", 1, 1}, {"|i1", "\0\xff", 1, -1}, {"|u1", "\0\xff", 1, 255}, {"<i2", "\0\0\xfe\xff", 2, -2},
      {">i2", "\0\0\xff\xfe", 2, -2}, {"<u2", "\0\0\1\2", 2, 513}, {">u2", "\0\0\1\2", 2, 258},
      {"<i4", "\0\0\0\0\1\0\0\x80", 4, -2147483647.0}, {">u4", "\0\0\0\0\x80\0\0\1", 4, 2147483649.0},
      {"<f4", "\0\0\0\0\0\0\xc0\x3f", 4, 1.5}, {">f4", "\0\0\0\0\x3f\xc0\0\0", 4, 1.5},
      {"<i8", "\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 8, -1}, {">u8", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\7",
       8, 7},
      {"<f8", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x04\xc0", 8, -2.5}, {">f8", "\0\0\0\0\0\0\0\0\xc0\x04\0\0\0\0\0\0", 8,
       -2.5},
  };
  for (size_t k = 0; k < sizeof types / sizeof *types; k++)
    for (int version = 1; version <= 3; version++) {
      char file[256], dictionary[128];
      testudo_i_source source;
      testudo_i_npy array;
      sprintf(dictionary, "{'descr': '%s', 'fortran_order': False, 'shape': (2,), }", types[k].type);
      size_t length = npy(file, version, dictionary, types[k].data, 2 * types[k].bytes);
      assert_ok(testudo_i_source_start(&source, file, length, "t", LIMIT, NULL));
      assert_true(testudo_i_npy_is(&source));
      assert_ok(testudo_i_npy_read(&array, &source, NULL));
      assert_true(array.dimensions == 1 && array.count == 2 && array.shape[0] == 2);
      assert_true(testudo_i_npy_at(&array, 0, 0, 0) == 0.0 && testudo_i_npy_at(&array, 1, 0, 0) == types[k].second);
      testudo_i_source_close(&source);
    }
}

static void either_order_of_a_numpy_array_is_read(void **state)
{
  (void)state;
  for (int columns_first = 0; columns_first < 2; columns_first++) {
    char file[256], data[24], dictionary[128];
    testudo_i_source source;
    testudo_i_npy array;
    for (int i = 0; i < 2; i++)
      for (int j = 0; j < 3; j++)
        for (int k = 0; k < 4; k++)
          data[columns_first ? i + 2 * j + 6 * k : 12 * i + 4 * j + k] = (char)(100 * i + 10 * j + k);
    sprintf(dictionary, "{'shape': (2, 3, 4), 'fortran_order': %s, 'descr': '|u1'}", columns_first ? "True" : "False");
    size_t length = npy(file, 1, dictionary, data, sizeof data);
    assert_ok(testudo_i_source_start(&source, file, length, "t", LIMIT, NULL));
    assert_ok(testudo_i_npy_read(&array, &source, NULL));
    for (int i = 0; i < 2; i++)
      for (int j = 0; j < 3; j++)
        for (int k = 0; k < 4; k++)
          assert_true(testudo_i_npy_at(&array, i, j, k) == 100 * i + 10 * j + k);
    testudo_i_source_close(&source);
  }
}

static void broken_numpy_arrays_are_refused(void **state)
{
  (void)state;
  static const struct {
    const char *dictionary;
    size_t bytes;
    const char *what;
  } refused[] = {
      {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8,
       "t: a NumPy array of type '<c8', but numbers are"},
      {"{'descr': '<f2', 'fortran_order': False, 'shape': (1,), }", 8, "t: a NumPy array of type '<f2'"},
      {"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8, "t: a NumPy array of type '|O'"},
      {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", 8, "t: a NumPy array of records"},
      {"{'fortran_order': False, 'shape': (1,), }", 8, "t: a NumPy array whose header names no type"},
      {"{'descr': '<f8', 'shape': (1,), }", 8, "t: a NumPy array whose header does not say fortran_order"},
      {"{'descr': '<f8', 'fortran_order': False, }", 8, "t: a NumPy array whose header names no shape"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (1", 8, "t: a NumPy array whose header names no shape"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", 8, "t: a NumPy array whose header names no shape"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (), }", 8, "t: a NumPy array without a dimension"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,1,1,1), }", 8,
       "t: a NumPy array of more than 3 dimensions"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999,), }", 8,
       "t: a NumPy array of too many elements"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (0,9999999,9999999), }", 8, "t: a NumPy array of too many"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", 8,
       "t: a NumPy array that is cut off: it has fewer"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", 9,
       "t: a NumPy array with more bytes than its shape"},
  };
  for (size_t k = 0; k < sizeof refused / sizeof *refused; k++) {
    char file[256];
    testudo_i_source source;
    testudo_i_npy array;
    testudo_error error = {""};
    size_t length = npy(file, 1, refused[k].dictionary, "123456789", refused[k].bytes);
    assert_ok(testudo_i_source_start(&source, file, length, "t", LIMIT, NULL));
    assert_status(testudo_i_npy_read(&array, &source, &error), TESTUDO_ERROR_INPUT);
    if (strncmp(error.text, refused[k].what, strlen(refused[k].what)) != 0)
      fail_msg("'%s' does not begin with '%s'", error.text, refused[k].what);
    testudo_i_source_close(&source);
  }
}

/* ---- numbers ---- */

static uint64_t next(uint64_t *x)
{
  *x ^= *x << 13;
  *x ^= *x >> 7;
  return *x ^= *x << 17;
}

/* strtod rounds correctly. */
static void numbers_are_rounded_correctly(void **state)
{
  (void)state;
  uint64_t seed = 42;
  for (int k = 0; k < 400000; k++) {
    char text[64];
    uint64_t bits = next(&seed);
    double wanted, value;
    memcpy(&wanted, &bits, sizeof wanted);
    if (k % 3 == 0)
      sprintf(text, "%" PRIu64 "e%d", bits % UINT64_C(10000000000000000000), (int)(next(&seed) % 60) - 30);
    else if (k % 3 == 1)
      sprintf(text, "%" PRIu64 ".%017" PRIu64, bits % 100, next(&seed) % UINT64_C(100000000000000000));
    else
      sprintf(text, "%.*g", (int)(bits % 20) + 1, isfinite(wanted) ? wanted : 1.0);
    wanted = strtod(text, NULL);
    assert_int_equal(testudo_i_parse_real(text, strlen(text), &value), isfinite(wanted));
    if (isfinite(wanted) && value != wanted)
      fail_msg("%s: %.17g, wanted %.17g", text, value, wanted);
  }
}

/* Half way between two doubles, and a little to either side. */
static void ties_go_to_even(void **state)
{
  (void)state;
  static const char *const texts[] = {"9007199254740993", "9007199254740993.1", "9007199254740992.9",
      "9007199254740995",
                                      "1.00000000000000011102230246251565404", "4503599627370497.5",
                                          "450359962737049.75",
                                      "9223372036854775807", "9223372036854774784", "9223372036854774271"};
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    double value;
    assert_true(testudo_i_parse_real(texts[k], strlen(texts[k]), &value));
    assert_true(value == strtod(texts[k], NULL));
  }
}

static double difference(const char *b, const char *a)
{
  testudo_i_decimal first, second;
  assert_true(testudo_i_parse_decimal(a, strlen(a), '.', &first));
  assert_true(testudo_i_parse_decimal(b, strlen(b), '.', &second));
  return testudo_i_decimal_difference(&second, &first);
}

static void differences_of_long_times_keep_their_digits(void **state)
{
  (void)state;
  assert_true(difference("1700000000123456789", "1700000000000000000") == 123456789.0);
  assert_true(difference("1700000000.123456789", "1700000000") == 0.123456789);
  assert_true(difference("1.7e9", "1699999999.5") == 0.5);
  assert_true(difference("1", "2.5") == -1.5);
  assert_true(difference("-1", "-2.5") == 1.5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_form_gives_the_same_cells),
      cmocka_unit_test(quotation_marks_protect),
      cmocka_unit_test(lines_may_end_as_they_did_on_a_macintosh),
      cmocka_unit_test(the_separator_may_be_given),
      cmocka_unit_test(refusals_name_their_line),
      cmocka_unit_test(decimal_commas_are_seen_and_never_mixed_with_points),
      cmocka_unit_test(whole_numbers_may_be_written_as_reals),
      cmocka_unit_test(gzip_is_undone_member_by_member),
      cmocka_unit_test(a_gzip_bomb_is_refused),
      cmocka_unit_test(long_lines_and_many_rows_cross_the_window),
      cmocka_unit_test(numpy_arrays_of_every_type_are_read),
      cmocka_unit_test(either_order_of_a_numpy_array_is_read),
      cmocka_unit_test(broken_numpy_arrays_are_refused),
      cmocka_unit_test(numbers_are_rounded_correctly),
      cmocka_unit_test(ties_go_to_even),
      cmocka_unit_test(differences_of_long_times_keep_their_digits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
