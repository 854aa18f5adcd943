/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Broken designs, every one signed with a right checksum, and the sentence that refuses each. */
#include "check.h"

#include <testudo/design.h>

#include "designs.h"
#include "seal.h"

typedef struct mutation {
  const char *from, *to, *sentence;
} mutation;

static void refuses_each(const char *good, const mutation *broken, size_t count, testudo_status wanted)
{
  for (size_t k = 0; k < count; k++) {
    char *text = replaced(good, broken[k].from, broken[k].to);
    char *file = sealed(text);
    testudo_design *design = (testudo_design *)&design;
    testudo_error error = {""};
    testudo_status status = testudo_design_parse(file, strlen(file), "d", &design, &error);
    if (status != wanted || strcmp(error.text, broken[k].sentence) != 0)
      fail_msg("%s -> %s: answers %d '%s', wanted %d '%s'", broken[k].from, broken[k].to, (int)status, error.text,
               (int)wanted, broken[k].sentence);
    assert_null(design);
    free(file);
    free(text);
  }
}

#define EACH(table) table, sizeof table / sizeof *table

static void the_unchanged_designs_are_accepted(void **state)
{
  (void)state;
  const char *const good[] = {GOOD_DESIGN, UNCODED_DESIGN, WAITING_DESIGN, NESTED_DESIGN, BLOCK_DESIGN};
  for (size_t k = 0; k < 5; k++) {
    char *file = sealed(good[k]);
    testudo_design *design;
    assert_ok(testudo_design_parse(file, strlen(file), "d", &design, NULL));
    testudo_design_free(design);
    free(file);
  }
}

static void refuses_broken_heads(void **state)
{
  (void)state;
  static const mutation broken[] = {
      {"\"format\":\"testudo-design\",", "", "d: format: missing"},
      {"\"testudo-design\"", "17", "d: format: is an integer, but must be a string"},
      {"testudo-design", "testudo-trace", "d: format: must be \"testudo-design\""},
      {"\"version\":1,", "", "d: version: missing"},
      {"\"version\":1", "\"version\":1.0",
       "d: version: is a number with point or exponent, but must be an integer"},
      {"\"version\":1", "\"version\":\"1\"", "d: version: is a string, but must be an integer"},
      {"\"version\":1", "\"version\":2", "d: version: 2, but this library reads version 1"},
      {"\"name\":\"square\"", "\"name\":[]", "d: name: is an array, but must be a string"},
      {"\"scheme\":\"partial\",", "", "d: scheme: missing"},
      {"\"scheme\":\"partial\"", "\"scheme\":null", "d: scheme: is null, but must be a string"},
      {"\"scheme\":\"partial\"", "\"scheme\":\"Partial\"",
       "d: scheme: \"Partial\", but it must be uncoded, ignore-stragglers, gradient-code, nested, partial, block or "
       "gradient-code-parts"},
      {"\"scheme\":\"partial\"", "\"scheme\":\"\\u0007\xc3\xa9xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"",
       "d: scheme: \"???xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\", but it must be uncoded, ignore-stragglers, "
       "gradient-code, nested, partial, block or gradient-code-parts"},
      {"\"scheme\":\"partial\"", "\"scheme\":\"uncoded\"",
       "d: code.kind: \"partial\", but scheme uncoded has kind \"uncoded\""},
      {"\"provenance\":{\"tool\":\"hand\"}", "\"provenance\":\"hand\"",
       "d: provenance: is a string, but must be an object"},
      {"\"claims\":[]", "\"claims\":{}", "d: claims: is an object, but must be an array"},
      {"\"note\":[1,2.5]", "\"name\":\"again\"", "d: line 1, column 273: duplicate object key near '\"name\"'"},
  };
  refuses_each(GOOD_DESIGN, EACH(broken), TESTUDO_ERROR_INPUT);
}

