/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law that order draft goes by: of the time until a worker's k-th chunk, at a late time of the iteration
   (docs/theory/orders.md#draft). */
#include <testudo/optimize.h>

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "delay/sums/brackets.h"
#include "exact/cluster.h"
#include "exact/latency.h"
#include "optimize/latency/objective.h"
#include "optimize/search/search.h"

/* The time looked at is this quantile of T, and what it is simulated with: enough for two digits, which is all that an
   order can tell apart, and a second of work at most. */
#define LATE 0.999
enum { MOST_TRIALS = 20000, LEAST_TRIALS = 500 };
#define MOST_ENTRIES 4e7

struct testudo_draft_law {
  double time, fail;
  int32_t copies;
  testudo_i_cluster cluster;
  testudo_design *design;
};

void testudo_draft_law_free(testudo_draft_law *law)
{
  if (law == NULL)
    return;
  testudo_i_cluster_free(&law->cluster);
  testudo_design_free(law->design);
  free(law);
}

double testudo_draft_law_time(const testudo_draft_law *law)
{
  return law->time;
}

/* P(a worker of the class that does not fail has not finished `place` chunks). */
static double class_undone(const testudo_draft_law *law, int32_t class_, int32_t place)
{
  const testudo_i_cluster *cluster = &law->cluster;
  if (cluster->delay.bracketed)
    return testudo_i_brackets_side(cluster->delay.brackets, cluster->class_law[class_], cluster->class_rate[class_],
                                   place, law->time, true, true);
  testudo_i_delay delay = testudo_i_class_delay(cluster, class_);
  return testudo_i_survival_at(&delay, cluster->class_rate[class_], place, law->time);
}

double testudo_draft_law_undone(const void *context, int32_t place, int32_t block)
{
  const testudo_draft_law *law = context;
  const testudo_i_cluster *cluster = &law->cluster;
  double sum = 0;
  int32_t workers = 0;
  for (int32_t c = 0; c < cluster->classes; c++) {
    double own = (double)cluster->class_load[c] / law->copies;
    if (cluster->class_load[c] == 0)
      continue;
    int32_t at = (int32_t)fmin(fmax(round(place * own / block), 1), cluster->class_load[c]);
    sum += cluster->class_size[c] * class_undone(law, c, at);
    workers += cluster->class_size[c];
  }
  double undone = law->fail + (1 - law->fail) * sum / workers;
  return fmin(undone, 1);
}

/* The late time of T in the order that the assignment has. */
static testudo_status find_late_time(testudo_draft_law *law, const testudo_delay_model *model,
                                     const testudo_monitor *monitor, testudo_error *error)
{
  double entries = (double)testudo_design_max_load(law->design) * testudo_design_workers(law->design);
  testudo_simulation_options options = {.report = TESTUDO_REPORT_CHUNK, .seed = 1, .dim = 1, .threads = 1,
                                        .monitor = monitor}; /* where points have threads, this is one of many */
  options.trials = (int64_t)fmax(LEAST_TRIALS, fmin(MOST_TRIALS, MOST_ENTRIES / entries));
  TESTUDO_I_HELD(testudo_i_simulation_drop) testudo_simulation *simulation = NULL;
  TESTUDO_I_TRY(testudo_simulate(law->design, model, &options, &simulation, error));
  int64_t finite = simulation->trials - simulation->never;
  law->time = finite > 0 ? simulation->completion[(int64_t)(LATE * (double)(finite - 1))] : HUGE_VAL;
  if (simulation->interrupted)
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted");
  return law->time < HUGE_VAL ? TESTUDO_OK
                              : testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "order draft: under this model the"
                                               " iteration never ends, so that no time is a late one");
}

static testudo_status fill_law(testudo_draft_law *law, const testudo_assignment *assignment, int32_t parts,
                               const testudo_delay_model *model, double time, const testudo_monitor *monitor,
                               testudo_error *error)
{
  int32_t workers = assignment->workers;
  TESTUDO_I_TRY(testudo_i_search_design(assignment, parts, 1, "", &law->design, error));
  int64_t copies = assignment->row[workers] / assignment->chunks;
  law->copies = (int32_t)(copies > 1 ? copies : 1);
  law->time = time;
  if (!(time > 0))
    TESTUDO_I_TRY(find_late_time(law, model, monitor, error));
  bool bracketed = testudo_i_wants_brackets(model, testudo_design_max_load(law->design));
  TESTUDO_I_TRY(testudo_i_cluster_init(&law->cluster, law->design,
                                       &(testudo_i_delay){.model = model, .bracketed = bracketed}, false, error));
  if (bracketed)
    TESTUDO_I_TRY(testudo_i_cluster_bracket(&law->cluster, NULL, error));
  law->fail = testudo_i_independent_failures(model) + (double)testudo_i_cluster_failed(&law->cluster) / workers;
  return TESTUDO_OK;
}

testudo_status testudo_draft_law_create(const testudo_assignment *assignment, int32_t parts,
                                        const testudo_delay_model *model, double time, const testudo_monitor *monitor,
                                        testudo_draft_law **law, testudo_error *error)
{
  *law = NULL;
  testudo_draft_law *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  TESTUDO_I_HAND_OVER(fill_law(made, assignment, parts, model, time, monitor, error), made, testudo_draft_law_free,
                      law);
}
