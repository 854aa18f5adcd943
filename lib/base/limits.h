/* SPDX-License-Identifier: BSD-3-Clause */
/* Every budget of the library, and every size beyond which it refuses or takes another road: name, reason, unit. The
   sizes that a design may have are in <testudo/design.h>. What is a property of an algorithm and no limit (tolerances,
   sizes of blocks, default numbers of tries) stands where it is used. */
#ifndef TESTUDO_BASE_LIMITS_H
#define TESTUDO_BASE_LIMITS_H

/* ---- base, files ---- */

#define TESTUDO_I_LIMIT_LINKS 40                        /* symbolic links followed: as many as the system follows */
#define TESTUDO_I_LIMIT_TABLE_FILE ((size_t)1 << 30)    /* bytes of a table or an array that is held at once */
#define TESTUDO_I_LIMIT_TABLE_STREAM ((size_t)1 << 32)  /* bytes of one that is streamed, unpacked: a gzip bomb ends */
#define TESTUDO_I_LIMIT_TABLE_LINE ((size_t)1 << 26)    /* bytes of one of its lines, held at once, 64 MiB */
#define TESTUDO_I_LIMIT_TABLE_COLUMNS 16777216          /* cells of a line: a 0/1 matrix has one per chunk */
#define TESTUDO_I_LIMIT_DELAY_FILE ((size_t)128 << 20)  /* bytes of a delay file, which may hold the times of a trace */
#define TESTUDO_I_LIMIT_SCHEDULE_FILE ((size_t)64 << 20) /* bytes of a schedule: 10^6 numbers twice */
#define TESTUDO_I_LIMIT_BEST_FILE ((size_t)64 << 20)    /* bytes of a table of designs: 10^5 rows */
#define TESTUDO_I_LIMIT_BEST_ROW ((size_t)1 << 16)      /* bytes of one of its lines */
#define TESTUDO_I_LIMIT_TRACE_ROWS ((int64_t)1 << 28)   /* of a trace: 20 bytes each, 5 GiB */

/* ---- runtime ---- */

#define TESTUDO_I_LIMIT_DENSE_ENTRIES ((size_t)100000000) /* of a dense least squares, 0.8 GB */
#define TESTUDO_I_LIMIT_DENSE_BESIDE_RING ((size_t)4000000) /* the same, 32 MB, beside a ring, which rarely needs it */
#define TESTUDO_I_LIMIT_RING_STEPS 4e9                  /* n s^2 of a ring's factorisation: some seconds */
#define TESTUDO_I_LIMIT_LSQR_ENTRIES 1000000000         /* that all steps of one LSQR go through: some seconds */
#define TESTUDO_I_LIMIT_VECTOR_CACHE ((size_t)2 << 20)  /* bytes of decoding vectors kept by one decoder */
#define TESTUDO_I_LIMIT_VECTORS_CACHED 512              /* decoding vectors kept by one decoder */

/* ---- numeric ---- */

#define TESTUDO_I_LIMIT_GAMMA_TERMS 1000000             /* of the series and the fraction of the gamma law */
#define TESTUDO_I_LIMIT_TAIL_PIECES 1024                /* intervals of the integral of a tail */

/* ---- code ---- */