static void refuses_broken_counts(void **state)
{
  (void)state;
  static const mutation broken[] = {
      {"\"chunks\":4,", "", "d: chunks: missing"},
      {"\"chunks\":4", "\"chunks\":4.0", "d: chunks: is a number with point or exponent, but must be an integer"},
      {"\"chunks\":4", "\"chunks\":4e0", "d: chunks: is a number with point or exponent, but must be an integer"},
      {"\"chunks\":4", "\"chunks\":0", "d: chunks: 0, but it must be in 1..16777216"},
      {"\"chunks\":4", "\"chunks\":-4", "d: chunks: -4, but it must be in 1..16777216"},
      {"\"chunks\":4", "\"chunks\":16777217", "d: chunks: 16777217, but it must be in 1..16777216"},
      {"\"chunks\":4", "\"chunks\":4294967300", "d: chunks: 4294967300, but it must be in 1..16777216"},
      {"\"chunks\":4", "\"chunks\":3", "d: order[1][2]: chunk 3, but chunks are 0..2"},
      {"\"chunks\":4", "\"chunks\":5",
       "d: order: chunk 4 is held by no worker, but every chunk must be held by at least one"},
      {"\"chunks\":4", "\"chunks\":16777216",
       "d: order: chunk 4 is held by no worker, but every chunk must be held by at least one"},
      {"\"workers\":4,", "", "d: workers: missing"},
      {"\"workers\":4", "\"workers\":true", "d: workers: is true or false, but must be an integer"},
      {"\"workers\":4", "\"workers\":0", "d: workers: 0, but it must be in 1..16777216"},
      {"\"workers\":4", "\"workers\":3", "d: order: has 4 rows, but workers is 3"},
      {"\"workers\":4", "\"workers\":16777216", "d: order: has 4 rows, but workers is 16777216"},
      {"\"parts\":2,", "", "d: parts: missing"},
      {"\"parts\":2", "\"parts\":\"2\"", "d: parts: is a string, but must be an integer"},
      {"\"parts\":2", "\"parts\":0", "d: parts: 0, but it must be in 1..1024"},
      {"\"parts\":2", "\"parts\":1025", "d: parts: 1025, but it must be in 1..1024"},
      {"\"parts\":2", "\"parts\":3", "d: code.matrix: has 2 rows, but parts is 3"},
      {"\"parts\":2", "\"parts\":99999999999999999999",
       "d: line 1, column 125: too big integer near '99999999999999999999', but integers must fit in 64 bits"},
  };
  refuses_each(GOOD_DESIGN, EACH(broken), TESTUDO_ERROR_INPUT);
}

static void refuses_broken_orders(void **state)
{
  (void)state;
  static const mutation broken[] = {
      {"\"order\":[[0,1,2],[1,2,3],[2,3,0],[3,0,1]],", "", "d: order: missing"},
      {"[[0,1,2],[1,2,3],[2,3,0],[3,0,1]]", "{}", "d: order: is an object, but must be an array"},
      {"[[0,1,2],[1,2,3],[2,3,0],[3,0,1]]", "[]", "d: order: has 0 rows, but workers is 4"},
      {",[3,0,1]]", "]", "d: order: has 3 rows, but workers is 4"},
      {"[3,0,1]", "[3,0,1],[]", "d: order: has 5 rows, but workers is 4"},
      {"[2,3,0]", "7", "d: order[2]: is an integer, but must be an array"},
      {"[2,3,0]", "{\"a\":1}", "d: order[2]: is an object, but must be an array"},
      {"[2,3,0]", "[2,3,\"0\"]", "d: order[2][2]: is a string, but must be an integer"},
      {"[2,3,0]", "[2,3.0,0]", "d: order[2][1]: is a number with point or exponent, but must be an integer"},
      {"[2,3,0]", "[null,3,0]", "d: order[2][0]: is null, but must be an integer"},
      {"[2,3,0]", "[2,[3],0]", "d: order[2][1]: is an array, but must be an integer"},
      {"[3,0,1]", "[3,20,1]", "d: order[3][1]: chunk 20, but chunks are 0..3"},
      {"[3,0,1]", "[3,4,1]", "d: order[3][1]: chunk 4, but chunks are 0..3"},
      {"[3,0,1]", "[3,-1,1]", "d: order[3][1]: chunk -1, but chunks are 0..3"},
      {"[3,0,1]", "[3,4294967296,1]", "d: order[3][1]: chunk 4294967296, but chunks are 0..3"},
      {"[3,0,1]", "[3,3,1]", "d: order[3][1]: chunk 3, but worker 3 holds it already (order[3][0])"},
      {"[1,2,3]", "[1,2,1]", "d: order[1][2]: chunk 1, but worker 1 holds it already (order[1][0])"},
      {"[0,1,2],[1,2,3],[2,3,0],[3,0,1]", "[0,1,2],[1,2],[2,0],[0,1]",
       "d: order: chunk 3 is held by no worker, but every chunk must be held by at least one"},
      {"[0,1,2],[1,2,3],[2,3,0],[3,0,1]", "[0,1,2],[1,2],[2,0],[3,0,1]",
       "d: order: chunk 3 is held by 1 worker, but 2 parts need every chunk on at least 2"},
      {"[0,1,2],[1,2,3],[2,3,0],[3,0,1]", "[],[],[],[]",
       "d: order: chunk 0 is held by no worker, but every chunk must be held by at least one"},
  };
  refuses_each(GOOD_DESIGN, EACH(broken), TESTUDO_ERROR_INPUT);
}

