/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What handing points out to ranks costs: jobs that only sleep, so that many ranks share few cores, whose rows go to a
   store as an exploration's do. Measured are the time h that rank 0 needs per job when all ask at once, the time L that
   a rank alone waits for its next, and the efficiency of P ranks whose jobs take t, beside the model of docs/sweeps.md:
   a closed queue in which each of P ranks works for t, is on its way for L, and is served by rank 0 in h, one after the
   other (mean value analysis: Reiser and Lavenberg, Mean-value analysis of closed multichain queuing networks, Journal
   of the ACM 27, 1980). Starts itself under mpirun. Usage: bench_cluster. */
#define _DEFAULT_SOURCE
#include "bench/bench.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cluster/hand_out.h"
#include "explore/store.h"

enum { ROW_BYTES = 2500, MOST_JOBS = 40000 };

typedef struct trial {
  bool leads;
  double seconds; /* of a job */
  testudo_i_store *store;
  int64_t round;
  atomic_long taken;
  int64_t count;
} trial;

static void sleep_for(double seconds)
{
  const struct timespec span = {(time_t)seconds, (long)(1e9 * (seconds - floor(seconds)))};
  nanosleep(&span, NULL);
}

/* On rank 0 the one job that it takes itself lasts until the others have done all of theirs. */
static testudo_status work(void *context, int64_t job, const testudo_monitor *monitor, char **bytes, size_t *length,
                           testudo_error *error)
{
  trial *t = context;
  (void)job;
  (void)monitor;
  (void)error;
  while (t->leads && atomic_load(&t->taken) < t->count - 1)
    sleep_for(0.001);
  if (!t->leads)
    sleep_for((double)job * 1e-6);
  *length = ROW_BYTES + 1;
  *bytes = calloc(*length, 1);
  bench_require(*bytes != NULL, "out of memory");
  memset(*bytes, 'x', ROW_BYTES);
  return TESTUDO_OK;
}

static testudo_status take(void *context, int64_t k, const char *bytes, size_t length, testudo_error *error)
{
  trial *t = context;
  char key[TESTUDO_I_STORE_KEY + 1];
  char text[48];
  (void)length;
  snprintf(text, sizeof text, "%lld %lld", (long long)t->round, (long long)k);
  testudo_i_store_key(text, strlen(text), key);
  const testudo_i_store_row row = {.key = key, .computation = "analyze", .design = "d", .command = "c",
                                   .parameters = "{}", .version = "v", .result = bytes, .seconds = t->seconds};
  testudo_status status = testudo_i_store_add(t->store, &row, error);
  atomic_fetch_add(&t->taken, 1);
  return status;
}

/* The part of their time that `ranks` work. */
static double model(int ranks, double t, double away, double h)
{
  double queue = 0.0, rate = 0.0;
  for (int n = 1; n <= ranks; n++) {
    double response = h * (1.0 + queue);
    rate = n / (t + away + response);
    queue = rate * response;
  }
  return rate * t / ranks;
}

typedef struct measured {
  double wall, processor;
} measured;

static measured run(testudo_i_cluster *cluster, trial *t, double seconds, int64_t count)
{
  static int64_t job[MOST_JOBS];
  testudo_error error = {""};
  for (int64_t k = 0; k < count; k++)
    job[k] = (int64_t)(seconds * 1e6);
  t->round++;
  t->seconds = seconds;
  t->count = count;
  atomic_store(&t->taken, 0);
  const testudo_i_cluster_jobs jobs = {.job = job, .count = count, .compute = work, .take = take, .context = t};
  double wall = bench_wall(), processor = bench_processor();
  bench_must(testudo_i_cluster_hand_out(cluster, &jobs, &error), &error);
  return (measured){bench_wall() - wall, bench_processor() - processor};
}

