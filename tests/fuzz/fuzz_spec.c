/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as SPEC.json of `testudo sgd`: texts that may be printed, or one sentence. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "json/specification.h"

static void require(int holds)
{
  if (!holds)
    abort();
}

static void look_at(const testudo_i_spec_member *member)
{
  bool methods = strcmp(member->key, TESTUDO_I_SPEC_METHODS) == 0;
  require(testudo_i_name_is_printable(member->key) && member->kind != NULL);
  require(member->truth ? member->count == 0 && !member->listed : member->count >= 1);
  require(member->truth || member->listed || member->count == 1);
  require(!methods || member->listed);
  for (size_t k = 0; k < member->count; k++)
    require(testudo_i_name_is_printable(member->text[k]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  testudo_i_spec spec;
  testudo_error error = {""};
  testudo_status status = testudo_i_spec_parse((const char *)data, size, "fuzz", &spec, &error);
  if (status != TESTUDO_OK) {
    require(status == TESTUDO_ERROR_INPUT && strncmp(error.text, "fuzz: ", 6) == 0);
    require(testudo_i_name_is_printable(error.text));
  }
  for (size_t k = 0; k < spec.members && status == TESTUDO_OK; k++)
    look_at(&spec.member[k]);
  /* No key twice, so that a member stands for one option. */
  for (size_t k = 1; k < spec.members && k < 64 && status == TESTUDO_OK; k++)
    for (size_t j = 0; j < k; j++)
      require(strcmp(spec.member[j].key, spec.member[k].key) != 0);
  testudo_i_spec_clear(&spec);
  return 0;
}
