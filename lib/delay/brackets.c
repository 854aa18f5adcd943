/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lattice for every law and rate of a cluster. */
#include "delay/brackets.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "delay/lattice.h"
#include "delay/laws/table.h"

typedef struct bracket {
  const testudo_law *law;
  double rate;
  int32_t load;
  double excess;
  testudo_i_lattice *lattice;
} bracket;

struct testudo_i_brackets {
  bracket *of;
  int32_t count;
  bool capped;
  bool whole;    /* a lattice for every load, of its last step alone */
  testudo_i_arena arena;
};

bool testudo_i_wants_brackets(const testudo_delay_model *model, int32_t terms)
{
  double start;
  bool wants = false;
  if (model->replay != NULL || model->domain_factor != NULL || model->structure != TESTUDO_STRUCTURE_ADDITIVE)
    return false;
  for (int32_t c = 0; terms > 1 && (c < model->class_count || c == 0); c++) {
    const testudo_law *law = testudo_i_class_law(model, c);
    wants = wants || (law->row->sum == NULL && !law->row->constant && !testudo_i_starts_once(law, &start));
  }
  return wants;
}

/* Of a worker's k-th step. */
static bracket *bracket_of(const testudo_i_brackets *brackets, const testudo_law *law, double rate, int32_t k)
{
  for (int32_t b = 0; b < brackets->count; b++) {
    bracket *of = &brackets->of[b];
    if (of->law == law && of->rate == rate && (!brackets->whole || of->load == k))
      return of;
  }
  return NULL;
}

static void add_bracket(testudo_i_brackets *brackets, const testudo_law *law, double rate, int32_t load)
{
  bracket *of = bracket_of(brackets, law, rate, load);
  if (of == NULL) {
    of = &brackets->of[brackets->count++];
    *of = (bracket){.law = law, .rate = rate};
  }
  of->load = load > of->load ? load : of->load;
}

static testudo_status make_lattice(bracket *of, const testudo_i_delay *delay, int32_t workers, bool whole, double width,
                                   double scale, testudo_error *error)
{
  const testudo_delay_model *model = delay->model;
  testudo_i_lattice_request request = {.law = of->law, .startup = model->startup, .overhead = model->overhead,
                                       .unit = delay->unit == 0.0 ? 1.0 : delay->unit, .rate = of->rate,
                                       .steps = of->load, .only_last = whole};
  if (delay->share > 0.0) {
    request.message = model->message;
    request.message_share = delay->share;
  }
  TESTUDO_I_TRY(testudo_i_lattice_propose(&request, width, scale, workers, error));
  of->excess = request.excess;
  return testudo_i_lattice_create(&request, &of->lattice, error);
}

static testudo_status brackets_fill(testudo_i_brackets *brackets, const testudo_i_delay *delay,
                                    const testudo_law *const *law, const double *rate, const int32_t *load,
                                    int32_t classes, int32_t workers, bool whole, double width, double scale,
                                    testudo_error *error)
{
  double slow = delay->model->slow.factor;
  brackets->of = testudo_i_arena_calloc(&brackets->arena, 2 * (size_t)classes, sizeof *brackets->of);
  TESTUDO_I_TRY(testudo_i_arena_check(&brackets->arena, error));
  for (int32_t c = 0; c < classes; c++) {
    if (load[c] == 0)
      continue;
    add_bracket(brackets, law[c], rate[c], load[c]);
    if (slow > 0.0)
      add_bracket(brackets, law[c], rate[c] / slow, load[c]);
  }
  for (int32_t k = 0; k < brackets->count; k++)
    TESTUDO_I_TRY(make_lattice(&brackets->of[k], delay, workers, whole, width, scale, error));
  return TESTUDO_OK;
}

testudo_status testudo_i_brackets_create(const testudo_i_delay *delay, const testudo_law *const *law,
                                         const double *rate, const int32_t *load, int32_t classes, int32_t workers,
                                         bool whole, double width, double scale, testudo_i_brackets **brackets,
                                         testudo_error *error)
{
  *brackets = NULL;
  testudo_i_brackets *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  made->whole = whole;
  testudo_status status =
      brackets_fill(made, delay, law, rate, load, classes, workers, whole, width, scale, error);
  if (status == TESTUDO_OK)
    *brackets = made;
  else
    testudo_i_brackets_free(made);
  return status;
}

void testudo_i_brackets_free(testudo_i_brackets *brackets)
{
  if (brackets == NULL)
    return;
  for (int32_t k = 0; k < brackets->count; k++)
    testudo_i_lattice_free(brackets->of[k].lattice);
  testudo_i_arena_clear(&brackets->arena);
  free(brackets);
}

static double end_of(const bracket *of)
{
  double cells = (double)testudo_i_lattice_cells(of->lattice) + of->load + 2.0;
  return testudo_i_lattice_begin(of->lattice, of->load, true) + cells * testudo_i_lattice_step(of->lattice);
}

void testudo_i_brackets_cap(testudo_i_brackets *brackets, bool capped)
{
  brackets->capped = capped;
}

double testudo_i_brackets_excess(const testudo_i_brackets *brackets)
{
  double most = 0.0;
  for (int32_t k = 0; k < brackets->count; k++)
    most = fmax(most, brackets->of[k].excess);
  return most;
}

double testudo_i_brackets_side(const testudo_i_brackets *brackets, const testudo_law *law, double rate, int32_t k,
                               double t, bool up, bool above)
{
  double below, beyond;
  const bracket *of = bracket_of(brackets, law, rate, k);
  if (of == NULL || k > of->load)
    return NAN; /* of whole reports only last steps are known */
  if (up && brackets->capped && t >= end_of(of))
    return above ? 0.0 : 1.0;
  testudo_i_lattice_sides(of->lattice, k, t, up, &below, &beyond);
  return above ? beyond : below;
}

double testudo_i_brackets_end(const testudo_i_brackets *brackets)
{
  double end = 0.0;
  for (int32_t k = 0; k < brackets->count; k++)
    end = fmax(end, end_of(&brackets->of[k]));
  return end;
}
