/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chain of conditional probabilities: the bound, and every conditional floor in it, against enumeration on regular
   and irregular designs; and the same with the pairs made a little rarer than they are, which must be caught. */
#include "brute.h"

#include "base/random.h"
#include "exact/bounds/bounds.h"

#define ROUNDING 1e-12
#define CASES 200

static void put_rows(brute_design *design, int j, const int32_t *chunk, int load)
{
  design->load[j] = load;
  for (int k = 0; k < load; k++)
    design->order[j][k] = chunk[k];
}

/* Worker j holds chunks j, j + 1, .. of a random numbering, each row shuffled: every chunk on `load` workers. */
static brute_design regular_design(testudo_i_random *random)
{
  brute_design design = {.workers = 3 + (int)testudo_i_random_below(random, 4)};
  int m = design.chunks = design.workers, load = 2 + (int)testudo_i_random_below(random, (uint64_t)m - 2);
  design.parts = 1 + (int)testudo_i_random_below(random, (uint64_t)load - 1);
  int32_t name[BRUTE_CHUNKS], row[BRUTE_CHUNKS];
  for (int i = 0; i < m; i++)
    name[i] = i;
  testudo_i_random_shuffle(random, name, (size_t)m);
  for (int j = 0; j < m; j++) {
    for (int k = 0; k < load; k++)
      row[k] = name[(j + k) % m];
    testudo_i_random_shuffle(random, row, (size_t)load);
    put_rows(&design, j, row, load);
  }
  return design;
}

/* Every chunk with every worker by the toss of a coin, and with as many more as the parts need. */
static brute_design irregular_design(testudo_i_random *random)
{
  brute_design design = {.workers = 3 + (int)testudo_i_random_below(random, 4),
                         .chunks = 2 + (int)testudo_i_random_below(random, 5),
                         .parts = 1 + (int)testudo_i_random_below(random, 2)};
  for (int i = 0; i < design.chunks; i++) {
    int first = (int)testudo_i_random_below(random, (uint64_t)design.workers), given = 0;
    for (int k = 0; k < design.workers; k++) {
      int j = (first + k) % design.workers;
      if (given++ >= design.parts && testudo_i_random_below(random, 2) == 0)
        continue;
      design.order[j][design.load[j]++] = i;
    }
  }
  return design;
}

static brute_model random_model(testudo_i_random *random)
{
  brute_model model = {.atoms = 2 + (int)testudo_i_random_below(random, 2)};
  for (int a = 0; a < model.atoms; a++) {
    model.value[a] = 0.3 + 2.9 * testudo_i_random_uniform(random);
    model.weight[a] = 1 + (double)testudo_i_random_below(random, 4);
  }
  for (int j = 0; j < BRUTE_WORKERS; j++)
    model.rate[j] = 0.7 + 0.31 * (double)testudo_i_random_below(random, 3);
  if (testudo_i_random_below(random, 2) == 1) {
    model.failures = TESTUDO_FAILURES_EACH;
    model.fail_prob = 0.03 + 0.3 * testudo_i_random_uniform(random);
  }
  return model;
}

/* chance[set]: P(exactly the chunks of the set are missing at t). */
static void missing_sets(const brute_design *design, const brute_model *model, const brute_law *law, double t,
                         long double *chance)
{
  memset(chance, 0, sizeof *chance << design->chunks);
  double time[BRUTE_WORKERS];
  for (size_t k = 0; k < law->outcomes; k++) {
    int set = 0;
    for (int i = 0; i < design->chunks; i++) {
      int count = brute_holder_times(design, model, law->outcome[k].finish, i, time);
      if (count < design->parts || time[design->parts - 1] > t)
        set |= 1 << i;
    }
    chance[set] += law->outcome[k].chance;
  }
}

/* P(i is missing, those of `covered` are not) >= floor P(those of `covered` are not), for all sets of kept chunks. */
static int count_broken_floors(const testudo_i_chain *chain, int chunks, int dropped, const long double *chance,
                               int *checked)
{
  int broken = 0, kept = 0, chunk[BRUTE_CHUNKS], members = 0;
  for (int i = 0; i < chunks; i++)
    if ((dropped >> i & 1) == 0)
      chunk[members++] = i;
  for (int a = 0; a < chain->pairs->members; a++)
    kept |= chain->kept[a] ? 1 << chunk[a] : 0;
  for (int a = 0; a < chain->pairs->members; a++)
    for (int covered = 0, i = chunk[a]; chain->kept[a] && covered < 1 << chunks; covered++) {
      if ((covered & ~kept) != 0 || (covered >> i & 1) != 0)
        continue;
      long double all = 0, missing = 0;
      for (int set = 0; set < 1 << chunks; set++)
        if ((set & covered) == 0) {
          all += chance[set];
          missing += set >> i & 1 ? chance[set] : 0;
        }
      broken += missing < chain->floor[a] * all - ROUNDING;
      ++*checked;
    }
  return broken;
}

