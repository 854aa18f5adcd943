/* SPDX-License-Identifier: BSD-3-Clause */
/* Counter-based random streams: Threefry4x64-20 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011)
   from Random123. A stream is named by (seed, purpose, a, b); naming it again gives the same numbers, whatever
   thread or rank asks, so results never depend on how work is divided. */
#ifndef TESTUDO_BASE_RANDOM_H
#define TESTUDO_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What a stream is for; streams of different purposes never overlap. Add at the end: the numbers are part of what
   makes a seed reproducible. */
typedef enum testudo_i_purpose {
  TESTUDO_I_FOR_CODE = 1,        /* encoding matrices */
  TESTUDO_I_FOR_ASSIGNMENT = 2,  /* random assignments */
  TESTUDO_I_FOR_ORDER = 3,       /* random orders */
  TESTUDO_I_FOR_DELAY = 4,       /* delays of a trial: a = trial, b = worker (or group of workers) */
  TESTUDO_I_FOR_FAILURE = 5,     /* failed workers of a trial: a = trial */
  TESTUDO_I_FOR_GRADIENT = 6,    /* chunk gradients of a trial: a = trial */
  TESTUDO_I_FOR_SEARCH = 7,      /* optimisers */
  TESTUDO_I_FOR_DATA = 8,        /* synthetic data */
  TESTUDO_I_FOR_TEST = 9,
  TESTUDO_I_FOR_CHUNK = 10,      /* of a trial: E of structure mixed: a = trial */
  TESTUDO_I_FOR_STARTUP = 11,    /* start-up times of a trial, a word per worker: a = trial */
  TESTUDO_I_FOR_MESSAGE = 12,    /* message times of a trial, a word per worker: a = trial */
  TESTUDO_I_FOR_STATE = 13,      /* slow or normal: a = trial (or its chain), a word per worker */
  TESTUDO_I_FOR_DOMAIN = 14,     /* factors of failure domains of a trial, a word per domain: a = trial */
  TESTUDO_I_FOR_BOOTSTRAP = 15,  /* resampling */
  TESTUDO_I_FOR_TASK = 16,       /* tasks of distributed SGD: a = worker (or domain, or task index), b = which term */
  TESTUDO_I_FOR_TASK_BLOCK = 17, /* single blocks of a task: a = worker, b = task index */
  TESTUDO_I_FOR_EVENTS = 18,     /* seeds of the chains of an event simulation: a = chain */
  TESTUDO_I_FOR_COMPRESSION = 19, /* of a message: a = iteration, b = worker; documented, do not change */
  TESTUDO_I_FOR_BATCH = 20,      /* mini-batches: a = worker (or chunk), b = task index */
  TESTUDO_I_FOR_LAW = 21,        /* draws of a law that a caller asks for */
  TESTUDO_I_FOR_RARE = 22        /* rare tails: a = number of the time, b = batch of trials */
} testudo_i_purpose;

typedef struct testudo_i_random {
  uint64_t key[4];
  uint64_t counter[4];
  uint64_t word[4];
  unsigned used; /* words of `word` given out */
} testudo_i_random;

/* Four words of the stream (seed, purpose, a, b) at block `block`: the stateless form. */
void testudo_i_random_block(uint64_t seed, testudo_i_purpose purpose, uint64_t a, uint64_t b, uint64_t block,
                            uint64_t word[4]);

void testudo_i_random_start(testudo_i_random *random, uint64_t seed, testudo_i_purpose purpose, uint64_t a,
                            uint64_t b);
uint64_t testudo_i_random_word(testudo_i_random *random);

/* Uniform on 0 .. bound-1, unbiased; bound >= 1. */
uint64_t testudo_i_random_below(testudo_i_random *random, uint64_t bound);

/* Standard normal (Box and Muller; two words per number). */
double testudo_i_random_normal(testudo_i_random *random);

/* Fisher-Yates. */
void testudo_i_random_shuffle(testudo_i_random *random, int32_t *item, size_t count);

/* The open interval (0,1): (w >> 12 + 1/2) 2^-52, symmetric about 1/2. */
static inline double testudo_i_uniform_of(uint64_t word)
{
  return ((double)(word >> 12) + 0.5) * 0x1p-52;
}

static inline double testudo_i_random_uniform(testudo_i_random *random)
{
  return testudo_i_uniform_of(testudo_i_random_word(random));
}

#endif
