/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hostile FOLDER COUNT FILE..: for every FILE, COUNT files FOLDER/NAME-00000.END that it might have been: cut, torn,
   with numbers that are none or too large, bytes that are no text, members that are missing or there twice, nested
   without end. The same arguments give the same files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

enum { MOST = 1 << 22 };

typedef struct text {
  char *at;
  size_t length;
} text;

static text read_all(const char *path)
{
  text t = {malloc(MOST), 0};
  FILE *file = fopen(path, "rb");
  if (t.at == NULL || file == NULL) {
    perror(path);
    exit(5);
  }
  t.length = fread(t.at, 1, MOST / 4, file);
  fclose(file);
  return t;
}

static size_t below(testudo_i_random *random, size_t limit)
{
  return limit == 0 ? 0 : (size_t)testudo_i_random_below(random, limit);
}

/* `length` bytes at `from` become `size` others. */
static void replace(text *t, size_t from, size_t length, const char *by, size_t size)
{
  if (t->length - length + size > MOST)
    return;
  memmove(t->at + from + size, t->at + from + length, t->length - from - length);
  memcpy(t->at + from, by, size);
  t->length += size - length;
}

static void insert(text *t, size_t from, const char *by)
{
  replace(t, from, 0, by, strlen(by));
}

static void repeat(text *t, size_t from, const char *piece, size_t times)
{
  size_t size = strlen(piece);
  char *all = malloc(size * times + 1);
  for (size_t k = 0; all != NULL && k < times; k++)
    memcpy(all + k * size, piece, size);
  if (all != NULL)
    replace(t, from, 0, all, size * times);
  free(all);
}

