/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A design of 10^6 workers x 8 chunks, regular and cyclic, from making it to one simulated trial: processor seconds,
   each beside a floor measured in the same run. The floor of what touches every entry of the design is one pass over
   the holders in the order of the chunks with a random look-up each; the floor of reading and writing is a pass over
   the bytes of the file that hashes them, as the checksum must. Reading happens in a process of its own, whose peak
   memory is printed beside the size of the file. */
#define _GNU_SOURCE 1 /* wait4 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <testudo/code.h>
#include <testudo/designfile.h>
#include <testudo/sample.h>

#include "base/file.h"
#include "base/hash.h"
#include "runtime/design.h"

#define M 1000000
#define LOAD 8
#define TRIALS 40

static const char path[] = "bench_scale.json";

static void need(testudo_status status, const char *what)
{
  if (status == TESTUDO_OK)
    return;
  fprintf(stderr, "bench_scale: %s failed\n", what);
  exit(1);
}

static double seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void report(const char *what, double start, double floor)
{
  double spent = seconds() - start;
  printf("  %-34s %8.3f s %8.1f floors\n", what, spent, spent / floor);
}

static double pass_over_entries(const testudo_design *design)
{
  double start = seconds();
  int64_t sum = 0;
  for (int64_t e = 0; e < design->chunk_row[design->chunks]; e++)
    sum += design->row[design->holder[e]];
  if (sum == 0)
    need(TESTUDO_ERROR_SYSTEM, "the pass over the entries");
  return seconds() - start;
}

static double pass_over_bytes(size_t *length)
{
  char *bytes;
  need(testudo_i_read_file(path, SIZE_MAX / 2, &bytes, length, NULL), "reading bytes");
  double start = seconds();
  uint64_t hash = testudo_i_fnv(TESTUDO_I_FNV_START, bytes, *length);
  double spent = seconds() - start;
  if (hash == 0)
    need(TESTUDO_ERROR_SYSTEM, "the pass over the bytes");
  free(bytes);
  return spent;
}

static void read_alone(double floor, size_t length)
{
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    testudo_design *design;
    double start = seconds();
    need(testudo_design_read(path, &design, NULL), "reading");
    report("read (checks, holders, checksum)", start, floor);
    testudo_design_free(design);
    fflush(stdout);
    _exit(0);
  }
  int answer = 0;
  struct rusage used;
  if (child < 0 || wait4(child, &answer, 0, &used) != child || answer != 0)
    need(TESTUDO_ERROR_SYSTEM, "reading in a process of its own");
  double megabytes = (double)used.ru_maxrss / 1024, file = (double)length / 1048576;
  printf("  %-34s %8.0f MB %7.1f times the file of %.0f MB\n", "memory to read, in all", megabytes, megabytes / file,
         file);
}

static void simulate(const testudo_design *design, double floor)
{
  testudo_law *law;
  testudo_simulation *simulation;
  need(testudo_law_parse("exp:1", &law, NULL), "the law");
  testudo_delay_model model = {.law = law};
  testudo_simulation_options options = {.report = TESTUDO_REPORT_CHUNK, .trials = TRIALS, .seed = 1, .threads = 1};
  double start = seconds();
  need(testudo_simulate(design, &model, &options, &simulation, NULL), "simulating");
  double spent = (seconds() - start) / TRIALS;
  printf("  %-34s %8.3f s %8.1f floors\n", "one simulated trial (of 40)", spent, spent / floor);
  testudo_simulation_free(simulation);
  testudo_law_free(law);
}

/* Making and writing happen in a process of their own too, so that reading is not charged with their memory. */
static void make_and_write(bool regular, int32_t parts)
{
  testudo_assignment assignment;
  testudo_design *design;
  double begin = seconds(), start = begin;
  need(regular ? testudo_assignment_regular(M, M, LOAD, 5, &assignment, NULL)
               : testudo_assignment_cyclic(M, LOAD, &assignment, NULL), "assigning");
  double assigned = seconds();
  need(testudo_order_matching(&assignment, NULL, NULL), "ordering");
  double ordered = seconds();
  need(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, parts, 1, "", &design, NULL), "making");
  testudo_assignment_free(&assignment);
  double floor = pass_over_entries(design);
  printf("  %-34s %8.3f s %8.1f floors\n", "assign", assigned - begin, (assigned - begin) / floor);
  printf("  %-34s %8.3f s %8.1f floors\n", "matching order", ordered - assigned, (ordered - assigned) / floor);
  start = seconds();
  need(testudo_design_claim(design, NULL), "claiming");
  report("measure the claims", start, floor);
  simulate(design, floor);
  start = seconds();
  need(testudo_design_write(design, path, NULL), "writing");
  double spent = seconds() - start;
  size_t length;
  printf("  %-34s %8.3f s %8.1f floors\n", "write", spent, spent / pass_over_bytes(&length));
  printf("  %-34s %8.3f s\n", "all of this process", seconds() - begin);
  testudo_design_free(design);
}

int main(void)
{
  for (int k = 0; k < 4; k++) {
    bool regular = k / 2 == 0;
    int32_t parts = 1 + k % 2;
    printf("%s, %d workers x %d, l = %d\n", regular ? "regular" : "cyclic", M, LOAD, (int)parts);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
      make_and_write(regular, parts);
      fflush(stdout);
      _exit(0);
    }
    int answer = 0;
    if (child < 0 || waitpid(child, &answer, 0) != child || answer != 0)
      need(TESTUDO_ERROR_SYSTEM, "making in a process of its own");
    size_t length;
    double floor = pass_over_bytes(&length);
    read_alone(floor, length);
  }
  remove(path);
  return 0;
}
