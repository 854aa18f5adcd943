/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delay files as callers of the library have them. */
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "delay/delay_json.h"

struct testudo_delay_file {
  testudo_i_delay_terms terms;
};

static testudo_status new_file(testudo_delay_file **made, testudo_delay_file **file, testudo_error *error)
{
  *file = NULL;
  *made = testudo_i_calloc(1, sizeof **made);
  return testudo_i_memory_check(*made != NULL, error);
}

testudo_status testudo_delay_file_read(const char *path, testudo_delay_file **file, testudo_error *error)
{
  testudo_delay_file *made;
  TESTUDO_I_TRY(new_file(&made, file, error));
  TESTUDO_I_HAND_OVER(testudo_i_delay_file_read(path, &made->terms, error), made, testudo_delay_file_free, file);
}

testudo_status testudo_delay_file_parse(const char *bytes, size_t length, const char *name, testudo_delay_file **file,
                                        testudo_error *error)
{
  testudo_delay_file *made;
  TESTUDO_I_TRY(new_file(&made, file, error));
  TESTUDO_I_HAND_OVER(testudo_i_delay_file_parse(bytes, length, name, &made->terms, error), made,
                      testudo_delay_file_free, file);
}

void testudo_delay_file_free(testudo_delay_file *file)
{
  if (file == NULL)
    return;
  testudo_i_delay_terms_clear(&file->terms);
  free(file);
}

const testudo_delay_model *testudo_delay_file_model(const testudo_delay_file *file)
{
  return &file->terms.model;
}

bool testudo_delay_file_structured(const testudo_delay_file *file)
{
  return file->terms.structured;
}

int32_t testudo_delay_file_workers(const testudo_delay_file *file)
{
  return file->terms.workers;
}
