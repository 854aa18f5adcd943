/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* Every test works in a folder of its own, so that what is left behind can be counted. */
struct place {
  char folder[64];
  char path[128];
};

static int make_place(void **state)
{
  static struct place place;
  strcpy(place.folder, "/tmp/testudo-file-XXXXXX");
  if (mkdtemp(place.folder) == NULL)
    return -1;
  snprintf(place.path, sizeof place.path, "%s/result.json", place.folder);
  *state = &place;
  return 0;
}

static int entries(const char *folder)
{
  DIR *stream = opendir(folder);
  int count = -2; /* . and .. */
  while (readdir(stream) != NULL)
    count++;
  closedir(stream);
  return count;
}

static int drop_place(void **state)
{
  struct place *place = *state;
  unlink(place->path);
  rmdir(place->path);
  return rmdir(place->folder); /* fails, and the test with it, when anything else was left behind */
}

static void put(const char *path, const char *bytes, size_t length)
{
  FILE *stream = fopen(path, "wb");
  assert_non_null(stream);
  assert_int_equal(fwrite(bytes, 1, length, stream), length);
  assert_int_equal(fclose(stream), 0);
}

static void assert_holds(const char *path, const char *wanted)
{
  char *bytes = NULL;
  size_t length = 0;
  testudo_error error;
  assert_ok(testudo_i_read_file(path, 1 << 20, &bytes, &length, &error));
  assert_int_equal(length, strlen(wanted));
  assert_string_equal(bytes, wanted);
  free(bytes);
}

static void reads_every_byte_and_adds_a_zero(void **state)
{
  struct place *place = *state;
  char wanted[70001];
  for (size_t k = 0; k < sizeof wanted; k++)
    wanted[k] = (char)(k * 131 + k / 256);
  put(place->path, wanted, sizeof wanted);
  char *bytes = NULL;
  size_t length = 0;
  testudo_error error;
  assert_ok(testudo_i_read_file(place->path, sizeof wanted, &bytes, &length, &error));
  assert_int_equal(length, sizeof wanted);
  assert_memory_equal(bytes, wanted, sizeof wanted);
  assert_int_equal(bytes[length], 0);
  free(bytes);
}

static void reads_an_empty_file(void **state)
{
  struct place *place = *state;
  put(place->path, "", 0);
  assert_holds(place->path, "");
}

static void refuses_a_file_one_byte_over_the_limit(void **state)
{
  struct place *place = *state;
  put(place->path, "0123456789", 10);
  char *bytes = NULL;
  size_t length = 7;
  testudo_error error;
  assert_status(testudo_i_read_file(place->path, 9, &bytes, &length, &error), TESTUDO_ERROR_INPUT);
  assert_null(bytes);
  assert_non_null(strstr(error.text, place->path));
  assert_non_null(strstr(error.text, "larger than 9 bytes"));
  assert_ok(testudo_i_read_file(place->path, 10, &bytes, &length, &error));
  free(bytes);
}

