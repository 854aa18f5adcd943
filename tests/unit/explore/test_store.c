/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store of an exploration: rows are kept, found, walked in order, merged; what is no store is refused untouched. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "explore/store.h"
#include "parallel/loop.h"

static const char path[] = "test_store.sqlite";

static void remove_store(const char *name)
{
  char beside[64];
  (void)unlink(name);
  static const char *const ending[] = {"-wal", "-shm", "-explore", "-journal"};
  for (size_t k = 0; k < sizeof ending / sizeof *ending; k++) {
    snprintf(beside, sizeof beside, "%s%s", name, ending[k]);
    (void)unlink(beside);
  }
}

static testudo_i_store *open_store(const char *name, testudo_i_store_mode mode)
{
  testudo_i_store *store;
  testudo_error error = {.text = ""};
  testudo_status status = testudo_i_store_open(name, mode, &store, &error);
  if (status != TESTUDO_OK)
    fail_msg("%s", error.text);
  return store;
}

static testudo_i_store *new_store(const char *name)
{
  remove_store(name);
  return open_store(name, TESTUDO_I_STORE_WRITE);
}

static testudo_i_store_row row_of(const char *key, int64_t trials, const char *result)
{
  return (testudo_i_store_row){.key = key, .computation = "simulate", .design = "testudo design --workers 4",
                               .command = "testudo simulate design.json", .parameters = "{\"workers\":\"4\"}",
                               .version = "0.1.0", .seed = 7, .trials = trials, .result = result,
                               .limit = result == NULL ? 2.5 : 0.0, .seconds = 0.25};
}

static void add(testudo_i_store *store, const char *key, int64_t trials, const char *result)
{
  testudo_i_store_row row = row_of(key, trials, result);
  assert_ok(testudo_i_store_add(store, &row, NULL));
}

/* What a walk says, as text. */
typedef struct seen {
  char text[4096];
  size_t length;
} seen;

static testudo_status note(void *context, const testudo_i_store_row *row, testudo_error *error)
{
  seen *s = context;
  (void)error;
  assert_string_equal(row->design, "testudo design --workers 4");
  assert_string_equal(row->parameters, "{\"workers\":\"4\"}");
  assert_int_equal(row->seed, 7);
  s->length += (size_t)snprintf(s->text + s->length, sizeof s->text - s->length, "%s:%" PRId64 ":%s:%g;", row->key,
                                row->trials, row->result == NULL ? "-" : row->result, row->limit);
  return TESTUDO_OK;
}

static void check_walk(testudo_i_store *store, bool best, const char *wanted)
{
  seen s = {.length = 0};
  assert_ok(testudo_i_store_walk(store, best, note, &s, NULL));
  assert_string_equal(s.text, wanted);
}

static bool has(testudo_i_store *store, const char *key, int64_t trials, double limit)
{
  bool there;
  assert_ok(testudo_i_store_has(store, key, trials, limit, &there, NULL));
  return there;
}

static void rows_are_kept_and_the_best_of_each_counts(void **state)
{
  testudo_i_store_counts counts;
  (void)state;
  testudo_i_store *store = new_store(path);
  add(store, "b", 100, "{}");
  add(store, "a", 100, "[1]");
  add(store, "a", 500, "[2]");
  add(store, "c", 100, NULL);
  add(store, "a", 100, "[9]"); /* there already */
  check_walk(store, false, "a:100:[1]:0;a:500:[2]:0;b:100:{}:0;c:100:-:2.5;");
  check_walk(store, true, "a:500:[2]:0;b:100:{}:0;c:100:-:2.5;");
  assert_ok(testudo_i_store_count(store, &counts, NULL));
  assert_int_equal(counts.points, 3);
  assert_int_equal(counts.finished, 2);
  assert_int_equal(counts.unfinished, 1);
  assert_int_equal(counts.rows, 4);
  assert_true(counts.seconds == 1.0);
  add(store, "c", 100, "[3]"); /* finished in the end */
  check_walk(store, true, "a:500:[2]:0;b:100:{}:0;c:100:[3]:0;");
  testudo_i_store_close(store);
  store = open_store(path, TESTUDO_I_STORE_READ);
  check_walk(store, true, "a:500:[2]:0;b:100:{}:0;c:100:[3]:0;");
  testudo_i_store_close(store);
  remove_store(path);
}

