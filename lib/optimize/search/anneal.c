/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop of simulated annealing, in legs between two looks at the monitor. */
#include "optimize/search/anneal.h"

#include <math.h>

#include "base/error.h"
#include "optimize/search/leg.h"

/* Seconds from one look to the next: legs grow until they take so long, and shrink where they take ten times that. */
#define LEG_SECONDS 4e-3
#define LONGEST_LEG ((int64_t)1 << 20)

typedef struct anneal_looks {
  double last;           /* when the monitor was looked at last */
  int64_t leg;           /* moves from one to the next */
} anneal_looks;

static bool must_end(const testudo_i_annealing *annealing, anneal_looks *looks, int64_t done)
{
  if (annealing->stopped == NULL)
    return false;
  double now = testudo_i_seconds_now(), took = now - looks->last;
  if (done > 0 && took < LEG_SECONDS && looks->leg < LONGEST_LEG)
    looks->leg *= 2;
  else if (took > 10 * LEG_SECONDS && looks->leg > 1)
    looks->leg /= 2;
  looks->last = now;
  return annealing->stopped(annealing->context);
}

static void run_leg(const testudo_i_annealing *annealing, testudo_i_anneal_state *state, int64_t end,
                    testudo_i_draws *draws)
{
  if (annealing->leg != NULL)
    annealing->leg(annealing->problem, state, end, draws);
  else
    testudo_i_anneal_leg(annealing, annealing->problem, state, end, draws);
}

double testudo_i_anneal_run(const testudo_i_annealing *annealing, double value, testudo_i_draws *draws, int64_t *moves)
{
  anneal_looks looks = {testudo_i_seconds_now(), 1};
  testudo_i_anneal_state state = {.value = value, .best = value, .target = annealing->target,
                                  .cold = 1 / annealing->hot, .colder = 1};
  if (annealing->hot > 0 && annealing->moves > 1)
    state.colder = pow(annealing->hot / annealing->cold, 1 / (double)(annealing->moves - 1));
  while (state.done < annealing->moves && state.value > annealing->target &&
         !must_end(annealing, &looks, state.done)) {
    int64_t left = annealing->moves - state.done;
    bool whole = annealing->stopped == NULL || left < looks.leg;
    run_leg(annealing, &state, whole ? annealing->moves : state.done + looks.leg, draws);
  }
  *moves += state.done;
  return state.best;
}
