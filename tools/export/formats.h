/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs in other programs' formats. Fails for want of memory only: write errors show when the stream is closed. */
#ifndef TOOLS_EXPORT_FORMATS_H
#define TOOLS_EXPORT_FORMATS_H

#include <stdio.h>

#include <testudo/design.h>

/* order: the order table, row j of which is worker j's sequence of chunks. Otherwise who holds what: workers x chunks,
   0 and 1. */
typedef testudo_status export_format(FILE *stream, const testudo_design *design, bool order, testudo_error *error);

export_format export_csv; /* rows of an order table are as long as the load */
export_format export_npy; /* int32, an order table padded with -1 */
export_format export_mtx; /* coordinate pattern, or integer: the place; all counted from 1 */
export_format export_dot; /* bipartite graph w0.. -- c0.., or its edges carry the place */

#endif
