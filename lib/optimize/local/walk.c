/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The moves of one restart: annealing, then a descent. */
#include "optimize/local/walk.h"

#include <math.h>

/* Moves between two looks at the clock, of at most some milliseconds each; where an exchange goes through more numbers
   than that takes, it is looked at after every one. */
#define LOOK 16
#define MANY_NUMBERS 1000000

/* Two slots that were drawn may be no exchange: so many are drawn before a move is given up. */
#define DRAWS 64

double testudo_i_judge_value(const testudo_i_judge *judge)
{
  return judge->score != NULL ? judge->score->value : judge->missing->value;
}

static double try_exchange(const testudo_i_judge *judge, int64_t one, int64_t other, double limit)
{
  return judge->score != NULL ? testudo_i_score_try(judge->score, one, other, limit)
                              : testudo_i_missing_try(judge->missing, one, other);
}

static void make_exchange(const testudo_i_judge *judge, int64_t one, int64_t other)
{
  if (judge->score != NULL)
    testudo_i_score_exchange(judge->score, one, other);
  else
    testudo_i_missing_exchange(judge->missing, one, other);
}

/* Two slots of one worker, or half of the time any two; false where none was found. */
static bool draw_exchange(testudo_i_walk *walk, int64_t *one, int64_t *other)
{
  const testudo_i_holding *holding = walk->judge.holding;
  for (int k = 0; k < DRAWS; k++) {
    *one = (int64_t)testudo_i_random_below(walk->random, (uint64_t)holding->slots);
    if (walk->reassign && testudo_i_random_below(walk->random, 2) == 0)
      *other = (int64_t)testudo_i_random_below(walk->random, (uint64_t)holding->slots);
    else {
      int32_t j = holding->worker[*one];
      uint64_t load = (uint64_t)(holding->row[j + 1] - holding->row[j]);
      *other = holding->row[j] + (int64_t)testudo_i_random_below(walk->random, load);
    }
    if (testudo_i_holding_may_exchange(holding, *one, *other))
      return true;
  }
  return false;
}

static bool is_stopped(const testudo_i_walk *walk)
{
  const testudo_i_score *score = walk->judge.score;
  bool slow = score != NULL && score->times->trials * score->holding->chunks > MANY_NUMBERS;
  return (slow || walk->moves % LOOK == 0) && walk->stopped != NULL && walk->stopped(walk->context);
}

void testudo_i_walk_anneal(testudo_i_walk *walk, int64_t moves, double hot, double cold)
{
  double heat = hot, slower = pow(cold / hot, 1.0 / (double)moves);
  for (int64_t k = 0; k < moves; k++, heat *= slower) {
    int64_t one, other;
    if (is_stopped(walk) || !draw_exchange(walk, &one, &other))
      return;
    walk->moves++;
    double value = testudo_i_judge_value(&walk->judge);
    double limit = value - heat * fabs(value) * log(testudo_i_random_uniform(walk->random));
    if (try_exchange(&walk->judge, one, other, limit) <= limit)
      make_exchange(&walk->judge, one, other);
  }
}

static int64_t exchanges(const testudo_i_holding *holding, bool reassign)
{
  int64_t inside = 0;
  for (int32_t j = 0; j < holding->workers; j++) {
    int64_t load = holding->row[j + 1] - holding->row[j];
    inside += load * (load - 1) / 2;
  }
  return reassign ? 2 * inside + 1 : inside;
}

void testudo_i_walk_descend(testudo_i_walk *walk, int64_t most)
{
  /* Each exchange is drawn once in so many on average: three times as many miss one in twenty. */
  int64_t patience = 3 * exchanges(walk->judge.holding, walk->reassign), vain = 0;
  for (int64_t k = 0; k < most && vain < patience; k++, vain++) {
    int64_t one, other;
    if (is_stopped(walk) || !draw_exchange(walk, &one, &other))
      return;
    walk->moves++;
    double value = testudo_i_judge_value(&walk->judge), limit = value - 1e-6 * fabs(value);
    if (try_exchange(&walk->judge, one, other, limit) < limit) {
      make_exchange(&walk->judge, one, other);
      vain = -1;
    }
  }
}
