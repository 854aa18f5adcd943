/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo schema */
#include "commands.h"

#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "fit/fit.h"
#include "common/output.h"
#include "runtime/scheme/scheme.h"

/* ---- the design file: its members are the reader's, those of its code the schemes' ---- */

static void put_type(testudo_i_json_writer *writer, const char *key, const char *type, const char *meaning)
{
  testudo_i_json_open_object(writer, key);
  testudo_i_json_put_string(writer, "description", meaning);
  testudo_i_json_put_string(writer, "type", type);
  testudo_i_json_close_object(writer);
}

static void put_constant(testudo_i_json_writer *writer, const char *key, const char *text)
{
  testudo_i_json_open_object(writer, key);
  testudo_i_json_put_string(writer, "const", text);
  testudo_i_json_close_object(writer);
}

static void put_required(testudo_i_json_writer *writer, const char *const *wanted, size_t count)
{
  testudo_i_json_open_array(writer, "required");
  for (size_t k = 0; k < count; k++)
    testudo_i_json_put_string(writer, NULL, wanted[k]);
  testudo_i_json_close_array(writer);
}

/* The members of `code` of one scheme: all of them, and no others. */
static void put_scheme(testudo_i_json_writer *writer, const testudo_i_scheme *scheme)
{
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_open_object(writer, "properties");
  put_constant(writer, "scheme", scheme->name);
  testudo_i_json_open_object(writer, "code");
  testudo_i_json_put_string(writer, "type", "object");
  testudo_i_json_open_object(writer, "properties");
  put_constant(writer, "kind", scheme->kind);
  testudo_i_json_close_object(writer);
  testudo_i_json_open_array(writer, "required");
  for (const char *const *member = scheme->members; *member != NULL; member++)
    testudo_i_json_put_string(writer, NULL, *member);
  testudo_i_json_close_array(writer);
  testudo_i_json_close_object(writer);
  testudo_i_json_close_object(writer);
  testudo_i_json_close_object(writer);
}

static void put_design_file(testudo_i_json_writer *writer)
{
  static const char *const wanted[] = {"format", "version", "scheme", "chunks", "workers", "parts", "order", "code",
                                       "checksum"};
  testudo_i_json_open_object(writer, "properties");
  put_constant(writer, "format", "testudo-design");
  put_type(writer, "version", "integer", "1");
  put_type(writer, "name", "string", "for people");
  put_type(writer, "scheme", "string", "what the server waits for");
  put_type(writer, "chunks", "integer", "number of data chunks N");
  put_type(writer, "workers", "integer", "number of workers m");
  put_type(writer, "parts", "integer", "parts l into which the gradient is cut");
  put_type(writer, "order", "array", "the chunks of each worker, from 0, in the order in which it goes through them");
  put_type(writer, "code", "object", "the coefficients, by scheme");
  put_type(writer, "provenance", "object", "the command that made it, and how its searches ended");
  put_type(writer, "claims", "array", "numbers that 'testudo check' measures again");
  put_type(writer, "checksum", "string", "16 hex digits, FNV-1a-64 of all bytes before its comma; the last member");
  testudo_i_json_close_object(writer);
  put_required(writer, wanted, sizeof wanted / sizeof *wanted);
  testudo_i_json_open_array(writer, "oneOf");
  for (int id = 0; testudo_i_scheme_by_id((testudo_scheme)id) != NULL; id++)
    put_scheme(writer, testudo_i_scheme_by_id((testudo_scheme)id));
  testudo_i_json_close_array(writer);
}

/* ---- other files ---- */

static void put_list(testudo_i_json_writer *writer, const char *key, const char *type, const char *meaning)
{
  testudo_i_json_open_object(writer, key);
  testudo_i_json_put_string(writer, "description", meaning);
  testudo_i_json_put_string(writer, "type", "array");
  put_type(writer, "items", type, "one per threshold");
  testudo_i_json_close_object(writer);
}

static void put_schedule_file(testudo_i_json_writer *writer)
{
  static const char *const wanted[] = {"format", "version", "by", "at", "wait"};
  testudo_i_json_open_object(writer, "properties");
  put_constant(writer, "format", "testudo-schedule");
  put_type(writer, "version", "integer", "1");
  put_type(writer, "by", "string", "loss or time: what is looked up");
  put_list(writer, "at", "number", "thresholds: losses that fall, or seconds that rise");
  put_list(writer, "wait", "integer", "how many workers are waited for from each threshold on");
  testudo_i_json_close_object(writer);
  put_required(writer, wanted, sizeof wanted / sizeof *wanted);
}

