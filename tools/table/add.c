/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `testudo table add`: a better design takes its place in the table, an equal or a worse one is refused. */
#include "table/table.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "common/cluster.h"
#include "json/read.h"
#include "option/input.h"
#include "runtime/design.h"

enum { REASON = 300 };

/* ---- the cell ---- */

static testudo_status take_key(cli_table *t, const testudo_design *design, cli_cluster *cluster, testudo_best_key *key,
                               testudo_error *error)
{
  const cli_value *objective = cli_get(t->arguments, "objective"), *given = cli_get(t->arguments, "load");
  int32_t workers = testudo_design_workers(design), chunks = testudo_design_chunks(design);
  if (given->count > 1)
    return cli_refuse(error, "--load: one number for 'table add'");
  if (!cli_given(t->arguments, "delay"))
    return cli_refuse(error, "--delay LAW is missing, for example --delay exp:1 --unit share");
  if (chunks % workers != 0)
    return cli_refuse(error, "%s: %d chunks on %d workers, but in a table of designs every worker's share has equally"
                      " many", t->arguments->operand[1], (int)chunks, (int)workers);
  cluster->workers = workers;
  TESTUDO_I_TRY(cluster_take_model(cluster, t->arguments, error));
  int32_t granularity = chunks / workers, parts = testudo_design_parts(design);
  /* Whole shares, unless --load says it. */
  double load = given->given ? given->reals[0] : ceil((double)design->max_load / granularity - 1e-9);
  *key = (testudo_best_key){.workers = workers, .granularity = granularity, .parts = parts, .load = load,
                            .copies = cli_real(t->arguments, "max-copies", load),
                            .least_copies = (int32_t)cli_integer(t->arguments, "min-copies", parts),
                            .model = &cluster->model, .objective = {.kind = TESTUDO_OBJECTIVE_MEAN, .level = 1}};
  if (objective->given)
    key->objective = objective->objective;
  TESTUDO_I_TRY(testudo_best_key_check(key, error));
  return testudo_best_fits(key, design, error);
}

/* ---- how the design is kept ---- */

/* The command in the design's provenance, in the arena; NULL: it has none. */
static const char *command_of(cli_table *t, const testudo_design *design)
{
  TESTUDO_I_HELD(testudo_i_json_free_held) testudo_i_json_document *document = NULL;
  const char *provenance = testudo_i_design_member(design, "provenance");
  if (provenance == NULL ||
      testudo_i_json_parse(provenance, strlen(provenance), "provenance", &document, NULL) != TESTUDO_OK)
    return NULL;
  const testudo_i_json_value *command = testudo_i_json_member(testudo_i_json_root(document), "command");
  if (command == NULL || testudo_i_json_kind_of(command) != TESTUDO_I_JSON_STRING ||
      strncmp(testudo_i_json_string(command), "testudo design ", 15) != 0)
    return NULL;
  return table_text(t, "%s", testudo_i_json_string(command));
}

/* The command with the slot file called as the table's folder calls it. */
static testudo_status keep_slots_of(cli_table *t, const char **command, const char *folder, const char *name,
                                    testudo_error *error)
{
  TESTUDO_I_HELD(testudo_slots_free) testudo_slots slots = {0};
  const char *path = table_text(t, "%s%s", folder, name), *kept;
  TESTUDO_I_TRY(testudo_i_arena_check(&t->arena, error));
  TESTUDO_I_TRY(testudo_slots_read(path, &slots, error));
  TESTUDO_I_TRY(table_keep_slots(t, &slots, &kept, error));
  const char *at = strstr(*command, " slots:") + strlen(" slots:");
  *command = table_text(t, "%.*s%s%s", (int)(at - *command), *command, kept, at + strlen(name));
  return testudo_i_arena_check(&t->arena, error);
}

/* Does the command make the very file? Then the row keeps it. */
static testudo_status keep_by_command(cli_table *t, table_candidate *candidate, bool *kept, testudo_error *error)
{
  const char *file = t->arguments->operand[1];
  const char *folder = table_text(t, "%.*s", (int)(cli_basename(file) - file), file);
  const char *command = command_of(t, candidate->design);
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *made = NULL;
  *kept = false;
  TESTUDO_I_TRY(testudo_i_arena_check(&t->arena, error));
  if (command == NULL)
    return TESTUDO_OK;
  testudo_error own = {""};
  testudo_status status = table_make(command, folder, &made, NULL, &own);
  if (status == TESTUDO_INTERRUPTED || status == TESTUDO_ERROR_SYSTEM)
    return testudo_i_fail(error, status, "%s", own.text);
  if (status != TESTUDO_OK || testudo_design_checksum(made) != candidate->row.checksum)
    return TESTUDO_OK;
  const char *slots = table_slots_named(command, &t->arena);
  if (slots != NULL) {
    TESTUDO_I_TRY(keep_slots_of(t, &command, folder, slots, error));
    testudo_design_free(made);
    TESTUDO_I_TRY(table_make(command, t->folder, &made, NULL, error));
    candidate->row.checksum = testudo_design_checksum(made);
  }
  candidate->row.command = command;
  *kept = true;
  return TESTUDO_OK;
}

