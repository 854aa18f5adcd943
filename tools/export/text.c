/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs as CSV, Matrix Market and dot. */
#include "export/formats.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "common/metrics.h"

/* A dense line costs N bytes, so a row is marked in a line of "0,0,..,0" and cleared again. */
static testudo_status put_assignment(FILE *stream, const testudo_design *design, testudo_error *error)
{
  size_t chunks = (size_t)testudo_design_chunks(design), length = 2 * chunks;
  TESTUDO_I_HELD(testudo_i_free_held) char *line = testudo_i_alloc(length, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(line != NULL, error));
  for (size_t i = 0; i < chunks; i++)
    memcpy(line + 2 * i, "0,", 2);
  line[length - 1] = '\n';
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    const int32_t *order = testudo_design_order(design, j);
    int32_t load = testudo_design_load(design, j);
    for (int32_t k = 0; k < load; k++)
      line[2 * (size_t)order[k]] = '1';
    fwrite(line, 1, length, stream);
    for (int32_t k = 0; k < load; k++)
      line[2 * (size_t)order[k]] = '0';
  }
  return TESTUDO_OK;
}

testudo_status export_csv(FILE *stream, const testudo_design *design, bool order, testudo_error *error)
{
  if (!order)
    return put_assignment(stream, design, error);
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    for (int32_t k = 0; k < testudo_design_load(design, j); k++)
      fprintf(stream, "%s%d", k > 0 ? "," : "", testudo_design_order(design, j)[k]);
    fputc('\n', stream);
  }
  return TESTUDO_OK;
}

testudo_status export_mtx(FILE *stream, const testudo_design *design, bool order, testudo_error *error)
{
  (void)error;
  fprintf(stream, "%%%%MatrixMarket matrix coordinate %s general\n", order ? "integer" : "pattern");
  fprintf(stream, "%% rows: workers, columns: chunks%s\n", order ? ", value: place in the worker's order" : "");
  fprintf(stream, "%d %d %lld\n", testudo_design_workers(design), testudo_design_chunks(design),
          (long long)metrics_entries(design));
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    const int32_t *chunk = testudo_design_order(design, j);
    for (int32_t k = 0; k < testudo_design_load(design, j); k++)
      fprintf(stream, order ? "%d %d %d\n" : "%d %d\n", j + 1, chunk[k] + 1, k + 1);
  }
  return TESTUDO_OK;
}

testudo_status export_dot(FILE *stream, const testudo_design *design, bool order, testudo_error *error)
{
  (void)error;
  fputs("graph assignment {\n  node [shape=box];\n", stream);
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    fprintf(stream, "  w%d [label=\"worker %d\"];\n", j, j);
  fputs("  node [shape=circle];\n", stream);
  for (int32_t i = 0; i < testudo_design_chunks(design); i++)
    fprintf(stream, "  c%d [label=\"%d\"];\n", i, i);
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    const int32_t *chunk = testudo_design_order(design, j);
    for (int32_t k = 0; k < testudo_design_load(design, j); k++)
      fprintf(stream, order ? "  w%d -- c%d [label=\"%d\"];\n" : "  w%d -- c%d;\n", j, chunk[k], k + 1);
  }
  fputs("}\n", stream);
  return TESTUDO_OK;
}
