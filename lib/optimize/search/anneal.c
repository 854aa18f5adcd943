/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop of simulated annealing, in legs between two looks at the monitor. */
#include "optimize/search/anneal.h"

#include <math.h>

#include "base/error.h"

/* Seconds from one look to the next: legs grow until they take so long, and shrink where they take ten times that. */
#define LEG_SECONDS 4e-3
#define LONGEST_LEG ((int64_t)1 << 20)

typedef struct anneal_state {
  double value, best;
  double heat, slower;
  int64_t done, leg;
  double looked;         /* when the monitor was looked at last */
} anneal_state;

static bool must_end(const testudo_i_annealing *annealing, anneal_state *state)
{
  if (annealing->stopped == NULL)
    return false;
  double now = testudo_i_seconds_now(), took = now - state->looked;
  if (state->done > 0 && took < LEG_SECONDS && state->leg < LONGEST_LEG)
    state->leg *= 2;
  else if (took > 10 * LEG_SECONDS && state->leg > 1)
    state->leg /= 2;
  state->looked = now;
  return annealing->stopped(annealing->context);
}

static void run_leg(const testudo_i_annealing *annealing, anneal_state *state, int64_t end, testudo_i_draws *draws)
{
  double value = state->value, heat = state->heat;
  int64_t k = state->done;
  for (; k < end && value > annealing->target; k++, heat *= state->slower) {
    double limit = value - heat * log(testudo_i_draw_uniform(draws));
    double next = annealing->propose(annealing->problem, draws, limit);
    if (next <= limit) {
      value = next;
      if (annealing->keep != NULL)
        annealing->keep(annealing->problem);
      if (value < state->best) {
        state->best = value;
        if (annealing->save != NULL)
          annealing->save(annealing->problem);
      }
    } else if (annealing->undo != NULL && !isnan(next))
      annealing->undo(annealing->problem);
  }
  state->value = value;
  state->heat = heat;
  state->done = k;
}

double testudo_i_anneal_run(const testudo_i_annealing *annealing, double value, testudo_i_draws *draws, int64_t *moves)
{
  anneal_state state = {.value = value, .best = value, .heat = annealing->hot, .slower = 1, .leg = 1,
                        .looked = testudo_i_seconds_now()};
  if (annealing->hot > 0 && annealing->moves > 1)
    state.slower = pow(annealing->cold / annealing->hot, 1 / (double)(annealing->moves - 1));
  while (state.done < annealing->moves && state.value > annealing->target && !must_end(annealing, &state)) {
    int64_t left = annealing->moves - state.done;
    bool whole = annealing->stopped == NULL || left < state.leg;
    run_leg(annealing, &state, whole ? annealing->moves : state.done + state.leg, draws);
  }
  *moves += state.done;
  return state.best;
}
