/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of tests/identity/numbers share: a pair of design and law, and how a number is written. */
#ifndef TESTUDO_TESTS_IDENTITY_NUMBERS_H
#define TESTUDO_TESTS_IDENTITY_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include <testudo/delay.h>
#include <testudo/design.h>

/* One line of pairs.tsv, read. */
typedef struct pair {
  const char *name;
  const testudo_design *design;
  testudo_delay_model model;
  testudo_report report;
  const double *times; /* the deadlines, increasing */
  int64_t time_count;
} pair;

/* Each writes one line "pair<TAB>quantity<TAB>value". A quantity is SECTION.NAME, or SECTION.NAME[INDEX] where index
   is not negative. A number is written in hexadecimal, so that all its bits are there. */
void put_number(const pair *of, const char *quantity, int64_t index, double value);
void put_count(const pair *of, const char *quantity, int64_t value);
void put_text(const pair *of, const char *quantity, const char *value);

/* Writes the status in words; true where it is TESTUDO_OK, so that there are numbers to write. */
bool put_status(const pair *of, const char *quantity, testudo_status status);

/* The numbers of exact.h. */
void put_analysis(const pair *of);

/* Those of sample.h; all: every completion time, not 20 of them. */
void put_simulation(const pair *of, bool all);

#endif
