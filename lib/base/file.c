/* SPDX-License-Identifier: BSD-3-Clause */
#define _DEFAULT_SOURCE 1 /* mkstemps, readlink */
#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"

static testudo_status fail_errno(testudo_error *error, const char *path, const char *what)
{
  return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: %s: %s", path, what, strerror(errno));
}

/* A missing file is the user's input, a full disk is the system's fault. */
static testudo_status fail_open(testudo_error *error, const char *path)
{
  bool users = errno == ENOENT || errno == EACCES || errno == EISDIR || errno == ENOTDIR;
  testudo_status status = users ? TESTUDO_ERROR_INPUT : TESTUDO_ERROR_SYSTEM;
  return testudo_i_fail(error, status, "%s: cannot be read: %s", path, strerror(errno));
}

/* Reads to the end, however long a pipe turns out to be. A file's size is a guess that saves growing: a design of 10^6
   workers is 60 MB. */
static testudo_status read_stream(FILE *stream, const char *path, size_t limit, size_t guess, char **bytes,
                                  size_t *length, testudo_error *error)
{
  size_t room = 0, got = 1;
  for (; got > 0; *length += got) {
    size_t wanted = *length < guess ? guess + 2 : *length + 65536;
    if (*length + 1 >= room)
      TESTUDO_I_TRY(testudo_i_memory_check(testudo_i_grow((void **)bytes, &room, wanted, 1) == 0, error));
    got = fread(*bytes + *length, 1, room - *length - 1, stream);
    if (*length + got > limit)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: the file is larger than %zu bytes", path, limit);
  }
  if (ferror(stream))
    return fail_errno(error, path, "reading failed");
  (*bytes)[*length] = '\0';
  return TESTUDO_OK;
}

testudo_status testudo_i_open_file(const char *path, FILE **stream, size_t *size, testudo_error *error)
{
  bool standard = strcmp(path, "-") == 0;
  *size = 0;
  *stream = standard ? stdin : fopen(path, "rb");
  if (*stream == NULL)
    return fail_open(error, path);
  struct stat about;
  bool known = fstat(fileno(*stream), &about) == 0;
  if (known && S_ISREG(about.st_mode) && about.st_size > 0)
    *size = (size_t)about.st_size;
  if (!known || !S_ISDIR(about.st_mode))
    return TESTUDO_OK;
  if (!standard)
    fclose(*stream);
  *stream = NULL;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: is a folder, but a file is needed", path);
}

testudo_status testudo_i_read_file(const char *path, size_t limit, char **bytes, size_t *length, testudo_error *error)
{
  FILE *stream;
  size_t size;
  *bytes = NULL;
  *length = 0;
  TESTUDO_I_TRY(testudo_i_open_file(path, &stream, &size, error));
  testudo_status status = read_stream(stream, path, limit, size <= limit ? size : 0, bytes, length, error);
  if (stream != stdin)
    fclose(stream);
  if (status != TESTUDO_OK) {
    free(*bytes);
    *bytes = NULL;
  }
  return status;
}

static testudo_status open_temporary(testudo_i_output *output, const char *path, testudo_error *error)
{
  size_t room = strlen(path) + sizeof ".XXXXXX.tmp";
  output->temporary = testudo_i_alloc(room, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(output->temporary != NULL, error));
  snprintf(output->temporary, room, "%s.XXXXXX.tmp", path);
  int descriptor = mkstemps(output->temporary, 4);
  if (descriptor < 0) {
    testudo_status status = fail_errno(error, path, "cannot be written");
    free(output->temporary);
    output->temporary = NULL;
    return status;
  }
  /* mkstemp gives 0600; a result file has the rights that any new file would have. */
  mode_t mask = umask(0);
  umask(mask);
  (void)fchmod(descriptor, 0666 & ~mask);
  output->stream = fdopen(descriptor, "wb");
  if (output->stream == NULL) {
    close(descriptor);
    return fail_errno(error, path, "cannot be written");
  }
  return TESTUDO_OK;
}

