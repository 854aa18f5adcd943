/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of S + share * Y, taken apart. */
#include "delay/sums/wait.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "delay/laws/table.h"
#include "delay/sums/odds.h"
#include "numeric/pieces.h"

enum { MOST_SMOOTH = 16 };

/* ---- one law taken apart: atoms, and smooth parts ---- */

typedef struct part_of_law {
  double weight, value;    /* the atom, or the start */
  const testudo_law *law;  /* NULL: an atom */
} part_of_law;

typedef struct parts_of_law {
  part_of_law *part;
  int64_t count;
} parts_of_law;

static int64_t count_parts(const testudo_law *law)
{
  double start;
  if (law == NULL)
    return 1;
  if (testudo_i_law_is_discrete(law))
    return law->values;
  return testudo_i_starts_once(law, &start) ? 1 : count_parts(law->part[0]) + count_parts(law->part[1]);
}

static void list_parts(const testudo_law *law, double weight, parts_of_law *list)
{
  double start;
  if (law == NULL) {
    list->part[list->count++] = (part_of_law){weight, 0.0, NULL};
  } else if (testudo_i_law_is_discrete(law)) {
    for (int64_t v = 0; v < law->values; v++)
      list->part[list->count++] = (part_of_law){weight * testudo_i_atom_mass(law, v), law->value[v], NULL};
  } else if (testudo_i_starts_once(law, &start)) {
    list->part[list->count++] = (part_of_law){weight, start, law};
  } else {
    list_parts(law->part[0], weight * law->a, list);
    list_parts(law->part[1], weight * (1.0 - law->a), list);
  }
}

static testudo_status take_apart(const testudo_law *law, testudo_i_arena *arena, parts_of_law *list,
                                 testudo_error *error)
{
  *list = (parts_of_law){.part = testudo_i_arena_alloc(arena, (size_t)count_parts(law), sizeof *list->part)};
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  list_parts(law, 1.0, list);
  return TESTUDO_OK;
}

/* ---- smooth parts ---- */

static double started_density(const void *of, double y)
{
  return testudo_i_started_density(of, y);
}

static testudo_status make_summand(testudo_i_summand *summand, testudo_i_arena *arena, const testudo_law *law,
                                   double scale, testudo_error *error)
{
  double *mark = testudo_i_arena_alloc(arena, TESTUDO_I_MARKS, sizeof *mark);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  testudo_i_find_marks(testudo_i_started_side, law, mark);
  *summand = (testudo_i_summand){testudo_i_started_side, started_density, law, scale, mark, TESTUDO_I_MARKS};
  return TESTUDO_OK;
}

/* The sum of two smooth ones, tabulated: its sides, and its density, which a third time is convolved with. */
typedef struct pair {
  testudo_i_summand one[2];
  testudo_i_odds *odds;
  testudo_i_pieces *density; /* its logarithm over log y */
} pair;

static double pair_side_direct(const void *of, double y, bool above)
{
  const pair *p = of;
  return testudo_i_convolve(&p->one[0], &p->one[1], y, above);
}

static double pair_side(const void *of, double y, bool above)
{
  return testudo_i_odds_side(((const pair *)of)->odds, y, above);
}

static double log_density(double z, void *context)
{
  const pair *p = context;
  return log(fmax(1e-300, testudo_i_convolve_densities(&p->one[0], &p->one[1], exp(z))));
}

static double pair_density(const void *of, double y)
{
  const pair *p = of;
  double z = log(y);
  bool inside = z >= testudo_i_pieces_begin(p->density) && z <= testudo_i_pieces_end(p->density);
  return inside ? exp(testudo_i_pieces_at(p->density, z)) : 0.0;
}

static testudo_status make_pair(testudo_i_wait *wait, testudo_i_summand *summand, testudo_i_arena *arena,
                                const testudo_law *startup, const testudo_law *message, double share,
                                testudo_error *error)
{
  pair *p = testudo_i_arena_calloc(arena, 1, sizeof *p);
  double *mark = testudo_i_arena_alloc(arena, TESTUDO_I_MARKS, sizeof *mark);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  TESTUDO_I_TRY(make_summand(&p->one[0], arena, startup, 1.0, error));
  TESTUDO_I_TRY(make_summand(&p->one[1], arena, message, share, error));
  *summand = (testudo_i_summand){pair_side, pair_density, p, 1.0, mark, TESTUDO_I_MARKS};
  const testudo_i_odds_request request = {.side = pair_side_direct, .of = p, .tolerance = 1e-12, .exact = HUGE_VAL};
  TESTUDO_I_TRY(testudo_i_odds_make(arena, &request, &p->odds, error));
  double begin = testudo_i_place_of(pair_side, p, false, 1e-17), end = testudo_i_place_of(pair_side, p, true, 1e-17);
  TESTUDO_I_TRY(
      testudo_i_pieces_make(arena, log_density, p, begin, end, 1e-10, HUGE_VAL, NULL, &p->density, error));
  testudo_i_find_marks(pair_side, p, mark);
  wait->error += testudo_i_odds_error(p->odds) + 1e-10;
  return TESTUDO_OK;
}

/* ---- all pairs of parts ---- */

static testudo_status join(testudo_i_wait *wait, testudo_i_arena *arena, const part_of_law *s, const part_of_law *y,
                           double share, testudo_error *error)
{
  testudo_i_wait_part *part = &wait->part[wait->parts++];
  *part = (testudo_i_wait_part){s->weight * y->weight, s->value, share * y->value, NULL};
  if (s->law == NULL && y->law == NULL)
    return TESTUDO_OK;
  wait->smooth = true;
  testudo_i_summand *summand = testudo_i_arena_calloc(arena, 1, sizeof *summand);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  part->smooth = summand;
  if (s->law == NULL)
    return make_summand(summand, arena, y->law, share, error);
  if (y->law == NULL)
    return make_summand(summand, arena, s->law, 1.0, error);
  return make_pair(wait, summand, arena, s->law, y->law, share, error);
}

static bool fits(const parts_of_law *s, const parts_of_law *y)
{
  int64_t smooth = 0;
  if (s->count > TESTUDO_I_LIMIT_WAIT_PARTS / y->count)
    return false;
  for (int64_t a = 0; a < s->count; a++)
    for (int64_t b = 0; b < y->count && smooth <= MOST_SMOOTH; b++)
      smooth += s->part[a].law != NULL || y->part[b].law != NULL;
  return smooth <= MOST_SMOOTH;
}

testudo_status testudo_i_wait_make(testudo_i_wait *wait, testudo_i_arena *arena, const testudo_law *startup,
                                   const testudo_law *message, double share, testudo_error *error)
{
  parts_of_law s, y;
  *wait = (testudo_i_wait){0};
  TESTUDO_I_TRY(take_apart(startup, arena, &s, error));
  TESTUDO_I_TRY(take_apart(message, arena, &y, error));
  if (!fits(&s, &y))
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "start-up times and messages of so many values together are supported up to %d pairs of "
                          "values, and %d of a value and a smooth law; they can be simulated",
                          TESTUDO_I_LIMIT_WAIT_PARTS, MOST_SMOOTH);
  wait->part = testudo_i_arena_calloc(arena, (size_t)(s.count * y.count), sizeof *wait->part);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int64_t a = 0; a < s.count; a++)
    for (int64_t b = 0; b < y.count; b++)
      TESTUDO_I_TRY(join(wait, arena, &s.part[a], &y.part[b], share, error));
  return TESTUDO_OK;
}
