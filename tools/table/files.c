/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs of rows: made by their commands, read from the folder beside the table, and put there. */
#define _POSIX_C_SOURCE 200809L
#include "table/table.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include <testudo/designfile.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "commands.h"
#include "design/made.h"
#include "runtime/design.h"

static const char slots_prefix[] = "slots:";

/* ---- commands ---- */

/* What reads or writes other files, or searches for as long as it is given. */
static bool word_is_foreign(const char *word)
{
  static const char *const begin[] = {"@", "-o", "--output", "--improve", "--domains", "matrix:", "file:", "replay:"};
  for (size_t k = 0; k < sizeof begin / sizeof *begin; k++)
    if (strncmp(word, begin[k], strlen(begin[k])) == 0)
      return true;
  return strchr(word, '/') != NULL || strstr(word, "trace:") != NULL || strstr(word, "=@") != NULL ||
         strstr(word, "=matrix:") != NULL || strstr(word, "=file:") != NULL || strstr(word, "=slots:") != NULL;
}

static testudo_status refer_to_folder(char **word, int count, const char *folder, testudo_i_arena *arena,
                                      testudo_error *error)
{
  size_t prefix = sizeof slots_prefix - 1;
  for (int k = 0; k < count; k++) {
    if (word_is_foreign(word[k]))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "'%.60s': the command of a row names no files but"
                            " slots:NAME, and searches nothing", word[k]);
    if (strncmp(word[k], slots_prefix, prefix) != 0)
      continue;
    size_t room = strlen(folder) + strlen(word[k]) + 1;
    char *whole = testudo_i_arena_alloc(arena, room, 1);
    TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
    snprintf(whole, room, "%s%s%s", slots_prefix, folder, word[k] + prefix);
    word[k] = whole;
  }
  return TESTUDO_OK;
}

const char *table_slots_named(const char *command, testudo_i_arena *arena)
{
  const char *at = strstr(command, " slots:");
  if (at == NULL)
    return NULL;
  at += sizeof slots_prefix;
  size_t length = strcspn(at, " ");
  char *name = testudo_i_arena_calloc(arena, length + 1, 1);
  return name == NULL ? NULL : memcpy(name, at, length);
}

testudo_status table_make(const char *command, const char *folder, testudo_design **design, char **line,
                          testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_HELD(cli_free) cli_arguments arguments = {0};
  TESTUDO_I_HELD(made_clear) cli_made made = {0};
  char *word[CLI_MOST_WORDS + 1];
  int count;
  *design = NULL;
  TESTUDO_I_TRY(cli_split_line(command, &arena, word, &count, error));
  TESTUDO_I_TRY(refer_to_folder(word, count, folder, &arena, error));
  word[count++] = "--quiet"; /* this is no run of its own */
  TESTUDO_I_TRY(cli_parse(&command_design, count - 2, word + 2, &arguments, error));
  TESTUDO_I_TRY(made_by_arguments(&made, &arguments, error));
  TESTUDO_I_TRY(made_seal(made.design, error));
  if (line != NULL) {
    *line = testudo_i_copy_string(arguments.line);
    TESTUDO_I_TRY(testudo_i_memory_check(*line != NULL, error));
  }
  *design = made.design;
  made.design = NULL;
  return TESTUDO_OK;
}

testudo_status table_row_design(cli_table *t, const testudo_best_row *row, testudo_design **design,
                                testudo_error *error)
{
  *design = NULL;
  if (row->command != NULL)
    return table_make(row->command, t->folder, design, NULL, error);
  const char *path = table_text(t, "%s%s", t->folder, row->file);
  TESTUDO_I_TRY(testudo_i_arena_check(&t->arena, error));
  return testudo_design_read(path, design, error);
}

/* ---- files that are kept ---- */

/* Its name, and where that is; the folder is there then. */
static testudo_status name_file(cli_table *t, uint64_t hash, const char *ending, const char **name, const char **path,
                                testudo_error *error)
{
  if (mkdir(t->folder, 0777) != 0 && errno != EEXIST)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: %s", t->folder, strerror(errno));
  *name = table_text(t, "%016" PRIx64 "%s", hash, ending);
  *path = table_text(t, "%s%016" PRIx64 "%s", t->folder, hash, ending);
  return testudo_i_arena_check(&t->arena, error);
}

/* Another row may have the same orders already, by another search: its file is that of both. */
testudo_status table_keep_design(cli_table *t, testudo_design *design, const char **name, uint64_t *checksum,
                                 testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *there = NULL;
  testudo_error none;
  const char *path;
  uint64_t orders = testudo_best_orders(design);
  TESTUDO_I_TRY(name_file(t, orders, ".json", name, &path, error));
  bool kept = testudo_design_read(path, &there, &none) == TESTUDO_OK && testudo_best_orders(there) == orders;
  if (!kept)
    TESTUDO_I_TRY(session_put_design(design, path, error));
  *checksum = testudo_design_checksum(kept ? there : design); /* a design has it once it was written */
  return TESTUDO_OK;
}

testudo_status table_keep_slots(cli_table *t, const testudo_slots *slots, const char **name, testudo_error *error)
{
  uint64_t hash = TESTUDO_I_FNV_START;
  testudo_i_output output;
  const char *path;
  for (int32_t k = 0; k < slots->count; k++) {
    char line[32];
    int length = snprintf(line, sizeof line, "%d,%d\n", (int)slots->slot[k].partner, (int)slots->slot[k].chunk);
    hash = testudo_i_fnv(hash, line, (size_t)length);
  }
  TESTUDO_I_TRY(name_file(t, hash, ".csv", name, &path, error));
  TESTUDO_I_TRY(session_output(&output, path, error));
  for (int32_t k = 0; k < slots->count; k++)
    fprintf(output.stream, "%d,%d\n", (int)slots->slot[k].partner, (int)slots->slot[k].chunk);
  return session_output_end(&output, TESTUDO_OK, error);
}
