/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gives every file of a corpus to a fuzz target, without a fuzzer: replay_<target> reads corpus/<target> of the source
   tree, or the files and folders it is given. */
#include "fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_BYTES = 1 << 22 };

static int replayed;

static bool replay_file(const char *path)
{
  FILE *stream = fopen(path, "rb");
  uint8_t *room = malloc(MOST_BYTES);
  bool fine = stream != NULL && room != NULL;
  if (fine) {
    /* A copy of the exact size, so that a read beyond the end is seen by a sanitizer. */
    size_t size = fread(room, 1, MOST_BYTES, stream);
    uint8_t *bytes = realloc(room, size == 0 ? 1 : size);
    room = bytes == NULL ? room : bytes;
    (void)LLVMFuzzerTestOneInput(room, size);
    replayed++;
  } else
    fprintf(stderr, "%s: cannot be read\n", path);
  free(room);
  if (stream != NULL)
    fclose(stream);
  return fine;
}

static bool replay_folder(const char *path)
{
  DIR *folder = opendir(path);
  if (folder == NULL) {
    fprintf(stderr, "%s: cannot be opened\n", path);
    return false;
  }
  bool fine = true;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    char name[4096];
    if (entry->d_name[0] == '.')
      continue;
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    fine = replay_file(name) && fine;
  }
  closedir(folder);
  return fine;
}

static bool replay(const char *path)
{
  struct stat about;
  return stat(path, &about) == 0 && S_ISDIR(about.st_mode) ? replay_folder(path) : replay_file(path);
}

int main(int argc, char **argv)
{
  bool fine = true;
  for (int k = 1; k < argc; k++)
    fine = replay(argv[k]) && fine;
  if (argc < 2) {
    const char *target = strstr(argv[0], "replay_"), *source = getenv("srcdir");
    char corpus[4096];
    snprintf(corpus, sizeof corpus, "%s/tests/fuzz/corpus/%s", source == NULL ? "." : source,
             target == NULL ? "" : target + strlen("replay_"));
    fine = replay_folder(corpus);
  }
  printf("%d passed, %d failed\n", replayed, fine && replayed > 0 ? 0 : 1); /* as tests/count reads it */
  return fine && replayed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
