/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo schema */
#include "commands.h"

#include <string.h>

#include "common/head.h"
#include "explore/explore.h"
#include "fit/fit.h"
#include "json/specification.h"
#include "runtime/scheme/scheme.h"

/* ---- words of JSON schemas ---- */

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

/* Members of files that no result has. */
#define MEMBER(name, type, is) .key = name, .kind = FIELD_##type, .presence = FIELD_##is
#define FORMAT(word) {MEMBER("format", TEXT, NEEDED), .words = (const char *const[]){word, NULL}, .meaning = word}
#define VERSION {MEMBER("version", INT32, NEEDED), .meaning = "1"}

/* ---- the design file: the members of its code are the schemes' ---- */

static const field claim_fields[] = {
    {MEMBER("metric", TEXT, NEEDED), .meaning = "what is claimed, as q_max"},
    {MEMBER("value", REAL, OR_NONE), .meaning = "the number"},
    {.key = NULL},
};

static const field design_file_fields[] = {
    FORMAT("testudo-design"),
    VERSION,
    {MEMBER("name", TEXT, OR_NONE), .meaning = "for people"},
    {MEMBER("scheme", TEXT, NEEDED), .meaning = "what the server waits for"},
    {MEMBER("chunks", INT32, NEEDED), .meaning = "number of data chunks N"},
    {MEMBER("workers", INT32, NEEDED), .meaning = "number of workers m"},
    {MEMBER("parts", INT32, NEEDED), .meaning = "parts l into which the gradient is cut"},
    {MEMBER("order", TABLE, NEEDED),
     .meaning = "the chunks of each worker, from 0, in the order in which it goes through them"},
    {MEMBER("code", FOREIGN, NEEDED), .meaning = "the coefficients, by scheme"},
    {MEMBER("provenance", FOREIGN, OR_NONE), .meaning = "the command that made it, and how its searches ended"},
    {MEMBER("claims", TABLE, OR_NONE), .sub = claim_fields, .meaning = "numbers that 'testudo check' measures again"},
    {MEMBER("checksum", TEXT, NEEDED),
     .meaning = "16 hex digits, FNV-1a-64 of all bytes before its comma; the last member"},
    {.key = NULL},
};

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

static void put_schemes(testudo_i_json_writer *writer)
{
  testudo_i_json_open_array(writer, "oneOf");
  for (int id = 0; testudo_i_scheme_by_id((testudo_scheme)id) != NULL; id++)
    put_scheme(writer, testudo_i_scheme_by_id((testudo_scheme)id));
  testudo_i_json_close_array(writer);
}

/* ---- schedules ---- */

static const field schedule_file_fields[] = {
    FORMAT("testudo-schedule"),
    VERSION,
    {MEMBER("by", TEXT, NEEDED), .words = (const char *const[]){"loss", "time", NULL}, .meaning = "what is looked up"},
    {MEMBER("at", REALS, NEEDED), .meaning = "thresholds: losses that fall, or seconds that rise"},
    {MEMBER("wait", INT32S, NEEDED), .meaning = "how many workers are waited for from each threshold on"},
    {.key = NULL},
};

/* ---- tables of designs: a line that begins them, and one per row ---- */

static const field interval_fields[] = {
    {MEMBER("value", REAL, NEEDED), .unit = "s", .meaning = "the objective of the design"},
    {MEMBER("low", REAL, NEEDED), .unit = "s", .meaning = "lower end of its interval"},
    {MEMBER("high", REAL, NEEDED), .unit = "s", .meaning = "upper end of its interval"},
    {.key = NULL},
};

static const field table_head_fields[] = {FORMAT("testudo-table"), VERSION, {.key = NULL}};

static const field row_delay_fields[] = {
    {MEMBER("law", TEXT, NEEDED), .meaning = "law of the time X of one chunk"},
    {MEMBER("structure", TEXT, NEEDED), .words = testudo_i_structure_names,
     .meaning = "how the times of a worker's chunks hang together"},
    {FIELD_SAME(delay_term_fields)},
    {.key = NULL},
};

static const field row_value_fields[] = {
    {MEMBER("kind", TEXT, NEEDED), .words = (const char *const[]){"exact", "simulated", NULL},
     .meaning = "exact: the interval is the estimated numerical error; simulated: a 95 % interval"},
    {FIELD_SAME(interval_fields)},
    {MEMBER("trials", INT64, OR_NONE), .meaning = "trials of a simulated value"},
    {MEMBER("seed", INT64, OR_NONE), .meaning = "their seed"},
    {MEMBER("method", TEXT, NEEDED), .meaning = "how it was computed"},
    {.key = NULL},
};

static const field row_named_fields[] = {
    {MEMBER("command", TEXT, NEEDED), .meaning = "the command that makes it"},
    {FIELD_SAME(row_value_fields)},
    {.key = NULL},
};