static void a_point_is_there_when_a_row_says_as_much(void **state)
{
  (void)state;
  testudo_i_store *store = new_store(path);
  add(store, "a", 500, "[2]");
  add(store, "c", 100, NULL);
  assert_true(has(store, "a", 500, 0.0));
  assert_true(has(store, "a", 400, 0.0));
  assert_false(has(store, "a", 501, 0.0));
  assert_false(has(store, "b", 0, 0.0));
  assert_true(has(store, "c", 100, 2.5));
  assert_true(has(store, "c", 100, 2.0));
  assert_false(has(store, "c", 100, 3.0)); /* it is allowed more time now */
  assert_false(has(store, "c", 100, 0.0)); /* or any */
  testudo_i_store_close(store);
  remove_store(path);
}

static void stores_merge_whole_or_not_at_all(void **state)
{
  int64_t added;
  testudo_error error = {.text = ""};
  (void)state;
  testudo_i_store *store = new_store(path), *other = new_store("test_other.sqlite");
  add(store, "a", 100, "{\"latency\":1,\"command\":\"x\"}");
  add(other, "a", 100, "{\"latency\":1,\"command\":\"y\"}"); /* numbers count, not words */
  add(other, "b", 100, "{\"latency\":2}");
  testudo_i_store_close(other);
  assert_ok(testudo_i_store_merge(store, "test_other.sqlite", &added, NULL));
  assert_int_equal(added, 1);
  assert_ok(testudo_i_store_merge(store, "test_other.sqlite", &added, NULL));
  assert_int_equal(added, 0);
  other = open_store("test_other.sqlite", TESTUDO_I_STORE_WRITE);
  add(other, "c", 100, "[3]");
  testudo_i_store_close(other);
  testudo_i_store *third = new_store("test_third.sqlite");
  add(third, "b", 100, "{\"latency\":7}"); /* another result of the same version */
  add(third, "d", 100, "[4]");
  testudo_i_store_close(third);
  assert_int_equal(testudo_i_store_merge(store, "test_third.sqlite", &added, &error), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "test_third.sqlite: 1 points have another result than in test_store.sqlite, of the"
                      " same version of testudo; nothing was merged");
  check_walk(store, false, "a:100:{\"latency\":1,\"command\":\"x\"}:0;b:100:{\"latency\":2}:0;");
  assert_int_equal(testudo_i_store_merge(store, "absent.sqlite", &added, &error), TESTUDO_ERROR_INPUT);
  assert_ok(testudo_i_store_merge(store, "test_other.sqlite", &added, NULL)); /* it can still merge */
  assert_int_equal(added, 1);
  testudo_i_store_close(store);
  remove_store(path);
  remove_store("test_other.sqlite");
  remove_store("test_third.sqlite");
}

static void what_is_no_store_is_refused(void **state)
{
  testudo_i_store *store;
  testudo_error error = {.text = ""};
  (void)state;
  remove_store(path);
  assert_int_equal(testudo_i_store_open(path, TESTUDO_I_STORE_READ, &store, &error), TESTUDO_ERROR_INPUT);
  assert_null(store);
  assert_string_equal(error.text, "test_store.sqlite: No such file or directory");
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fclose(file), 0); /* an empty file is an empty database */
  assert_int_equal(testudo_i_store_open(path, TESTUDO_I_STORE_READ, &store, &error), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "test_store.sqlite: an empty database, no store");
  store = open_store(path, TESTUDO_I_STORE_WRITE);
  assert_ok(testudo_i_store_verify(store, NULL));
  testudo_i_store_close(store);
  /* Bytes turned in the middle of the tables are noticed, and nothing crashes. */
  store = new_store(path);
  for (int k = 0; k < 500; k++) {
    char key[40];
    snprintf(key, sizeof key, "key%d", k);
    add(store, key, 100, "[1,2,3]");
  }
  testudo_i_store_close(store);
  file = fopen(path, "r+");
  assert_non_null(file);
  for (long at = 4096; at < 12288; at += 7) {
    (void)fseek(file, at, SEEK_SET);
    fputc(0x5a, file);
  }
  assert_int_equal(fclose(file), 0);
  testudo_status status = testudo_i_store_open(path, TESTUDO_I_STORE_READ, &store, &error);
  if (status == TESTUDO_OK)
    status = testudo_i_store_verify(store, &error);
  assert_int_equal(status, TESTUDO_ERROR_INPUT);
  testudo_i_store_close(store);
  remove_store(path);
}

