/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LIBSVM and CSV files: what is read, and the place of every refusal. */
#include "check.h"

#include <unistd.h>

#include <testudo/problem.h>

static testudo_data *sparse(const char *text, testudo_labels labels, int32_t features)
{
  testudo_data *data;
  assert_ok(testudo_data_parse_libsvm(text, strlen(text), "a.libsvm", labels, features, &data, NULL));
  return data;
}

static testudo_data *table(const char *text, testudo_labels labels, const char *column)
{
  testudo_data *data;
  assert_ok(testudo_data_parse_csv(text, strlen(text), "a.csv", labels, column, &data, NULL));
  return data;
}

static void compare(testudo_data *data, int32_t samples, int32_t features, const double *feature, const double *label)
{
  assert_int_equal(data->samples, samples);
  assert_int_equal(data->features, features);
  for (int k = 0; k < samples * features; k++)
    assert_close(data->feature[k], feature[k], 0);
  for (int k = 0; k < samples; k++)
    assert_close(data->label[k], label[k], 0);
  testudo_data_free(data);
}

static void reads_sparse_text(void **state)
{
  (void)state;
  const double feature[] = {0, 0.5, -3e2, 0, 0, 0, 7, 0, 1}, label[] = {1, 0, 1}, value[] = {1, -1, 1};
  const char *text = "# a comment\n+1 2:0.5 3:-3e2 # of mine\r\n\n-1\n \t1\t1:7  3:1";
  compare(sparse(text, TESTUDO_LABELS_CLASSES, 0), 3, 3, feature, label);
  compare(sparse(text, TESTUDO_LABELS_REAL, 0), 3, 3, feature, value);
  const double wide[] = {0, 4, 0, 0, 0};
  compare(sparse("2.25 2:4\n", TESTUDO_LABELS_REAL, 5), 1, 5, wide, (const double[]){2.25});
  compare(sparse("5\n", TESTUDO_LABELS_CLASSES, 1), 1, 1, (const double[]){0}, (const double[]){0});
}

static void reads_tables(void **state)
{
  (void)state;
  const double feature[] = {1, 2.5, -3, 4e-3}, label[] = {7, 8};
  compare(table("a,b,y\n1,2.5,7\n-3, 4e-3 ,8\n", TESTUDO_LABELS_REAL, NULL), 2, 2, feature, label);
  compare(table("1,2.5,7\r\n-3,4e-3,8", TESTUDO_LABELS_REAL, NULL), 2, 2, feature, label);
  compare(table("y,a,b\n7,1,2.5\n8,-3,4e-3\n\n", TESTUDO_LABELS_REAL, "y"), 2, 2, feature, label);
  compare(table("1,7,2.5\n-3,8,4e-3\n", TESTUDO_LABELS_REAL, "2"), 2, 2, feature, label);
  /* Names go before numbers. */
  compare(table("1,x,2\n1,2.5,7\n-3,4e-3,8\n", TESTUDO_LABELS_REAL, "2"), 2, 2, feature, label);
  compare(table("a,b,y\n1,2.5,7\n-3,4e-3,8\n", TESTUDO_LABELS_CLASSES, NULL), 2, 2, feature, (const double[]){0, 1});
}

static void refuse_sparse(const char *text, int32_t features, testudo_labels labels, const char *sentence)
{
  testudo_data *data;
  testudo_error error = {""};
  testudo_status status = testudo_data_parse_libsvm(text, strlen(text), "a", labels, features, &data, &error);
  assert_string_equal(error.text, sentence);
  assert_status(status, features < 0 ? TESTUDO_ERROR_ARGUMENT : TESTUDO_ERROR_INPUT);
  assert_null(data);
}

