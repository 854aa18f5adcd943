/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The moves between two looks at the monitor. A problem whose moves take tens of nanoseconds compiles them together
   with its functions, whose calls would take a tenth of the time:

     static const testudo_i_annealing swaps = {.propose = propose_swap, .keep = make_swap};

     static void make_swaps(void *problem, testudo_i_anneal_state *state, int64_t end, testudo_i_draws *draws)
     {
       testudo_i_anneal_leg(&swaps, problem, state, end, draws);
     }   */
#ifndef TESTUDO_OPTIMIZE_SEARCH_LEG_H
#define TESTUDO_OPTIMIZE_SEARCH_LEG_H

#include <math.h>

#include "base/clones.h"
#include "optimize/search/anneal.h"

struct testudo_i_anneal_state {
  double value, best, target;
  double cold, colder;   /* 1 / heat, and its factor from move to move */
  int64_t done;
};

/* Metropolis' rule for a rise: with probability exp(-rise * cold). As exp(x) >= 1 + x + x^2/2, most refusals need no
   exponential function. */
TESTUDO_I_INLINED bool testudo_i_takes_rise(double rise, double cold, testudo_i_draws *draws)
{
  double x = rise * cold, share = testudo_i_draw_uniform(draws);
  return share * (1 + x + x * x / 2) <= 1 && share <= exp(-x);
}

TESTUDO_I_INLINED void testudo_i_keep_move(const testudo_i_annealing *functions, void *problem,
                                           testudo_i_anneal_state *state, double next)
{
  state->value = next;
  if (functions->keep != NULL)
    functions->keep(problem);
  if (next < state->best) {
    state->best = next;
    if (functions->save != NULL)
      functions->save(problem);
  }
}

/* Moves until `end` are done or the target is reached; of `functions` no more than those are looked at. */
TESTUDO_I_INLINED void testudo_i_anneal_leg(const testudo_i_annealing *functions, void *problem,
                                            testudo_i_anneal_state *state, int64_t end, testudo_i_draws *draws)
{
  testudo_i_anneal_state at = *state;
  testudo_i_draws words = *draws;
  for (; at.done < end && at.value > at.target; at.done++, at.cold *= at.colder) {
    bool first = functions->limit_first;
    double limit = first ? at.value - log(testudo_i_draw_uniform(&words)) / at.cold : HUGE_VAL;
    double next = functions->propose(problem, &words, limit);
    if (isnan(next))
      continue;
    if (first ? next <= limit : next <= at.value || testudo_i_takes_rise(next - at.value, at.cold, &words))
      testudo_i_keep_move(functions, problem, &at, next);
    else if (functions->undo != NULL)
      functions->undo(problem);
  }
  *state = at;
  *draws = words;
}

#endif