static void lead(testudo_i_cluster *cluster, trial *t, double away)
{
  int others = testudo_i_cluster_ranks(cluster) - 1;
  testudo_error error = {""};
  (void)unlink("bench_cluster.sqlite");
  bench_must(testudo_i_store_open("bench_cluster.sqlite", TESTUDO_I_STORE_WRITE, &t->store, &error), &error);
  (void)run(cluster, t, 0.0, 200); /* all ranks are there */
  measured busy = run(cluster, t, 0.0, 10000);
  double h = busy.wall / 10000;
  printf("%d ranks beside rank 0 that all ask at once: rank 0 needs h = %.0f us per job, %.0f us of processor time\n",
         others, 1e6 * h, 1e2 * busy.processor);
  const double span[] = {0.3, 0.1, 0.03, 0.01, 0.003};
  for (size_t k = 0; k < sizeof span / sizeof *span; k++) {
    int64_t count = others * (int64_t)(3.0 / span[k] + 0.5); /* whole rounds */
    if (count > MOST_JOBS / 2)
      count = MOST_JOBS / 2;
    measured found = run(cluster, t, span[k], count);
    double efficiency = (double)count * span[k] / others / found.wall;
    printf("jobs of %.0f ms: efficiency %.3f, the model %.3f; %.0f jobs/s as of 1000 ranks with jobs of %.2g s\n",
           1e3 * span[k], efficiency, model(others, span[k], away, h), others / span[k], span[k] * 1000 / others);
  }
  for (double each = 0.1; each < 11.0; each *= 10.0)
    printf("the model for 1000 ranks, jobs of %.1f s: efficiency %.3f\n", each, model(1000, each, away, h));
  testudo_i_store_close(t->store);
  (void)unlink("bench_cluster.sqlite");
}

/* A rank alone asks again and again: what it waits for its next job. */
static void measure_wait(testudo_i_cluster *cluster, trial *t)
{
  testudo_error error = {""};
  (void)unlink("bench_cluster.sqlite");
  bench_must(testudo_i_store_open("bench_cluster.sqlite", TESTUDO_I_STORE_WRITE, &t->store, &error), &error);
  (void)run(cluster, t, 0.0, 200);
  measured idle = run(cluster, t, 0.0, 3000);
  printf("one rank beside rank 0 waits L = %.0f us for its next job\n", 1e6 * idle.wall / 3000);
  FILE *kept = fopen("bench_cluster.wait", "w");
  bench_require(kept != NULL && fprintf(kept, "%.9g\n", idle.wall / 3000) > 0 && fclose(kept) == 0, "no file");
  testudo_i_store_close(t->store);
  (void)unlink("bench_cluster.sqlite");
}

static double kept_wait(void)
{
  double wait = 0.0;
  FILE *kept = fopen("bench_cluster.wait", "r");
  bench_require(kept != NULL && fscanf(kept, "%lf", &wait) == 1 && fclose(kept) == 0, "no file");
  (void)unlink("bench_cluster.wait");
  return wait;
}

static int on_ranks(void)
{
  testudo_error error = {""};
  testudo_i_cluster *cluster;
  bench_must(testudo_i_cluster_start(&cluster, &error), &error);
  trial t = {.leads = testudo_i_cluster_rank(cluster) == 0};
  if (!t.leads)
    bench_must(testudo_i_cluster_serve(cluster, work, &t, NULL, &error), &error);
  else if (testudo_i_cluster_ranks(cluster) == 2)
    measure_wait(cluster, &t);
  else
    lead(cluster, &t, kept_wait());
  return testudo_i_cluster_end(cluster) ? 0 : 1;
}

int main(int argc, char **argv)
{
  if (argc > 1 && strcmp(argv[1], "ranks") == 0)
    return on_ranks();
  static const int ranks[] = {2, 33};
  for (size_t k = 0; k < sizeof ranks / sizeof *ranks; k++) {
    char line[400];
    snprintf(line, sizeof line, "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -n %d"
             " '%s' ranks", ranks[k], argv[0]);
    bench_require(system(line) == 0, "mpirun failed");
  }
  return 0;
}