static void refuses_broken_codes(void **state)
{
  (void)state;
  static const mutation broken[] = {
      {"\"code\":{", "\"coda\":{", "d: code: missing"},
      {"\"code\":{", "\"code\":7,\"coda\":{", "d: code: is an integer, but must be an object"},
      {"\"kind\":\"partial\",", "", "d: code.kind: missing"},
      {"\"kind\":\"partial\"", "\"kind\":2", "d: code.kind: is an integer, but must be a string"},
      {"\"kind\":\"partial\"", "\"kind\":\"nested\"",
       "d: code.kind: \"nested\", but scheme partial has kind \"partial\""},
      {"\"kind\":\"partial\"", "\"kind\":\"partial\",\"see\\nd\":1",
       "d: code.see?d: unknown member, but this code has only kind and matrix"},
      {",\"matrix\":[[1.5,-0.25,0.5,2],[0.125,1.0,-1.5,0.75]]", "", "d: code.matrix: missing"},
      {"[[1.5,-0.25,0.5,2],[0.125,1.0,-1.5,0.75]]", "1.5",
       "d: code.matrix: is a number with point or exponent, but must be an array"},
      {",[0.125,1.0,-1.5,0.75]", "", "d: code.matrix: has 1 rows, but parts is 2"},
      {"[0.125,1.0,-1.5,0.75]", "false", "d: code.matrix[1]: is true or false, but must be an array"},
      {"[0.125,1.0,-1.5,0.75]", "[0.125,1.0,-1.5]", "d: code.matrix[1]: has 3 numbers, but workers is 4"},
      {"[1.5,-0.25,0.5,2]", "[1.5,-0.25,0.5,2,3]", "d: code.matrix[0]: has 5 numbers, but workers is 4"},
      {"-0.25", "\"-0.25\"", "d: code.matrix[0][1]: is a string, but must be a number"},
      {"-0.25", "null", "d: code.matrix[0][1]: is null, but must be a number"},
      {"-1.5", "1e400", "d: line 1, column 218: real number overflow near '1e400', but numbers must be below 1.8e308"},
      {"-1.5", "NaN", "d: line 1, column 216: invalid token near 'NaN'"},
      {"-1.5", "1e-320", "d: code.matrix[1][2]: 9.99989e-321, but its magnitude must be in 1e-150..1e+150, or 0"},
      {"-1.5", "-9.9e-151", "d: code.matrix[1][2]: -9.9e-151, but its magnitude must be in 1e-150..1e+150, or 0"},
      {"-1.5", "-1.01e150", "d: code.matrix[1][2]: -1.01e+150, but its magnitude must be in 1e-150..1e+150, or 0"},
      {"0.5,2],[0.125,1.0,-1.5", "0,2],[0.125,1.0,-0.0",
       "d: code.matrix: column 2 is zero, but any 2 columns must be independent"},
      {"-1.5", "+1.5", "d: line 1, column 214: invalid token near '+'"},
      {"-1.5", ".5", "d: line 1, column 214: invalid token near '.'"},
  };
  refuses_each(GOOD_DESIGN, EACH(broken), TESTUDO_ERROR_INPUT);
}

