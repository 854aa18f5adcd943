/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows proved again: what a row says of its design, computed anew. */
#include <testudo/best.h>

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "best/all.h"
#include "runtime/design.h"

#define HOLDS_TO 1e-9
enum { WHY = 240 };

static bool prove_near(double claimed, double found, double slack)
{
  return fabs(claimed - found) <= HOLDS_TO * fabs(found) + slack;
}

static void prove_fails(char *why, const char *format, ...) TESTUDO_PRINTF(2, 3);
static void prove_fails(char *why, const char *format, ...)
{
  va_list list;
  va_start(list, format);
  vsnprintf(why, WHY, format, list);
  va_end(list);
}

/* ---- which design it is ---- */

static void prove_identity(const testudo_best_row *row, const testudo_design *design, char *why)
{
  uint64_t orders = testudo_best_orders(design), checksum = testudo_design_checksum(design);
  bool same_program = row->file != NULL || strcmp(row->version, testudo_version()) == 0;
  if (row->orders != orders)
    prove_fails(why, "orders: %016" PRIx64 ", but the design has %016" PRIx64, row->orders, orders);
  else if (same_program && row->checksum != checksum)
    prove_fails(why, "checksum: %016" PRIx64 ", but the design has %016" PRIx64, row->checksum, checksum);
}

static void prove_copies(const testudo_best_row *row, const testudo_design *design, char *why)
{
  double copies = (double)design->row[design->workers] / design->chunks;
  double load = (double)design->max_load / row->key.granularity;
  if (!prove_near(row->load, load, 0))
    prove_fails(why, "load: %.17g shares, but the design has %.17g", row->load, load);
  else if (!prove_near(row->copies, copies, 0))
    prove_fails(why, "copies: %.17g, but the design has %.17g", row->copies, copies);
  else if (row->least_copies != design->min_replication)
    prove_fails(why, "least_copies: %d, but the design has %d", (int)row->least_copies, (int)design->min_replication);
}

static testudo_status prove_canonical(const testudo_best_row *row, const testudo_design *design, char *why,
                                      testudo_error *error)
{
  bool known;
  uint64_t number;
  char by[32];
  if (row->canonical_by == NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_best_canonical(design, &known, &number, by, error));
  if (known && strcmp(by, row->canonical_by) == 0 && number != row->canonical)
    prove_fails(why, "canonical: %016" PRIx64 ", but the design has %016" PRIx64, row->canonical, number);
  return TESTUDO_OK;
}

/* ---- numbers ---- */

/* Another version of the program may have found the value by the same way with fewer states, which it says behind a
   comma. */
static bool is_same_way(const testudo_best_row *row, const char *claimed, const char *found)
{
  size_t length = strcspn(claimed, ",");
  if (strcmp(row->version, testudo_version()) == 0)
    return strcmp(claimed, found) == 0;
  return length == strcspn(found, ",") && strncmp(claimed, found, length) == 0;
}

static testudo_status prove_value(const testudo_best_row *row, const char *what, const testudo_best_value *claimed,
                                  const testudo_design *design, const testudo_best_options *options, char *why,
                                  testudo_error *error)
{
  testudo_best_value found;
  testudo_error own = {""};
  testudo_status status = testudo_best_measure(&row->key, design, options, claimed, &found, &own);
  if (status == TESTUDO_ERROR_ARGUMENT || status == TESTUDO_ERROR_LIMIT) {
    prove_fails(why, "%s: %.200s", what, own.text);
    return TESTUDO_OK;
  }
  if (status != TESTUDO_OK)
    return testudo_i_fail(error, status, "%s", own.text);
  /* An exact value of another machine may differ by both errors; its interval may be no shorter than it is here. */
  double slack = claimed->kind == TESTUDO_BEST_EXACT ? (found.high - found.low) / 2 : 0;
  if (!prove_near(claimed->value, found.value, slack))
    prove_fails(why, "%s: %.17g, but the design has %.17g", what, claimed->value, found.value);
  else if (!prove_near(claimed->low, found.low, slack) || !prove_near(claimed->high, found.high, slack))
    prove_fails(why, "%s: between %.12g and %.12g, but the interval is from %.12g to %.12g", what, claimed->low,
                claimed->high, found.low, found.high);
  else if (!is_same_way(row, claimed->method, found.method))
    prove_fails(why, "%s: by '%.80s', but here it is by '%.80s'", what, claimed->method, found.method);
  return TESTUDO_OK;
}