#define TESTUDO_I_LIMIT_COLOURED_ENTRIES (INT64_C(1) << 29) /* padding may triple them, and a number has a spare bit */
#define TESTUDO_I_LIMIT_IDLE_WORKERS 65536              /* without chunks in a matrix file, which may claim millions */
#define TESTUDO_I_LIMIT_BERNOULLI_DRAWS 1e3             /* draws of a chunk until it has the least copies, on average */
#define TESTUDO_I_LIMIT_BLOCK_DESIGN 65536              /* workers, and chunks, of a block design */
#define TESTUDO_I_LIMIT_HADAMARD_ORDER 8192             /* order of a Hadamard matrix, 64 MB */
#define TESTUDO_I_LIMIT_BALANCED_CHUNKS 2048            /* whose meetings a descent holds, 16 MB */
#define TESTUDO_I_LIMIT_IMBALANCE_CHUNKS 20000          /* whose meetings are counted for the pairwise imbalance */
#define TESTUDO_I_LIMIT_DENSE_SPECTRUM 600              /* rows of a matrix whose eigenvalues are all found */
#define TESTUDO_I_LIMIT_KRYLOV_STEPS 400                /* Lanczos steps on larger ones */
#define TESTUDO_I_LIMIT_KRYLOV_NUMBERS 50000000         /* of a Krylov basis, 0.4 GB */
#define TESTUDO_I_LIMIT_TRUST_STEPS 4e9                 /* arithmetic of the tests of one level: about a second */
#define TESTUDO_I_LIMIT_CODE_SETS 100000                /* straggler sets that a code of a file's own is tried on */
#define TESTUDO_I_LIMIT_CODE_SETS_LEAST 200             /* the same, however dear they are */
#define TESTUDO_I_LIMIT_CONDITION_WORKERS 200           /* whose code is decomposed, n^3 steps each time */
#define TESTUDO_I_LIMIT_CONDITION_STEPS 1e9             /* n^3 steps of all decompositions of a code */

/* ---- delay ---- */

#define TESTUDO_I_LIMIT_LATTICE_CELLS 2097152.0         /* of a grid: a sixth of a second per convolution */
#define TESTUDO_I_LIMIT_LATTICE_EXACT 524288.0          /* of one that has no rounding, where a coarser would do */
#define TESTUDO_I_LIMIT_LATTICE_NUMBERS 33554432.0      /* cells of all steps, 0.25 GB: some ten seconds */
#define TESTUDO_I_LIMIT_SUM_TERMS 64                    /* times convolved: a table each */
#define TESTUDO_I_LIMIT_OUTER_CELLS 30000               /* cells of a factor, looked at for every probability */
#define TESTUDO_I_LIMIT_WAIT_VALUES 10000               /* of a law behind a smooth wait: terms of every probability */
#define TESTUDO_I_LIMIT_WAIT_PARTS 4096                 /* values of start-up time and message, in pairs */

/* ---- exact ---- */

#define TESTUDO_I_LIMIT_LAW_POINTS ((size_t)8000000)    /* jumps of a discrete law kept in memory, 64 MB */
#define TESTUDO_I_LIMIT_LAW_JUMPS 16000                 /* jumps of a discrete law that are all gone through */
#define TESTUDO_I_LIMIT_LAW_STEPS 2000000               /* evaluations of a step function's integral */
#define TESTUDO_I_LIMIT_PAIR_SCAN 1e8                   /* pairs of entries looked at for neighbouring chunks */
#define TESTUDO_I_LIMIT_HOLDER_SUBSETS 65536              /* of all types of chunks, at one time: a millisecond */
#define TESTUDO_I_LIMIT_PAIR_COST 5e6                   /* arithmetic of all pair laws at one time */
#define TESTUDO_I_LIMIT_PAIR_NEIGHBOURS 400000          /* pairs of chunks that share a worker */
#define TESTUDO_I_LIMIT_IDEAL_COST 2e7                  /* arithmetic of the balanced cluster at one time */
#define TESTUDO_I_LIMIT_IDEAL_NEED 1000000              /* entries that the balanced cluster waits for */
#define TESTUDO_I_LIMIT_WORK_STEPS 2e9                  /* arithmetic of the expected work: some seconds */
#define TESTUDO_I_LIMIT_WORK_BREAKS 60                  /* breaks of the law that its integral begins anew at */
#define TESTUDO_I_LIMIT_FAILED_SETS 3e6                 /* sets of failed workers gone through once: a second */
#define TESTUDO_I_LIMIT_FAILED_HITS 4e6                 /* chunks hit in all sets, at every time: 10 ms */
#define TESTUDO_I_LIMIT_ERROR_STEPS 1e9                 /* arithmetic of the error's law at one time: a second */
#define TESTUDO_I_LIMIT_COVER_SCAN 2e8                  /* pairs of a worker's rows held against one another */
#define TESTUDO_I_LIMIT_ELIMINATION_BITS 12             /* of states that are expected beyond those that are allowed */
#define TESTUDO_I_LIMIT_ELIMINATION_EDGES 20000000      /* transitions of a scan while it is made, 160 MB */
#define TESTUDO_I_LIMIT_ELIMINATION_ROOM ((size_t)1 << 26) /* numbers of a pass, 0.5 GB */
#define TESTUDO_I_LIMIT_SHIFT_MULTIPLIED 4096           /* workers of a ring whose numbering by steps is looked for */
#define TESTUDO_I_LIMIT_SHIFT_SUMS 16                   /* sums of two steps tried for one that goes round all of it */

