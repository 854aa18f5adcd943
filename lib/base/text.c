/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines, words and fields of a text that somebody else wrote. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"

testudo_i_text testudo_i_text_start(const char *bytes, size_t length, const char *name)
{
  testudo_i_text text = {.name = name, .unit = "line", .next = bytes, .end = bytes + length, .at = bytes,
                         .stop = bytes};
  if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
    text.next += 3;
  return text;
}

bool testudo_i_text_line(testudo_i_text *text)
{
  if (text->next == text->end)
    return false;
  const char *feed = memchr(text->next, '\n', (size_t)(text->end - text->next));
  text->at = text->next;
  text->stop = feed == NULL ? text->end : feed;
  text->next = feed == NULL ? text->end : feed + 1;
  if (text->stop > text->at && text->stop[-1] == '\r')
    text->stop--;
  text->line++;
  return true;
}

bool testudo_i_text_word(testudo_i_text *text, testudo_i_word *word)
{
  while (text->at < text->stop && testudo_i_is_blank(*text->at))
    text->at++;
  word->at = text->at;
  while (text->at < text->stop && !testudo_i_is_blank(*text->at))
    text->at++;
  word->length = (size_t)(text->at - word->at);
  return word->length > 0;
}

bool testudo_i_text_field(testudo_i_text *text, char separator, testudo_i_word *word)
{
  /* One past the end of the line: the field before it was the last. */
  if (text->at > text->stop)
    return false;
  const char *first = text->at, *last = memchr(first, separator, (size_t)(text->stop - first));
  if (last == NULL)
    last = text->stop;
  text->at = last + 1;
  while (first < last && testudo_i_is_blank(*first))
    first++;
  while (first < last && testudo_i_is_blank(last[-1]))
    last--;
  *word = (testudo_i_word){first, (size_t)(last - first)};
  return true;
}

bool testudo_i_word_is(testudo_i_word word, const char *wanted)
{
  return strlen(wanted) == word.length && strncasecmp(word.at, wanted, word.length) == 0;
}

int64_t testudo_i_word_count(testudo_i_word word)
{
  int64_t count = 0;
  for (size_t k = 0; k < word.length; k++) {
    if (!testudo_i_is_digit(word.at[k]))
      return -1;
    int digit = word.at[k] - '0';
    count = count > (INT64_MAX - digit) / 10 ? INT64_MAX : 10 * count + digit;
  }
  return word.length == 0 ? -1 : count;
}

size_t testudo_i_character(const char *text, size_t length)
{
  const unsigned char *at = (const unsigned char *)text;
  unsigned char c = length > 0 ? at[0] : 0;
  size_t whole = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
  if (whole == 0 || whole > length || c < ' ' || c == 0x7f)
    return 0;
  unsigned char second = whole > 1 ? at[1] : 0x80;
  if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) || (c == 0xf0 && second < 0x90) ||
      (c == 0xf4 && second > 0x8f) || (c == 0xc2 && second < 0xa0))
    return 0;
  for (size_t k = 1; k < whole; k++)
    if ((at[k] & 0xc0) != 0x80)
      return 0;
  return whole;
}

bool testudo_i_word_is_printable(testudo_i_word word)
{
  for (size_t k = 0, whole; k < word.length; k += whole) {
    whole = testudo_i_character(word.at + k, word.length - k);
    if (whole == 0)
      return false;
  }
  return true;
}

bool testudo_i_name_is_printable(const char *name)
{
  return name == NULL || testudo_i_word_is_printable((testudo_i_word){name, strlen(name)});
}

void testudo_i_text_put(FILE *stream, const char *text)
{
  static const char replacement[] = "\xef\xbf\xbd";
  /* What may stand is written in one piece, as streams without a buffer want it. */
  const char *from = text, *end = text + strlen(text);
  for (size_t whole; text < end; text += whole) {
    bool layout = *text == '\t' || *text == '\n' || (*text == '\r' && text[1] == '\n');
    whole = layout ? 1 : testudo_i_character(text, (size_t)(end - text));
    if (whole > 0)
      continue;
    whole = 1;
    (void)fwrite(from, 1, (size_t)(text - from), stream);
    (void)fwrite(replacement, 1, sizeof replacement - 1, stream);
    from = text + 1;
  }
  (void)fwrite(from, 1, (size_t)(end - from), stream);
}

int testudo_i_find_word(const char *const *words, const char *word)
{
  for (int k = 0; word != NULL && words[k] != NULL; k++)
    if (strcmp(words[k], word) == 0)
      return k;
  return -1;
}

testudo_i_quote testudo_i_word_quote(testudo_i_word word)
{
  testudo_i_quote quote;
  size_t kept = word.length > 40 ? 40 : word.length;
  for (size_t k = 0; k < kept; k++)
    quote.text[k] = word.at[k] >= ' ' && word.at[k] <= '~' ? word.at[k] : '?';
  strcpy(quote.text + kept, word.length > 40 ? "..." : "");
  return quote;
}

testudo_status testudo_i_text_fail(const testudo_i_text *text, testudo_error *error, const char *format, ...)
{
  char sentence[sizeof error->text];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s %lld: %s", text->name, text->unit,
                        text->line > 0 ? (long long)text->line : 1LL, sentence);
}
