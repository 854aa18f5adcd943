/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "base/hash.h"

/* From the test vectors published with FNV (draft-eastlake-fnv, appendix C): FNV-1a, 64 bits, no final zero. */
static void equals_the_published_vectors(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    uint64_t hash;
  } vector[] = {
      {"", UINT64_C(0xcbf29ce484222325)},       {"a", UINT64_C(0xaf63dc4c8601ec8c)},
      {"b", UINT64_C(0xaf63df4c8601f1a5)},      {"foo", UINT64_C(0xdcb27518fed9d577)},
      {"foobar", UINT64_C(0x85944171f73967e8)},
  };
  for (size_t k = 0; k < sizeof vector / sizeof vector[0]; k++)
    assert_true(testudo_i_fnv(TESTUDO_I_FNV_START, vector[k].text, strlen(vector[k].text)) == vector[k].hash);
}

/* A table-free second road: multiplication by the prime 2^40 + 2^8 + 0xb3 done with shifts and adds, bit by bit. */
static uint64_t hash_by_shifts(const unsigned char *byte, size_t length)
{
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t k = 0; k < length; k++) {
    hash ^= byte[k];
    hash += (hash << 1) + (hash << 4) + (hash << 5) + (hash << 7) + (hash << 8) + (hash << 40);
  }
  return hash;
}

static void equals_shifts_and_adds_on_all_byte_values(void **state)
{
  (void)state;
  unsigned char byte[1024];
  for (size_t k = 0; k < sizeof byte; k++)
    byte[k] = (unsigned char)(k * 167 + (k >> 8) * 29);
  for (size_t length = 0; length <= sizeof byte; length += 31)
    assert_true(testudo_i_fnv(TESTUDO_I_FNV_START, byte, length) == hash_by_shifts(byte, length));
}

static void hashing_in_pieces_equals_hashing_at_once(void **state)
{
  (void)state;
  const char text[] = "{\"format\":\"testudo-design\",\"version\":1";
  uint64_t whole = testudo_i_fnv(TESTUDO_I_FNV_START, text, sizeof text);
  for (size_t cut = 0; cut <= sizeof text; cut++) {
    uint64_t first = testudo_i_fnv(TESTUDO_I_FNV_START, text, cut);
    assert_true(testudo_i_fnv(first, text + cut, sizeof text - cut) == whole);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_the_published_vectors),
      cmocka_unit_test(equals_shifts_and_adds_on_all_byte_values),
      cmocka_unit_test(hashing_in_pieces_equals_hashing_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