/* ---- sample ---- */

#define TESTUDO_I_LIMIT_DEADLINE_ENTRIES 2000000        /* of a factorisation: 16 MB, seconds per deadline */

/* ---- optimize: latency ---- */

#define TESTUDO_I_LIMIT_GOAL_STATES 200000              /* of a law that is evaluated once a candidate */
#define TESTUDO_I_LIMIT_SHARED_LOAD 8                   /* chunks per worker whose 8! orders are gone through */
#define TESTUDO_I_LIMIT_SHARED_STATES 256               /* of each order's law: 8! of 128 states take minutes */
#define TESTUDO_I_LIMIT_TABLES_LISTED 20000             /* tables, or reduced Latin ones: all squares up to order 6 */
#define TESTUDO_I_LIMIT_TABLE_ROWS 64                   /* workers of a group whose tables are listed */
#define TESTUDO_I_LIMIT_TABLE_STATES 2048               /* of one group, to evaluate tables by the ten thousand */
#define TESTUDO_I_LIMIT_TABLE_LOAD 20                   /* columns of a table: beyond, its states cannot be held */
#define TESTUDO_I_LIMIT_TABLE_WORK 1e9                  /* multiply-adds of annealing a table once */
#define TESTUDO_I_LIMIT_TABLE_MOVES 4000                /* moves of annealing a table once */
#define TESTUDO_I_LIMIT_LOCAL_MOVES 120000              /* moves of one restart of a local search */
#define TESTUDO_I_LIMIT_TRIAL_FLOATS ((int64_t)1 << 26) /* of each of two sets of trials of a local search */

/* ---- optimize: blocks ---- */

#define TESTUDO_I_LIMIT_SOLVE_RATE 2e9                  /* steps per second that a code is expected to be made at */
#define TESTUDO_I_LIMIT_BLOCK_ROUNDS 1000               /* rounds of added rows; ten to fifty are seen */
#define TESTUDO_I_LIMIT_BLOCK_EXCHANGES 200             /* laws that moves of coordinates evaluate, and .. */
#define TESTUDO_I_LIMIT_BLOCK_EXCHANGE_COST 4e5         /* .. these times the workers squared: a second */

/* ---- optimize: Q_max ---- */

#define TESTUDO_I_LIMIT_QMAX_TRIES 1000000              /* restarts, each of 8 million moves or more */
#define TESTUDO_I_LIMIT_QMAX_SUM (1 << 30)              /* of a chunk's worths, so that differences fit in 32 bits */
#define TESTUDO_I_LIMIT_QUOTIENTS 12                    /* periods of an order that are annealed */
#define TESTUDO_I_LIMIT_TYPE_CELLS 4000000              /* (values, holders, need) of the cheapest type, 16 MB */
#define TESTUDO_I_LIMIT_LATTICE_TYPES 8000              /* content types whose lattice is looked at */
#define TESTUDO_I_LIMIT_PROGRAMME_TYPES 20000           /* content types of an integer programme */
#define TESTUDO_I_LIMIT_PROGRAMME_COLUMNS 100000        /* binary variables of it */

/* ---- optimize: placements ---- */

#define TESTUDO_I_LIMIT_PLACES ((int64_t)1 << 22)       /* workers times chunks of a placement searched: an arc each */
#define TESTUDO_I_LIMIT_OVERLAP_WORKERS 2048            /* whose square of overlaps is held, 16 MB */
#define TESTUDO_I_LIMIT_ENUMERATED ((int64_t)20000000)  /* copies placed and taken back, in all: some seconds */
#define TESTUDO_I_LIMIT_BRANCH_SHARES 1500              /* variables of pairs and chunks in branch and bound */
#define TESTUDO_I_LIMIT_BRANCH_NODES 1000               /* nodes of its tree: some seconds */

#endif
