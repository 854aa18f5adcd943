/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NPY format 1.0 (numpy.lib.format): a magic string, the length of a header, the header as a Python dictionary padded
   with blanks to a multiple of 64 bytes, then the items in C order, least byte first. */
#include "export/formats.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static void put_header(FILE *stream, int32_t rows, int32_t columns)
{
  enum { PREFIX = 10, ROUND = 64 };
  char text[256];
  int length = snprintf(text, sizeof text, "{'descr': '<i4', 'fortran_order': False, 'shape': (%d, %d), }", rows,
                        columns);
  int padded = (PREFIX + length + 1 + ROUND - 1) / ROUND * ROUND - PREFIX;
  memset(text + length, ' ', (size_t)(padded - length));
  text[padded - 1] = '\n';
  const unsigned char prefix[PREFIX] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)(padded & 255),
                                        (unsigned char)(padded >> 8)};
  fwrite(prefix, 1, PREFIX, stream);
  fwrite(text, 1, (size_t)padded, stream);
}

static void put_row(FILE *stream, const int32_t *row, unsigned char *bytes, size_t count)
{
  for (size_t k = 0; k < count; k++)
    for (int b = 0; b < 4; b++)
      bytes[4 * k + (size_t)b] = (unsigned char)((uint32_t)row[k] >> (8 * b));
  fwrite(bytes, 4, count, stream);
}

/* fill writes worker j's row. */
static testudo_status put_table(FILE *stream, const testudo_design *design, int32_t columns,
                                void (*fill)(const testudo_design *design, int32_t worker, int32_t *row),
                                int32_t empty, testudo_error *error)
{
  int32_t *row = testudo_i_alloc((size_t)columns, sizeof *row);
  unsigned char *bytes = testudo_i_alloc((size_t)columns, 4);
  testudo_status status = row == NULL || bytes == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
  if (status == TESTUDO_OK)
    put_header(stream, testudo_design_workers(design), columns);
  for (int32_t j = 0; j < testudo_design_workers(design) && status == TESTUDO_OK; j++) {
    for (int32_t k = 0; k < columns; k++)
      row[k] = empty;
    fill(design, j, row);
    put_row(stream, row, bytes, (size_t)columns);
  }
  free(row);
  free(bytes);
  return status;
}

static void fill_order(const testudo_design *design, int32_t worker, int32_t *row)
{
  memcpy(row, testudo_design_order(design, worker), (size_t)testudo_design_load(design, worker) * sizeof *row);
}

static void fill_assignment(const testudo_design *design, int32_t worker, int32_t *row)
{
  for (int32_t k = 0; k < testudo_design_load(design, worker); k++)
    row[testudo_design_order(design, worker)[k]] = 1;
}

testudo_status export_order_npy(FILE *stream, const testudo_design *design, testudo_error *error)
{
  return put_table(stream, design, testudo_design_max_load(design), fill_order, -1, error);
}

testudo_status export_assignment_npy(FILE *stream, const testudo_design *design, testudo_error *error)
{
  return put_table(stream, design, testudo_design_chunks(design), fill_assignment, 0, error);
}
