/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usage: compare PAIRS WANTED FOUND [--bits] [--alter PAIR QUANTITY RELATIVE]
   Compares two outputs of tests/identity/numbers line by line, prints the lines that differ, and ends with how many
   pairs agree: "N passed, N failed". Without --bits numbers may differ by what another libm or compiler does to them,
   a relative 1e-12; with it every line must be the same, but for the loose pairs of PAIRS. --alter is for negative
   controls: the number of WANTED is first made larger by RELATIVE of it. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RELATIVE 1e-12
#define ABSOLUTE 1e-300
/* Estimates of rounding: under TINY they say the same, that there is next to none. */
#define TINY 1e-11
#define FACTOR 4.0
/* A squared error of exact decoding, and a spread of equal errors, are 0 but for rounding. */
#define NOTHING 1e-15
/* Differences of one pair that are printed; the rest is counted. */
#define SHOWN 10
#define LINE_BYTES 1024

typedef struct line {
  char *pair, *quantity, *value;
} line;

typedef struct table {
  line *row;
  size_t count;
} table;

static void stop(const char *what, const char *why)
{
  fprintf(stderr, "compare: %s: %s\n", what, why);
  exit(99);
}

static char *copy(const char *text)
{
  size_t bytes = strlen(text) + 1;
  char *kept = malloc(bytes);
  if (kept == NULL)
    stop("memory", "there is none");
  return memcpy(kept, text, bytes);
}

static void add(table *into, char *text, const char *path)
{
  if ((into->count & (into->count + 1)) == 0) {
    into->row = realloc(into->row, (2 * into->count + 2) * sizeof *into->row);
    if (into->row == NULL)
      stop("memory", "there is none");
  }
  line *row = &into->row[into->count];
  char *quantity = strchr(text, '\t'), *value = quantity == NULL ? NULL : strchr(quantity + 1, '\t');
  if (value == NULL)
    stop(path, "a line without three fields");
  *quantity++ = *value++ = '\0';
  *row = (line){copy(text), copy(quantity), copy(value)};
  into->count++;
}

static int by_key(const void *left, const void *right)
{
  const line *a = left, *b = right;
  int order = strcmp(a->pair, b->pair);
  return order != 0 ? order : strcmp(a->quantity, b->quantity);
}

/* Reads the lines of a file that are no comments, first fields first. */
static table read_table(const char *path)
{
  table read = {NULL, 0};
  char text[LINE_BYTES];
  FILE *file = fopen(path, "r");
  if (file == NULL)
    stop(path, "cannot be opened");
  while (fgets(text, sizeof text, file) != NULL) {
    text[strcspn(text, "\r\n")] = '\0';
    if (text[0] != '#')
      add(&read, text, path);
  }
  fclose(file);
  if (read.count == 0)
    stop(path, "nothing in it");
  return read;
}

static table read_numbers(const char *path)
{
  table read = read_table(path);
  qsort(read.row, read.count, sizeof *read.row, by_key);
  for (size_t k = 1; k < read.count; k++)
    if (by_key(&read.row[k - 1], &read.row[k]) == 0)
      stop(read.row[k].quantity, "stands twice");
  return read;
}

static void free_table(table *read)
{
  for (size_t k = 0; k < read->count; k++) {
    free(read->row[k].pair);
    free(read->row[k].quantity);
    free(read->row[k].value);
  }
  free(read->row);
}

