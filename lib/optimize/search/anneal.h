/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulated annealing (S. Kirkpatrick, C. Gelatt, M. Vecchi, Science 220, 1983): the one loop of moves. Here are the
   cooling, the acceptance, the random words, the looks at the monitor, the count of the moves and the best value; the
   problem says what a move is and what it is worth.

   Metropolis' rule: a rise of d is accepted with probability exp(-d / heat). Which is the same as drawing a limit, the
   present value plus an exponential variate times the heat, and accepting what is not above it: a problem whose values
   are dear asks for it first (`limit_first`) and ends the evaluation of a bad move early.

     static double propose_swap(void *problem, testudo_i_draws *draws, double limit)
     {
       ... draw two places; NAN where they are no move ...
       return value after the swap;          -- with limit_first, once it is above it, any number above will do
     }
     testudo_i_annealing annealing = {.problem = &tables, .propose = propose_swap, .keep = make_swap, .hot = 1e-2,
                                      .cold = 1e-7, .moves = 100000, .target = -HUGE_VAL,
                                      .stopped = testudo_i_try_stopped, .context = one};
     least = testudo_i_anneal_run(&annealing, value, &draws, &one->moves);

   A move that is dear to make proposes first and makes what is kept (`keep`, no `undo`); one whose value is known only
   when it is made is made at once and taken back when it is refused (`undo`, no `keep`). Restarts: restart.h. */
#ifndef TESTUDO_OPTIMIZE_SEARCH_ANNEAL_H
#define TESTUDO_OPTIMIZE_SEARCH_ANNEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "optimize/search/draws.h"

typedef struct testudo_i_anneal_state testudo_i_anneal_state;

typedef struct testudo_i_annealing {
  void *problem;
  /* The value after a move drawn at random; less is better. NAN: no move was found, and nothing has changed. */
  double (*propose)(void *problem, testudo_i_draws *draws, double limit);
  void (*keep)(void *problem);    /* the move proposed was accepted; NULL: nothing to do */
  void (*undo)(void *problem);    /* it was refused; NULL: nothing to do */
  void (*save)(void *problem);    /* after keep: no state so far was as good. NULL: the best is not wanted */
  bool limit_first;               /* propose gets the limit; otherwise HUGE_VAL, some nanoseconds cheaper */
  /* Where a move takes tens of nanoseconds, the loop compiled together with its functions (leg.h); NULL otherwise. */
  void (*leg)(void *problem, testudo_i_anneal_state *state, int64_t end, testudo_i_draws *draws);
  double hot, cold;               /* heat of the first and the last move, in units of the value, falling geometrically;
                                     both 0: nothing worse is ever accepted */
  int64_t moves;                  /* to propose, those counted where none was found */
  double target;                  /* the run ends at a value that is not above it; -HUGE_VAL: never */
  /* Asked at the first move, and then every few milliseconds; true ends the run. NULL: never. */
  bool (*stopped)(void *context);
  void *context;
} testudo_i_annealing;

/* From a state of this value. Answers the least value of a state on the way, the first included: the state that was
   saved last, or the first one where none was; the problem is left in the last. *moves grows by those proposed. The
   same arguments give the same moves, whenever the monitor is looked at, but for a run that it ends. */
double testudo_i_anneal_run(const testudo_i_annealing *annealing, double value, testudo_i_draws *draws,
                            int64_t *moves);

#endif
