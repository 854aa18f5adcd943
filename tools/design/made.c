/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the arguments of `testudo design` to the design as its file has it. */
#include "design/made.h"

#include <testudo/designfile.h>

#include "base/error.h"
#include "design/family.h"
#include "design/improve.h"
#include "design/schemes.h"

/* A delay model decides nothing but what comes next in a draft; rates also how long arcs are. */
static testudo_status made_check_model(const cli_request *request, const cli_arguments *arguments,
                                       testudo_error *error)
{
  bool draft = request_orders_by_law(request), delay = cli_given(arguments, "delay");
  static const char orders[] = "orders that a law decides (draft, also in twins: and short:)";
  const cli_rule rule[] = {
      {draft, {"delay"}, orders},
      {draft && delay, {"structure", "unit", "startup", "overhead", "class", "message", "signal", "markov", "domains",
                        "domain-factor", "failed", "fail-prob"}, "--delay, which applies to order draft,"},
      {(draft && delay) || request->rates != NULL, {"rates"}, "--assignment arcs, and to order draft with --delay,"},
  };
  return cli_check_rules(arguments, rule, sizeof rule / sizeof *rule, error);
}

static testudo_status made_take(cli_made *made, const cli_arguments *arguments, testudo_error *error)
{
  int preset = cli_given(arguments, "code") ? CHOICE_GRADIENT_CODE : CHOICE_PARTIAL;
  made->request.scheme = scheme_of_choice(cli_choice(arguments, "scheme", preset));
  TESTUDO_I_TRY(request_take(&made->request, arguments, error));
  TESTUDO_I_TRY(made_check_model(&made->request, arguments, error));
  return request_check_seed(&made->request, arguments, error);
}

testudo_status made_by_arguments(cli_made *made, const cli_arguments *arguments, testudo_error *error)
{
  const testudo_code_check *tested = &made->request.tested;
  TESTUDO_I_TRY(made_take(made, arguments, error));
  TESTUDO_I_TRY(request_make(&made->request, arguments, &made->design, error));
  TESTUDO_I_TRY(testudo_design_set_provenance(made->design, arguments->line, made->request.seed, error));
  TESTUDO_I_TRY(improve_design(made->design, arguments, &made->improvement, error));
  TESTUDO_I_TRY(testudo_design_claim_family(made->design, family_claims(&made->request), error));
  return tested->sets > 0 ? testudo_claim_straggler_sets(made->design, tested, error) : TESTUDO_OK;
}

void made_clear(cli_made *made)
{
  testudo_i_arena_clear(&made->request.arena);
  testudo_design_free(made->design);
}
