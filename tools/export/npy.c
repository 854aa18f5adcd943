/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NPY format 1.0 (numpy.lib.format): a magic string, the length of a header, the header as a Python dictionary padded
   with blanks to a multiple of 64 bytes, then the items in C order, least byte first. */
#include "export/formats.h"

#include <string.h>

#include "base/arena.h"
#include "base/error.h"

static void npy_header(FILE *stream, int32_t rows, int32_t columns)
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

static void npy_row(FILE *stream, const int32_t *row, unsigned char *bytes, size_t count)
{
  for (size_t k = 0; k < count; k++)
    for (int b = 0; b < 4; b++)
      bytes[4 * k + (size_t)b] = (unsigned char)((uint32_t)row[k] >> (8 * b));
  fwrite(bytes, 4, count, stream);
}

testudo_status export_npy(FILE *stream, const testudo_design *design, bool order, testudo_error *error)
{
  int32_t columns = order ? testudo_design_max_load(design) : testudo_design_chunks(design);
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {.last = NULL};
  int32_t *row = testudo_i_arena_alloc(&arena, (size_t)columns, sizeof *row);
  unsigned char *bytes = testudo_i_arena_alloc(&arena, (size_t)columns, 4);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  npy_header(stream, testudo_design_workers(design), columns);
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    const int32_t *chunk = testudo_design_order(design, j);
    for (int32_t k = 0; k < columns; k++)
      row[k] = order ? -1 : 0;
    for (int32_t k = 0; k < testudo_design_load(design, j); k++)
      row[order ? k : chunk[k]] = order ? chunk[k] : 1;
    npy_row(stream, row, bytes, (size_t)columns);
  }
  return TESTUDO_OK;
}