static int is_of_number(char c)
{
  return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

/* A number from some place on: *length is 0 where there is none. */
static size_t find_number(const text *t, testudo_i_random *random, size_t *length)
{
  size_t from = below(random, t->length), seen = 0;
  *length = 0;
  while (seen++ < t->length && !(t->at[from] >= '0' && t->at[from] <= '9'))
    from = (from + 1) % t->length;
  while (from > 0 && is_of_number(t->at[from - 1]))
    from--;
  while (from + *length < t->length && is_of_number(t->at[from + *length]))
    ++*length;
  return from;
}

/* From one byte of a kind to the next, both included. */
static size_t find_span(const text *t, testudo_i_random *random, char begin, char end, size_t *length)
{
  size_t from = below(random, t->length), seen = 0;
  *length = 0;
  while (seen++ < t->length && t->at[from] != begin)
    from = (from + 1) % t->length;
  for (size_t k = from + 1; k < t->length && *length == 0; k++)
    if (t->at[k] == end)
      *length = k - from + 1;
  return from;
}

static const char *const numbers[] = {
    "-1", "0", "-0", "1e999", "-1e999", "1e-999", "9223372036854775807", "9223372036854775808",
    "-9223372036854775809", "2147483648", "4294967297", "18446744073709551616", "NaN", "nan", "inf", "-Infinity",
    "0x10", "1e308", "5e-324", "007", ".5", "5.", "1_000", "1,5", "", "null", "true", "[]", "{}", "\"7\"",
    "99999999999999999999999999999999", "1e", "--1"};

static const char *const strings[] = {
    "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\u001b[2J\"", "\"\xff\xfe\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
    "\"%s%n%1000000d\"", "\"../../../../etc/passwd\"", "\"\\x\"", "\"open", "\"a\nb\"", "7", "null"};

#define COUNT_OF(list) (sizeof(list) / sizeof *(list))

/* Kind 0 .. KINDS - 1. */
enum { KINDS = 22 };

static void spoil(text *t, testudo_i_random *random, size_t kind)
{
  size_t length, from = below(random, t->length + 1), rest = t->length - from;
  size_t span = rest < 64 ? rest : 1 + below(random, 64);
  switch (kind) {
  case 0:
    t->length = from;
    break;
  case 1:
    replace(t, from, span, "", 0);
    break;
  case 2: {
    char kept[64];
    memcpy(kept, t->at + from, span);
    replace(t, from, 0, kept, span);
    break;
  }
  case 3:
    if (rest > 0)
      t->at[from] = (char)(t->at[from] ^ 1 << below(random, 8));
    break;
  case 4:
    if (rest > 0)
      t->at[from] = (char)below(random, 256);
    break;
  case 5:
    replace(t, from, 0, "\0\0\0", 3);
    break;
  case 6:
    insert(t, from, "\xff\xc0\x80\xed\xa0\x80");
    break;
  case 7:
  case 8:
  case 9:
    for (size_t times = kind == 9 ? 5 : 1; times > 0; times--) {
      const char *by = numbers[below(random, COUNT_OF(numbers))];
      from = find_number(t, random, &length);
      replace(t, from, length, by, strlen(by));
    }
    break;
  case 10:
  case 11: {
    const char *by = strings[below(random, COUNT_OF(strings))];
    from = find_span(t, random, '"', '"', &length);
    replace(t, from, length, by, strlen(by));
    break;
  }
  case 12:
    from = find_span(t, random, '"', ',', &length);
    replace(t, from, length, "", 0);
    break;
  case 13: {
    char *kept = malloc(t->length + 1);
    from = find_span(t, random, ',', ',', &length);
    memcpy(kept, t->at + from, length);
    replace(t, from, 0, kept, length);
    free(kept);
    break;
  }
  case 14: {
    char *kept = malloc(t->length + 1);
    memcpy(kept, t->at, t->length);
    replace(t, t->length, 0, kept, t->length);
    free(kept);
    break;
  }
  case 15:
    insert(t, 0, "\xef\xbb\xbf");
    insert(t, t->length, "trailing");
    break;
  case 16:
    repeat(t, from, "[", 100000);
    break;
  case 17:
    repeat(t, from, ",", 300000);
    break;
  case 18:
    for (size_t k = 0; k < t->length; k++)
      t->at[k] = t->at[k] == ',' ? ';' : t->at[k] == '.' ? ',' : t->at[k];
    break;
  case 19:
    t->length = 0;
    insert(t, 0, below(random, 3) == 0 ? "" : below(random, 2) == 0 ? "\n\n\n" : "{}");
    break;
  case 20:
    repeat(t, from, "{\"a\":", 50000);
    break;
  default:
    repeat(t, from, "9", 5000);
  }
}

static void write_all(const char *folder, const char *base, size_t number, const text *t)
{
  char path[4096];
  const char *slash = strrchr(base, '/'), *name = slash == NULL ? base : slash + 1, *dot = strchr(name, '.');
  int stem = dot == NULL ? (int)strlen(name) : (int)(dot - name);
  snprintf(path, sizeof path, "%s/%.*s-%05zu%s", folder, stem, name, number, dot == NULL ? "" : dot);
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(t->at, 1, t->length, file) != t->length || fclose(file) != 0) {
    perror(path);
    exit(5);
  }
}

int main(int count, char **words)
{
  if (count < 4) {
    fputs("usage: hostile FOLDER COUNT FILE..\n", stderr);
    return 2;
  }
  for (int f = 3; f < count; f++) {
    text base = read_all(words[f]), made = {malloc(MOST), 0};
    for (size_t k = 0; made.at != NULL && k < strtoul(words[2], NULL, 10); k++) {
      testudo_i_random random;
      testudo_i_random_start(&random, 14, TESTUDO_I_FOR_TEST, (uint64_t)f, (uint32_t)k);
      memcpy(made.at, base.at, base.length);
      made.length = base.length;
      spoil(&made, &random, k % KINDS);
      if (k >= 2 * KINDS && k % 3 == 0)
        spoil(&made, &random, below(&random, 16));
      write_all(words[1], words[f], k, &made);
    }
    free(base.at);
    free(made.at);
  }
  return 0;
}