/* A pipe has no size to ask for: it is read until it ends, or until the limit. */
static void reads_a_pipe_to_its_end_within_the_limit(void **state)
{
  (void)state;
  for (int pass = 0; pass < 2; pass++) {
    int end[2];
    char path[64], *bytes = NULL;
    size_t length = 0;
    testudo_error error;
    assert_int_equal(pipe(end), 0);
    assert_int_equal(write(end[1], "worker,seconds\n", 15), 15);
    close(end[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", end[0]);
    if (pass == 0) {
      assert_ok(testudo_i_read_file(path, 15, &bytes, &length, &error));
      assert_int_equal(length, 15);
      assert_string_equal(bytes, "worker,seconds\n");
    } else {
      assert_status(testudo_i_read_file(path, 14, &bytes, &length, &error), TESTUDO_ERROR_INPUT);
      assert_null(bytes);
    }
    free(bytes);
    close(end[0]);
  }
}

static void a_missing_file_and_a_folder_are_bad_input(void **state)
{
  struct place *place = *state;
  char *bytes = NULL;
  size_t length = 0;
  testudo_error error;
  assert_status(testudo_i_read_file(place->path, 100, &bytes, &length, &error), TESTUDO_ERROR_INPUT);
  assert_non_null(strstr(error.text, "cannot be read"));
  assert_status(testudo_i_read_file(place->folder, 100, &bytes, &length, &error), TESTUDO_ERROR_INPUT);
  assert_non_null(strstr(error.text, "is a folder"));
  assert_null(bytes);
}

static void a_committed_file_replaces_the_old_one_whole(void **state)
{
  struct place *place = *state;
  testudo_i_output output;
  testudo_error error;
  put(place->path, "old", 3);
  assert_ok(testudo_i_output_open(&output, place->path, &error));
  fputs("new and longer", output.stream);
  fflush(output.stream);
  assert_holds(place->path, "old"); /* until the commit */
  assert_int_equal(entries(place->folder), 2);
  assert_ok(testudo_i_output_commit(&output, &error));
  assert_holds(place->path, "new and longer");
  assert_int_equal(entries(place->folder), 1);
  testudo_i_output_abandon(&output); /* harmless */
  assert_holds(place->path, "new and longer");
}

static void an_abandoned_file_leaves_nothing_but_the_old_one(void **state)
{
  struct place *place = *state;
  testudo_i_output output;
  testudo_error error;
  put(place->path, "old", 3);
  assert_ok(testudo_i_output_open(&output, place->path, &error));
  fputs("half of a", output.stream);
  testudo_i_output_abandon(&output);
  assert_int_equal(entries(place->folder), 1);
  assert_holds(place->path, "old");
  testudo_i_output empty = {NULL, NULL, NULL};
  testudo_i_output_abandon(&empty);
}

static void a_new_file_has_the_rights_of_any_new_file(void **state)
{
  struct place *place = *state;
  testudo_i_output output;
  testudo_error error;
  mode_t old = umask(027);
  assert_ok(testudo_i_output_open(&output, place->path, &error));
  assert_ok(testudo_i_output_commit(&output, &error));
  assert_int_equal(umask(old), 027);
  struct stat about;
  assert_int_equal(stat(place->path, &about), 0);
  assert_int_equal(about.st_mode & 0777, 0640);
}

static void a_replaced_file_keeps_its_rights(void **state)
{
  struct place *place = *state;
  const mode_t rights[] = {0600, 0444, 0664};
  for (size_t k = 0; k < sizeof rights / sizeof *rights; k++) {
    testudo_i_output output;
    testudo_error error;
    struct stat about;
    unlink(place->path);
    put(place->path, "old", 3);
    assert_int_equal(chmod(place->path, rights[k]), 0);
    assert_ok(testudo_i_output_open(&output, place->path, &error));
    assert_ok(testudo_i_output_commit(&output, &error));
    assert_int_equal(stat(place->path, &about), 0);
    assert_int_equal(about.st_mode & 0777, rights[k]);
  }
}

/* 255 bytes are a name; 256 are none, which is found out before the work. */
static void names_are_as_long_as_the_file_system_allows(void **state)
{
  struct place *place = *state;
  for (size_t length = 240; length <= 256; length++) {
    char path[400];
    testudo_i_output output;
    testudo_error error;
    int start = snprintf(path, sizeof path, "%s/", place->folder);
    for (size_t k = 0; k < length; k++) /* e acute, cut nowhere in its middle */
      path[(size_t)start + k] = k + 1 == length && length % 2 == 1 ? 'x' : k % 2 == 0 ? '\xc3' : '\xa9';
    path[(size_t)start + length] = '\0';
    testudo_status status = testudo_i_output_open(&output, path, &error);
    assert_int_equal(status, length <= 255 ? TESTUDO_OK : TESTUDO_ERROR_SYSTEM);
    if (status != TESTUDO_OK)
      continue;
    fputs("new", output.stream);
    assert_ok(testudo_i_output_commit(&output, &error));
    assert_holds(path, "new");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(entries(place->folder), 0);
  }
}

/* Two writers at once do not take each other's files away; what a killed one left goes. Other outputs' files stay. */
static void what_dead_writers_left_is_removed(void **state)
{
  struct place *place = *state;
  char left[160], other[160];
  testudo_i_output first, second;
  testudo_error error;
  snprintf(left, sizeof left, "%s.aB3xYz.tmp", place->path);
  snprintf(other, sizeof other, "%s/other.json.aB3xYz.tmp", place->folder);
  put(left, "half", 4);
  put(other, "half", 4);
  assert_ok(testudo_i_output_open(&first, place->path, &error));
  assert_int_equal(access(left, F_OK), -1);
  assert_int_equal(access(other, F_OK), 0);
  fputs("first", first.stream);
  assert_ok(testudo_i_output_open(&second, place->path, &error));
  fputs("second", second.stream);
  assert_ok(testudo_i_output_commit(&first, &error));
  assert_holds(place->path, "first");
  assert_ok(testudo_i_output_commit(&second, &error));
  assert_holds(place->path, "second");
  assert_int_equal(unlink(other), 0);
  assert_int_equal(entries(place->folder), 1);
}

static void loops_of_links_and_devices_are_bad_input(void **state)
{
  struct place *place = *state;
  char *bytes = NULL;
  size_t length = 0;
  testudo_error error;
  assert_int_equal(symlink("result.json", place->path), 0);
  assert_status(testudo_i_read_file(place->path, 100, &bytes, &length, &error), TESTUDO_ERROR_INPUT);
  assert_status(testudo_i_read_file("/dev/zero", 100, &bytes, &length, &error), TESTUDO_ERROR_INPUT);
  assert_non_null(strstr(error.text, "is a device"));
  assert_null(bytes);
}

static void a_link_stays_and_its_target_is_written(void **state)
{
  struct place *place = *state;
  char link[300], target[320];
  testudo_error error;
  snprintf(link, sizeof link, "%s/link", place->folder);
  snprintf(target, sizeof target, "%s/target", place->folder);
  for (int pass = 0; pass < 2; pass++) { /* the target is missing, then there */
    testudo_i_output output;
    if (pass == 0)
      assert_int_equal(symlink("target", link), 0);
    assert_ok(testudo_i_output_open(&output, link, &error));
    fputs(pass == 0 ? "first" : "second", output.stream);
    assert_ok(testudo_i_output_commit(&output, &error));
    assert_holds(target, pass == 0 ? "first" : "second");
    assert_int_equal(entries(place->folder), 2);
    struct stat about;
    assert_int_equal(lstat(link, &about), 0);
    assert_true(S_ISLNK(about.st_mode));
  }
  assert_int_equal(unlink(link), 0);
  assert_int_equal(symlink("link", link), 0);
  testudo_i_output output;
  assert_status(testudo_i_output_open(&output, link, &error), TESTUDO_ERROR_SYSTEM);
  assert_non_null(strstr(error.text, "a circle of links"));
  unlink(link);
  unlink(target);
}

static void a_folder_is_not_overwritten(void **state)
{
  struct place *place = *state;
  testudo_i_output output;
  testudo_error error;
  assert_int_equal(mkdir(place->path, 0700), 0);
  assert_status(testudo_i_output_open(&output, place->path, &error), TESTUDO_ERROR_SYSTEM);
  assert_non_null(strstr(error.text, "is a folder"));
  assert_int_equal(entries(place->folder), 1);
}

static void a_folder_that_does_not_exist_is_a_system_error(void **state)
{
  (void)state;
  testudo_i_output output;
  testudo_error error;
  assert_status(testudo_i_output_open(&output, "/nonexistent-folder/x.json", &error), TESTUDO_ERROR_SYSTEM);
  assert_non_null(strstr(error.text, "/nonexistent-folder/x.json: cannot be written"));
}

/* /dev/full takes every byte and has room for none. */
static void a_full_disk_is_reported_at_commit(void **state)
{
  (void)state;
  if (access("/dev/full", W_OK) != 0)
    skip();
  testudo_i_output output;
  testudo_error error;
  assert_ok(testudo_i_output_open(&output, "/dev/full", &error));
  assert_null(output.temporary);
  fputs("1", output.stream);
  assert_status(testudo_i_output_commit(&output, &error), TESTUDO_ERROR_SYSTEM);
  assert_non_null(strstr(error.text, "/dev/full: writing failed: "));
}

/* The old file stays and nothing is left beside it when the new name cannot be taken at commit. */
static void a_commit_that_cannot_take_its_name_leaves_nothing(void **state)
{
  struct place *place = *state;
  testudo_i_output output;
  testudo_error error;
  assert_ok(testudo_i_output_open(&output, place->path, &error));
  assert_int_equal(mkdir(place->path, 0700), 0); /* a folder appears under the name meanwhile */
  assert_status(testudo_i_output_commit(&output, &error), TESTUDO_ERROR_SYSTEM);
  assert_non_null(strstr(error.text, "cannot be renamed into place"));
  assert_int_equal(entries(place->folder), 1);
}

int main(void)
{
#define IN_A_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, drop_place)
  const struct CMUnitTest tests[] = {
      IN_A_PLACE(reads_every_byte_and_adds_a_zero),
      IN_A_PLACE(reads_an_empty_file),
      IN_A_PLACE(refuses_a_file_one_byte_over_the_limit),
      cmocka_unit_test(reads_a_pipe_to_its_end_within_the_limit),
      IN_A_PLACE(a_missing_file_and_a_folder_are_bad_input),
      IN_A_PLACE(a_committed_file_replaces_the_old_one_whole),
      IN_A_PLACE(an_abandoned_file_leaves_nothing_but_the_old_one),
      IN_A_PLACE(a_new_file_has_the_rights_of_any_new_file),
      IN_A_PLACE(a_replaced_file_keeps_its_rights),
      IN_A_PLACE(names_are_as_long_as_the_file_system_allows),
      IN_A_PLACE(what_dead_writers_left_is_removed),
      IN_A_PLACE(loops_of_links_and_devices_are_bad_input),
      IN_A_PLACE(a_link_stays_and_its_target_is_written),
      IN_A_PLACE(a_folder_is_not_overwritten),
      cmocka_unit_test(a_folder_that_does_not_exist_is_a_system_error),
      cmocka_unit_test(a_full_disk_is_reported_at_commit),
      IN_A_PLACE(a_commit_that_cannot_take_its_name_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
