/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a trace of 10^7 rows: seconds and memory, beside strtod on the same numbers and a pass over the bytes. */
#include "bench/bench.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "trace/trace.h"

enum { ROWS = 10000000, WORKERS = 64, CHUNKS = 16 };

static double memory(void)
{
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (double)used.ru_maxrss / 1024.0;
}

/* Times of 16 or 17 digits, as Python prints them, or of 6. */
static void write_trace(const char *path, bool digits)
{
  FILE *file = fopen(path, "w");
  uint64_t x = 42;
  if (file == NULL)
    exit(1);
  fputs("worker,iteration,chunk,seconds\n", file);
  for (int64_t k = 0; k < ROWS; k++) {
    x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    fprintf(file, digits ? "%d,%d,%d,%.17g\n" : "%d,%d,%d,%.6f\n", (int)(k / CHUNKS % WORKERS),
            (int)(k / CHUNKS / WORKERS), (int)(k % CHUNKS), 0.05 + (double)(x >> 11) * 0x1p-53);
  }
  fclose(file);
}

/* A floor: the bytes looked at once, the last number of every line given to strtod. */
static double floor_of(const char *path)
{
  double before = bench_processor(), sum = 0.0;
  char line[256];
  FILE *file = fopen(path, "r");
  while (file != NULL && fgets(line, sizeof line, file) != NULL) {
    const char *comma = strrchr(line, ',');
    sum += comma == NULL ? 0.0 : strtod(comma + 1, NULL);
  }
  if (file != NULL)
    fclose(file);
  return sum > 0.0 ? bench_processor() - before : 0.0;
}

int main(void)
{
  char path[] = "/tmp/testudo-bench-XXXXXX";
  int descriptor = mkstemp(path);
  if (descriptor < 0)
    return 1;
  close(descriptor);
  for (int digits = 0; digits < 2; digits++) {
    testudo_i_trace trace;
    testudo_error error;
    write_trace(path, digits == 1);
    double wall = bench_wall(), used = bench_processor();
    if (testudo_i_trace_read_as(path, NULL, &trace, &error) != TESTUDO_OK) {
      puts(error.text);
      return 1;
    }
    wall = bench_wall() - wall;
    used = bench_processor() - used;
    double most = memory(), least = floor_of(path);
    printf("10^7 rows, %s digits: %.2f s, %.2f s of the processor, %.0f MiB at most so far; fgets and strtod of one"
           " column take %.2f s: ratio %.2f\n", digits ? "17" : "6", wall, used, most, least, used / least);
    testudo_i_trace_free(&trace);
  }
  unlink(path);
  return 0;
}