/* Members are the options of the command; what their values may be is checked where options are. */
static void put_spec_file(testudo_i_json_writer *writer)
{
  static const char *const kinds[] = {"string", "number", "array"};
  testudo_i_json_open_object(writer, "properties");
  CLI_EACH_OPTION(option, &command_sgd) {
    if (strcmp(option->name, "method") == 0 || strcmp(option->name, "help") == 0)
      continue;
    if (option->kind == CLI_FLAG) {
      put_type(writer, option->name, "boolean", option->help);
      continue;
    }
    testudo_i_json_open_object(writer, option->name);
    testudo_i_json_put_string(writer, "description", option->help);
    testudo_i_json_open_array(writer, "type");
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
      testudo_i_json_put_string(writer, NULL, kinds[k]);
    testudo_i_json_close_array(writer);
    testudo_i_json_close_object(writer);
  }
  put_type(writer, "methods", "array", "texts NAME[:K][:key=value..], or objects of a member method and its keys");
  testudo_i_json_close_object(writer);
  testudo_i_json_put_boolean(writer, "additionalProperties", false);
}

/* ---- all of them: results of commands, and files ---- */

static void put_schema(const char *title, const field *table, void (*put_file)(testudo_i_json_writer *))
{
  testudo_i_json_writer writer;
  testudo_i_json_start(&writer, stdout);
  testudo_i_json_open_object(&writer, NULL);
  testudo_i_json_put_string(&writer, "$schema", "https://json-schema.org/draft/2020-12/schema");
  testudo_i_json_put_string(&writer, "title", title);
  testudo_i_json_put_string(&writer, "type", "object");
  if (table == NULL)
    put_file(&writer);
  else
    fields_put_schema(&writer, table);
  testudo_i_json_close_object(&writer);
  fputc('\n', stdout);
}

/* wanted: NULL lists the names. */
static bool offer_schema(const char *wanted, const char *name, const char *title, const field *table,
                         void (*put_file)(testudo_i_json_writer *), char *names, size_t room)
{
  snprintf(names + strlen(names), room - strlen(names), "%s%s", names[0] == '\0' ? "" : " ", name);
  if (wanted == NULL)
    printf("%-13s  %s\n", name, title);
  else if (strcmp(wanted, name) == 0) {
    put_schema(title, table, put_file);
    return true;
  }
  return false;
}

/* Files; delay files are results of a command too. */
static bool offer_files(const char *wanted, char *names, size_t room)
{
  return offer_schema(wanted, "delay-file", "Delay file, as 'testudo fit' writes it", delay_file_fields, NULL, names,
                      room) ||
         offer_schema(wanted, "design-file", "Design file (docs/file-format.md)", NULL, put_design_file, names, room) ||
         offer_schema(wanted, "schedule-file", "Schedule file (docs/file-format.md)", NULL, put_schedule_file, names,
                      room) ||
         offer_schema(wanted, "spec-file", "SPEC.json of 'testudo sgd'", NULL, put_spec_file, names, room);
}

static testudo_status schema_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  (void)context;
  char names[256] = "";
  const char *wanted = arguments->operands > 0 ? arguments->operand[0] : NULL;
  for (const cli_command *const *command = all_commands; *command != NULL; command++) {
    char title[80];
    snprintf(title, sizeof title, "Result of 'testudo %s --json'", (*command)->name);
    if ((*command)->result != NULL &&
        offer_schema(wanted, (*command)->name, title, (*command)->result, NULL, names,
                     sizeof names))
      return TESTUDO_OK;
  }
  if (offer_files(wanted, names, sizeof names) || wanted == NULL)
    return TESTUDO_OK;
  char nearest[64];
  bool near = testudo_i_nearest(names, wanted, nearest, sizeof nearest);
  return cli_refuse(error, "schema: '%s' is unknown%s%s%s: %s", wanted, near ? "; did you mean " : "",
                    near ? nearest : "", near ? "? Allowed" : "; allowed", names);
}

static const cli_option *const groups[] = {CLI_COMMON_NO_RESULT, NULL};

const cli_command command_schema = {
    .name = "schema", .operands = "[SCHEMA]", .most_operands = 1,
    .summary = "The JSON schema of a result or a file: what every key means.",
    .details = "Without SCHEMA, lists the names. Every key of a result is always there; null stands for what is not"
               " known or does not apply. Times are in seconds.",
    .example = "testudo schema analyze\ntestudo schema design-file",
    .groups = groups, .run = schema_run, .room = 1,
};
