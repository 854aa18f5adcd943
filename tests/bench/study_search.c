/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The study behind docs/theory/search-latency.md: assignments and orders side by side, and the best that searches find.
     study_search STORE        computes what STORE, a table with tabs, does not hold yet, line by line (hours)
     study_search --table STORE   prints it as Markdown
   Lognormal: the fit to the steps of a 32-GPU training run that docs/theory/search-latency.md names. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/code.h>
#include <testudo/designfile.h>

#include "optimize/latency/objective.h"
#include "optimize/local/local.h"

enum { COLUMNS = 6, SIZES = 3, LAWS = 4, MOST_PARTS = 3, QUANTITIES = 2 };

static const int32_t sizes[SIZES][2] = {{24, 4}, {40, 8}, {200, 8}};
static const char *const laws[LAWS] = {"exp:1", "shifted-exp:1,1", "pareto:1,1.5",
                                       "lognormal:1.3951679,0.1389619"};
static const char *const columns[COLUMNS] = {"cyclic natural", "regular matching", "frc rotated",
                                             "frc xor", "best found", "ideal limit"};
static const char *const quantities[QUANTITIES] = {"mean", "quantile:0.99"};

typedef struct cell {
  int size, parts, law, quantity;
} cell;

static void die(const char *what)
{
  fprintf(stderr, "study_search: %s\n", what);
  exit(1);
}

/* ---- the store ---- */

static void key_of(const cell *c, int column, char *key, size_t room)
{
  snprintf(key, room, "%d\t%d\t%d\t%s\t%s\t%s\t", (int)sizes[c->size][0], (int)sizes[c->size][1], c->parts,
           laws[c->law], quantities[c->quantity], columns[column]);
}

/* value, standard error (0: exact) and method of a cell; false where the store has none. */
static bool look_up(const char *path, const cell *c, int column, double *value, double *spread, char *method)
{
  char key[200], line[600];
  key_of(c, column, key, sizeof key);
  FILE *store = fopen(path, "r");
  bool found = false;
  while (store != NULL && !found && fgets(line, sizeof line, store) != NULL)
    found = strncmp(line, key, strlen(key)) == 0 &&
            sscanf(line + strlen(key), "%lf\t%lf\t%150[^\n]", value, spread, method) == 3;
  if (store != NULL)
    fclose(store);
  return found;
}

static void keep(const char *path, const cell *c, int column, double value, double spread, const char *method)
{
  char key[200];
  key_of(c, column, key, sizeof key);
  FILE *store = fopen(path, "a");
  if (store == NULL)
    die("the store cannot be written");
  fprintf(store, "%s%.12g\t%.3g\t%s\n", key, value, spread, method);
  if (fclose(store) != 0)
    die("the store cannot be written");
}

/* ---- designs ---- */

static testudo_design *make_design(const cell *c, int column)
{
  testudo_assignment assignment;
  testudo_design *design;
  int32_t workers = sizes[c->size][0], load = sizes[c->size][1];
  testudo_status status = column == 0   ? testudo_assignment_cyclic(workers, load, &assignment, NULL)
                          : column == 1 ? testudo_assignment_regular(workers, workers, load, 1, &assignment, NULL)
                                        : testudo_assignment_frc(workers, workers, load, &assignment, NULL);
  if (status == TESTUDO_OK && column == 1)
    status = testudo_order_matching(&assignment, NULL, NULL);
  if (status == TESTUDO_OK && column == 2)
    status = testudo_order_rotated(&assignment, NULL);
  if (status == TESTUDO_OK && column == 3)
    status = testudo_order_xor(&assignment, NULL);
  if (status == TESTUDO_OK)
    status = testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, c->parts, 1, "", &design, NULL);
  if (status != TESTUDO_OK)
    die("a design cannot be made");
  testudo_assignment_free(&assignment);
  return design;
}

static testudo_i_goal goal_of(const cell *c, const testudo_delay_model *model)
{
  return (testudo_i_goal){.objective = {.kind = c->quantity == 0 ? TESTUDO_OBJECTIVE_MEAN : TESTUDO_OBJECTIVE_QUANTILE,
                                        .at = c->quantity == 0 ? 0 : 0.99},
                          .model = model, .stream = 1, .first = TESTUDO_I_TRIALS_REPORT, .trials = 1000000};
}

/* ---- columns ---- */

