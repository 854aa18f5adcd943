/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options that say how a trace is read: of fit, of plot, and of every command whose --delay may name one. */
#include "option/reading.h"

#include <string.h>

#include "base/error.h"

#define UNITS "s ms us ns"

const cli_option cli_reading_options[] = {
    {.name = "time-unit", .value = "UNIT", .kind = CLI_CHOICE, .choices = UNITS, .heading = "Reading a trace",
     .preset = "s, of a profiler's file us", .help = "What the times of the trace are in."},
    {.name = "separator", .value = "WORD", .kind = CLI_CHOICE, .choices = "comma semicolon tab blank , ;",
     .preset = "by the first line", .help = "What stands between the cells of the trace."},
    {.name = "decimal-comma", .help = "A comma in a number of the trace is its decimal point, even where commas or "
     "blanks"
                                      " separate."},
    {.name = "column", .value = "KEY=NAME", .kind = CLI_TEXT, .repeated = true,
     .help = "The column NAME of the trace, or the one of this number, is KEY: seconds, worker, iteration, chunk, "
         "chunks"
             " (how many a row is the time of), censored, start or end. Repeat it for each. Otherwise columns have the"
             " names that programs give them, the first that is there: seconds, duration, time, dur; worker, rank,"
             " host, node; iteration, step, iter; chunk, microbatch, micro_batch, mb."},
    {.name = "sum", .value = "COLUMN", .kind = CLI_TEXT,
     .help = "Rows of the trace that share worker, iteration and chunk and differ in this column are parts of one"
             " chunk, forward and backward for one: their times are added."},
    {.name = "events", .value = "PATTERN", .kind = CLI_TEXT,
     .help = "Of a JSON file of torch.profiler or Perfetto: the events that are chunks, by their names, with * and ?."},
    {.name = NULL},
};

const cli_option cli_reading_unit_options[] = {
    {.name = "unit", .value = "UNIT", .kind = CLI_CHOICE, .choices = UNITS, .heading = "Reading a trace",
     .preset = "s, of a profiler's file us", .help = "What the times of the trace are in."},
    {.name = NULL},
};

static testudo_status take_column(const char *text, testudo_trace_options *reading, testudo_error *error)
{
  static const char *const keys[] = {
      [TESTUDO_TRACE_SECONDS] = "seconds", [TESTUDO_TRACE_WORKER] = "worker", [TESTUDO_TRACE_ITERATION] = "iteration",
      [TESTUDO_TRACE_CHUNK] = "chunk", [TESTUDO_TRACE_CHUNKS] = "chunks", [TESTUDO_TRACE_CENSORED] = "censored",
      [TESTUDO_TRACE_START] = "start", [TESTUDO_TRACE_END] = "end",
  };
  size_t length = strcspn(text, "=");
  for (int c = 0; c < TESTUDO_TRACE_COLUMNS; c++) {
    if (strlen(keys[c]) != length || memcmp(keys[c], text, length) != 0 || text[length] == '\0')
      continue;
    if (text[length + 1] == '\0' || reading->column[c] != NULL)
      return cli_refuse(error, "--column: %s %s", keys[c],
                        reading->column[c] != NULL ? "is given twice" : "names no column");
    reading->column[c] = text + length + 1;
    return TESTUDO_OK;
  }
  return cli_refuse(error,
                    "--column: '%s' is not KEY=NAME; KEY is seconds, worker, iteration, chunk, chunks, censored, start"
                    " or end", text);
}

/* Of a command of traces --unit is that of their times, unless it has a delay model, whose --unit is another. */
static bool has_trace_unit(const cli_command *command)
{
  CLI_EACH_OPTION(option, command)
    if (strcmp(option->name, "time-unit") == 0)
      return false;
  return command->reads_traces;
}

const char *cli_reading_given(const cli_arguments *arguments)
{
  if (has_trace_unit(arguments->command) && cli_given(arguments, "unit"))
    return "unit";
  for (const cli_option *at = cli_reading_options; at->name != NULL; at++)
    if (cli_given(arguments, at->name))
      return at->name;
  return NULL;
}

testudo_status cli_reading(const cli_arguments *arguments, testudo_trace_options *reading, testudo_error *error)
{
  static const char separators[] = ",;\t ,;";
  int separator = cli_choice(arguments, "separator", -1), unit = cli_choice(arguments, "time-unit", -1);
  if (has_trace_unit(arguments->command))
    unit = cli_choice(arguments, "unit", unit);
  *reading = (testudo_trace_options){.separator = separator < 0 ? '\0' : separators[separator],
                                     .decimal_comma = cli_given(arguments, "decimal-comma"),
                                     .unit = (testudo_trace_unit)(unit + 1),
                                     .sum = cli_text(arguments, "sum", NULL),
                                     .events = cli_text(arguments, "events", NULL)};
  CLI_EACH_GIVEN(at, arguments, "column")
    TESTUDO_I_TRY(take_column(at->text, reading, error));
  return TESTUDO_OK;
}
