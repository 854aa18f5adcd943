/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a LAW text says of itself, before or without making the law of it. The one home of the grammar: NAME:number,..
   of the table of laws, mixture:p,LAW,LAW, shift:x,LAW, trace:FILE, @FILE. */
#ifndef TESTUDO_DELAY_GRAMMAR_H
#define TESTUDO_DELAY_GRAMMAR_H

#include <stddef.h>

#include <testudo/delay.h>
#include <testudo/trace.h>

/* The file that the text names: what follows "trace:" or "@", a piece of the text; NULL: none. */
const char *testudo_i_law_file(const char *text);

/* The law of a text that does not begin with "@"; `reading`: how a trace that it names is read, NULL: as the file
   itself suggests. */
TESTUDO_CHECKED testudo_status testudo_i_law_make_as(const char *text, const testudo_trace_options *reading,
                                                     testudo_law **law, testudo_error *error);

/* The empirical law of times (malloc, taken over), called `text`. */
TESTUDO_CHECKED testudo_status testudo_i_law_of_samples(const char *text, double *seconds, int64_t count,
                                                        testudo_law **law, testudo_error *error);

/* The law is called `text`, "@delay.json", from now on; what it was called before is what that file names. */
TESTUDO_CHECKED testudo_status testudo_i_law_rename(testudo_law *law, const char *text, testudo_error *error);

/* How each law is written, a blank between: "exp:rate shifted-exp:shift,rate .. trace:FILE.csv". */
void testudo_i_law_forms(char *text, size_t room);

/* The law's own name and its numbers with four digits, "gamma:2.5,0.3333", for people. */
void testudo_i_law_abbreviate(const testudo_law *law, char *text, size_t room);

#endif
