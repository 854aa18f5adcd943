/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `testudo sweep` and `testudo explore` beside their floors. What a point costs beside the calls of the library that it
   comes to; and what two threads and, with testudo-mpi, two ranks gain beside a pure loop of arithmetic shared out in
   the same way, best of RUNS. Run in the build folder. Usage: bench_explore. */
#define _DEFAULT_SOURCE
#include "bench/bench.h"

#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <testudo/code.h>
#include <testudo/exact.h>

#include "parallel/loop.h"

enum { FIRST = 60, LAST = 139, COPIES = 4, RUNS = 5, TASKS = 80, WORK = 4000000 };

static const char *const options = "--workers 60..139 --replication 4 --delay gamma:2,0.5";
/* Long enough for the start of the ranks not to count. */
static const char *const large = "--scheme partial --workers 60..180:4 --replication 2,4 --granularity 2 --unit share"
                                 " --delay gamma:2,0.5 --compute analyze,simulate --trials 100000";

/* Processor time of all processes that were waited for. */
static double children(void)
{
  struct rusage used;
  (void)getrusage(RUSAGE_CHILDREN, &used);
  return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

typedef struct spent {
  double wall, processor;
} spent;

static spent run_program(const char *line)
{
  (void)unlink("bench_explore.sqlite");
  spent used = {bench_wall(), children()};
  bench_require(system(line) == 0, "testudo failed");
  return (spent){bench_wall() - used.wall, children() - used.processor};
}

static spent best_of(const char *line)
{
  spent best = {HUGE_VAL, HUGE_VAL};
  for (int k = 0; k < RUNS; k++) {
    spent one = run_program(line);
    best = one.wall < best.wall ? one : best;
  }
  return best;
}

static spent best_small(const char *command, int threads)
{
  char line[400];
  snprintf(line, sizeof line, "./testudo %s %s --threads %d --quiet >bench_explore.out", command, options, threads);
  return best_of(line);
}

/* `explore` of a larger grid by `count` threads, or as many ranks of a thread each. */
static double best_large(bool ranks, int count)
{
  char line[600];
  snprintf(line, sizeof line,
           "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 %s%.0d %s explore --store bench_explore.sqlite %s"
           " --threads %d --quiet </dev/null >bench_explore.out",
           ranks ? "mpirun --oversubscribe -n " : "", ranks ? count : 0,
           ranks ? "./testudo-mpi" : "./testudo", large, ranks ? 1 : count);
  return best_of(line).wall;
}

static bool scales(bool ranks, double pure)
{
  double one = best_large(ranks, 1), two = best_large(ranks, 2), gain = one / two;
  printf("explore, a larger grid, one %s: %.2f s wall, two: %.2f s; %.2f times as fast, a pure loop %.2f; ratio %.3f"
         " (at least 0.95 wanted: %s)\n",
         ranks ? "rank" : "thread", one, two, gain, pure, gain / pure, gain >= 0.95 * pure ? "yes" : "NO");
  return gain >= 0.95 * pure;
}

/* The same points by the library: every one for itself, its law too. */
static double run_library(void)
{
  testudo_error error = {""};
  double began = bench_processor();
  for (int m = FIRST; m <= LAST; m++) {
    testudo_law *law;
    bench_must(testudo_law_parse("gamma:2,0.5", &law, &error), &error);
    const testudo_delay_model model = {.law = law};
    const testudo_analysis_options exact = {.report = TESTUDO_REPORT_CHUNK, .rel_error = 1e-9, .max_states = 200000};
    testudo_assignment assignment;
    testudo_design *design;
    testudo_latency *latency;
    testudo_summary summary;
    double lower, upper;
    bench_must(testudo_assignment_cyclic(m, COPIES, &assignment, &error), &error);
    bench_must(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, 1, 1, "d", &design, &error), &error);
    testudo_assignment_free(&assignment);
    bench_must(testudo_latency_create(design, &model, &exact, &latency, &error), &error);
    bench_must(testudo_latency_summary(latency, &summary, &error), &error);
    for (int k = 0; k < 3; k++)
      bench_must(testudo_latency_quantile(latency, (double[]){0.5, 0.9, 0.99}[k], &lower, &upper, &error), &error);
    testudo_latency_free(latency);
    testudo_design_free(design);
    testudo_law_free(law);
  }
  return bench_processor() - began;
}

static double sum_of[TASKS];

static testudo_status add_up(void *context, int32_t thread, int64_t index)
{
  double sum = 0.0;
  (void)context;
  (void)thread;
  for (int k = 0; k < WORK / 10; k++)
    sum += sqrt((double)(k + index));
  sum_of[index] = sum;
  return TESTUDO_OK;
}