/* Decoding divides by the numbers of a single row. */
static void refuses_a_single_row_that_cannot_decode(void **state)
{
  (void)state;
  static const mutation broken[] = {
      {"1.5,", "0,", "d: code.matrix[0][0]: 0, but with 1 part no number may be 0"},
      {"0.75]", "-0.0]", "d: code.matrix[0][3]: 0, but with 1 part no number may be 0"},
      {"0.75]", "1e-320]", "d: code.matrix[0][3]: 9.99989e-321, but its magnitude must be in 1e-150..1e+150"},
      {"1.5,", "1e-308,", "d: code.matrix[0][0]: 1e-308, but its magnitude must be in 1e-150..1e+150"},
      {"1.5,", "1e300,", "d: code.matrix[0][0]: 1e+300, but its magnitude must be in 1e-150..1e+150"},
  };
  char *fewer = replaced(GOOD_DESIGN, "\"parts\":2", "\"parts\":1");
  char *single = replaced(fewer, ",[0.125,1.0,-1.5,0.75]", "");
  char *good = replaced(single, "0.5,2]", "0.5,0.75]");
  refuses_each(good, EACH(broken), TESTUDO_ERROR_INPUT);
  char *edge = replaced(good, "1.5,-0.25", "-1e-150,1e150"), *file = sealed(edge);
  testudo_design *design;
  assert_ok(testudo_design_parse(file, strlen(file), "d", &design, NULL));
  testudo_design_free(design);
  free(file);
  free(edge);
  free(good);
  free(single);
  free(fewer);
}

/* A column with one zero is fine: what counts is that columns are independent. */
static void takes_zeros_in_a_matrix_of_two_rows(void **state)
{
  (void)state;
  char *text = replaced(GOOD_DESIGN, "0.125,1.0,-1.5", "0,1.0,-1.5"), *file = sealed(text);
  testudo_design *design;
  assert_ok(testudo_design_parse(file, strlen(file), "d", &design, NULL));
  testudo_design_free(design);
  free(file);
  free(text);
}

/* No file of that size is written here: only the counts are there, which are checked first. */
static void refuses_more_entries_than_a_design_may_have(void **state)
{
  (void)state;
  testudo_design *design = empty_design(TESTUDO_SCHEME_UNCODED, 1, 1, 1, 1);
  design->order[0] = 0;
  design->row[1] = (int64_t)TESTUDO_MAX_ENTRIES + 1;
  testudo_error error = {""};
  assert_status(testudo_i_design_finish(design, &error), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "order: 268435457 chunks in all, but a design has at most 268435456");
  testudo_design_free(design);
}

static void refuses_broken_uncoded_designs(void **state)
{
  (void)state;
  static const mutation broken[] = {
      {"\"parts\":1", "\"parts\":2", "d: parts: 2, but scheme uncoded has 1 part"},
      {"[[2,0],[1]]", "[[2,0],[1,0]]",
       "d: order: chunk 0 is held by 2 workers, but scheme uncoded has every chunk on exactly 1"},
      {"{\"kind\":\"uncoded\"}", "{\"kind\":\"uncoded\",\"wait\":1}",
       "d: code.wait: unknown member, but this code has only kind"},
      {"{\"kind\":\"uncoded\"}", "{}", "d: code.kind: missing"},
      {"{\"kind\":\"uncoded\"}", "{\"kind\":\"partial\"}",
       "d: code.kind: \"partial\", but scheme uncoded has kind \"uncoded\""},
  };
  refuses_each(UNCODED_DESIGN, EACH(broken), TESTUDO_ERROR_INPUT);
  static const mutation waiting[] = {
      {",\"wait\":2", "", "d: code.wait: missing"},
      {"\"wait\":2", "\"wait\":0", "d: code.wait: 0, but it must be in 1..3"},
      {"\"wait\":2", "\"wait\":4", "d: code.wait: 4, but it must be in 1..3"},
      {"\"wait\":2", "\"wait\":2.0", "d: code.wait: is a number with point or exponent, but must be an integer"},
      {"[[2],[0],[1]]", "[[2],[0],[1,2]]",
       "d: order: chunk 2 is held by 2 workers, but scheme ignore-stragglers has every chunk on exactly 1"},
  };
  refuses_each(WAITING_DESIGN, EACH(waiting), TESTUDO_ERROR_INPUT);
}

