/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peer of what multiplies: OpenBLAS on one thread where it is installed, else the plain BLAS of GSL. */
#ifndef TESTS_BENCH_BLAS_H
#define TESTS_BENCH_BLAS_H

#ifdef HAVE_OPENBLAS
#include <cblas.h>
#define BENCH_BLAS "OpenBLAS"
#else
#include <gsl/gsl_cblas.h>
#define BENCH_BLAS "GSL's BLAS"
#endif

#endif
