/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing a design: the members in the order of docs/file-format.md, the checksum last. Equal designs give equal bytes.
   */
#include <testudo/designfile.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "designfile/write.h"
#include "json/write.h"
#include "runtime/design.h"
#include "runtime/read.h"
#include "runtime/scheme/scheme.h"

static void put_order(testudo_i_json_writer *writer, const testudo_design *design)
{
  testudo_i_json_open_array(writer, "order");
  for (int32_t j = 0; j < design->workers; j++)
    testudo_i_json_put_integers(writer, NULL, testudo_design_order(design, j), (size_t)testudo_design_load(design, j));
  testudo_i_json_close_array(writer);
}

static void put_code(testudo_i_json_writer *writer, const testudo_design *design)
{
  testudo_i_json_open_object(writer, "code");
  testudo_i_json_put_string(writer, "kind", design->scheme->kind);
  if (design->scheme->write != NULL)
    design->scheme->write(writer, design);
  testudo_i_json_close_object(writer);
}

/* Answers the checksum. */
static uint64_t put_design(testudo_i_json_writer *writer, const testudo_design *design)
{
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_string(writer, "format", "testudo-design");
  testudo_i_json_put_integer(writer, "version", 1);
  if (design->name[0] != '\0')
    testudo_i_json_put_string(writer, "name", design->name);
  testudo_i_json_put_string(writer, "scheme", design->scheme->name);
  testudo_i_json_put_integer(writer, "chunks", design->chunks);
  testudo_i_json_put_integer(writer, "workers", design->workers);
  testudo_i_json_put_integer(writer, "parts", design->parts);
  put_order(writer, design);
  put_code(writer, design);
  for (size_t k = 0; k < design->members; k++)
    testudo_i_json_put_text(writer, design->member[k].key, design->member[k].value);
  uint64_t checksum = writer->hash;
  char text[24];
  snprintf(text, sizeof text, "%016" PRIx64, checksum);
  testudo_i_json_put_string(writer, "checksum", text);
  testudo_i_json_close_object(writer);
  return checksum;
}

testudo_status testudo_i_design_put(testudo_design *design, FILE *stream, uint64_t *checksum, testudo_error *error)
{
  testudo_i_json_writer writer;
  testudo_i_json_start(&writer, stream);
  *checksum = put_design(&writer, design);
  (void)fputc('\n', stream);
  if (writer.failed)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "a text of the design is not UTF-8, or memory ran out");
  return TESTUDO_OK;
}

testudo_status testudo_design_write(testudo_design *design, const char *path, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_output_abandon) testudo_i_output output = {0};
  TESTUDO_I_TRY(testudo_i_output_open(&output, path, error));
  uint64_t checksum = 0;
  TESTUDO_I_TRY(testudo_i_prefixed(testudo_i_design_put(design, output.stream, &checksum, error), path, error));
  TESTUDO_I_TRY(testudo_i_output_commit(&output, error));
  design->checksum = checksum;
  return TESTUDO_OK;
}

void testudo_i_design_put_seed(testudo_i_json_writer *writer, uint64_t seed)
{
  char digits[24];
  snprintf(digits, sizeof digits, "%" PRIu64, seed);
  if (seed <= INT64_MAX)
    testudo_i_json_put_integer(writer, "seed", (int64_t)seed);
  else
    testudo_i_json_put_string(writer, "seed", digits);
}

testudo_status testudo_design_set_provenance(testudo_design *design, const char *command, uint64_t seed,
                                             testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_json_memory_clear) testudo_i_json_memory memory = {0};
  testudo_i_json_writer *writer = &memory.writer;
  if (!testudo_i_json_is_utf8(command))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the command is not UTF-8");
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&memory, error));
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_string(writer, "tool", "testudo");
  testudo_i_json_put_string(writer, "version", testudo_version());
  testudo_i_json_put_string(writer, "command", command);
  testudo_i_design_put_seed(writer, seed);
  testudo_i_json_close_object(writer);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&memory, error));
  return testudo_i_design_set_member(design, "provenance", memory.text, error);
}

testudo_status testudo_design_read_unsealed(const char *path, testudo_design **design, testudo_error *error)
{
  return testudo_i_design_read(path, false, design, error);
}

testudo_status testudo_i_design_add_provenance(testudo_design *design, const char *key, const char *value,
                                               testudo_error *error)
{
  const char *before = testudo_i_design_member(design, "provenance");
  if (before == NULL || strlen(before) < 2)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the design has no provenance to which \"%s\" could be added",
                          key);
  /* An object with members: the new one goes before its last brace. */
  size_t room = strlen(before) + strlen(key) + strlen(value) + 8;
  TESTUDO_I_HELD(testudo_i_free_held) char *whole = malloc(room);
  TESTUDO_I_TRY(testudo_i_memory_check(whole != NULL, error));
  snprintf(whole, room, "%.*s,\"%s\":%s}", (int)(strlen(before) - 1), before, key, value);
  return testudo_i_design_set_member(design, "provenance", whole, error);
}
