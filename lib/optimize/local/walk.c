/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The moves of one restart: annealing, then a descent. */
#include "optimize/local/walk.h"

#include <math.h>
#include <string.h>

#include "optimize/search/anneal.h"

/* Moves between two looks at the clock, of at most some milliseconds each; where an exchange goes through more numbers
   than that takes, it is looked at after every one. */
#define LOOK 16
#define MANY_NUMBERS 1000000

/* Two slots that were drawn may be no exchange: so many are drawn before a move is given up. */
#define DRAWS 64

double testudo_i_walk_value(const testudo_i_walk *walk)
{
  return walk->score != NULL ? walk->score->value : walk->missing->value;
}

static double try_exchange(const testudo_i_walk *walk, int64_t one, int64_t other, double limit)
{
  return walk->score != NULL ? testudo_i_score_try(walk->score, one, other, limit)
                              : testudo_i_missing_try(walk->missing, one, other);
}

static void make_exchange(const testudo_i_walk *walk, int64_t one, int64_t other)
{
  if (walk->score != NULL)
    testudo_i_score_exchange(walk->score, one, other);
  else
    testudo_i_missing_exchange(walk->missing, one, other);
}

static int64_t slot_below(testudo_i_draws *draws, int64_t bound)
{
  return testudo_i_draw_below(draws, (int32_t)bound);
}

/* Two slots of one worker, or half of the time any two; false where none was found. */
static bool draw_exchange(testudo_i_walk *walk, testudo_i_draws *draws)
{
  const testudo_i_holding *holding = walk->holding;
  for (int k = 0; k < DRAWS; k++) {
    walk->one = slot_below(draws, holding->slots);
    if (walk->reassign && slot_below(draws, 2) == 0)
      walk->other = slot_below(draws, holding->slots);
    else {
      int32_t j = holding->worker[walk->one];
      walk->other = holding->row[j] + slot_below(draws, holding->row[j + 1] - holding->row[j]);
    }
    if (testudo_i_holding_may_exchange(holding, walk->one, walk->other))
      return true;
  }
  return false;
}

static bool is_stopped(const testudo_i_walk *walk)
{
  const testudo_i_score *score = walk->score;
  bool slow = score != NULL && score->times->trials * score->holding->chunks > MANY_NUMBERS;
  return (slow || walk->moves % LOOK == 0) && walk->stopped != NULL && walk->stopped(walk->context);
}

static double propose_exchange(void *problem, testudo_i_draws *draws, double limit)
{
  testudo_i_walk *walk = problem;
  return draw_exchange(walk, draws) ? try_exchange(walk, walk->one, walk->other, limit) : NAN;
}

static void keep_exchange(void *problem)
{
  const testudo_i_walk *walk = problem;
  make_exchange(walk, walk->one, walk->other);
}

static void save_chunks(void *problem)
{
  const testudo_i_walk *walk = problem;
  const testudo_i_holding *holding = walk->holding;
  memcpy(walk->best, holding->chunk, (size_t)holding->slots * sizeof *walk->best);
}

void testudo_i_walk_anneal(testudo_i_walk *walk, int64_t moves, double hot, double cold)
{
  double value = testudo_i_walk_value(walk), heat = fabs(value);
  testudo_i_annealing annealing = {.problem = walk, .propose = propose_exchange, .keep = keep_exchange,
                                   .save = save_chunks, .limit_first = true, .hot = hot * heat, .cold = cold * heat,
                                   .moves = moves, .target = -HUGE_VAL, .stopped = walk->stopped,
                                   .context = walk->context};
  save_chunks(walk);
  testudo_i_anneal_run(&annealing, value, walk->draws, &walk->moves);
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
  int64_t patience = 3 * exchanges(walk->holding, walk->reassign), vain = 0;
  for (int64_t k = 0; k < most && vain < patience; k++, vain++) {
    if (is_stopped(walk) || !draw_exchange(walk, walk->draws))
      return;
    walk->moves++;
    double value = testudo_i_walk_value(walk), limit = value - 1e-6 * fabs(value);
    if (try_exchange(walk, walk->one, walk->other, limit) < limit) {
      make_exchange(walk, walk->one, walk->other);
      vain = -1;
    }
  }
}
