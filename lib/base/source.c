/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

/* Bytes asked for at a time: enough that a call costs nothing per byte. A fuzzer's inputs are short, and shall reach
   beyond the window. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define AT_ONCE ((size_t)1 << 8)
#else
#define AT_ONCE ((size_t)1 << 18)
#endif

/* inflateInit2: the largest window, with a gzip header. */
#define GZIP_BITS (MAX_WBITS + 16)

struct testudo_i_gzip {
  z_stream stream;
  bool ended;               /* behind a member: the file may end here, or another begins */
  unsigned char input[65536];
};

/* Bytes as they are; fewer than asked for only at the end. */
static testudo_status source_raw(testudo_i_source *source, void *to, size_t wanted, size_t *got, testudo_error *error)
{
  if (source->stream == NULL) {
    *got = source->left < wanted ? source->left : wanted;
    if (*got > 0)
      memcpy(to, source->memory, *got);
    source->memory += *got;
    source->left -= *got;
    return TESTUDO_OK;
  }
  *got = fread(to, 1, wanted, source->stream);
  if (*got < wanted && ferror(source->stream))
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: reading failed: %s", source->name, strerror(errno));
  return TESTUDO_OK;
}

static testudo_status source_inflate(testudo_i_source *source, char *to, size_t wanted, size_t *got,
                                     testudo_error *error)
{
  z_stream *z = &source->gzip->stream;
  for (*got = 0; *got == 0;) {
    size_t fresh = 0;
    if (z->avail_in == 0) {
      TESTUDO_I_TRY(source_raw(source, source->gzip->input, sizeof source->gzip->input, &fresh, error));
      z->next_in = source->gzip->input;
      z->avail_in = (uInt)fresh;
    }
    if (z->avail_in == 0)
      return source->gzip->ended ? TESTUDO_OK
                                 : testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                                                  "%s: the compressed data end too early: the file is cut off",
                                                  source->name);
    if (source->gzip->ended)
      (void)inflateReset(z);
    z->next_out = (Bytef *)to;
    z->avail_out = (uInt)wanted;
    int answer = inflate(z, Z_NO_FLUSH);
    if (answer == Z_MEM_ERROR)
      return testudo_i_fail_memory(error);
    if (answer != Z_OK && answer != Z_STREAM_END && answer != Z_BUF_ERROR)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: the compressed data are damaged%s%s", source->name,
                            z->msg == NULL ? "" : ": ", z->msg == NULL ? "" : z->msg);
    source->gzip->ended = answer == Z_STREAM_END;
    *got = wanted - z->avail_out;
  }
  return TESTUDO_OK;
}

static testudo_status source_room(testudo_i_source *source, testudo_error *error)
{
  if (source->at > 0) {
    memmove(source->window, source->window + source->at, source->end - source->at);
    source->end -= source->at;
    source->at = 0;
  }
  if (source->room - source->end > AT_ONCE / 2)
    return TESTUDO_OK;
  return TESTUDO_I_GROW(source->window, source->room, source->end + AT_ONCE + 1, error);
}

testudo_status testudo_i_source_fill(testudo_i_source *source, testudo_error *error)
{
  if (source->over)
    return TESTUDO_OK;
  TESTUDO_I_TRY(source_room(source, error));
  size_t wanted = source->room - source->end - 1, got = 0;
  wanted = wanted < AT_ONCE ? wanted : AT_ONCE;
  TESTUDO_I_TRY(source->gzip != NULL ? source_inflate(source, source->window + source->end, wanted, &got, error)
                                     : source_raw(source, source->window + source->end, wanted, &got, error));
  if (got > source->limit)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: the file is too large%s", source->name,
                          source->gzip != NULL ? " when it is unpacked" : "");
  source->limit -= got;
  source->end += got;
  source->over = got == 0;
  return TESTUDO_OK;
}

testudo_status testudo_i_source_all(testudo_i_source *source, testudo_error *error)
{
  while (!source->over)
    TESTUDO_I_TRY(testudo_i_source_fill(source, error));
  source->window[source->end] = '\0';
  return TESTUDO_OK;
}