static void refuses_sparse_text(void **state)
{
  (void)state;
  const testudo_labels real = TESTUDO_LABELS_REAL;
  refuse_sparse("", 0, real, "a: 0 samples of 0 features, but at least one of each is needed");
  refuse_sparse("# only\n\n", 3, real, "a: 0 samples of 3 features, but at least one of each is needed");
  refuse_sparse("1\n2\n", 0, real, "a: 2 samples of 0 features, but at least one of each is needed");
  refuse_sparse("1 1:2\nx 1:2\n", 0, real,
                "a: line 2: column 1: 'x' is no label: a line begins with a finite number");
  refuse_sparse("inf 1:2\n", 0, real, "a: line 1: column 1: 'inf' is no label: a line begins with a finite number");
  refuse_sparse("1 1:2 7\n", 0, real, "a: line 1: column 7: '7' is not index:value");
  refuse_sparse("1  0:2\n", 0, real, "a: line 1: column 4: '0:2' has no index from 1 to 1000000");
  refuse_sparse("1 qid:3\n", 0, real, "a: line 1: column 3: 'qid:3' has no index from 1 to 1000000");
  refuse_sparse("1 1000001:3\n", 0, real, "a: line 1: column 3: '1000001:3' has no index from 1 to 1000000");
  refuse_sparse("1 99999999999999999999:3\n", 0, real,
                "a: line 1: column 3: '99999999999999999999:3' has no index from 1 to 1000000");
  refuse_sparse("1 2:1 2:3\n", 0, real,
                "a: line 1: column 7: '2:3' comes after an index that is not smaller: indices ascend");
  refuse_sparse("1 2:\n", 0, real, "a: line 1: column 3: '2:' has no finite number behind the colon");
  refuse_sparse("1 2:1e999\n", 0, real, "a: line 1: column 3: '2:1e999' has no finite number behind the colon");
  refuse_sparse("1 2:nan\n", 0, real, "a: line 1: column 3: '2:nan' has no finite number behind the colon");
  refuse_sparse("1 1:2\n", -1, real, "-1 features, but 0 to 1000000 are allowed");
  /* 135 samples of a million features are refused before a gigabyte is asked for. */
  char many[4 * 135 + 16] = "1 1000000:1\n";
  for (int k = 0; k < 134; k++)
    strcat(many, "2\n");
  refuse_sparse(many, 0, real, "a: 135 samples of 1000000 features are too many: the limit is 134217728 numbers");
  char *text = malloc(20 * 1001);
  assert_non_null(text);
  size_t length = 0;
  for (int k = 0; k < 1001; k++)
    length += (size_t)sprintf(text + length, "%d 1:1\n", k);
  refuse_sparse(text, 0, TESTUDO_LABELS_CLASSES,
                "a: 1001 different labels, but the limit is 1000 classes; values as labels are for least squares");
  free(text);
  const char zero[] = "1 1:2\0 2:3\n";
  testudo_data *data;
  assert_status(testudo_data_parse_libsvm(zero, sizeof zero - 1, "a", real, 0, &data, NULL), TESTUDO_ERROR_INPUT);
}

static void refuse_table(const char *text, const char *column, const char *sentence)
{
  testudo_data *data;
  testudo_error error = {""};
  testudo_status status =
      testudo_data_parse_csv(text, strlen(text), "a", TESTUDO_LABELS_REAL, column, &data, &error);
  assert_string_equal(error.text, sentence);
  assert_status(status, TESTUDO_ERROR_INPUT);
  assert_null(data);
}

static void refuses_tables(void **state)
{
  (void)state;
  refuse_table("", NULL, "a: is empty");
  refuse_table("a,y\n", NULL, "a: 0 samples of 1 features, but at least one of each is needed");
  refuse_table("y\n1\n", NULL, "a: 1 samples of 0 features, but at least one of each is needed");
  refuse_table("1,2\n3\n", NULL, "a: line 2: 1 cell, but line 1 has 2");
  refuse_table("a,y\n1,2\n,2\n", NULL, "a: line 3: column 1 is empty: missing values are not supported");
  refuse_table("1,2\n1,\n", NULL, "a: line 2: column 2 is empty: missing values are not supported");
  refuse_table("a,y\n1,NA\n", NULL, "a: line 2: column 2: 'NA' is not a finite number; texts are labels of classes"
                                    " only, for logistic and softmax");
  refuse_table("a,y\nNA,1\n", NULL, "a: line 2: column 1: 'NA' is not a finite number");
  refuse_table("a,y\n1,1e400\n", NULL, "a: line 2: column 2: '1e400' is not a finite number");
  refuse_table("a,y\n1,2\n", "z", "a: line 1: no column is named z");
  refuse_table("1,2\n", "z", "a: line 1: there is no header, so no column is named z");
  refuse_table("1,2\n", "3", "a: line 1: label column 3, but columns are 1..2");
  refuse_table("1,2\n", "0", "a: line 1: label column 0, but columns are 1..2");
  refuse_table("y,y\n1,2\n", "y", "a: line 1: two columns are named y");
  refuse_table("\"a,y\n1,2\n", NULL, "a: line 1: a quotation mark that is not closed on its line");
}

