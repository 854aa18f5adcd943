/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Domain and cost files, and the claims that placements carry. */
#include "check.h"

#include <testudo/designfile.h>
#include <testudo/optimize.h>

#include "base/file.h"
#include "runtime/design.h"

static void refuse_domains(const char *text, const char *sentence)
{
  int32_t *domain;
  testudo_error error = {""};
  assert_status(testudo_domains_parse(text, strlen(text), "r.csv", 3, &domain, &error), TESTUDO_ERROR_INPUT);
  assert_null(domain);
  assert_string_equal(error.text, sentence);
}

static void domains_are_numbered_as_they_first_occur(void **state)
{
  (void)state;
  const char *text = "domain,worker\nzebra,1\nape,2\nape, 0 \nzebra,4\nyak,3\n";
  int32_t *domain, wanted[] = {0, 1, 0, 2, 1};
  assert_ok(testudo_domains_parse(text, strlen(text), "r.csv", 5, &domain, NULL));
  assert_memory_equal(domain, wanted, sizeof wanted);
  free(domain);
}

static void broken_domain_files_are_refused_with_the_place(void **state)
{
  (void)state;
  refuse_domains("", "r.csv: is empty");
  refuse_domains("worker,rack\n0,a\n", "r.csv: line 1: no column is named domain");
  refuse_domains("worker,domain,domain\n", "r.csv: line 1: two columns are named domain");
  refuse_domains("worker,domain\n0,a\n1\n", "r.csv: line 3: 1 cell, but line 1 has 2");
  refuse_domains("worker,domain\n0,a\n3,a\n", "r.csv: line 3: worker '3', but workers are 0..2");
  refuse_domains("worker,domain\n0,a\n-1,a\n", "r.csv: line 3: worker '-1', but workers are 0..2");
  refuse_domains("worker,domain\n0,a\n0,a\n", "r.csv: line 3: worker 0 has a domain already");
  refuse_domains("worker,domain\n0, \n", "r.csv: line 2: worker 0 has an empty domain");
  refuse_domains("worker,domain\n0,a\n2,a\n", "r.csv: worker 1 has no domain, but each of 0..2 needs one");
  refuse_domains("worker,domain\n0,\"a\n", "r.csv: line 2: a quotation mark that is not closed on its line");
  int32_t *domain;
  assert_status(testudo_domains_parse("", 0, "r.csv", 0, &domain, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_domains_read("/nowhere/r.csv", 3, &domain, NULL), TESTUDO_ERROR_INPUT);
}

static void costs_are_sorted(void **state)
{
  (void)state;
  const char *text = "chunk,cost,worker\n3,0.1,1\n0,inf,1\n2,7e-3,0\n1,forbidden,2\n\n";
  testudo_place_cost *cost;
  int64_t count;
  assert_ok(testudo_costs_parse(text, strlen(text), "c.csv", 3, 4, &cost, &count, NULL));
  assert_int_equal(count, 4);
  assert_true(cost[0].worker == 0 && cost[0].chunk == 2 && cost[0].cost == 7e-3);
  assert_true(cost[1].worker == 1 && cost[1].chunk == 0 && cost[1].cost == HUGE_VAL);
  assert_true(cost[2].worker == 1 && cost[2].chunk == 3 && cost[2].cost == 0.1);
  assert_true(cost[3].worker == 2 && cost[3].chunk == 1 && cost[3].cost == HUGE_VAL);
  free(cost);
}

static void refuse_costs(const char *text, const char *sentence)
{
  testudo_place_cost *cost;
  int64_t count;
  testudo_error error = {""};
  assert_status(testudo_costs_parse(text, strlen(text), "c.csv", 3, 4, &cost, &count, &error), TESTUDO_ERROR_INPUT);
  assert_true(cost == NULL && count == 0);
  assert_string_equal(error.text, sentence);
}

static void broken_cost_files_are_refused_with_the_place(void **state)
{
  (void)state;
  refuse_costs("worker,chunk\n", "c.csv: line 1: no column is named cost");
  refuse_costs("worker,chunk,cost\n0,4,1\n", "c.csv: line 2: chunk '4', but chunks are 0..3");
  refuse_costs("worker,chunk,cost\n3,0,1\n", "c.csv: line 2: worker '3', but workers are 0..2");
  refuse_costs("worker,chunk,cost\n0,0,-1\n",
               "c.csv: line 2: cost '-1', but a number from 0 to 1e+100, inf or forbidden is wanted");
  refuse_costs("worker,chunk,cost\n0,0,infinite\n",
               "c.csv: line 2: cost 'infinite', but a number from 0 to 1e+100, inf or forbidden is wanted");
  refuse_costs("worker,chunk,cost\n0,1,1\n2,2,2\n0,1,inf\n", "c.csv: worker 0 and chunk 1 have two costs");
}

/* ---- claims ---- */

typedef struct claimed {
  testudo_design *design;
  testudo_claim *claim;
  size_t count;
} claimed;

/* 6 workers of 2 of 6 chunks, two copies, neighbours on a circle. */
static testudo_status prove(const char *claims, claimed *c, testudo_error *error)
{
  testudo_assignment assignment;
  assert_ok(testudo_assignment_cyclic(6, 2, &assignment, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, 1, 3, "six", &c->design, NULL));
  testudo_assignment_free(&assignment);
  assert_ok(testudo_i_design_set_member(c->design, "claims", claims, NULL));
  return testudo_design_prove(c->design, "d.json", &c->claim, &c->count, error);
}

static void one_claim(const char *text, double found, bool holds)
{
  claimed c;
  assert_ok(prove(text, &c, NULL));
  assert_int_equal(c.count, 1);
  assert_true(c.claim[0].known);
  if (isnan(found))
    assert_true(isnan(c.claim[0].found));
  else
    assert_near(c.claim[0].found, found, 0.0);
  assert_int_equal(c.claim[0].holds, holds);
  free(c.claim);
  testudo_design_free(c.design);
}

/* Chunk i lies on workers i - 1 and i, so racks of every second worker hold one copy, racks of neighbours two. */
static void claims_of_domains_are_proved_again(void **state)
{
  (void)state;
  one_claim("[{\"metric\":\"domain_copies\",\"value\":1,\"domains\":[0,1,0,1,0,1]}]", 1, true);
  one_claim("[{\"metric\":\"domain_copies\",\"value\":1,\"domains\":[0,1,0,1,1,2]}]", 2, false);
  one_claim("[{\"metric\":\"domain_copies\",\"value\":1,\"domains\":[0,1,2,3,4,5]}]", 1, true);
}

/* 12 copies, two a chunk: 6 meetings on 15 pairs of workers, so some pair meets. One worker in a rack of its own and
   five in the other, 6 meetings fall on 5 pairs. */
static void claims_of_bounds_are_proved_again(void **state)
{
  (void)state;
  one_claim("[{\"metric\":\"overlap_bound\",\"value\":1,\"least\":2,\"most\":2}]", 1, true);
  one_claim("[{\"metric\":\"overlap_bound\",\"value\":2,\"least\":[2,2,2,2,2,2],\"most\":2}]", 1, false);
  one_claim("[{\"metric\":\"overlap_bound\",\"value\":2,\"least\":0,\"most\":2,\"domains\":[0,0,0,0,0,1]}]", 2, true);
  /* These loads are not the design's, and these leave no placement. */
  one_claim("[{\"metric\":\"overlap_bound\",\"value\":1,\"least\":0,\"most\":[2,2,2,2,2,1]}]", NAN, false);
  one_claim("[{\"metric\":\"overlap_bound\",\"value\":1,\"least\":0,\"most\":2,\"domains\":[0,0,0,0,0,0]}]", NAN,
            false);
}

static void refuse_claim(const char *claims, const char *sentence)
{
  claimed c;
  testudo_error error = {""};
  assert_status(prove(claims, &c, &error), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, sentence);
  testudo_design_free(c.design);
}

static void broken_claims_are_refused_with_the_place(void **state)
{
  (void)state;
  refuse_claim("[{\"metric\":\"domain_copies\",\"value\":1}]",
               "d.json: claims[0].domains: must have one integer for each of the 6 workers");
  refuse_claim("[{\"metric\":\"domain_copies\",\"value\":1,\"domains\":[0,1,2]}]",
               "d.json: claims[0].domains: must have one integer for each of the 6 workers");
  refuse_claim("[{\"metric\":\"domain_copies\",\"value\":1,\"domains\":3}]",
               "d.json: claims[0].domains: must have one integer for each of the 6 workers");
  refuse_claim("[{\"metric\":\"domain_copies\",\"value\":1,\"domains\":[0,1,2,3,4,6]}]",
               "d.json: claims[0].domains: must be integers in 0..5");
  refuse_claim("[{\"metric\":\"overlap_bound\",\"value\":1,\"least\":2}]",
               "d.json: claims[0].most: must have one integer for each of the 6 workers");
  refuse_claim("[{\"metric\":\"overlap_bound\",\"value\":1,\"least\":-1,\"most\":2}]",
               "d.json: claims[0].least: must be integers in 0..6");
  refuse_claim("[{\"metric\":\"overlap_bound\",\"value\":1,\"least\":[1,1,1,1,1,1.5],\"most\":2}]",
               "d.json: claims[0].least: must be integers in 0..6");
}

static void a_placement_claims_what_holds(void **state)
{
  (void)state;
  static const int32_t replication[6] = {2, 2, 2, 2, 2, 2}, least[6] = {2, 2, 2, 2, 2, 1}, most[6] = {2, 2, 2, 2, 2, 3},
                       domain[6] = {0, 1, 0, 1, 0, 1};
  testudo_placement_limits limits = {.workers = 6, .chunks = 6, .replication = replication, .least = least,
                                     .most = most, .domain = domain};
  for (int claims = 0; claims < 2; claims++) {
    claimed c;
    assert_ok(prove("[]", &c, NULL));
    assert_int_equal(c.count, 0);
    free(c.claim);
    if (claims)
      assert_ok(testudo_design_claim(c.design, NULL));
    assert_ok(testudo_design_claim_placement(c.design, &limits, true, NULL));
    assert_ok(testudo_design_prove(c.design, "d.json", &c.claim, &c.count, NULL));
    assert_int_equal(c.count, claims ? 5 : 2);
    for (size_t k = 0; k < c.count; k++)
      assert_true(c.claim[k].holds);
    assert_string_equal(c.claim[c.count - 2].metric, "domain_copies");
    assert_string_equal(c.claim[c.count - 1].metric, "overlap_bound");
    free(c.claim);
    limits.workers = 5;
    assert_status(testudo_design_claim_placement(c.design, &limits, true, NULL), TESTUDO_ERROR_ARGUMENT);
    limits.workers = 6;
    testudo_design_free(c.design);
  }
}

/* Of another design of the same workers only what holds; nothing of other claims, nor of another number of workers. */
static void claims_are_carried_where_they_hold(void **state)
{
  (void)state;
  claimed from, to;
  assert_ok(prove("[{\"metric\":\"max_overlap\",\"value\":1},"
                  "{\"metric\":\"domain_copies\",\"value\":1,\"domains\":[0,1,0,1,0,1]},"
                  "{\"metric\":\"domain_copies\",\"value\":1,\"domains\":[0,0,1,1,2,2]},"
                  "{\"metric\":\"overlap_bound\",\"value\":1,\"least\":2,\"most\":2}]", &from, NULL));
  free(from.claim);
  assert_ok(prove("[]", &to, NULL));
  free(to.claim);
  assert_ok(testudo_design_carry_placement(to.design, from.design, NULL));
  assert_ok(testudo_design_prove(to.design, "d.json", &to.claim, &to.count, NULL));
  assert_int_equal(to.count, 2);
  assert_string_equal(to.claim[0].metric, "domain_copies");
  assert_string_equal(to.claim[1].metric, "overlap_bound");
  assert_true(to.claim[0].holds && to.claim[1].holds);
  free(to.claim);
  testudo_design_free(to.design);
  testudo_design_free(from.design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(domains_are_numbered_as_they_first_occur),
      cmocka_unit_test(broken_domain_files_are_refused_with_the_place),
      cmocka_unit_test(costs_are_sorted),
      cmocka_unit_test(broken_cost_files_are_refused_with_the_place),
      cmocka_unit_test(claims_of_domains_are_proved_again),
      cmocka_unit_test(claims_of_bounds_are_proved_again),
      cmocka_unit_test(broken_claims_are_refused_with_the_place),
      cmocka_unit_test(a_placement_claims_what_holds),
      cmocka_unit_test(claims_are_carried_where_they_hold),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
