/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delay files as callers of the library have them. */
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "delay/delay_json.h"

struct testudo_delay_file {
  testudo_i_delay_terms terms;
};

/* Takes the terms over where they were read, and clears them where not. */
static testudo_status keep_terms(testudo_status status, testudo_i_delay_terms *terms, testudo_delay_file **file,
                                 testudo_error *error)
{
  *file = NULL;
  testudo_delay_file *made = status == TESTUDO_OK ? malloc(sizeof *made) : NULL;
  if (status == TESTUDO_OK)
    status = testudo_i_memory_check(made != NULL, error);
  if (status != TESTUDO_OK) {
    testudo_i_delay_terms_clear(terms);
    return status;
  }
  made->terms = *terms;
  *file = made;
  return TESTUDO_OK;
}

testudo_status testudo_delay_file_read(const char *path, testudo_delay_file **file, testudo_error *error)
{
  testudo_i_delay_terms terms;
  return keep_terms(testudo_i_delay_file_read(path, &terms, error), &terms, file, error);
}

testudo_status testudo_delay_file_parse(const char *bytes, size_t length, const char *name, testudo_delay_file **file,
                                        testudo_error *error)
{
  testudo_i_delay_terms terms;
  return keep_terms(testudo_i_delay_file_parse(bytes, length, name, &terms, error), &terms, file, error);
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