static void refuses_broken_nested_designs(void **state)
{
  (void)state;
  static const mutation broken[] = {
      {"\"tolerances\":[0,1],", "", "d: code.tolerances: missing"},
      {"\"tolerances\":[0,1]", "\"tolerances\":1", "d: code.tolerances: is an integer, but must be an array"},
      {"\"tolerances\":[0,1]", "\"tolerances\":[]", "d: code.tolerances: empty, but at least one is needed"},
      {"\"tolerances\":[0,1]", "\"tolerances\":[0,1,2,3]", "d: code.tolerances: has 4 items, but workers is 3"},
      {"\"tolerances\":[0,1]", "\"tolerances\":[0,1.0]",
       "d: code.tolerances[1]: is a number with point or exponent, but must be an integer"},
      {"\"tolerances\":[0,1]", "\"tolerances\":[0,3]",
       "d: code.tolerances[1]: 3, but it must be in 0..2 (workers - 1)"},
      {"\"tolerances\":[0,1]", "\"tolerances\":[-1,1]",
       "d: code.tolerances[0]: -1, but it must be in 0..2 (workers - 1)"},
      {"\"tolerances\":[0,1]", "\"tolerances\":[0,4294967296]",
       "d: code.tolerances[1]: 4294967296, but it must be in 0..2 (workers - 1)"},
      {"\"tolerances\":[0,1]", "\"tolerances\":[1,1]",
       "d: code.tolerances[1]: 1, but it must be more than the one before it, 1"},
      {"\"tolerances\":[0,1]", "\"tolerances\":[1,0]",
       "d: code.tolerances[1]: 0, but it must be more than the one before it, 1"},
      {"\"tolerances\":[0,1]", "\"tolerances\":[1]", "d: code.matrices: has 2 items, but tolerances has 1"},
      {"\"tolerances\":[0,1]", "\"tolerances\":[0,2]",
       "d: code.matrices[1][0]: has 2 numbers, but tolerance + 1 is 3"},
      {"\"matrices\":[[[1],[1],[1]],[[1,0.25],[1,0.75],[1,-3]]]", "\"matrices\":{}",
       "d: code.matrices: is an object, but must be an array"},
      {",\"matrices\":[[[1],[1],[1]],[[1,0.25],[1,0.75],[1,-3]]]", "", "d: code.matrices: missing"},
      {"[[1],[1],[1]]", "7", "d: code.matrices[0]: is an integer, but must be an array"},
      {"[[1],[1],[1]]", "[[1],[1]]", "d: code.matrices[0]: has 2 rows, but workers is 3"},
      {"[[1],[1],[1]]", "[[1],1,[1]]", "d: code.matrices[0][1]: is an integer, but must be an array"},
      {"[1,0.75]", "[1]", "d: code.matrices[1][1]: has 1 numbers, but tolerance + 1 is 2"},
      {"0.75", "null", "d: code.matrices[1][1][1]: is null, but must be a number"},
      {"\"matrices\"", "\"construction\":\"x\",\"matrices\"",
       "d: code.construction: unknown member, but this code has only kind, tolerances and matrices"},
      {"\"kind\":\"nested\"", "\"kind\":\"partial\"",
       "d: code.kind: \"partial\", but scheme nested has kind \"nested\""},
      {"\"parts\":1", "\"parts\":2", "d: parts: 2, but scheme nested has 1 part"},
      {"[1,2],", "[2,1],", "d: order[1][0]: chunk 2, but the cyclic natural order of scheme nested has chunk 1 here"},
      {"[2,0]]", "[2,0,1]]", "d: order[2]: has 3 chunks, but the largest tolerance 1 needs 2"},
      {"\"chunks\":3", "\"chunks\":4",
       "d: order: chunk 3 is held by no worker, but every chunk must be held by at least one"},
  };
  refuses_each(NESTED_DESIGN, EACH(broken), TESTUDO_ERROR_INPUT);
}