/* The upper end of a value that is left to chance, or to its error, hardly ever: three times its interval. */
static double prove_most(double value, double high)
{
  return value + 3 * (high - value);
}

static testudo_status prove_bound(const testudo_best_row *row, const testudo_best_options *options, char *why,
                                  testudo_error *error)
{
  double bound;
  char proof[96];
  if (isnan(row->bound))
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_best_bound(&row->key, options->monitor, &bound, proof, error));
  if (strcmp(proof, row->proof) != 0)
    prove_fails(why, "bound: by '%.60s', which this version cannot prove", row->proof);
  else if (!prove_near(row->bound, bound, 0))
    prove_fails(why, "bound: %.17g, but %s gives %.17g", row->bound, proof, bound);
  else if (prove_most(row->value.value, row->value.high) < row->bound * (1 - TESTUDO_I_BEST_OPEN))
    prove_fails(why, "bound: %.12g, but the design takes %.12g", row->bound, row->value.value);
  return TESTUDO_OK;
}

/* A simulated record may have been low by luck, and is then replaced by one whose value is higher. */
static bool is_sharp(const testudo_best_previous *before)
{
  return before->high - before->low <= 1e-6 * before->high;
}

/* A record is taken by what is better, and nothing that the cell allows is below its bound. */
static void prove_previous(const testudo_best_row *row, char *why)
{
  const testudo_best_previous *before = &row->previous;
  if (before->method == NULL)
    return;
  if (before->orders == row->orders)
    prove_fails(why, "previous: %016" PRIx64 " are the orders of the design itself", before->orders);
  else if (prove_most(before->value, before->high) < row->bound * (1 - TESTUDO_I_BEST_OPEN))
    prove_fails(why, "previous: %.12g s, but no design of the cell is below %.12g s", before->value, row->bound);
  else if (before->high <= row->value.value || (before->value <= row->value.value && is_sharp(before)))
    prove_fails(why, "previous: %.12g s, which is no worse than %.12g s of the design that took its place",
                before->value, row->value.value);
}

testudo_status testudo_best_prove(const testudo_best_row *row, const testudo_design *design,
                                  const testudo_design *named, const testudo_best_options *options, bool *holds,
                                  char *why, testudo_error *error)
{
  testudo_error own = {""};
  why[0] = '\0';
  *holds = false;
  if (testudo_best_fits(&row->key, design, &own) != TESTUDO_OK)
    prove_fails(why, "design: %.200s", own.text);
  if (why[0] == '\0')
    prove_identity(row, design, why);
  if (why[0] == '\0')
    prove_copies(row, design, why);
  if (why[0] == '\0')
    TESTUDO_I_TRY(prove_canonical(row, design, why, error));
  if (why[0] == '\0')
    TESTUDO_I_TRY(prove_value(row, "value", &row->value, design, options, why, error));
  if (why[0] == '\0' && named != NULL)
    TESTUDO_I_TRY(prove_value(row, "named", &row->named_value, named, options, why, error));
  if (why[0] == '\0' && named != NULL &&
      prove_most(row->named_value.value, row->named_value.high) < row->value.value * (1 - TESTUDO_I_BEST_OPEN))
    prove_fails(why, "named: %.12g s is faster than the record's %.12g s", row->named_value.value, row->value.value);
  if (why[0] == '\0')
    TESTUDO_I_TRY(prove_bound(row, options, why, error));
  if (why[0] == '\0')
    prove_previous(row, why);
  *holds = why[0] == '\0';
  return TESTUDO_OK;
}
