/* SPDX-License-Identifier: BSD-3-Clause */
/* A text file in memory, line by line and word by word. Any bytes are survived: nothing ends at a zero byte, nothing is
   read beyond the end. */
#ifndef TESTUDO_BASE_TEXT_H
#define TESTUDO_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <testudo/status.h>

typedef struct testudo_i_text {
  const char *name;
  const char *next, *end; /* the lines to come */
  const char *at, *stop;  /* what is left of the current line, without its end */
  int64_t line;           /* its number, from 1; 0 before the first */
  const char *unit;       /* what sentences call it: "line" */
} testudo_i_text;

typedef struct testudo_i_word {
  const char *at;
  size_t length;
} testudo_i_word;

static inline bool testudo_i_is_blank(char c)
{
  return c == ' ' || c == '\t';
}

static inline bool testudo_i_is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* A byte order mark is stepped over. */
testudo_i_text testudo_i_text_start(const char *bytes, size_t length, const char *name);

/* The next line; false at the end of the file. Lines end with LF or CR LF. */
bool testudo_i_text_line(testudo_i_text *text);

/* The next word of the line (blanks and tabs part words); false when there is none. */
bool testudo_i_text_word(testudo_i_text *text, testudo_i_word *word);

/* The text up to `separator` or the end of the line, without blanks around it; false when the line is used up. */
bool testudo_i_text_field(testudo_i_text *text, char separator, testudo_i_word *word);

/* Letters of either case are the same. */
bool testudo_i_word_is(testudo_i_word word, const char *wanted);

/* A sequence of digits as a number (INT64_MAX when larger), -1 for anything else. */
int64_t testudo_i_word_count(testudo_i_word word);

/* How many of the `length` bytes are the character that begins here, in UTF-8; 0 where they begin none, or a control
   character. */
size_t testudo_i_character(const char *text, size_t length);

/* Is it UTF-8 without control characters? Names must be, as they are printed, and written to JSON. */
bool testudo_i_word_is_printable(testudo_i_word word);
bool testudo_i_name_is_printable(const char *name); /* ends with a zero byte; NULL is */

/* Writes a text of any bytes, the name of a file for one, so that it may go to a terminal and is UTF-8: U+FFFD stands
   for a byte that is no part of a character, and for a control character other than tab, line feed and, before that,
   carriage return. */
void testudo_i_text_put(FILE *stream, const char *text);

/* The number of the word in a list that NULL ends; -1: it is not there, or is NULL. */
int testudo_i_find_word(const char *const *words, const char *word);

/* A word as it may stand in a sentence: at most 40 characters, the unprintable ones as '?'. */
typedef struct testudo_i_quote {
  char text[48];
} testudo_i_quote;
testudo_i_quote testudo_i_word_quote(testudo_i_word word);

/* TESTUDO_ERROR_INPUT with "name: line 7: ..." about the current line. */
testudo_status testudo_i_text_fail(const testudo_i_text *text, testudo_error *error, const char *format, ...)
    TESTUDO_PRINTF(3, 4);

#endif
