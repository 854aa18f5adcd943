/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything: the runtime (link -ltestudo-runtime, or -ltestudo) and the toolkit (link -ltestudo). A training job needs
   testudo/runtime.h only. */
#ifndef TESTUDO_TESTUDO_H
#define TESTUDO_TESTUDO_H

#include <testudo/status.h>

#include <testudo/design.h>
#include <testudo/runtime.h>
#include <testudo/block.h>
#include <testudo/compress.h>
#include <testudo/schedule.h>
#include <testudo/stream.h>

#include <testudo/code.h>
#include <testudo/approximate.h>
#include <testudo/placement.h>
#include <testudo/trust.h>
#include <testudo/trace.h>
#include <testudo/delay.h>
#include <testudo/fit.h>
#include <testudo/exact.h>
#include <testudo/sample.h>
#include <testudo/validate.h>
#include <testudo/rare.h>
#include <testudo/designfile.h>
#include <testudo/optimize.h>
#include <testudo/block_search.h>
#include <testudo/best.h>
#include <testudo/waiting.h>
#include <testudo/problem.h>
#include <testudo/convergence.h>
#include <testudo/sgd.h>
#include <testudo/advise.h>

#endif