/* ---- accepted, or not ---- */

static testudo_status accept(cli_table *t, table_candidate *candidate, const testudo_best_row *before,
                             testudo_error *error)
{
  testudo_best_row *row = &candidate->row;
  bool kept;
  TESTUDO_I_TRY(table_bound(t, row, error));
  TESTUDO_I_TRY(keep_by_command(t, candidate, &kept, error));
  if (!kept)
    TESTUDO_I_TRY(table_keep_design(t, candidate->design, &row->file, &row->checksum, error));
  if (before != NULL) {
    row->named = before->named;
    row->named_value = before->named_value;
    row->searched = before->searched;
    t->reason = table_text(t, "%.9g s instead of %.9g s, of %s", row->value.value, before->value.value,
                           before->method);
  } else
    t->reason = "the cell was empty";
  t->verdict = "accepted";
  TESTUDO_I_TRY(testudo_i_arena_check(&t->arena, error));
  TESTUDO_I_TRY(testudo_best_put(t->table, row, error));
  t->improved = 0;
  TESTUDO_I_TRY(table_spread(t, &row->key, row->date, &t->improved, error));
  return testudo_best_write(t->table, t->path, error);
}

static testudo_status show_added(cli_table *t, const testudo_best_key *key, testudo_error *error)
{
  const testudo_best_row *row = testudo_best_find(t->table, key);
  t->row = testudo_i_arena_calloc(&t->arena, 1, sizeof *t->row);
  TESTUDO_I_TRY(testudo_i_arena_check(&t->arena, error));
  if (row == NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(table_show_row(t, row, t->row, error));
  t->rows = 1;
  return TESTUDO_OK;
}

static testudo_status weigh_and_add(cli_table *t, table_candidate *candidate, testudo_best_verdict *verdict,
                                    testudo_error *error)
{
  char reason[REASON];
  TESTUDO_I_TRY(table_measure(t, candidate, error));
  if (candidate->row.canonical_by == NULL)
    session_say(t->arguments, "equal designs are recognised by their orders only: this program was made without nauty,"
                " or the design is too large");
  const testudo_best_row *before = testudo_best_find(t->table, &candidate->row.key);
  TESTUDO_I_TRY(table_weigh(t, before, candidate, verdict, reason, error));
  if (*verdict == TESTUDO_BEST_BETTER)
    TESTUDO_I_TRY(accept(t, candidate, before, error));
  else {
    t->verdict = "refused";
    t->reason = table_text(t, "%s", reason);
  }
  TESTUDO_I_TRY(testudo_i_arena_check(&t->arena, error));
  return show_added(t, &candidate->row.key, error);
}

testudo_status table_add(cli_table *t, testudo_error *error)
{
  TESTUDO_I_HELD(table_candidate_clear) table_candidate candidate = {.row = {.key = {0}}};
  TESTUDO_I_HELD(cluster_close) cli_cluster cluster = {0};
  testudo_best_verdict verdict = TESTUDO_BEST_WORSE;
  testudo_best_row *row = &candidate.row;
  TESTUDO_I_TRY(input_design(t->arguments->operand[1], &candidate.design, error));
  TESTUDO_I_TRY(take_key(t, candidate.design, &cluster, &row->key, error));
  TESTUDO_I_TRY(table_date(t, &row->date, error));
  row->by = cli_text(t->arguments, "by", "not said");
  row->method = cli_text(t->arguments, "method", "not said");
  t->options.monitor = session_progress_start("measuring", t->arguments);
  TESTUDO_I_TRY(session_progress_end(weigh_and_add(t, &candidate, &verdict, error)));
  return verdict == TESTUDO_BEST_BETTER  ? TESTUDO_OK
         : verdict == TESTUDO_BEST_CLOSE ? TESTUDO_ERROR_LIMIT
                                         : SESSION_CLAIM_FAILED;
}