static double best_pure(int threads)
{
  double best = HUGE_VAL;
  for (int k = 0; k < RUNS; k++) {
    double began = bench_wall();
    bench_require(testudo_i_parallel_for(TASKS, threads, add_up, NULL, NULL) == TESTUDO_OK, "the loop failed");
    best = fmin(best, bench_wall() - began);
    for (int task = 0; task < TASKS; task++) /* or the compiler leaves out what nobody reads */
      bench_require(sum_of[task] > 0.0, "no sum");
  }
  return best;
}

/* ---- four schemes, 12 to 200 workers, three laws and what `testudo fit` found in a trace of micro-batches ---- */

static const char law_list[] = "\"unit\": \"share\", \"delay\": [\"exp:1\", \"shifted-exp:1,2\", \"weibull:1.5,1\","
                               " \"@bench_explore_model.json\"]}\n";
static const char *const files[][2] = {
    {"bench_explore_model.json",
     "{\"format\": \"testudo-delay\", \"version\": 1, \"law\": \"lognormal:-0.6757,0.0534\", \"structure\": \"mixed\","
     " \"mixed\": \"mixture:0.775,lognormal:-0.1723,0.0865,lognormal:0.3696,0.348\"}\n"},
    {"bench_explore_p.json", "{\"scheme\": \"partial\", \"workers\": \"12..200:47\", \"replication\": [2, 3, 4],"
                             " \"granularity\": [1, 2, 4], "},
    {"bench_explore_g.json", "{\"scheme\": \"gradient-code\", \"workers\": \"12..200:8\", \"stragglers\": [1, 3], "},
    {"bench_explore_u.json", "{\"scheme\": \"uncoded\", \"workers\": \"12..200:8\", "},
    {"bench_explore_n.json", "{\"scheme\": \"nested\", \"workers\": \"12..200:8\", \"tolerances\": [\"1,3\"], "}};
enum { FILES = sizeof files / sizeof *files, GRID_POINTS = 564 };

static void explore_grid(void)
{
  char line[400] = "./testudo explore";
  for (size_t k = 0; k < FILES; k++) {
    FILE *file = fopen(files[k][0], "w");
    bench_require(file != NULL && fprintf(file, "%s%s", files[k][1], k > 0 ? law_list : "") > 0 && fclose(file) == 0,
                  "no file");
    if (k > 0)
      snprintf(line + strlen(line), sizeof line - strlen(line), " %s", files[k][0]);
  }
  (void)unlink("bench_explore.sqlite");
  strcat(line, " --store bench_explore.sqlite --threads 2 --quiet >bench_explore.out");
  spent used = {bench_wall(), children()};
  bench_require(system(line) == 0, "testudo failed");
  used = (spent){bench_wall() - used.wall, children() - used.processor};
  printf("%d points of four schemes, 12 to 200 workers, four models, into a store: %.1f s wall on two threads, %.1f s"
         " processor (300 s wall wanted: %s)\n", (int)GRID_POINTS, used.wall, used.processor,
         used.wall < 300.0 ? "yes" : "NO");
  for (size_t k = 0; k < FILES; k++)
    (void)unlink(files[k][0]);
}

int main(void)
{
  double library = HUGE_VAL;
  for (int k = 0; k < RUNS; k++)
    library = fmin(library, run_library());
  double pure = best_pure(1) / best_pure(2);
  bool good = true;
  static const char *const command[] = {"sweep", "explore --store bench_explore.sqlite"};
  for (int k = 0; k < 2; k++) {
    spent one = best_small(command[k], 1), two = best_small(command[k], 2);
    double cost = one.processor / library, gain = one.wall / two.wall;
    printf("%s, %d points: %.3f s wall, %.3f s processor; the library's calls alone %.3f s; ratio %.2f (at most 1.5"
           " wanted: %s); two threads %.2f times as fast, a pure loop %.2f; ratio %.3f (at least 0.95 wanted: %s)\n",
           k == 0 ? "sweep" : "explore", LAST - FIRST + 1, one.wall, one.processor, library, cost,
           cost <= 1.5 ? "yes" : "NO", gain, pure, gain / pure, gain >= 0.95 * pure ? "yes" : "NO");
    good = good && cost <= 1.5 && gain >= 0.95 * pure;
  }
  good = scales(false, pure) && good;
  if (access("testudo-mpi", X_OK) == 0)
    good = scales(true, pure) && good;
  else
    printf("two ranks are not measured: there is no testudo-mpi here (./configure --with-mpi makes it)\n");
  explore_grid();
  (void)unlink("bench_explore.sqlite");
  (void)unlink("bench_explore.sqlite-explore");
  (void)unlink("bench_explore.out");
  return good ? 0 : 1;
}
