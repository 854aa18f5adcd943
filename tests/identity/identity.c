/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usage: numbers FOLDER [--all] [PAIR]
   Prints what the library says of the pairs in FOLDER/pairs.tsv (or of one of them), a number per line, so that two
   versions of the library can be compared; see tests/identity/identity and tests/identity/bits. It stands on the
   public headers only, so that it compiles against any version, and runs one thread. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity/numbers.h"

#define MAX_TIMES 16
#define MAX_WORKERS 1024
#define LINE_BYTES 1024
#define FIELDS 9

void put_text(const pair *of, const char *quantity, const char *value)
{
  printf("%s\t%s\t%s\n", of->name, quantity, value);
}

void put_number(const pair *of, const char *quantity, int64_t index, double value)
{
  printf("%s\t%s", of->name, quantity);
  if (index >= 0)
    printf("[%lld]", (long long)index);
  /* The sign of a NaN means nothing. */
  if (isnan(value))
    printf("\tnan\n");
  else
    printf("\t%a\n", value);
}

void put_count(const pair *of, const char *quantity, int64_t value)
{
  printf("%s\t%s\t%lld\n", of->name, quantity, (long long)value);
}

static const char *status_name(testudo_status status)
{
  switch (status) {
  case TESTUDO_OK:
    return "ok";
  case TESTUDO_ERROR_ARGUMENT:
    return "argument";
  case TESTUDO_ERROR_INPUT:
    return "input";
  case TESTUDO_ERROR_LIMIT:
    return "limit";
  case TESTUDO_UNDECODABLE:
    return "undecodable";
  default:
    return "system";
  }
}

bool put_status(const pair *of, const char *quantity, testudo_status status)
{
  put_text(of, quantity, status_name(status));
  return status == TESTUDO_OK;
}

static void stop(const char *what, const char *why)
{
  fprintf(stderr, "numbers: %s: %s\n", what, why);
  exit(1);
}

/* Numbers separated by commas, none where the text is "-"; how many. */
static int32_t read_list(const char *name, const char *text, double *number, int32_t most)
{
  int32_t count = 0;
  if (strcmp(text, "-") == 0)
    return 0;
  for (char *end = NULL;; text = end + 1) {
    if (count == most)
      stop(name, "too many numbers in a list");
    number[count++] = strtod(text, &end);
    if (end == text || (*end != ',' && *end != '\0'))
      stop(name, "a list of numbers is not one");
    if (*end == '\0')
      return count;
  }
}

/* none, failed:F or prob:P. */
static void read_failures(const char *name, const char *text, testudo_delay_model *model)
{
  if (strncmp(text, "failed:", 7) == 0) {
    model->failures = TESTUDO_FAILURES_EXACTLY;
    model->failed = (int32_t)strtol(text + 7, NULL, 10);
  } else if (strncmp(text, "prob:", 5) == 0) {
    model->failures = TESTUDO_FAILURES_EACH;
    model->fail_prob = strtod(text + 5, NULL);
  } else if (strcmp(text, "none") != 0) {
    stop(name, "failures are none, failed:F or prob:P");
  }
}

/* One of two words: is it the second? */
static bool read_word(const char *name, const char *text, const char *first, const char *second)
{
  if (strcmp(text, first) != 0 && strcmp(text, second) != 0)
    stop(name, "an unknown word");
  return strcmp(text, second) == 0;
}

/* Files that a law names stand in the folder. */
static void place_law(char *placed, size_t room, const char *folder, const char *text)
{
  size_t head = text[0] == '@' ? 1 : strncmp(text, "trace:", 6) == 0 ? 6 : 0;
  if (head == 0)
    snprintf(placed, room, "%s", text);
  else
    snprintf(placed, room, "%.*s%s/%s", (int)head, text, folder, text + head);
}

/* Field by field: pair, design, law, structure, report, failures, rates, times, loose. The last is for compare. */
static void run_line(const char *folder, char *const *field, bool all)
{
  double given[MAX_WORKERS], rates[MAX_WORKERS], times[MAX_TIMES];
  char path[LINE_BYTES], law_text[LINE_BYTES];
  testudo_design *design = NULL;
  testudo_law *law = NULL;
  testudo_error error;
  pair of = {.name = field[0], .times = times};

  snprintf(path, sizeof path, "%s/designs/%s.json", folder, field[1]);
  if (testudo_design_read(path, &design, &error) != TESTUDO_OK)
    stop(field[0], error.text);
  place_law(law_text, sizeof law_text, folder, field[2]);
  if (testudo_law_parse(law_text, &law, &error) != TESTUDO_OK)
    stop(field[0], error.text);
  of.design = design;
  of.model.law = law;
  of.model.structure = read_word(field[0], field[3], "scaled", "additive") ? TESTUDO_STRUCTURE_ADDITIVE
                                                                           : TESTUDO_STRUCTURE_SCALED;
  of.report = read_word(field[0], field[4], "chunk", "whole") ? TESTUDO_REPORT_WHOLE : TESTUDO_REPORT_CHUNK;
  read_failures(field[0], field[5], &of.model);
  int32_t count = read_list(field[0], field[6], given, MAX_WORKERS);
  if (count > 0) {
    /* A short list goes round. */
    of.model.workers = testudo_design_workers(design);
    if (of.model.workers > MAX_WORKERS)
      stop(field[0], "too many workers for rates");
    for (int32_t j = 0; j < of.model.workers; j++)
      rates[j] = given[j % count];
    of.model.rates = rates;
  }
  of.time_count = read_list(field[0], field[7], times, MAX_TIMES);
  put_analysis(&of);
  put_simulation(&of, all);
  testudo_law_free(law);
  testudo_design_free(design);
}

/* Cuts a line at its tabs. */
static void split(char *line, char **field)
{
  int count = 0;
  line[strcspn(line, "\r\n")] = '\0';
  for (char *at = line; at != NULL && count < FIELDS; count++) {
    char *tab = strchr(at, '\t');
    if (tab != NULL)
      *tab++ = '\0';
    field[count] = at;
    at = tab;
  }
  if (count != FIELDS)
    stop(line, "a line of pairs.tsv has 9 fields");
}

int main(int argc, char **argv)
{
  const char *folder = NULL, *only = NULL;
  bool all = false;
  char line[LINE_BYTES], *field[FIELDS];
  int ran = 0;

  for (int k = 1; k < argc; k++)
    if (strcmp(argv[k], "--all") == 0)
      all = true;
    else if (folder == NULL)
      folder = argv[k];
    else
      only = argv[k];
  if (folder == NULL)
    stop("usage", "numbers FOLDER [--all] [PAIR]");
  snprintf(line, sizeof line, "%s/pairs.tsv", folder);
  FILE *pairs = fopen(line, "r");
  if (pairs == NULL)
    stop(line, "cannot be opened");
  while (fgets(line, sizeof line, pairs) != NULL) {
    if (line[0] == '#')
      continue;
    split(line, field);
    if (only != NULL && strcmp(only, field[0]) != 0)
      continue;
    run_line(folder, field, all);
    ran++;
  }
  fclose(pairs);
  if (ran == 0)
    stop(only == NULL ? "pairs.tsv" : only, "no such pair");
  return fflush(stdout) == 0 ? 0 : 1;
}
