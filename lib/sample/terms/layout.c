/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which slots a plan has, and what is drawn into them. */
#include "base/error.h"
#include "delay/model.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"
#include "sample/terms/terms.h"

/* ---- what does not go together ---- */

static testudo_status check_steps(const testudo_i_plan *plan, testudo_error *error)
{
  const testudo_i_scheme *scheme = plan->design->scheme;
  const testudo_delay_model *model = plan->model;
  if (plan->work != NULL && model->replay != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "scheme %s cannot be replayed: chunks were measured as a whole, not %s by %s", scheme->name,
                          scheme->step, scheme->step);
  if (plan->work != NULL && model->structure != TESTUDO_STRUCTURE_SCALED)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, TESTUDO_I_STEPS_SCALED, scheme->name, scheme->step);
  return TESTUDO_OK;
}

/* Of a replay by shares a chunk of the design is a group of measured ones. */
static testudo_status check_shares(const testudo_i_plan *plan, testudo_error *error)
{
  const testudo_replay *replay = plan->model->replay;
  int32_t workers = plan->design->workers, chunks = plan->design->chunks, measured;
  if (replay == NULL || plan->model->unit != TESTUDO_UNIT_SHARE)
    return TESTUDO_OK;
  if (chunks % workers != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "a replay by shares needs whole chunks per share, but there are %d chunks of %d shares",
                          (int)chunks, (int)workers);
  for (int64_t i = 0; i < testudo_replay_iterations(replay); i++)
    for (int32_t j = 0; j < workers; j++) {
      (void)testudo_replay_times(replay, j, i, &measured);
      if (measured % (chunks / workers) != 0)
        return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                              "a replay by shares: worker %d has %d measured chunks in iteration %lld, which the %d "
                              "chunks per share of the design do not divide",
                              (int)j, (int)measured, (long long)i, (int)(chunks / workers));
    }
  return TESTUDO_OK;
}

/* ---- the draws ---- */

/* One law, or the uniforms themselves. */
static testudo_status draw_same(testudo_i_plan *plan, testudo_i_purpose purpose, int32_t first, int32_t count,
                                const testudo_law *law, testudo_error *error)
{
  testudo_i_run *run = testudo_i_arena_alloc(&plan->arena, 1, sizeof *run);
  TESTUDO_I_TRY(testudo_i_arena_check(&plan->arena, error));
  *run = (testudo_i_run){law, count};
  plan->drawn[plan->drawn_count++] = (testudo_i_drawn){purpose, first, count, run};
  return TESTUDO_OK;
}

/* A slot per worker of its own law; or, of steps, as many as it has, and `further` each behind those. */
static testudo_status draw_times(testudo_i_plan *plan, bool steps, testudo_error *error)
{
  const testudo_delay_model *model = plan->model;
  int32_t workers = plan->design->workers, rounds = steps && plan->further > 0 ? 2 : 1, end = 0;
  int64_t runs = model->classes != NULL ? (int64_t)model->class_count * rounds : 1;
  testudo_i_drawn *drawn = &plan->drawn[plan->drawn_count++];
  *drawn = (testudo_i_drawn){.purpose = TESTUDO_I_FOR_DELAY, .first = steps ? 0 : plan->own};
  drawn->run = testudo_i_arena_alloc(&plan->arena, (size_t)runs, sizeof *drawn->run);
  TESTUDO_I_TRY(testudo_i_arena_check(&plan->arena, error));
  for (int round = 0, run = 0; round < rounds; round++)
    for (int32_t c = 0, j = 0; j < workers; c++, run++) {
      int32_t next = model->classes == NULL ? workers : j + model->classes[c].workers;
      if (!steps)
        end += next - j;
      else
        end += round == 0 ? (int32_t)(plan->slot_row[next] - plan->slot_row[j]) : (next - j) * plan->further;
      if (model->classes == NULL)
        run = 0;
      drawn->run[run] = (testudo_i_run){testudo_i_worker_law(model, j), end};
      j = next;
    }
  drawn->count = end;
  return TESTUDO_OK;
}

/* ---- the slots ---- */

/* Takes slots off the end. */
static int32_t take_slots(int64_t *slots, int64_t count)
{
  int64_t first = *slots;
  *slots += count;
  return first > INT32_MAX ? INT32_MAX : (int32_t)first;
}

