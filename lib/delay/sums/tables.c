/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making what a delay model needs. */
#include "delay/sums/tables.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "delay/laws/table.h"

const testudo_i_law_tables *testudo_i_delay_tables_of(const testudo_i_delay_tables *tables, const testudo_law *law)
{
  for (int32_t k = 0; k < tables->laws; k++)
    if (tables->of[k].law == law)
      return &tables->of[k];
  return NULL;
}

static double start_of(const testudo_law *law)
{
  double start;
  if (testudo_i_law_is_discrete(law))
    return law->value[0];
  return testudo_i_starts_once(law, &start) ? start : 0.0;
}

double testudo_i_chunks_start(const testudo_delay_model *model, const testudo_law *law,
                              const testudo_i_law_tables *of, int32_t k)
{
  return model->structure == TESTUDO_STRUCTURE_MIXED ? testudo_i_mixed_start(of->mixed, k) : k * start_of(law);
}

double testudo_i_chunks_side(const testudo_delay_model *model, const testudo_law *law, const testudo_i_law_tables *of,
                             int32_t k, double x, bool above)
{
  bool mixed = model->structure == TESTUDO_STRUCTURE_MIXED;
  if (!mixed && testudo_i_law_has_sum(law))
    return testudo_i_law_sum(law, k, x, above);
  if (of == NULL)
    return NAN;
  if (mixed)
    return testudo_i_mixed_side(of->mixed, k, x, above);
  double below, beyond;
  testudo_i_sums_sides(of->sums, k, x, &below, &beyond);
  return above ? beyond : below;
}

/* ---- sums ---- */

static bool is_closed(const testudo_delay_model *model, const testudo_law *law)
{
  return testudo_i_chunks_are_scaled(model, law) ||
         (model->structure == TESTUDO_STRUCTURE_ADDITIVE && testudo_i_law_has_sum(law));
}

static testudo_status make_sums(testudo_i_delay_tables *tables, testudo_i_law_tables *of,
                                const testudo_delay_model *model, testudo_error *error)
{
  if (is_closed(model, of->law))
    return TESTUDO_OK;
  if (model->structure == TESTUDO_STRUCTURE_MIXED) {
    TESTUDO_I_TRY(testudo_i_mixed_make(tables->arena, of->law, model->chunk_law, tables->terms, tables->only_last,
                                       &of->mixed, error));
    tables->error += testudo_i_mixed_error(of->mixed);
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(
      testudo_i_sums_make(tables->arena, of->law, tables->terms, tables->only_last, &of->sums, error));
  tables->error += testudo_i_sums_error(of->sums);
  return TESTUDO_OK;
}

/* ---- marks, for the quadrature over a smooth wait ---- */

typedef struct marked {
  const testudo_delay_model *model;
  const testudo_i_law_tables *of;
  int32_t k;
} marked;

static double side_of_chunks(const void *context, double y, bool above)
{
  const marked *m = context;
  const testudo_law *law = m->of->law;
  double x = testudo_i_chunks_start(m->model, law, m->of, m->k) + y;
  if (testudo_i_chunks_are_scaled(m->model, law))
    return testudo_i_law_side(law, x, above);
  return testudo_i_chunks_side(m->model, law, m->of, m->k, x, above);
}

/* Kinks of a mixture beside the nine places: as many as there is room for. */
static int add_kinks(const testudo_law *law, double *mark, int marks)
{
  double start;
  bool once = testudo_i_starts_once(law, &start);
  for (int64_t k = 0; k < law->kinks && !once && marks < TESTUDO_I_MARKS + 16; k++)
    if (law->kink[k] > 0.0)
      mark[marks++] = law->kink[k];
  return marks;
}

static testudo_status make_marks(testudo_i_delay_tables *tables, testudo_i_law_tables *of,
                                 const testudo_delay_model *model, testudo_error *error)
{
  int32_t terms = testudo_i_chunks_are_scaled(model, of->law) ? 1 : tables->terms;
  if (!tables->wait.smooth || (terms == 1 && testudo_i_law_is_discrete(of->law)))
    return TESTUDO_OK;
  of->mark = testudo_i_arena_alloc(tables->arena, (size_t)terms + 1, sizeof *of->mark);
  of->marks = testudo_i_arena_calloc(tables->arena, (size_t)terms + 1, sizeof *of->marks);
  TESTUDO_I_TRY(testudo_i_arena_check(tables->arena, error));
  for (int32_t k = tables->only_last ? terms : 1; k <= terms; k++) {
    const marked context = {model, of, k};
    testudo_i_find_marks(side_of_chunks, &context, of->mark[k]);
    of->marks[k] = terms == 1 ? add_kinks(of->law, of->mark[k], TESTUDO_I_MARKS) : TESTUDO_I_MARKS;
  }
  return TESTUDO_OK;
}

/* ---- all together ---- */

static testudo_status make_wait(testudo_i_delay_tables *tables, const testudo_i_delay *known, testudo_error *error)
{
  const testudo_delay_model *model = known->model;
  const testudo_law *message = known->share > 0.0 ? model->message : NULL;
  tables->waits = model->startup != NULL || message != NULL;
  if (!tables->waits)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_wait_make(&tables->wait, tables->arena, model->startup, message, known->share, error));
  tables->error += tables->wait.error + (tables->wait.smooth ? 1e-11 : 0.0);
  return TESTUDO_OK;
}