static void assert_classes(const char *text, const char *column, int32_t samples, int32_t classes, const double *label)
{
  testudo_data *data;
  testudo_error error = {""};
  if (testudo_data_parse_csv(text, strlen(text), "a", TESTUDO_LABELS_CLASSES, column, &data, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  assert_true(data->samples == samples && data->classes == classes);
  for (int32_t i = 0; i < samples; i++)
    assert_true(data->label[i] == label[i]);
  for (int32_t c = 0; c < classes && label[samples] >= 0.0; c++)
    assert_true(data->class_label[c] == label[samples] + c);
  testudo_data_free(data);
}

/* Texts are classes in the order of bytes; one of them makes all labels texts; a header is no label. */
static void texts_are_labels_of_classes(void **state)
{
  (void)state;
  const double three[] = {1, 0, 2, 0, 0}, mixed[] = {0, 1, 2, -1}, numbers[] = {0, 1, 5};
  assert_classes("x,kind\n1,dog\n2,cat\n3,emu\n4,cat\n", NULL, 4, 3, three);
  assert_classes("1,dog\n2,cat\n3,emu\n4,cat\n", NULL, 4, 3, three);
  assert_classes("dog,1\ncat,2\nemu,3\ncat,4\n", "1", 4, 3, three);
  assert_classes("kind,x\ndog,1\ncat,2\nemu,3\ncat,4\n", "kind", 4, 3, three);
  assert_classes("x,y\n1,1\n2,1.0\n3,one\n", NULL, 3, 3, mixed);
  assert_classes("0,y\n1,5\n2,6\n", NULL, 2, 2, numbers);
  testudo_data *data;
  testudo_error error = {""};
  const char *odd[] = {"1,cat\n2,nan\n", "1,cat\ndog,cat\n", "1,cat\n2,\n"},
             *sentence[] = {"a: line 2: column 2: 'nan' is not a finite number",
                            "a: line 2: column 1: 'dog' is not a finite number",
                            "a: line 2: column 2 is empty: missing values are not supported"};
  for (int k = 0; k < 3; k++) {
    assert_status(testudo_data_parse_csv(odd[k], strlen(odd[k]), "a", TESTUDO_LABELS_CLASSES, NULL, &data, &error),
                  TESTUDO_ERROR_INPUT);
    assert_string_equal(error.text, sentence[k]);
  }
}

/* Numbers of all digits come back as they were. */
static void reads_files(void **state)
{
  (void)state;
  char path[] = "test_readers.XXXXXX";
  int file = mkstemp(path);
  assert_true(file >= 0);
  FILE *stream = fdopen(file, "w");
  assert_non_null(stream);
  const double x = 0.1234567890123456789, y = -9.87654321098765e-5;
  fprintf(stream, "%.17g 1:%.17g\n", y, x);
  fclose(stream);
  testudo_data *data;
  assert_ok(testudo_data_read_libsvm(path, TESTUDO_LABELS_REAL, 0, &data, NULL));
  compare(data, 1, 1, &x, &y);
  stream = fopen(path, "w");
  assert_non_null(stream);
  fprintf(stream, "%.17g,%.17g\n", x, y);
  fclose(stream);
  assert_ok(testudo_data_read_csv(path, TESTUDO_LABELS_REAL, NULL, &data, NULL));
  compare(data, 1, 1, &x, &y);
  remove(path);
  assert_status(testudo_data_read_csv(path, TESTUDO_LABELS_REAL, NULL, &data, NULL), TESTUDO_ERROR_INPUT);
  assert_null(data);
  assert_status(testudo_data_read_libsvm(path, TESTUDO_LABELS_REAL, 0, &data, NULL), TESTUDO_ERROR_INPUT);
  assert_null(data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_sparse_text),   cmocka_unit_test(reads_tables), cmocka_unit_test(refuses_sparse_text),
      cmocka_unit_test(refuses_tables),      cmocka_unit_test(texts_are_labels_of_classes),
      cmocka_unit_test(reads_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
