/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists and maps of numbers, as members of a JSON result. */
#include "common/lists.h"

#include <math.h>

void lists_put_int32(testudo_i_json_writer *writer, const char *key, const int32_t *value, int64_t count)
{
  testudo_i_json_open_array(writer, key);
  for (int64_t k = 0; k < count; k++)
    testudo_i_json_put_integer(writer, NULL, value[k]);
  testudo_i_json_close_array(writer);
}

void lists_put_int64(testudo_i_json_writer *writer, const char *key, const int64_t *value, int64_t count)
{
  testudo_i_json_open_array(writer, key);
  for (int64_t k = 0; k < count; k++)
    testudo_i_json_put_integer(writer, NULL, value[k]);
  testudo_i_json_close_array(writer);
}

void lists_put_scaled(testudo_i_json_writer *writer, const char *key, const double *value, int64_t count, double unit)
{
  testudo_i_json_open_array(writer, key);
  for (int64_t k = 0; k < count; k++)
    testudo_i_json_put_real(writer, NULL, value[k] / unit);
  testudo_i_json_close_array(writer);
}

void lists_put_quantiles(testudo_i_json_writer *writer, const char *key, const cli_value *quantiles,
                         const double *value)
{
  testudo_i_json_open_object(writer, key);
  for (size_t k = 0; k < quantiles->count; k++)
    testudo_i_json_put_real(writer, quantiles->item[k], value == NULL ? NAN : value[k]);
  testudo_i_json_close_object(writer);
}

void lists_put_string(testudo_i_json_writer *writer, const char *key, const char *value)
{
  if (value != NULL)
    testudo_i_json_put_string(writer, key, value);
  else
    testudo_i_json_put_null(writer, key);
}