typedef struct outcome {
  int bounds, broken_bounds, floors, broken_floors;
  double gained; /* over Janson's bound */
} outcome;

/* The chunks of `dropped` are left out of the chain. Pairs are `scale` times as likely as they are. */
static void check_case(const brute_design *design, const brute_model *model, int dropped, double scale, outcome *all)
{
  brute_case made = brute_case_start(design, design, model);
  testudo_i_cluster cluster;
  testudo_i_bounds bounds;
  testudo_i_pairs pairs;
  testudo_i_chain chain;
  bool fits, included[BRUTE_CHUNKS];
  for (int i = 0; i < design->chunks; i++)
    included[i] = (dropped >> i & 1) == 0;
  assert_ok(testudo_i_cluster_init(&cluster, made.design, TESTUDO_I_ALONE(&made.delay), false, NULL));
  assert_ok(testudo_i_bounds_init(&bounds, &cluster.arena, &cluster, 200000, NULL, NULL));
  assert_ok(testudo_i_pairs_init(&pairs, &cluster.arena, &bounds.types, included, &fits, NULL));
  assert_true(fits && (pairs.types == 0 || pairs.neighbour != NULL));
  assert_ok(testudo_i_chain_init(&chain, &cluster.arena, &pairs, NULL));
  long double chance[1 << BRUTE_CHUNKS];
  double before = -1;
  for (size_t k = 0; k < made.wanted.outcomes && !isinf(made.wanted.outcome[k].time); k++) {
    double t = made.wanted.outcome[k].time, above;
    if (t == before)
      continue;
    before = t;
    above = 1 - brute_cdf(&made.wanted, t);
    testudo_i_bound_terms terms;
    testudo_i_bounds_direct(&bounds, t, TESTUDO_I_WANT_BOTH, &terms);
    testudo_i_pairs_evaluate(&pairs, bounds.types.survival, design->parts);
    for (int32_t type = 0; type < pairs.types; type++)
      pairs.joint[type] *= scale;
    double tail = testudo_i_chain_tail(&chain, bounds.missing, design->parts);
    missing_sets(design, model, &made.wanted, t, chance);
    all->bounds++;
    all->broken_bounds += tail > above + ROUNDING;
    all->broken_floors += count_broken_floors(&chain, design->chunks, dropped, chance, &all->floors);
    all->gained += dropped == 0 && scale == 1 ? tail - terms.janson : 0;
  }
  testudo_i_cluster_free(&cluster);
  brute_case_clear(&made);
}

static outcome check_all(double scale, int parts)
{
  outcome all = {0};
  for (uint64_t trial = 0; trial < CASES; trial++) {
    testudo_i_random random;
    testudo_i_random_start(&random, 20262, TESTUDO_I_FOR_TEST, trial, 0);
    brute_design design = trial % 2 == 0 ? regular_design(&random) : irregular_design(&random);
    brute_model model = random_model(&random);
    int dropped = (int)testudo_i_random_below(&random, 3) == 0 ? 1 << testudo_i_random_below(&random, 4) : 0;
    if (parts == 0 || design.parts == parts)
      check_case(&design, &model, dropped, scale, &all);
  }
  return all;
}

static void every_bound_and_every_floor_holds(void **state)
{
  (void)state;
  outcome all = check_all(1, 0);
  print_message("%d bounds, %d floors, %.3g above Janson's bound on average\n", all.bounds, all.floors,
                all.gained / all.bounds);
  assert_int_equal(all.broken_bounds, 0);
  assert_int_equal(all.broken_floors, 0);
  assert_true(all.bounds > 1200 && all.floors > 30000 && all.gained > 0);
}

/* As tight as this is on small designs: three hundredths off, and it is wrong. */
static void pairs_a_little_too_rare_are_caught(void **state)
{
  (void)state;
  for (int parts = 1; parts <= 2; parts++) {
    outcome all = check_all(0.97, parts);
    print_message("l = %d: %d of %d bounds and %d of %d floors are wrong\n", parts, all.broken_bounds, all.bounds,
                  all.broken_floors, all.floors);
    assert_true(all.broken_bounds > 0 && all.broken_floors > 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_bound_and_every_floor_holds),
      cmocka_unit_test(pairs_a_little_too_rare_are_caught),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