static const field row_design_fields[] = {
    {MEMBER("command", TEXT, OR_NONE), .meaning = "the command that makes the design; or file"},
    {MEMBER("file", TEXT, OR_NONE), .meaning = "its file beside the table; or command"},
    {MEMBER("checksum", TEXT, NEEDED), .meaning = "of the design file, 16 hex digits"},
    {MEMBER("version", TEXT, NEEDED), .meaning = "of the program that wrote that"},
    {MEMBER("orders", TEXT, NEEDED), .meaning = "FNV-1a-64 of sizes and orders, 16 hex digits"},
    {MEMBER("canonical", TEXT, OR_NONE),
     .meaning = "the same number for designs that are equal but for the numbers of workers and chunks"},
    {MEMBER("canonical_by", TEXT, OR_NONE), .meaning = "what numbered it"},
    {MEMBER("load", REAL, NEEDED), .unit = "shares", .meaning = "largest load of the design"},
    {MEMBER("copies", REAL, NEEDED), .meaning = "copies of a chunk on average"},
    {MEMBER("least_copies", INT32, NEEDED), .meaning = "copies of the chunk that has fewest"},
    {.key = NULL},
};

static const field row_bound_fields[] = {
    {MEMBER("value", REAL, NEEDED), .unit = "s", .meaning = "no design of the cell is faster"},
    {MEMBER("proof", TEXT, NEEDED), .meaning = "where the bound comes from"},
    {.key = NULL},
};

static const field row_finder_fields[] = {
    {MEMBER("method", TEXT, NEEDED), .meaning = "what found it"},
    {MEMBER("by", TEXT, NEEDED), .meaning = "who found it"},
    {MEMBER("date", TEXT, NEEDED), .meaning = "when, year-month-day"},
    {.key = NULL},
};

static const field row_previous_fields[] = {
    {FIELD_SAME(interval_fields)},
    {MEMBER("orders", TEXT, NEEDED), .meaning = "FNV-1a-64 of its sizes and orders"},
    {FIELD_SAME(row_finder_fields)},
    {.key = NULL},
};

static const field table_line_fields[] = {
    {MEMBER("workers", INT32, NEEDED), .meaning = "number of workers m"},
    {MEMBER("load", REAL, NEEDED), .unit = "shares", .meaning = "no worker holds more"},
    {MEMBER("granularity", INT32, NEEDED), .meaning = "chunks per share"},
    {MEMBER("parts", INT32, NEEDED), .meaning = "parts of the gradient"},
    {MEMBER("copies", REAL, NEEDED), .meaning = "copies of a chunk on average, at most"},
    {MEMBER("least_copies", INT32, NEEDED), .meaning = "copies of every chunk, at least"},
    {MEMBER("delay", GROUP, NEEDED), .sub = row_delay_fields, .meaning = "the delay model"},
    {MEMBER("objective", TEXT, NEEDED), .words = (const char *const[]){"mean", "quantile", NULL},
     .meaning = "of the completion time"},
    {MEMBER("at", REAL, OR_NONE), .meaning = "which quantile"},
    {MEMBER("value", GROUP, NEEDED), .sub = row_value_fields, .meaning = "the objective of the design"},
    {MEMBER("design", GROUP, NEEDED), .sub = row_design_fields, .meaning = "the best design known"},
    {MEMBER("bound", GROUP, OR_NONE), .sub = row_bound_fields, .meaning = "what no design of the cell beats"},
    {FIELD_SAME(row_finder_fields)},
    {MEMBER("named", GROUP, OR_NONE), .sub = row_named_fields, .meaning = "the best named construction that was tried"},
    {MEMBER("searched", TEXT, OR_NONE), .meaning = "the search that 'testudo table fill' has last run for the cell"},
    {MEMBER("previous", GROUP, OR_NONE), .sub = row_previous_fields, .meaning = "the record before"},
    {.key = NULL},
};

static void put_table_line(testudo_i_json_writer *writer)
{
  static const field *const lines[] = {table_head_fields, table_line_fields};
  testudo_i_json_open_array(writer, "oneOf");
  for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
    testudo_i_json_open_object(writer, NULL);
    fields_put_schema(writer, lines[k], true);
    testudo_i_json_close_object(writer);
  }
  testudo_i_json_close_array(writer);
}

/* ---- files of options: what their values may be is checked where options are ---- */

static void put_value_types(testudo_i_json_writer *writer, bool array)
{
  testudo_i_json_open_array(writer, "type");
  testudo_i_json_put_string(writer, NULL, "string");
  testudo_i_json_put_string(writer, NULL, "number");
  if (array)
    testudo_i_json_put_string(writer, NULL, "array");
  testudo_i_json_close_array(writer);
}

static void put_option(testudo_i_json_writer *writer, const cli_option *option)
{
  if (option->kind == CLI_FLAG) {
    put_type(writer, option->name, "boolean", option->help);
    return;
  }
  testudo_i_json_open_object(writer, option->name);
  testudo_i_json_put_string(writer, "description", option->help);
  put_value_types(writer, true);
  testudo_i_json_open_object(writer, "items");
  put_value_types(writer, false);
  testudo_i_json_close_object(writer);
  testudo_i_json_put_integer(writer, "minItems", 1);
  testudo_i_json_close_object(writer);
}