bool testudo_i_source_begins(const testudo_i_source *source, const char *bytes, size_t length)
{
  return source->end - source->at >= length && memcmp(source->window + source->at, bytes, length) == 0;
}

/* Undoes gzip from here on: the bytes in the window go to it. */
static testudo_status source_unzip(testudo_i_source *source, testudo_error *error)
{
  source->gzip = testudo_i_calloc(1, sizeof *source->gzip);
  TESTUDO_I_TRY(testudo_i_memory_check(source->gzip != NULL, error));
  if (inflateInit2(&source->gzip->stream, GZIP_BITS) != Z_OK) {
    free(source->gzip);
    source->gzip = NULL;
    return testudo_i_fail_memory(error);
  }
  memcpy(source->gzip->input, source->window, source->end);
  source->gzip->stream.next_in = source->gzip->input;
  source->gzip->stream.avail_in = (uInt)source->end;
  source->end = 0;
  source->over = false;
  return testudo_i_source_fill(source, error);
}

/* A first look: little, so that it fits into the window, and where gzip reads from. */
static testudo_status source_begin(testudo_i_source *source, testudo_error *error)
{
  TESTUDO_I_TRY(source_room(source, error));
  size_t wanted = sizeof source->gzip->input / 2 < AT_ONCE ? sizeof source->gzip->input / 2 : AT_ONCE, got = 0;
  TESTUDO_I_TRY(source_raw(source, source->window, wanted < source->limit ? wanted : source->limit, &got, error));
  source->end = got;
  if (testudo_i_source_begins(source, "\x1f\x8b", 2))
    return source_unzip(source, error);
  source->limit -= got;
  source->over = got == 0;
  return TESTUDO_OK;
}

testudo_status testudo_i_source_open(testudo_i_source *source, const char *path, size_t limit, testudo_error *error)
{
  size_t size;
  *source = (testudo_i_source){.name = path, .limit = limit};
  TESTUDO_I_TRY(testudo_i_open_file(path, &source->stream, &size, error));
  return source_begin(source, error);
}

testudo_status testudo_i_source_start(testudo_i_source *source, const char *bytes, size_t length, const char *name,
                                      size_t limit, testudo_error *error)
{
  *source = (testudo_i_source){.name = name, .limit = limit, .memory = bytes, .left = length};
  return source_begin(source, error);
}

testudo_status testudo_i_source_check_text(const testudo_i_source *source, testudo_error *error)
{
  static const struct {
    const char *begins;
    size_t length;
    const char *is;
  } other[] = {
      {"PK\x03\x04", 4, "is a zip archive (.npz, .xlsx): unpack it, or save its table as CSV or .npy"},
      {"\xff\xfe", 2, "is UTF-16 text: save it as UTF-8"},
      {"\xfe\xff", 2, "is UTF-16 text: save it as UTF-8"},
      {"PAR1", 4, "is a Parquet file: save its table as CSV or .npy"},
      {"\x89HDF\r\n", 6, "is an HDF5 file: save its table as CSV or .npy"},
      {"\xd0\xcf\x11\xe0", 4, "is an old Excel or Office file: save its table as CSV"},
      {"BZh91AY", 7, "is compressed by bzip2, but of compressed files only gzip is read: unpack it"},
      {"\xfd" "7zXZ", 5, "is compressed by xz, but of compressed files only gzip is read: unpack it"},
      {"\x28\xb5\x2f\xfd", 4, "is compressed by zstd, but of compressed files only gzip is read: unpack it"},
      {"\x93NUMPY", 6, "is a NumPy array, which is not read here"},
  };
  for (size_t k = 0; k < sizeof other / sizeof *other; k++)
    if (testudo_i_source_begins(source, other[k].begins, other[k].length))
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s", source->name, other[k].is);
  return TESTUDO_OK;
}

void testudo_i_source_close(testudo_i_source *source)
{
  if (source->stream != NULL && source->stream != stdin)
    fclose(source->stream);
  if (source->gzip != NULL) {
    (void)inflateEnd(&source->gzip->stream);
    free(source->gzip);
  }
  free(source->window);
  *source = (testudo_i_source){0};
}