/* Replaces *path by what the link of that name points to. */
static testudo_status follow_link(char **path, testudo_error *error)
{
  char target[4096];
  ssize_t length = readlink(*path, target, sizeof target - 1);
  if (length < 0 || (size_t)length == sizeof target - 1)
    return fail_errno(error, *path, "the link cannot be followed");
  target[length] = '\0';
  const char *slash = strrchr(*path, '/');
  size_t folder = target[0] == '/' || slash == NULL ? 0 : (size_t)(slash - *path) + 1;
  char *made = testudo_i_alloc(folder + (size_t)length + 1, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  memcpy(made, *path, folder);
  memcpy(made + folder, target, (size_t)length + 1);
  free(*path);
  *path = made;
  return TESTUDO_OK;
}

/* A rename replaces a link, so the file that it names is written instead; that file may not be there yet. */
static testudo_status follow_links(char **path, testudo_error *error)
{
  struct stat about;
  bool absent = stat(*path, &about) != 0;
  if (!absent && !S_ISREG(about.st_mode))
    return TESTUDO_OK;
  testudo_status status = TESTUDO_OK;
  int links = 0;
  while (status == TESTUDO_OK && lstat(*path, &about) == 0 && S_ISLNK(about.st_mode)) {
    if (++links > TESTUDO_I_LIMIT_LINKS)
      return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: cannot be written: a circle of links", *path);
    status = follow_link(path, error);
  }
  return status;
}

testudo_status testudo_i_output_open(testudo_i_output *output, const char *path, testudo_error *error)
{
  *output = (testudo_i_output){NULL, NULL, NULL};
  output->path = testudo_i_copy_string(path);
  TESTUDO_I_TRY(testudo_i_memory_check(output->path != NULL, error));
  struct stat about;
  testudo_status status = follow_links(&output->path, error);
  path = output->path;
  if (status == TESTUDO_OK && stat(path, &about) == 0 && S_ISDIR(about.st_mode))
    status = testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: is a folder, but a file is to be written", path);
  else if (status == TESTUDO_OK && stat(path, &about) == 0 && !S_ISREG(about.st_mode)) {
    output->stream = fopen(path, "wb");
    if (output->stream == NULL)
      status = fail_errno(error, path, "cannot be written");
  } else if (status == TESTUDO_OK)
    status = open_temporary(output, path, error);
  if (status != TESTUDO_OK)
    testudo_i_output_abandon(output);
  return status;
}

testudo_status testudo_i_output_commit(testudo_i_output *output, testudo_error *error)
{
  testudo_status status = TESTUDO_OK;
  errno = 0;
  if (fflush(output->stream) != 0 || ferror(output->stream)) {
    /* A write that failed long ago has left its mark but not its reason: one more byte shows it. */
    clearerr(output->stream);
    if (errno == 0 && (fputc('\n', output->stream) == EOF || fflush(output->stream) != 0) && errno == 0)
      errno = EIO;
    status = fail_errno(error, output->path, "writing failed");
  }
  else if (output->temporary != NULL && fsync(fileno(output->stream)) != 0)
    status = fail_errno(error, output->path, "writing failed");
  if (fclose(output->stream) != 0 && status == TESTUDO_OK)
    status = fail_errno(error, output->path, "writing failed");
  output->stream = NULL;
  if (status == TESTUDO_OK && output->temporary != NULL) {
    if (rename(output->temporary, output->path) != 0)
      status = fail_errno(error, output->path, "cannot be renamed into place");
    else {
      free(output->temporary);
      output->temporary = NULL;
    }
  }
  testudo_i_output_abandon(output);
  return status;
}

void testudo_i_output_abandon(testudo_i_output *output)
{
  if (output->stream != NULL)
    fclose(output->stream);
  if (output->temporary != NULL)
    unlink(output->temporary);
  free(output->temporary);
  free(output->path);
  *output = (testudo_i_output){NULL, NULL, NULL};
}
