/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists and maps of numbers, as members of a JSON result. */
#ifndef TOOLS_COMMON_LISTS_H
#define TOOLS_COMMON_LISTS_H

#include "json/write.h"
#include "option/option.h"

void lists_put_int32(testudo_i_json_writer *writer, const char *key, const int32_t *value, int64_t count);
void lists_put_int64(testudo_i_json_writer *writer, const char *key, const int64_t *value, int64_t count);

/* value[k] / unit */
void lists_put_scaled(testudo_i_json_writer *writer, const char *key, const double *value, int64_t count, double unit);

/* An object: each quantile, as the user wrote it, and its value; NULL: null for all. */
void lists_put_quantiles(testudo_i_json_writer *writer, const char *key, const cli_value *quantiles,
                         const double *value);

/* NULL: null. */
void lists_put_string(testudo_i_json_writer *writer, const char *key, const char *value);

#endif