/* After a smooth wait every value of a law is a term of every probability. */
static testudo_status check_values(const testudo_i_delay_tables *tables, const testudo_delay_model *model,
                                   const testudo_law *law, testudo_error *error)
{
  if (!tables->wait.smooth || model->structure != TESTUDO_STRUCTURE_SCALED ||
      law->values <= TESTUDO_I_LIMIT_WAIT_VALUES)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                        "start-up times and messages of smooth laws are supported for laws of at most %d values, "
                        "and %s has %lld; they can be simulated",
                        TESTUDO_I_LIMIT_WAIT_VALUES, testudo_law_text(law), (long long)law->values);
}

static testudo_status tables_fill(testudo_i_delay_tables *tables, const testudo_i_delay *known, testudo_error *error)
{
  const testudo_delay_model *model = known->model;
  int32_t classes = model->class_count > 0 ? model->class_count : 1;
  tables->of = testudo_i_arena_calloc(tables->arena, (size_t)classes, sizeof *tables->of);
  TESTUDO_I_TRY(testudo_i_arena_check(tables->arena, error));
  TESTUDO_I_TRY(make_wait(tables, known, error));
  for (int32_t c = 0; c < classes; c++) {
    const testudo_law *law = testudo_i_class_law(model, c);
    if (testudo_i_delay_tables_of(tables, law) != NULL)
      continue;
    testudo_i_law_tables *of = &tables->of[tables->laws++];
    of->law = law;
    TESTUDO_I_TRY(check_values(tables, model, law, error));
    TESTUDO_I_TRY(make_sums(tables, of, model, error));
    TESTUDO_I_TRY(make_marks(tables, of, model, error));
  }
  return TESTUDO_OK;
}

/* Are closed forms enough? */
static bool needs_tables(const testudo_i_delay *known, int32_t terms)
{
  const testudo_delay_model *model = known->model;
  bool needs = model->startup != NULL || (known->share > 0.0 && model->message != NULL);
  for (int32_t c = 0; c < model->class_count || c == 0; c++)
    needs = needs || (terms > 0 && !is_closed(model, testudo_i_class_law(model, c)));
  return needs;
}

static bool lends(const testudo_i_delay *known, int32_t terms)
{
  const testudo_i_delay_tables *tables = known->tables;
  return tables != NULL && tables->share == known->share &&
         (tables->only_last ? known->only_last && tables->terms == terms : tables->terms >= terms);
}

/* What no law is known of. */
static testudo_status check_known(const testudo_i_delay *known, testudo_error *error)
{
  const testudo_delay_model *model = known->model;
  bool link = known->steps != NULL && known->steps->sent != NULL;
  if (model->replay != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "a replay has no law: it can be simulated, iteration by iteration");
  if (model->domain_factor != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "workers whose failure domain shares a factor are not independent: no law is known, they can "
                          "be simulated");
  if (link && model->message != NULL && !testudo_i_law_is_discrete(model->message))
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "blocks that are sent one after another are supported for messages of finitely many times, "
                          "and %s is continuous; they can be simulated",
                          testudo_law_text(model->message));
  return TESTUDO_OK;
}

testudo_status testudo_i_delay_complete(const testudo_i_delay *known, int32_t terms, testudo_i_arena *arena,
                                        testudo_i_delay *delay, testudo_error *error)
{
  *delay = *known;
  TESTUDO_I_TRY(check_known(known, error));
  if (known->bracketed || !needs_tables(known, terms) || lends(known, terms))
    return TESTUDO_OK;
  testudo_i_delay_tables *tables = testudo_i_arena_alloc(arena, 1, sizeof *tables);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  *tables = (testudo_i_delay_tables){.terms = terms, .share = known->share, .only_last = known->only_last,
                                     .arena = arena};
  TESTUDO_I_TRY(tables_fill(tables, known, error));
  delay->tables = tables;
  return TESTUDO_OK;
}

double testudo_i_delay_tables_error(const testudo_i_delay_tables *tables)
{
  return tables->error;
}
