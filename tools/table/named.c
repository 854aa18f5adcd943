/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The named constructions of `testudo design` that may stand in a cell, as commands. */
#include "table/table.h"

#include <string.h>

/* With as many copies as shares of load; `finer`: wants several chunks per share. */
typedef struct named_rule {
  const char *assignment, *order;
  bool finer, plain;       /* plain: wants one chunk per share */
} named_rule;

static const named_rule rules[] = {
    {"frc", "natural", false, true},  {"frc", "rotated", false, false},  {"frc", "xor", false, false},
    {"cyclic", "natural", false, true},
    {"frc", "steal", true, false},    {"frc", "back", true, false},      {"frc", "stealxor", true, false},
    {"frc", "backxor", true, false},  {"frc", "draft", true, false},     {"cyclic", "steal", true, false},
    {"cyclic", "back", true, false},  {"cyclic", "draft", true, false},  {"cyclic", "staircase", true, false},
    {"frc", "twins:draft", true, false}, {"frc", "twins:back", true, false}, {"frc", "twins:backxor", true, false},
    {"cyclic", "twins:draft", true, false},
    {"regular", "matching", false, false}, {"bibd", "matching", false, true},
};

/* Groups that are larger than the load, whose orders stop early. */
enum { RULES = sizeof rules / sizeof *rules, MOST_GROUP = 8, SEEDS = 2 };

/* Mixed laws are quoted for a shell by what they are made of: letters, digits and ,:.- only. */
static void put_law(const testudo_delay_model *model, char *text, size_t room)
{
  static const char *const structure[] = {"scaled", "additive", "mixed:"};
  snprintf(text, room, " --delay %s --structure %s%s%s", testudo_law_text(model->law), structure[model->structure],
           model->chunk_law != NULL ? testudo_law_text(model->chunk_law) : "",
           model->unit == TESTUDO_UNIT_SHARE ? " --unit share" : "");
}

static bool rule_applies(const named_rule *rule, const testudo_best_key *key)
{
  bool twins = strncmp(rule->order, "twins", 5) == 0;
  return (!rule->finer || key->granularity > 1) && (!rule->plain || key->granularity == 1) &&
         (!twins || key->parts > 1);
}

/* The normalised line leaves out nothing that was said, so that what is the default is not said. */
static void put_command(const testudo_best_key *key, const char *assignment, const char *order, int32_t replication,
                        const char *law, int seed, char *command, size_t room)
{
  char granularity[32] = "", parts[32] = "", seeds[32] = "";
  if (key->granularity > 1)
    snprintf(granularity, sizeof granularity, " --granularity %d", (int)key->granularity);
  if (key->parts > 1)
    snprintf(parts, sizeof parts, " --parts %d", (int)key->parts);
  if (seed > 1)
    snprintf(seeds, sizeof seeds, " --seed %d", seed);
  snprintf(command, room, "testudo design --assignment %s --workers %d --replication %d%s --order %s%s%s%s", assignment,
           (int)key->workers, (int)replication, parts, order, granularity, law, seeds);
}

/* Of chunk times that are independent, or nearly: a few chunks of others, in groups of as many as the load or more. The
   law of such times takes seconds for every draft, and is left out. */
static bool named_short(const testudo_best_key *key, int k, char *command, size_t room)
{
  int32_t load = (int32_t)key->copies, group = load + k / 4, foreign = key->granularity * (k % 4 + 1) / 2;
  int32_t most = (load - 1) * key->granularity;
  char order[64];
  if (key->granularity == 1 || key->parts > 1 || group > MOST_GROUP || group > key->workers)
    return false;
  snprintf(order, sizeof order, "short:%d", (int)(foreign < most ? foreign : most));
  put_command(key, "frc", order, group, "", 1, command, room);
  return true;
}

/* Drafts by the law, and those of larger groups cut short, with and without the law. */
static bool named_draft(const testudo_best_key *key, int k, char *command, size_t room)
{
  int32_t load = (int32_t)key->copies, first = load + 1, groups = MOST_GROUP - load, l = key->parts;
  char law[1200], order[64];
  bool by_law = k % 2 == 1, twins = l > 1;
  put_law(key->model, law, sizeof law);
  if (key->model->structure != TESTUDO_STRUCTURE_SCALED)
    return named_short(key, k, command, room);
  if (key->granularity == 1 || (twins && load % l != 0))
    return false;
  if (k == 0) {
    put_command(key, "frc", twins ? "twins:draft" : "draft", load, law, 1, command, room);
    return true;
  }
  int32_t group = first + (k - 1) / 2;
  if (group > MOST_GROUP || group > key->workers || groups <= 0)
    return false;
  snprintf(order, sizeof order, "%sshort:%d:draft", twins ? "twins:" : "",
           (int)((load / (twins ? l : 1) - 1) * key->granularity));
  put_command(key, "frc", order, group, by_law ? law : "", 1, command, room);
  return true;
}

/* The one table of uneven copies that is known. */
static bool named_uneven(const testudo_best_key *key, char *command, size_t room)
{
  if (key->granularity != 8 || key->copies != 4 || key->parts != 1)
    return false;
  put_command(key, "frc", "uneven", 6, "", 1, command, room);
  return true;
}

bool table_named(const testudo_best_key *key, int k, char *command, size_t room)
{
  for (int r = 0; r < RULES; r++)
    for (int seed = 1; seed <= (strcmp(rules[r].assignment, "regular") == 0 ? SEEDS : 1); seed++)
      if (rule_applies(&rules[r], key) && k-- == 0) {
        put_command(key, rules[r].assignment, rules[r].order, (int32_t)key->copies, "", seed, command, room);
        return true;
      }
  if (named_uneven(key, command, room) && k-- == 0)
    return true;
  return named_draft(key, k, command, room);
}
