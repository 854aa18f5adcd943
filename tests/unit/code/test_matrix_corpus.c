/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replays the seed corpus of the matrix fuzzer, so that the target and its checks run without a fuzzer too. */
#include <dirent.h>

#include "check.h"

#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void replay(const char *folder, const char *name)
{
  char path[1024];
  char *bytes;
  size_t length;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  assert_ok(testudo_i_read_file(path, 1 << 20, &bytes, &length, NULL));
  assert_int_equal(LLVMFuzzerTestOneInput((const uint8_t *)bytes, length), 0);
  free(bytes);
}

static void the_corpus_upsets_nothing(void **state)
{
  (void)state;
  const char *source = getenv("srcdir");
  char folder[512];
  snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/matrix", source == NULL ? "." : source);
  DIR *listing = opendir(folder);
  assert_non_null(listing);
  int files = 0;
  for (struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing))
    if (entry->d_name[0] != '.') {
      replay(folder, entry->d_name);
      files++;
    }
  closedir(listing);
  assert_in_range(files, 8, 1000000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_corpus_upsets_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