static testudo_status lay_slots(testudo_i_plan *plan, testudo_error *error)
{
  const testudo_design *design = plan->design;
  const testudo_delay_model *model = plan->model;
  int32_t workers = design->workers;
  int64_t slots = 0;
  plan->slot_row = testudo_i_arena_alloc(&plan->arena, (size_t)workers + 1, sizeof *plan->slot_row);
  TESTUDO_I_TRY(testudo_i_arena_check(&plan->arena, error));
  for (int32_t j = 0; j <= workers; j++)
    plan->slot_row[j] = !plan->timed ? j : plan->work != NULL ? (int64_t)j * design->steps : design->row[j];
  (void)take_slots(&slots, plan->slot_row[workers]);
  plan->further_slot = take_slots(&slots, (int64_t)workers * plan->further);
  bool own = plan->terms && model->replay == NULL && (!plan->summed || model->structure == TESTUDO_STRUCTURE_MIXED);
  bool computed = plan->sending == TESTUDO_I_SEND_FINISHED && model->message != NULL;
  plan->own = own ? take_slots(&slots, workers) : -1;
  plan->startup = model->startup != NULL ? take_slots(&slots, workers) : -1;
  plan->message = model->message != NULL ? take_slots(&slots, workers) : -1;
  plan->state = model->slow.factor > 0.0 ? take_slots(&slots, workers) : -1;
  plan->domain = model->domain_factor != NULL ? take_slots(&slots, model->domains) : -1;
  plan->computed = computed ? take_slots(&slots, workers) : -1;
  if (design->row[workers] > INT32_MAX || slots > INT32_MAX)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "design: %lld entries, but simulation takes at most %d",
                          (long long)slots, (int)INT32_MAX);
  plan->slots = (int32_t)slots;
  return TESTUDO_OK;
}

static testudo_status lay_draws(testudo_i_plan *plan, testudo_error *error)
{
  const testudo_delay_model *model = plan->model;
  int32_t workers = plan->design->workers, steps = plan->further_slot + workers * plan->further;
  if (!plan->terms)
    return draw_same(plan, TESTUDO_I_FOR_DELAY, 0, plan->slots, model->law, error);
  if (model->replay == NULL)
    TESTUDO_I_TRY(draw_times(plan, plan->own < 0, error));
  if (plan->summed && plan->own >= 0)
    TESTUDO_I_TRY(draw_same(plan, TESTUDO_I_FOR_CHUNK, 0, steps, model->chunk_law, error));
  if (plan->startup >= 0)
    TESTUDO_I_TRY(draw_same(plan, TESTUDO_I_FOR_STARTUP, plan->startup, workers, model->startup, error));
  if (plan->message >= 0)
    TESTUDO_I_TRY(draw_same(plan, TESTUDO_I_FOR_MESSAGE, plan->message, workers, model->message, error));
  if (plan->state >= 0)
    TESTUDO_I_TRY(draw_same(plan, TESTUDO_I_FOR_STATE, plan->state, workers, NULL, error));
  if (plan->domain >= 0)
    TESTUDO_I_TRY(draw_same(plan, TESTUDO_I_FOR_DOMAIN, plan->domain, model->domains, model->domain_factor, error));
  return TESTUDO_OK;
}

testudo_status testudo_i_terms_plan(testudo_i_plan *plan, testudo_error *error)
{
  const testudo_design *design = plan->design;
  const testudo_delay_model *model = plan->model;
  TESTUDO_I_TRY(check_steps(plan, error));
  TESTUDO_I_TRY(check_shares(plan, error));
  plan->terms = plan->further > 0 || !testudo_i_delay_is_plain(model);
  plan->summed = model->replay != NULL || model->structure == TESTUDO_STRUCTURE_MIXED ||
                 (model->structure == TESTUDO_STRUCTURE_ADDITIVE && !testudo_i_times_are_constant(model));
  plan->timed = plan->terms || plan->summed;
  plan->sending = plan->rule.whole ? TESTUDO_I_SEND_FINISHED
                                   : plan->work != NULL ? TESTUDO_I_SEND_BLOCKS : TESTUDO_I_SEND_ANNOUNCED;
  plan->unit = model->replay != NULL ? 1.0 : testudo_i_unit(model, design->workers, design->chunks);
  plan->share = 1.0 / (double)design->parts;
  double *rate = testudo_i_arena_alloc(&plan->arena, plan->terms ? (size_t)design->workers : 0, sizeof *rate);
  TESTUDO_I_TRY(testudo_i_arena_check(&plan->arena, error));
  for (int32_t c = 0, j = 0, first = 0; plan->terms && j < design->workers; j++) {
    while (model->classes != NULL && j >= first + model->classes[c].workers)
      first += model->classes[c++].workers;
    rate[j] = model->classes != NULL ? model->classes[c].rate : testudo_i_rate(model, j);
  }
  plan->rate = rate;
  TESTUDO_I_TRY(lay_slots(plan, error));
  return lay_draws(plan, error);
}