static void one_process_has_the_claim_until_it_ends(void **state)
{
  testudo_error error = {.text = ""};
  int ready[2];
  char byte;
  (void)state;
  testudo_i_store *store = new_store(path);
  assert_int_equal(pipe(ready), 0);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) { /* it takes the claim and dies without giving it back */
    testudo_i_store *own;
    bool held = testudo_i_store_open(path, TESTUDO_I_STORE_WRITE, &own, NULL) == TESTUDO_OK &&
                testudo_i_store_claim(own, NULL) == TESTUDO_OK;
    byte = held ? 'y' : 'n';
    _exit(write(ready[1], &byte, 1) == 1 && pause() == 0);
  }
  assert_int_equal(read(ready[0], &byte, 1), 1);
  assert_int_equal(byte, 'y');
  assert_int_equal(testudo_i_store_claim(store, &error), TESTUDO_ERROR_SYSTEM);
  assert_non_null(strstr(error.text, "another process explores into this store"));
  testudo_i_store_close(store);
  assert_int_equal(kill(child, SIGKILL), 0);
  assert_int_equal(waitpid(child, NULL, 0), child);
  store = open_store(path, TESTUDO_I_STORE_WRITE);
  assert_ok(testudo_i_store_claim(store, NULL));
  testudo_i_store_close(store);
  (void)close(ready[0]);
  (void)close(ready[1]);
  remove_store(path);
}

static testudo_status add_one(void *context, int32_t thread, int64_t index)
{
  char key[40], result[40];
  (void)thread;
  snprintf(key, sizeof key, "%04" PRId64, index % 150); /* some twice, at the same time */
  snprintf(result, sizeof result, "[%" PRId64 "]", index % 150);
  testudo_i_store_row row = row_of(key, 100, result);
  return testudo_i_store_add(context, &row, NULL);
}

static void threads_share_a_store(void **state)
{
  testudo_i_store_counts counts;
  (void)state;
  testudo_i_store *store = new_store(path);
  assert_ok(testudo_i_parallel_for(200, 4, add_one, store, NULL));
  assert_ok(testudo_i_store_count(store, &counts, NULL));
  assert_int_equal(counts.rows, 150);
  assert_ok(testudo_i_store_verify(store, NULL));
  testudo_i_store_close(store);
  remove_store(path);
}

static testudo_status refuse(void *context, const testudo_i_store_row *row, testudo_error *error)
{
  (void)row;
  (void)error;
  ++*(int *)context;
  return TESTUDO_ERROR_LIMIT;
}

static void a_walk_ends_when_a_row_says_so(void **state)
{
  int calls = 0;
  (void)state;
  testudo_i_store *store = new_store(path);
  add(store, "a", 100, "[1]");
  add(store, "b", 100, "[1]");
  assert_int_equal(testudo_i_store_walk(store, true, refuse, &calls, NULL), TESTUDO_ERROR_LIMIT);
  assert_int_equal(calls, 1);
  testudo_i_store_close(store);
  remove_store(path);
}

static void keys_differ_wherever_bytes_do(void **state)
{
  char first[TESTUDO_I_STORE_KEY + 1], second[TESTUDO_I_STORE_KEY + 1], bytes[64];
  (void)state;
  memset(bytes, 'x', sizeof bytes);
  testudo_i_store_key(bytes, sizeof bytes, first);
  assert_int_equal(strspn(first, "0123456789abcdef"), TESTUDO_I_STORE_KEY);
  for (size_t k = 0; k < sizeof bytes; k++) {
    bytes[k] ^= 1;
    testudo_i_store_key(bytes, sizeof bytes, second);
    bytes[k] ^= 1;
    assert_true(strncmp(first, second, 16) != 0 && strcmp(first + 16, second + 16) != 0);
  }
  testudo_i_store_key(bytes, sizeof bytes - 1, second);
  assert_true(strcmp(first, second) != 0);
  testudo_i_store_key(bytes, sizeof bytes, second);
  assert_string_equal(first, second);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_are_kept_and_the_best_of_each_counts),
      cmocka_unit_test(a_point_is_there_when_a_row_says_as_much),
      cmocka_unit_test(stores_merge_whole_or_not_at_all),
      cmocka_unit_test(what_is_no_store_is_refused),
      cmocka_unit_test(one_process_has_the_claim_until_it_ends),
      cmocka_unit_test(threads_share_a_store),
      cmocka_unit_test(a_walk_ends_when_a_row_says_so),
      cmocka_unit_test(keys_differ_wherever_bytes_do),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