static void fill_column(const char *path, const cell *c, int column, const testudo_delay_model *model)
{
  testudo_i_goal goal = goal_of(c, model);
  testudo_i_measure measure;
  testudo_design *design = make_design(c, column);
  if (testudo_i_goal_measure(&goal, design, &measure, NULL) != TESTUDO_OK)
    die("a design cannot be measured");
  keep(path, c, column, measure.value, measure.exact ? 0 : measure.spread, measure.method);
  testudo_design_free(design);
}

static void fill_ideal(const char *path, const cell *c, const testudo_delay_model *model)
{
  testudo_i_goal goal = goal_of(c, model);
  testudo_design *design = make_design(c, 0);
  double bound;
  char proof[96];
  if (testudo_i_goal_bound(&goal, design, &bound, proof, NULL) != TESTUDO_OK)
    die("a bound cannot be found");
  keep(path, c, 5, bound, 0, "perfect balancing");
  testudo_design_free(design);
}

/* ---- the best ---- */

typedef struct best_so_far {
  testudo_design *design;
  testudo_i_measure measure;
  char method[160];
} best_so_far;

/* Better by two standard errors, or exactly. */
static void offer(const testudo_i_goal *goal, testudo_design *design, const char *method, best_so_far *best)
{
  testudo_i_measure measure;
  if (testudo_i_goal_measure(goal, design, &measure, NULL) != TESTUDO_OK)
    die("a design cannot be measured");
  double noise = hypot(measure.exact ? 0 : measure.spread, best->measure.exact ? 0 : best->measure.spread);
  if (best->design == NULL || measure.value < best->measure.value * (1 - 1e-9) - 2 * noise) {
    testudo_design_free(best->design);
    best->design = design;
    best->measure = measure;
    snprintf(best->method, sizeof best->method, "%s", method);
  } else
    testudo_design_free(design);
}

static void search_from(const cell *c, const testudo_i_goal *goal, int column, bool reassign,
                        testudo_search_method method, best_so_far *best)
{
  /* Where groups are too large for exact laws fewer restarts: an hour, not a day. */
  int64_t tries = reassign ? 12 : c->size == 0 ? 0 : c->parts == 1 ? 16 : 4;
  const testudo_search_options options = {.seed = 1, .tries = tries};
  testudo_latency_goal wanted = {.objective = goal->objective, .model = goal->model, .reassign = reassign};
  testudo_design *design = make_design(c, column), *better;
  testudo_search_result result;
  char text[160];
  if (testudo_optimize_latency(design, &wanted, method, &options, &better, &result, NULL) != TESTUDO_OK)
    die("a search failed");
  testudo_design_free(design);
  snprintf(text, sizeof text, "%s, from %s", result.method, columns[column]);
  if (strncmp(result.method, "nothing", 7) == 0)
    testudo_design_free(better);
  else
    offer(goal, better, text, best);
}

static void design_path(const char *path, const cell *c, char *name, size_t room)
{
  snprintf(name, room, "%s-%d-%d-%d.json", path, c->size, c->parts, c->law);
}

/* 200 workers: five times the best of 40. */
static void repeat_from(const char *path, const cell *c, const testudo_i_goal *goal, best_so_far *best)
{
  cell smaller = *c;
  char name[400];
  testudo_design *one, *all;
  smaller.size = 1;
  design_path(path, &smaller, name, sizeof name);
  if (testudo_design_read(name, &one, NULL) != TESTUDO_OK)
    return;
  int32_t workers = testudo_design_workers(one), load = testudo_design_max_load(one), times = sizes[2][0] / workers;
  testudo_assignment assignment;
  if (testudo_assignment_frc(workers * times, workers * times, load, &assignment, NULL) != TESTUDO_OK)
    die("a design cannot be made");
  for (int32_t j = 0; j < assignment.workers; j++)
    for (int32_t k = 0; k < load; k++)
      assignment.chunk[assignment.row[j] + k] =
          testudo_design_order(one, j % workers)[k] + j / workers * workers;
  if (testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, c->parts, 1, "", &all, NULL) != TESTUDO_OK)
    die("a design cannot be made");
  testudo_assignment_free(&assignment);
  testudo_design_free(one);
  offer(goal, all, "the best of 40 workers, five times", best);
}

