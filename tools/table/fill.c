/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `testudo table fill`: every cell of the grid, by the named constructions and by the search. */
#include "table/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "best/search.h"
#include "runtime/design.h"

/* Of the named constructions so many at most are measured in full, those that a glance puts within so much of the
   best. */
enum { REASON = 300, MOST_NAMED = 64, SURE_NAMED = 3 };
#define GLANCE_SLACK 0.03

/* ---- the grid ---- */

static const double grid_workers[] = {4, 6, 8, 12, 16, 24, 32, 48, 64, 100, 200};
static const double grid_load[] = {2, 3, 4, 6, 8};
static const double grid_parts[] = {1, 2, 3};
static const double grid_granularity[] = {1, 2, 4, 8};
static const double grid_at[] = {0, 0.99}; /* 0: the mean */

/* Laws per share are of any granularity. Those of measured micro-batches, of which every share had eight, are of one
   chunk (docs/designs.md#the-grid). */
typedef struct grid_law {
  const char *law, *mixed;  /* mixed NULL: scaled */
  testudo_unit unit;
  int32_t granularity;      /* 0: any */
} grid_law;

static const grid_law grid_laws[] = {
    {"exp:1", NULL, TESTUDO_UNIT_SHARE, 0},
    {"shifted-exp:1,1", NULL, TESTUDO_UNIT_SHARE, 0},
    {"pareto:1,1.5", NULL, TESTUDO_UNIT_SHARE, 0},
    {"lognormal:-0.67575,0.053366", "mixture:0.77495,lognormal:-0.17226,0.086489,lognormal:0.36959,0.348",
     TESTUDO_UNIT_CHUNK, 8},
    {"mixture:0.9375,lognormal:-0.50969,0.0086852,lognormal:0.34727,0.0086852", "gamma:2974.7,0.00033616",
     TESTUDO_UNIT_CHUNK, 8},
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

typedef struct fill_run {
  cli_table *t;
  double started, limit, written;
  int64_t cell, cells;      /* done, and all */
  bool out_of_time, changed;
  testudo_monitor monitor;
  testudo_search_monitor search_monitor;
  testudo_search_options search;
  char searched[96];
  const char *date, *by;
} fill_run;

/* ---- limits of time ---- */

static bool fill_goes_on(fill_run *f)
{
  f->out_of_time = session_out_of_time(f->limit);
  return !f->out_of_time && !session_stopped();
}

/* What a cell's own work says of its progress is little beside the number of cells. */
static bool fill_step(void *context, double fraction)
{
  (void)fraction;
  return fill_goes_on(context);
}

static bool fill_search_step(void *context, double fraction, double best, double bound)
{
  (void)fraction;
  (void)best;
  (void)bound;
  return fill_goes_on(context);
}

/* ---- one cell ---- */

/* A command that makes nothing here, or nothing that fits or can be measured, is no candidate. */
static testudo_status pass_over(testudo_status status, const testudo_error *own, testudo_error *error)
{
  return status == TESTUDO_ERROR_ARGUMENT || status == TESTUDO_ERROR_LIMIT || status == TESTUDO_ERROR_INPUT
             ? TESTUDO_OK
             : testudo_i_fail(error, status, "%s", own->text);
}

/* Of two named constructions the one with the less value, which they have on the same trials; a design of the search
   only where it is shown to be better. */
static testudo_status keep_better(fill_run *f, table_candidate *best, table_candidate *candidate, testudo_error *error)
{
  testudo_best_verdict verdict = TESTUDO_BEST_BETTER;
  char reason[REASON];
  TESTUDO_I_TRY(table_measure(f->t, candidate, error));
  if (best->design != NULL && candidate->row.command != NULL)
    verdict = candidate->row.value.value < best->row.value.value ? TESTUDO_BEST_BETTER : TESTUDO_BEST_WORSE;
  else if (best->design != NULL)
    TESTUDO_I_TRY(table_weigh(f->t, &best->row, candidate, &verdict, reason, error));
  if (verdict != TESTUDO_BEST_BETTER)
    return TESTUDO_OK;
  table_candidate kept = *best;
  *best = *candidate;
  *candidate = kept;
  return TESTUDO_OK;
}

/* A named construction, and what a glance says of it. */
typedef struct named_choice {
  const char *command;      /* normalised */
  double value;
} named_choice;

static testudo_status make_named(fill_run *f, const testudo_best_key *key, const char *command, named_choice *choice,
                                 testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *design = NULL;
  TESTUDO_I_HELD(testudo_i_free_held) char *line = NULL;
  testudo_error own = {""};
  choice->command = NULL;
  testudo_status status = table_make(command, f->t->folder, &design, &line, &own);
  if (status == TESTUDO_OK)
    status = testudo_i_best_glance(key, design, &f->t->options, &choice->value, &own);
  if (status != TESTUDO_OK)
    return pass_over(status, &own, error);
  choice->command = table_text(f->t, "%s", line);
  return testudo_i_arena_check(&f->t->arena, error);
}

static testudo_status measure_named(fill_run *f, const testudo_best_key *key, const named_choice *choice,
                                    table_candidate *best, testudo_error *error)
{
  TESTUDO_I_HELD(table_candidate_clear) table_candidate candidate = {.row = {.key = *key, .command = choice->command,
                                                                             .method = "named construction",
                                                                             .by = f->by, .date = f->date}};
  testudo_error own = {""};
  testudo_status status = table_make(choice->command, f->t->folder, &candidate.design, NULL, &own);
  if (status == TESTUDO_OK)
    status = keep_better(f, best, &candidate, &own);
  return status == TESTUDO_OK ? TESTUDO_OK : pass_over(status, &own, error);
}

static int named_ascending(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(((const named_choice *)a)->value, ((const named_choice *)b)->value);
}

/* All at a glance, then the best of them, and what a glance cannot tell from it. */
static testudo_status try_named(fill_run *f, const testudo_best_key *key, table_candidate *best, testudo_error *error)
{
  named_choice choice[MOST_NAMED];
  char command[2400];
  int count = 0;
  for (int k = 0; count < MOST_NAMED && table_named(key, k, command, sizeof command); k++) {
    TESTUDO_I_TRY(make_named(f, key, command, &choice[count], error));
    count += choice[count].command != NULL;
  }
  qsort(choice, (size_t)count, sizeof *choice, named_ascending);
  for (int k = 0; k < count; k++)
    if (k < SURE_NAMED && choice[k].value <= (1 + GLANCE_SLACK) * choice[0].value)
      TESTUDO_I_TRY(measure_named(f, key, &choice[k], best, error));
  return TESTUDO_OK;
}

static testudo_status try_search(fill_run *f, const testudo_best_key *key, testudo_i_best_found *found,
                                 table_candidate *best, testudo_error *error)
{
  TESTUDO_I_HELD(table_candidate_clear) table_candidate candidate = {.row = {.key = *key, .by = f->by,
                                                                             .date = f->date}};
  testudo_error own = {""};
  testudo_status status = testudo_i_best_search(key, &f->search, found, &own);
  if (status == TESTUDO_OK && found->design == NULL)
    return TESTUDO_OK;
  if (status == TESTUDO_OK) {
    candidate.design = found->design;
    found->design = NULL;
    candidate.row.method = table_text(f->t, "search: %s", found->method);
    TESTUDO_I_TRY(testudo_i_arena_check(&f->t->arena, error));
    status = keep_better(f, best, &candidate, &own);
  }
  return status == TESTUDO_OK ? TESTUDO_OK : pass_over(status, &own, error);
}

/* ---- its row ---- */

/* Of a table of slots the command that makes the same orders; *line NULL: there is none. */
static testudo_status keep_slots(fill_run *f, const testudo_i_best_found *found, table_candidate *best, bool *kept,
                                 testudo_error *error)
{
  const testudo_best_key *key = &best->row.key;
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *made = NULL;
  TESTUDO_I_HELD(testudo_i_free_held) char *line = NULL;
  const char *name;
  *kept = false;
  if (found->slots.count == 0)
    return TESTUDO_OK;
  TESTUDO_I_TRY(table_keep_slots(f->t, &found->slots, &name, error));
  const char *command = table_text(
      f->t, "testudo design --assignment %s --workers %d --replication %d --parts %d --order slots:%s --granularity %d",
      found->group == key->workers ? "cyclic" : "frc", (int)key->workers, (int)found->slots.partners, (int)key->parts,
      name, (int)key->granularity);
  TESTUDO_I_TRY(testudo_i_arena_check(&f->t->arena, error));
  TESTUDO_I_TRY(table_make(command, f->t->folder, &made, &line, error));
  *kept = testudo_best_orders(made) == best->row.orders;
  if (!*kept)
    return TESTUDO_OK;
  best->row.command = table_text(f->t, "%s", line);
  best->row.checksum = testudo_design_checksum(made);
  return testudo_i_arena_check(&f->t->arena, error);
}

static testudo_status keep_design(fill_run *f, const testudo_i_best_found *found, table_candidate *best,
                                  testudo_error *error)
{
  bool kept = best->row.command != NULL;
  if (!kept)
    TESTUDO_I_TRY(keep_slots(f, found, best, &kept, error));
  if (kept)
    return TESTUDO_OK;
  TESTUDO_I_TRY(table_keep_design(f->t, best->design, &best->row.file, error));
  best->row.checksum = testudo_design_checksum(best->design);
  return TESTUDO_OK;
}

/* The cell's row, if there is one, stays unless something is better; it is marked as searched. */
static testudo_status put_best(fill_run *f, const testudo_i_best_found *found, table_candidate *best,
                               const testudo_best_row *named, testudo_error *error)
{
  const testudo_best_row *before = testudo_best_find(f->t->table, &best->row.key);
  testudo_best_verdict verdict;
  char reason[REASON];
  TESTUDO_I_TRY(table_weigh(f->t, before, best, &verdict, reason, error));
  if (verdict == TESTUDO_BEST_BETTER) {
    TESTUDO_I_TRY(table_bound(f->t, &best->row, error));
    TESTUDO_I_TRY(keep_design(f, found, best, error));
  }
  testudo_best_row row = verdict == TESTUDO_BEST_BETTER ? best->row : *before;
  row.named = named->command;
  row.named_value = named->value;
  row.searched = f->searched;
  f->t->improved += verdict == TESTUDO_BEST_BETTER;
  f->changed = true;
  return testudo_best_put(f->t->table, &row, error);
}

static testudo_status fill_cell(fill_run *f, const testudo_best_key *key, testudo_error *error)
{
  TESTUDO_I_HELD(table_candidate_clear) table_candidate best = {.row = {.key = *key}};
  TESTUDO_I_HELD(testudo_i_best_found_clear) testudo_i_best_found found = {0};
  TESTUDO_I_TRY(try_named(f, key, &best, error));
  testudo_best_row named = best.row;
  TESTUDO_I_TRY(try_search(f, key, &found, &best, error));
  f->t->tried++;
  return best.design == NULL ? TESTUDO_OK : put_best(f, &found, &best, &named, error);
}

/* ---- all cells ---- */

static testudo_status fill_write(fill_run *f, bool at_once, testudo_error *error)
{
  double now = testudo_i_seconds_now();
  if (!f->changed || (!at_once && now - f->written < 5))
    return TESTUDO_OK;
  f->written = now;
  f->changed = false;
  return testudo_best_write(f->t->table, f->t->path, error);
}

static bool is_done(const fill_run *f, const testudo_best_key *key)
{
  const testudo_best_row *row = testudo_best_find(f->t->table, key);
  return row != NULL && row->searched != NULL && strcmp(row->searched, f->searched) == 0;
}

/* Counts the cell, or searches it: *counting. */
static testudo_status visit_cell(fill_run *f, const testudo_best_key *key, bool counting, testudo_error *error)
{
  if (testudo_best_key_check(key, NULL) != TESTUDO_OK || is_done(f, key))
    return TESTUDO_OK;
  if (counting) {
    f->cells++;
    return TESTUDO_OK;
  }
  const testudo_monitor *bar = session_progress_resume("filling the table", f->t->arguments, f->started);
  (void)bar->step(bar->context, (double)f->cell / (double)f->cells);
  if (!fill_goes_on(f))
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted");
  TESTUDO_I_TRY(fill_cell(f, key, error));
  f->cell++;
  return fill_write(f, false, error);
}

/* The numbers of an option, or else the grid's. */
typedef struct fill_list {
  const cli_value *given;
  const double *grid;
  size_t count;
} fill_list;

static fill_list list_of(const fill_run *f, const char *option, const double *grid, size_t count)
{
  const cli_value *given = cli_get(f->t->arguments, option);
  return (fill_list){given, grid, given->given ? given->count : count};
}

static double list_at(const fill_list *list, size_t k)
{
  return !list->given->given        ? list->grid[k]
         : list->given->reals != NULL ? list->given->reals[k]
                                      : list->given->integers[k];
}

static testudo_status visit_sizes(fill_run *f, testudo_best_key *key, int32_t granularity, bool counting,
                                  testudo_error *error)
{
  const fill_list workers = list_of(f, "workers", grid_workers, COUNT(grid_workers));
  const fill_list load = list_of(f, "load", grid_load, COUNT(grid_load));
  const fill_list parts = list_of(f, "parts", grid_parts, COUNT(grid_parts));
  const fill_list finer = list_of(f, "granularity", grid_granularity, COUNT(grid_granularity));
  size_t cells = workers.count * load.count * parts.count * finer.count;
  for (size_t k = 0; k < cells; k++) {
    size_t rest = k / finer.count / parts.count;
    key->granularity = (int32_t)list_at(&finer, k % finer.count);
    key->parts = key->least_copies = (int32_t)list_at(&parts, k / finer.count % parts.count);
    key->load = key->copies = list_at(&load, rest % load.count);
    key->workers = (int32_t)list_at(&workers, rest / load.count);
    if (granularity == 0 || granularity == key->granularity)
      TESTUDO_I_TRY(visit_cell(f, key, counting, error));
  }
  return TESTUDO_OK;
}

static testudo_status visit_law(fill_run *f, const testudo_delay_model *model, int32_t granularity, bool counting,
                                testudo_error *error)
{
  const cli_value *objective = cli_get(f->t->arguments, "objective");
  for (size_t q = 0; q < (objective->given ? 1 : COUNT(grid_at)); q++) {
    testudo_best_key key = {.model = model, .objective = {.kind = TESTUDO_OBJECTIVE_MEAN, .level = 1}};
    if (objective->given)
      key.objective = objective->objective;
    else if (grid_at[q] > 0) {
      key.objective.kind = TESTUDO_OBJECTIVE_QUANTILE;
      key.objective.at = grid_at[q];
    }
    TESTUDO_I_TRY(visit_sizes(f, &key, granularity, counting, error));
  }
  return TESTUDO_OK;
}

static void law_drop(testudo_law **law)
{
  testudo_law_free(*law);
}

static testudo_status visit_all(fill_run *f, bool counting, testudo_error *error)
{
  if (f->t->filter_model != NULL)
    return visit_law(f, f->t->filter_model, 0, counting, error);
  for (size_t k = 0; k < COUNT(grid_laws); k++) {
    const grid_law *of = &grid_laws[k];
    TESTUDO_I_HELD(law_drop) testudo_law *law = NULL;
    TESTUDO_I_HELD(law_drop) testudo_law *mixed = NULL;
    testudo_delay_model model = {.unit = of->unit};
    TESTUDO_I_TRY(testudo_law_parse(of->law, &law, error));
    if (of->mixed != NULL)
      TESTUDO_I_TRY(testudo_law_parse(of->mixed, &mixed, error));
    model.law = law;
    model.chunk_law = mixed;
    model.structure = mixed != NULL ? TESTUDO_STRUCTURE_MIXED : TESTUDO_STRUCTURE_SCALED;
    TESTUDO_I_TRY(visit_law(f, &model, of->granularity, counting, error));
  }
  return TESTUDO_OK;
}

static void fill_start(fill_run *f)
{
  cli_table *t = f->t;
  f->started = f->written = testudo_i_seconds_now();
  f->limit = cli_real(t->arguments, "time-limit", 0);
  f->monitor = (testudo_monitor){fill_step, f};
  f->search_monitor = (testudo_search_monitor){fill_search_step, f};
  f->search = (testudo_search_options){.seed = t->options.seed, .threads = t->options.threads,
                                       .tries = cli_integer(t->arguments, "tries", 0), .monitor = &f->search_monitor};
  t->options.monitor = &f->monitor;
  if (f->search.tries > 0)
    snprintf(f->searched, sizeof f->searched, "%s, %lld tries, seed %llu", testudo_i_best_search_name,
             (long long)f->search.tries, (unsigned long long)f->search.seed);
  else
    snprintf(f->searched, sizeof f->searched, "%s, seed %llu", testudo_i_best_search_name,
             (unsigned long long)f->search.seed);
}

/* Whatever ended it, the cells that are done are written. */
static testudo_status fill_end(fill_run *f, testudo_status status, testudo_error *error)
{
  testudo_error own = {""};
  testudo_status written = fill_write(f, true, &own);
  f->t->left = f->cells - f->cell;
  f->t->cells = (int64_t)testudo_best_rows(f->t->table);
  if (status == TESTUDO_INTERRUPTED && f->out_of_time && !session_stopped())
    status = TESTUDO_OK;
  if (status == TESTUDO_INTERRUPTED)
    (void)testudo_i_fail(error, status, "interrupted: the cells so far are written; the same command goes on");
  return written == TESTUDO_OK ? status : testudo_i_fail(error, written, "%s", own.text);
}

testudo_status table_fill(cli_table *t, testudo_error *error)
{
  fill_run f = {.t = t};
  t->tried = t->improved = 0;
  fill_start(&f);
  f.by = cli_text(t->arguments, "by", "testudo " TESTUDO_VERSION);
  TESTUDO_I_TRY(table_date(t, &f.date, error));
  TESTUDO_I_TRY(visit_all(&f, true, error));
  testudo_status status = session_progress_end(visit_all(&f, false, error));
  return fill_end(&f, status, error);
}