static bool ends_with(const char *text, const char *end)
{
  size_t length = strlen(text), tail = strlen(end);
  return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool read_number(const char *text, double *number)
{
  char *end;
  *number = strtod(text, &end);
  return end != text && *end == '\0';
}

static bool same_rounding(double a, double b)
{
  if ((fabs(a) <= TINY && fabs(b) <= TINY) || a == b)
    return true;
  return a > 0 && b > 0 && a <= FACTOR * b && b <= FACTOR * a;
}

static bool close(const line *wanted, const line *found)
{
  double a, b;
  if (!read_number(wanted->value, &a) || !read_number(found->value, &b))
    return false;
  if (isnan(a) || isnan(b))
    return isnan(a) && isnan(b);
  if (ends_with(wanted->quantity, "abs_error") || ends_with(wanted->quantity, "max_rel_error"))
    return same_rounding(a, b);
  bool may_vanish = strstr(wanted->quantity, ".combined_mse") != NULL || strstr(wanted->quantity, "_stderr") != NULL;
  if (may_vanish && fabs(a) <= NOTHING && fabs(b) <= NOTHING)
    return true;
  return a == b || fabs(a - b) <= RELATIVE * fmax(fabs(a), fabs(b)) + ABSOLUTE;
}

static bool same(const line *wanted, const line *found, bool bits, bool loose)
{
  if (strcmp(wanted->value, found->value) == 0)
    return true;
  if (loose && (ends_with(wanted->quantity, ".method") || ends_with(wanted->quantity, "abs_error")))
    return true;
  return (loose || !bits) && close(wanted, found);
}

/* Is the pair marked so? Its line ends with the word. */
static bool is_loose(const table *pairs, const char *pair)
{
  for (size_t k = 0; k < pairs->count; k++)
    if (strcmp(pairs->row[k].pair, pair) == 0)
      return ends_with(pairs->row[k].value, "\tloose");
  return false;
}

static void say(const line *wanted, const line *found, int *differences)
{
  const line *either = wanted != NULL ? wanted : found;
  double a, b;
  if (++*differences > SHOWN)
    return;
  printf("        %s: wanted %s, found %s", either->quantity, wanted != NULL ? wanted->value : "no such line",
         found != NULL ? found->value : "no such line");
  if (wanted != NULL && found != NULL && read_number(wanted->value, &a) && read_number(found->value, &b))
    printf(" (%.17g, %.17g, relative %.1e)", a, b, fabs(a - b) / fmax(fabs(a), fabs(b)));
  printf("\n");
}

/* Compares the lines of one pair, at *at and *other on; how many differ. */
static int compare_pair(const char *pair, const table *wanted, size_t *at, const table *found, size_t *other,
                        bool bits, bool loose)
{
  int differences = 0;
  for (;;) {
    const line *a = *at < wanted->count ? &wanted->row[*at] : NULL;
    const line *b = *other < found->count ? &found->row[*other] : NULL;
    a = a != NULL && strcmp(a->pair, pair) == 0 ? a : NULL;
    b = b != NULL && strcmp(b->pair, pair) == 0 ? b : NULL;
    if (a == NULL && b == NULL)
      return differences;
    int order = a == NULL ? 1 : b == NULL ? -1 : strcmp(a->quantity, b->quantity);
    if (order != 0)
      say(order < 0 ? a : NULL, order > 0 ? b : NULL, &differences);
    else if (!same(a, b, bits, loose))
      say(a, b, &differences);
    *at += order <= 0;
    *other += order >= 0;
  }
}

static void alter(const table *among, char *pair, char *quantity, const char *relative)
{
  line key = {.pair = pair, .quantity = quantity};
  line *row = bsearch(&key, among->row, among->count, sizeof *among->row, by_key);
  double number = 0, by = 0;
  char text[64];
  if (row == NULL || !read_number(row->value, &number) || !read_number(relative, &by))
    stop(quantity, "is no number that could be altered");
  snprintf(text, sizeof text, "%a", number * (1 + by));
  free(row->value);
  row->value = copy(text);
}

/* Every pair that stands in either; how many agree and how many do not. */
static void compare_all(const table *pairs, const table *wanted, const table *found, bool bits, int *passed,
                        int *failed)
{
  for (size_t at = 0, other = 0; at < wanted->count || other < found->count;) {
    bool first = other == found->count ||
                 (at < wanted->count && strcmp(wanted->row[at].pair, found->row[other].pair) <= 0);
    const char *pair = first ? wanted->row[at].pair : found->row[other].pair;
    bool loose = is_loose(pairs, pair);
    int differences = compare_pair(pair, wanted, &at, found, &other, bits, loose);
    *(differences == 0 ? passed : failed) += 1;
    if (differences > SHOWN)
      printf("        and %d more\n", differences - SHOWN);
    if (differences > 0)
      printf("FAILED  %s: %d lines differ\n", pair, differences);
    else if (bits && loose)
      printf("loose   %s: the same to a relative %g\n", pair, RELATIVE);
  }
}

int main(int argc, char **argv)
{
  bool bits = argc > 4 && strcmp(argv[4], "--bits") == 0;
  int more = bits ? 5 : 4, passed = 0, failed = 0;
  bool alters = argc == more + 4 && strcmp(argv[more], "--alter") == 0;
  if (argc != more && !alters)
    stop("usage", "compare PAIRS WANTED FOUND [--bits] [--alter PAIR QUANTITY RELATIVE]");
  table pairs = read_table(argv[1]), wanted = read_numbers(argv[2]), found = read_numbers(argv[3]);
  if (alters)
    alter(&wanted, argv[more + 1], argv[more + 2], argv[more + 3]);
  compare_all(&pairs, &wanted, &found, bits, &passed, &failed);
  printf("%d passed, %d failed\n", passed, failed);
  free_table(&pairs);
  free_table(&wanted);
  free_table(&found);
  return failed > 0;
}