static testudo_design *best_for_the_mean(const char *path, const cell *c)
{
  char name[400];
  testudo_design *design;
  design_path(path, c, name, sizeof name);
  if (testudo_design_read(name, &design, NULL) != TESTUDO_OK)
    die("the mean comes before the quantile");
  return design;
}

static void keep_design(const char *path, const cell *c, testudo_design *design)
{
  char name[400];
  design_path(path, c, name, sizeof name);
  if (testudo_design_set_provenance(design, "study_search", 1, NULL) != TESTUDO_OK ||
      testudo_design_write(design, name, NULL) != TESTUDO_OK)
    die("a design cannot be written");
}

/* Searched for the mean; and for the quantile where that takes seconds, elsewhere the best for the mean is a
   candidate. */
static void fill_best(const char *path, const cell *c, const testudo_delay_model *model)
{
  best_so_far best = {.design = NULL};
  testudo_i_goal goal = goal_of(c, model);
  for (int column = 3; column >= 0; column--) {
    char itself[160];
    snprintf(itself, sizeof itself, "%s itself", columns[column]);
    offer(&goal, make_design(c, column), itself, &best);
  }
  if (c->quantity == 1)
    offer(&goal, best_for_the_mean(path, c), "the best found for the mean", &best);
  else if (c->size == 2)
    repeat_from(path, c, &goal, &best);
  if (c->size == 0 || (c->size == 1 && c->quantity == 0))
    search_from(c, &goal, 3, false, TESTUDO_METHOD_BEST, &best);
  if (c->size == 0 && c->quantity == 0)
    search_from(c, &goal, 1, true, TESTUDO_METHOD_LOCAL, &best);
  if (c->quantity == 0)
    keep_design(path, c, best.design);
  keep(path, c, 4, best.measure.value, best.measure.exact ? 0 : best.measure.spread, best.method);
  testudo_design_free(best.design);
}

static void fill(const char *path, const cell *c)
{
  testudo_law *law;
  double value, spread;
  char method[160];
  if (testudo_law_parse(laws[c->law], &law, NULL) != TESTUDO_OK)
    die("a law is unknown");
  const testudo_delay_model model = {.law = law};
  for (int k = 0; k < COLUMNS; k++) {
    static const int turn[COLUMNS] = {0, 1, 2, 3, 5, 4};
    int column = turn[k];
    if (look_up(path, c, column, &value, &spread, method))
      continue;
    if (column < 4)
      fill_column(path, c, column, &model);
    else if (column == 5)
      fill_ideal(path, c, &model);
    else
      fill_best(path, c, &model);
  }
  testudo_law_free(law);
}

/* ---- the table ---- */

static void print_row(const char *path, const cell *c)
{
  double best, natural, value, spread;
  char method[160];
  printf("| %d, %d, %d | %s |", (int)sizes[c->size][0], (int)sizes[c->size][1], c->parts, laws[c->law]);
  for (int column = 0; column < COLUMNS; column++)
    if (!look_up(path, c, column, &value, &spread, method))
      printf(" |");
    else if (spread > 0)
      printf(" %.5g (%.1g) |", value, spread);
    else
      printf(" %.6f |", value);
  bool known = look_up(path, c, 4, &best, &spread, method);
  double ignored;
  char of_natural[160];
  if (known && look_up(path, c, 0, &natural, &ignored, of_natural))
    printf(" %.2f %% | %s |\n", 100 * (best / natural - 1), method);
  else
    printf(" | |\n");
}

static void for_all(const char *path, bool table)
{
  for (int quantity = 0; quantity < QUANTITIES; quantity++) {
    if (table) {
      printf("\n### %s\n\n| m, delta, l | law | cyclic natural | regular matching | FRC rotated | FRC XOR | best found"
             " | ideal limit | best against natural | found by |\n|---|---|---|---|---|---|---|---|---|---|\n",
             quantity == 0 ? "E[T]" : "0.99 quantile");
    }
    for (int size = 0; size < SIZES; size++)
      for (int parts = 1; parts <= MOST_PARTS; parts++)
        for (int law = 0; law < LAWS; law++) {
          cell c = {size, parts, law, quantity};
          if (table)
            print_row(path, &c);
          else
            fill(path, &c);
        }
  }
}

int main(int count, char **words)
{
  bool table = count == 3 && strcmp(words[1], "--table") == 0;
  if (count != 2 && !table)
    die("usage: study_search [--table] STORE");
  for_all(words[count - 1], table);
  return 0;
}
