/* SPDX-License-Identifier: BSD-3-Clause */
#define _DEFAULT_SOURCE 1 /* mkstemps, readlink, flock, fchown */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
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
  bool users = errno == ENOENT || errno == EACCES || errno == EISDIR || errno == ENOTDIR || errno == ELOOP ||
               errno == ENAMETOOLONG || errno == ENXIO;
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
      TESTUDO_I_TRY(TESTUDO_I_GROW(*bytes, room, wanted, error));
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
  /* A device may never end; a terminal does, when its user says so. */
  bool device = known && !standard &&
                (S_ISBLK(about.st_mode) || (S_ISCHR(about.st_mode) && !isatty(fileno(*stream))));
  if (!known || (!S_ISDIR(about.st_mode) && !device))
    return TESTUDO_OK;
  if (!standard)
    fclose(*stream);
  *stream = NULL;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: is a %s, but a file is needed", path,
                        device ? "device" : "folder");
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

/* ---- temporary files ---- */

/* Behind the name, or as much of it as leaves room: the file system has a limit on names. */
static const char temporary_end[] = ".XXXXXX.tmp";

static const char *name_in(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

/* How many bytes of the name a temporary name begins with; never half a character. */
static size_t kept_of_name(const char *name)
{
  size_t length = strlen(name), most = NAME_MAX - (sizeof temporary_end - 1);
  if (length <= most)
    return length;
  while (most > 0 && ((unsigned char)name[most] & 0xc0) == 0x80)
    most--;
  return most;
}

/* A process locks its temporary file for as long as it lives, so one that can be locked was left by a dead one. Whoever
   locks a file that its owner has just made, before the owner could, takes it away: then the owner makes another. */
static void remove_if_left(int folder, const char *name)
{
  struct stat locked, named;
  int descriptor = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0)
    return;
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0 && fstat(descriptor, &locked) == 0 && S_ISREG(locked.st_mode) &&
      fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && locked.st_ino == named.st_ino &&
      locked.st_dev == named.st_dev)
    (void)unlinkat(folder, name, 0);
  close(descriptor);
}

/* Those of the same output only. */
static void remove_left_behind(const char *path)
{
  const char *name = name_in(path);
  size_t kept = kept_of_name(name), length = kept + sizeof temporary_end - 1;
  size_t before = (size_t)(name - path);
  char *folder = testudo_i_alloc(before + 2, 1);
  if (folder == NULL)
    return;
  memcpy(folder, path, before);
  strcpy(folder + before, before == 0 ? "." : "");
  DIR *all = opendir(folder);
  free(folder);
  if (all == NULL)
    return;
  for (struct dirent *entry = readdir(all); entry != NULL; entry = readdir(all))
    if (strlen(entry->d_name) == length && memcmp(entry->d_name, name, kept) == 0 && entry->d_name[kept] == '.' &&
        strcmp(entry->d_name + length - 4, ".tmp") == 0)
      remove_if_left(dirfd(all), entry->d_name);
  closedir(all);
}

/* The rights of the file that is replaced; of a new one, those that any new file would have (mkstemps gives 0600). */
static void give_rights(int descriptor, const char *path)
{
  struct stat old;
  if (stat(path, &old) == 0) {
    if (fchown(descriptor, old.st_uid, old.st_gid) != 0)
      old.st_mode &= ~(mode_t)(S_ISUID | S_ISGID);
    (void)fchmod(descriptor, old.st_mode & 07777);
    return;
  }
  mode_t mask = umask(0);
  umask(mask);
  (void)fchmod(descriptor, 0666 & ~mask);
}

/* A new temporary file, locked where the file system has locks; -1, and errno. */
static int make_temporary(char *name, size_t end)
{
  for (int tries = 0; tries < 100; tries++) {
    struct stat about;
    memcpy(name + end, temporary_end, sizeof temporary_end);
    int descriptor = mkstemps(name, 4);
    if (descriptor < 0)
      return -1;
    bool taken = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!taken && fstat(descriptor, &about) == 0 && about.st_nlink > 0)
      return descriptor;
    close(descriptor);
  }
  errno = EAGAIN;
  return -1;
}

static testudo_status open_temporary(testudo_i_output *output, const char *path, testudo_error *error)
{
  const char *name = name_in(path);
  size_t end = (size_t)(name - path) + kept_of_name(name);
  remove_left_behind(path);
  output->temporary = testudo_i_alloc(end + sizeof temporary_end, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(output->temporary != NULL, error));
  memcpy(output->temporary, path, end);
  /* A name that is too long for the file itself must not be found out after the work. */
  int descriptor = -1;
  errno = ENAMETOOLONG;
  if (strlen(name) <= NAME_MAX)
    descriptor = make_temporary(output->temporary, end);
  if (descriptor < 0) {
    testudo_status status = fail_errno(error, path, "cannot be written");
    free(output->temporary);
    output->temporary = NULL;
    return status;
  }
  give_rights(descriptor, path);
  output->stream = fdopen(descriptor, "wb");
  if (output->stream == NULL) {
    close(descriptor);
    return fail_errno(error, path, "cannot be written");
  }
  return TESTUDO_OK;
}

/* ---- links ---- */

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
  int lock = output->temporary != NULL ? dup(fileno(output->stream)) : -1; /* until it has its name */
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
  if (lock >= 0)
    close(lock);
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
