/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/npy.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

#define MAGIC "\x93NUMPY"

/* Elements that an array may claim to have: products of them stay within 64 bits. */
#define MOST_ELEMENTS ((int64_t)1 << 40)

bool testudo_i_npy_is(const testudo_i_source *source)
{
  return testudo_i_source_begins(source, MAGIC, 6);
}

static testudo_status npy_fail(const testudo_i_source *source, testudo_error *error, const char *what)
{
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s", source->name, what);
}

/* The value behind 'key': in the header, a dictionary of Python; NULL: there is none. */
static const char *npy_value(const char *header, const char *key)
{
  char quoted[32];
  strcat(strcat(strcpy(quoted, "'"), key), "'");
  const char *at = strstr(header, quoted);
  if (at == NULL)
    return NULL;
  at += strlen(quoted);
  at += strspn(at, " ");
  return *at == ':' ? at + 1 + strspn(at + 1, " ") : NULL;
}

static bool is_little_machine(void)
{
  const uint16_t one = 1;
  return *(const unsigned char *)&one == 1;
}

/* '<f8', '|b1', '>i4', .. */
static testudo_status npy_type(testudo_i_npy *array, const testudo_i_source *source, const char *header,
                               testudo_error *error)
{
  static const char known[] = "b1 i1 i2 i4 i8 u1 u2 u4 u8 f4 f8";
  const char *value = npy_value(header, "descr");
  if (value == NULL || *value != '\'')
    return npy_fail(source, error, value != NULL && *value == '['
                                       ? "a NumPy array of records: save one number per element"
                                       : "a NumPy array whose header names no type");
  const char *end = strchr(value + 1, '\'');
  char type[3] = {0};
  if (end != NULL && end - value == 4)
    memcpy(type, value + 2, 2);
  if (type[0] == '\0' || strchr("<>=|", value[1]) == NULL || strchr("biuf", type[0]) == NULL ||
      strchr("1248", type[1]) == NULL || strstr(known, type) == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: a NumPy array of type '%s', but numbers are read: bool, int8 to uint64, float32, "
                              "float64",
                          source->name, testudo_i_word_quote((testudo_i_word){value + 1, strcspn(value + 1,
                              "'")}).text);
  array->kind = type[0];
  array->bytes = type[1] - '0';
  array->swapped = array->bytes > 1 && (value[1] == '<' || value[1] == '>') && (value[1] == '<') != is_little_machine();
  return TESTUDO_OK;
}

/* "(4, 3)", "(4,)" */
static testudo_status npy_shape(testudo_i_npy *array, const testudo_i_source *source, const char *header,
                                testudo_error *error)
{
  const char *at = npy_value(header, "shape");
  int64_t product = 1; /* as if empty dimensions had one element, for the steps */
  array->shape[0] = array->shape[1] = array->shape[2] = array->count = 1;
  if (at == NULL || *at != '(')
    return npy_fail(source, error, "a NumPy array whose header names no shape");
  for (at++; *at != ')'; at += strspn(at, ", ")) {
    size_t digits = strspn(at, "0123456789");
    int64_t size = testudo_i_word_count((testudo_i_word){at, digits});
    if (size < 0)
      return npy_fail(source, error, "a NumPy array whose header names no shape");
    if (array->dimensions == TESTUDO_I_NPY_DIMENSIONS)
      return npy_fail(source, error, "a NumPy array of more than 3 dimensions");
    if (size > 0 && product > MOST_ELEMENTS / size)
      return npy_fail(source, error, "a NumPy array of too many elements");
    product *= size > 0 ? size : 1;
    array->shape[array->dimensions++] = size;
    array->count *= size;
    at += digits;
  }
  return array->dimensions > 0 ? TESTUDO_OK : npy_fail(source, error, "a NumPy array without a dimension");
}

static testudo_status npy_header(testudo_i_npy *array, testudo_i_source *source, const char *header,
                                 testudo_error *error)
{
  TESTUDO_I_TRY(npy_type(array, source, header, error));
  TESTUDO_I_TRY(npy_shape(array, source, header, error));
  const char *order = npy_value(header, "fortran_order");
  if (order == NULL || (strncmp(order, "True", 4) != 0 && strncmp(order, "False", 5) != 0))
    return npy_fail(source, error, "a NumPy array whose header does not say fortran_order");
  const int64_t *shape = array->shape;
  if (*order == 'T')
    memcpy(array->step, (int64_t[]){1, shape[0], shape[0] * shape[1]}, sizeof array->step);
  else
    memcpy(array->step, (int64_t[]){shape[1] * shape[2], shape[2], 1}, sizeof array->step);
  return TESTUDO_OK;
}

testudo_status testudo_i_npy_read(testudo_i_npy *array, testudo_i_source *source, testudo_error *error)
{
  *array = (testudo_i_npy){.dimensions = 0};
  if (source->limit > TESTUDO_I_LIMIT_TABLE_FILE)
    source->limit = TESTUDO_I_LIMIT_TABLE_FILE;
  TESTUDO_I_TRY(testudo_i_source_all(source, error));
  unsigned char *bytes = (unsigned char *)source->window + source->at;
  size_t length = source->end - source->at, begin = length > 6 && bytes[6] == 1 ? 10 : 12;
  if (length < begin)
    return npy_fail(source, error, "a NumPy array that is cut off in its header");
  if (bytes[6] < 1 || bytes[6] > 3)
    return npy_fail(source, error, "a NumPy array of a format other than 1, 2 or 3");
  size_t size = bytes[8] + ((size_t)bytes[9] << 8);
  if (begin == 12)
    size += ((size_t)bytes[10] << 16) + ((size_t)bytes[11] << 24);
  if (size == 0 || length - begin < size)
    return npy_fail(source, error, "a NumPy array that is cut off in its header");
  bytes[begin + size - 1] = '\0'; /* a line feed until now */
  TESTUDO_I_TRY(npy_header(array, source, (const char *)bytes + begin, error));
  array->data = bytes + begin + size;
  if ((length - begin - size) / (size_t)array->bytes < (size_t)array->count)
    return npy_fail(source, error, "a NumPy array that is cut off: it has fewer elements than its shape says");
  if (length - begin - size > (size_t)array->count * (size_t)array->bytes)
    return npy_fail(source, error, "a NumPy array with more bytes than its shape says");
  return TESTUDO_OK;
}

double testudo_i_npy_at(const testudo_i_npy *array, int64_t i, int64_t j, int64_t k)
{
  const unsigned char *at =
      array->data + (i * array->step[0] + j * array->step[1] + k * array->step[2]) * array->bytes;
  unsigned char own[8] = {0};
  int bytes = array->bytes;
  for (int b = 0; b < bytes; b++)
    own[b] = at[array->swapped ? bytes - 1 - b : b];
  union {
    float f4;
    double f8;
    int8_t i1;
    int16_t i2;
    int32_t i4;
    int64_t i8;
    uint8_t u1;
    uint16_t u2;
    uint32_t u4;
    uint64_t u8;
  } number;
  memcpy(&number, own, sizeof own);
  if (array->kind == 'f')
    return bytes == 4 ? number.f4 : number.f8;
  if (array->kind == 'i')
    return bytes == 1 ? number.i1 : bytes == 2 ? number.i2 : bytes == 4 ? number.i4 : (double)number.i8;
  return bytes == 1 ? number.u1 : bytes == 2 ? number.u2 : bytes == 4 ? number.u4 : (double)number.u8;
}
