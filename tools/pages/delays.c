/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The laws of the delay models of points, for what is shown of one point beside its completion time. */
#define _POSIX_C_SOURCE 200809L
#include "pages/pages.h"

#include <stdlib.h>
#include <string.h>

#include <testudo/delay.h>

#include "base/error.h"
#include "report/html.h"

enum { LEVELS = 21, MOST_DELAYS = 200 };

/* A law from the word of --delay, or the law of a delay file. */
typedef struct known_law {
  testudo_law *own;
  testudo_delay_file *file;
  const testudo_law *law; /* NULL: the word is of another kind, or its file is not here any more */
} known_law;

static void find_law(known_law *known, const char *word)
{
  *known = (known_law){.law = NULL};
  if (word[0] == '@') {
    if (testudo_delay_file_read(word + 1, &known->file, NULL) == TESTUDO_OK)
      known->law = testudo_delay_file_model(known->file)->law;
  } else if (testudo_law_parse(word, &known->own, NULL) == TESTUDO_OK)
    known->law = known->own;
}

static void put_law(testudo_i_json_writer *writer, const char *word, const testudo_law *law)
{
  testudo_i_json_open_array(writer, word);
  for (int k = 0; k < LEVELS; k++) {
    double p = k == 0 ? 0.005 : k == LEVELS - 1 ? 0.995 : (double)k / (LEVELS - 1);
    testudo_i_json_open_array(writer, NULL);
    testudo_i_json_put_real(writer, NULL, p);
    testudo_i_json_put_real(writer, NULL, testudo_law_quantile(law, p));
    testudo_i_json_close_array(writer);
  }
  testudo_i_json_close_array(writer);
}

testudo_status page_put_delays(FILE *stream, const drawn_points *points, testudo_error *error)
{
  TESTUDO_I_HELD(names_clear) explore_names words = {.count = 0};
  TESTUDO_I_HELD(testudo_i_json_memory_clear) testudo_i_json_memory memory = {.text = NULL};
  const char *delay;
  for (size_t k = 0; k < points->count && words.count < MOST_DELAYS; k++)
    if (row_option(&points->row[k], "delay", &delay) && delay != NULL)
      TESTUDO_I_TRY(names_add(&words, delay, error));
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&memory, error));
  testudo_i_json_open_object(&memory.writer, NULL);
  for (size_t k = 0; k < words.count; k++) {
    known_law known;
    find_law(&known, words.name[k]);
    if (known.law != NULL)
      put_law(&memory.writer, words.name[k], known.law);
    testudo_law_free(known.own);
    testudo_delay_file_free(known.file);
  }
  testudo_i_json_close_object(&memory.writer);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&memory, error));
  fputs("<script type=\"application/json\" id=\"delays\">", stream);
  html_put_data(stream, memory.text);
  fputs("</script>\n", stream);
  return TESTUDO_OK;
}