static void put_options(testudo_i_json_writer *writer, const cli_command *command, const char *alias)
{
  testudo_i_json_open_object(writer, "properties");
  CLI_EACH_OPTION(option, command)
    if (strcmp(option->name, "help") != 0 && (alias == NULL || strcmp(option->name, alias) != 0))
      put_option(writer, option);
  if (alias != NULL)
    put_type(writer, TESTUDO_I_SPEC_METHODS, "array",
             "texts NAME[:K][:key=value..], or objects of a member method and its keys");
  testudo_i_json_close_object(writer);
  testudo_i_json_put_boolean(writer, "additionalProperties", false);
}

static void put_sgd_options(testudo_i_json_writer *writer)
{
  put_options(writer, &command_sgd, "method");
}

static void put_explore_options(testudo_i_json_writer *writer)
{
  put_options(writer, &command_explore, NULL);
}

/* ---- all of them: results of commands, and files ---- */

typedef struct schema {
  const char *name, *title;
  const field *table;                        /* NULL: `put` writes all */
  void (*put)(testudo_i_json_writer *writer); /* what else there is; NULL: nothing */
  bool whole;                                /* only the program writes it, with all keys */
} schema;

static const schema files[] = {
    {"delay-file", "Delay file (docs/file-format.md)", delay_file_fields, NULL, false},
    {"design-file", "Design file (docs/file-format.md)", design_file_fields, put_schemes, false},
    {"schedule-file", "Schedule file (docs/file-format.md)", schedule_file_fields, NULL, false},
    {"table-file", "A line of a table of designs (docs/file-format.md)", NULL, put_table_line, false},
    {"spec-file", "SPEC.json of 'testudo sgd'", NULL, put_sgd_options, false},
    {"explore-spec-file", "SPEC.json of 'testudo explore'", NULL, put_explore_options, false},
    {"export-file", "Points of a store, by 'testudo explore --export'", explore_export_fields, NULL, true},
};

/* Results first. *file: it is no result. */
static bool schema_at(size_t k, schema *found, bool *file)
{
  for (const cli_command *const *command = all_commands; *command != NULL; command++)
    if ((*command)->result != NULL && k-- == 0) {
      *found = (schema){.name = (*command)->name, .table = (*command)->result, .whole = true};
      *file = false;
      return true;
    }
  *file = true;
  if (k >= sizeof files / sizeof *files)
    return false;
  *found = files[k];
  return true;
}

static void take_title(const schema *s, bool file, char *title, size_t room)
{
  if (file)
    snprintf(title, room, "%s", s->title);
  else
    snprintf(title, room, "Result of 'testudo %s --json'", s->name);
}

static bool schema_verb(size_t k, cli_verb *verb)
{
  schema found;
  bool file;
  if (!schema_at(k, &found, &file))
    return false;
  *verb = (cli_verb){found.name, file ? found.title : "Result", ""};
  return true;
}

static void put_schema(const schema *s, bool file)
{
  testudo_i_json_writer writer;
  char title[80];
  take_title(s, file, title, sizeof title);
  testudo_i_json_start(&writer, stdout);
  testudo_i_json_open_object(&writer, NULL);
  testudo_i_json_put_string(&writer, "$schema", "https://json-schema.org/draft/2020-12/schema");
  testudo_i_json_put_string(&writer, "title", title);
  testudo_i_json_put_string(&writer, "type", "object");
  if (s->table != NULL)
    fields_put_schema(&writer, s->table, !s->whole);
  if (s->put != NULL)
    s->put(&writer);
  testudo_i_json_close_object(&writer);
  fputc('\n', stdout);
}

static testudo_status schema_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  (void)context;
  (void)error;
  schema found;
  bool file;
  char title[80];
  if (arguments->operands > 0) {
    if (schema_at(arguments->verb, &found, &file))
      put_schema(&found, file);
    return TESTUDO_OK;
  }
  for (size_t k = 0; schema_at(k, &found, &file); k++) {
    take_title(&found, file, title, sizeof title);
    printf("%-17s  %s\n", found.name, title);
  }
  return TESTUDO_OK;
}

static const cli_option *const groups[] = {CLI_COMMON_NO_RESULT, NULL};

const cli_command command_schema = {
    .name = "schema", .operands = "[SCHEMA]", .most_operands = 1, .verb = schema_verb,
    .summary = "The JSON schema of a result or a file: what every key means.",
    .details = "Without SCHEMA, lists the names. Every key of a result is always there; null stands for what is not"
               " known or does not apply. Times are in seconds. Files that people write may have other members too, but"
               " for SPEC.json.\n\nWhat is not JSON has no schema: traces, matrices, orders, domains and costs are"
               " tables, and a store of explore is an SQLite database, whose results are the points of export-file.",
    .example = "testudo schema analyze\ntestudo schema design-file\ntestudo schema explore-spec-file",
    .groups = groups, .run = schema_run, .room = 1,
};
