/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs in other programs' formats. Fails for want of memory only: write errors show when the stream is closed. */
#ifndef TOOLS_EXPORT_FORMATS_H
#define TOOLS_EXPORT_FORMATS_H

#include <stdio.h>

#include <testudo/design.h>

typedef testudo_status export_format(FILE *stream, const testudo_design *design, testudo_error *error);

/* Who holds what: workers x chunks, 0 and 1. */
export_format export_assignment_csv;
export_format export_assignment_npy; /* int32 */
export_format export_assignment_mtx; /* coordinate pattern, counted from 1 */
export_format export_assignment_dot; /* bipartite graph w0.. -- c0.. */

/* The order table: row j is worker j's sequence of chunks. */
export_format export_order_csv;      /* rows as long as the load */
export_format export_order_npy;      /* int32, padded with -1 */
export_format export_order_mtx;      /* coordinate integer: the place, from 1 */
export_format export_order_dot;      /* edges carry the place */

#endif