static void refuses_broken_block_designs(void **state)
{
  (void)state;
  static const mutation broken[] = {
      {"\"dim\":10,", "", "d: code.dim: missing"},
      {"\"dim\":10", "\"dim\":10.0", "d: code.dim: is a number with point or exponent, but must be an integer"},
      {"\"dim\":10", "\"dim\":0", "d: code.dim: 0, but it must be in 1..2147483647"},
      {"\"dim\":10", "\"dim\":2147483648", "d: code.dim: 2147483648, but it must be in 1..2147483647"},
      {"\"dim\":10", "\"dim\":11", "d: code.sizes: 10 in all, but dim is 11"},
      {"\"dim\":10", "\"dim\":9", "d: code.sizes[1]: 7, but only 6 of dim 9 are left"},
      {"\"sizes\":[3,7],", "", "d: code.sizes: missing"},
      {"\"sizes\":[3,7]", "\"sizes\":{}", "d: code.sizes: is an object, but must be an array"},
      {"\"sizes\":[3,7]", "\"sizes\":[10]", "d: code.sizes: has 1 items, but tolerances has 2"},
      {"\"sizes\":[3,7]", "\"sizes\":[3,7,0]", "d: code.sizes: has 3 items, but tolerances has 2"},
      {"\"sizes\":[3,7]", "\"sizes\":[3,7.0]",
       "d: code.sizes[1]: is a number with point or exponent, but must be an integer"},
      {"\"sizes\":[3,7]", "\"sizes\":[0,10]", "d: code.sizes[0]: 0, but a block has at least 1 coordinate"},
      {"\"sizes\":[3,7]", "\"sizes\":[13,-3]", "d: code.sizes[0]: 13, but only 10 of dim 10 are left"},
      {"\"sizes\":[3,7]", "\"sizes\":[3,-7]", "d: code.sizes[1]: -7, but a block has at least 1 coordinate"},
      {"\"sizes\":[3,7]", "\"sizes\":[3,9223372036854775807]",
       "d: code.sizes[1]: 9223372036854775807, but only 7 of dim 10 are left"},
      {"\"tolerances\":[0,1],", "", "d: code.tolerances: missing"},
      {"\"tolerances\":[0,1]", "\"tolerances\":[]", "d: code.tolerances: empty, but at least one is needed"},
      {"\"tolerances\":[0,1]", "\"tolerances\":[1,1]",
       "d: code.tolerances[1]: 1, but it must be more than the one before it, 1"},
      {"\"tolerances\":[0,1]", "\"tolerances\":[0,3]",
       "d: code.tolerances[1]: 3, but it must be in 0..2 (workers - 1)"},
      {",\"matrices\":[[[1],[1],[1]],[[1,0.25],[1,0.75],[1,-3]]]", "", "d: code.matrices: missing"},
      {"[1],[1],[1]", "[1],[1]", "d: code.matrices[0]: has 2 rows, but workers is 3"},
      {"[1,0.75]", "[1]", "d: code.matrices[1][1]: has 1 numbers, but tolerance + 1 is 2"},
      {"\"sizes\"", "\"construction\":\"x\",\"sizes\"",
       "d: code.construction: unknown member, but this code has only kind, dim, tolerances, sizes and matrices"},
      {"\"kind\":\"block\"", "\"kind\":\"nested\"",
       "d: code.kind: \"nested\", but scheme block has kind \"block\""},
      {"\"parts\":1", "\"parts\":2", "d: parts: 2, but scheme block has 1 part"},
      {"[1,2],", "[2,1],", "d: order[1][0]: chunk 2, but the cyclic natural order of scheme block has chunk 1 here"},
      {"[2,0]]", "[2,0,1]]", "d: order[2]: has 3 chunks, but the largest tolerance 1 needs 2"},
      {"\"scheme\":\"block\"", "\"scheme\":\"nested\"",
       "d: code.kind: \"block\", but scheme nested has kind \"nested\""},
  };
  refuses_each(BLOCK_DESIGN, EACH(broken), TESTUDO_ERROR_INPUT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_unchanged_designs_are_accepted), cmocka_unit_test(refuses_broken_heads),
      cmocka_unit_test(refuses_broken_counts),              cmocka_unit_test(refuses_broken_orders),
      cmocka_unit_test(refuses_broken_codes),               cmocka_unit_test(refuses_broken_uncoded_designs),
      cmocka_unit_test(refuses_broken_nested_designs),
      cmocka_unit_test(refuses_broken_block_designs),
      cmocka_unit_test(refuses_a_single_row_that_cannot_decode),
      cmocka_unit_test(takes_zeros_in_a_matrix_of_two_rows),
      cmocka_unit_test(refuses_more_entries_than_a_design_may_have),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
