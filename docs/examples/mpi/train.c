/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A coded training job on MPI: logistic or softmax regression by gradient descent, one server and the workers of a
   design, with stragglers that are put in or real. docs/mpi.md says how to use it.

       mpicc train.c options.c job.c post.c server.c worker.c $(pkg-config --cflags --libs testudo) -lm -o train
       mpirun -n 9 ./train --design design.json --delay exp:10 --unit share --slow 2:5 */
#include "job.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SENTENCE = 1200 };

/* Rank 0 speaks where every rank would say the same; a rank to which something happened alone says who it is. */
static int give_up(int rank, int code, const char *sentence)
{
  int worst_rank, mine = code == 0 ? INT32_MAX : rank;
  MPI_Allreduce(&mine, &worst_rank, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  if (code != 0 && worst_rank == rank && rank == 0)
    fprintf(stderr, "train: %s\n", sentence);
  else if (code != 0 && worst_rank == rank)
    fprintf(stderr, "train: %s (on rank %d)\n", sentence, rank);
  MPI_Allreduce(MPI_IN_PLACE, &code, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  return code;
}

/* Do all ranks read the same design, and are there as many as it needs? */
static int check_ranks(const job *j, int rank, int ranks)
{
  char sentence[SENTENCE] = "";
  int32_t workers = testudo_design_workers(j->design);
  uint64_t own = testudo_design_checksum(j->design), first = own;
  MPI_Bcast(&first, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD);
  if (own != first)
    snprintf(sentence, sizeof sentence, "%s is not the file that rank 0 has read", j->set.design);
  else if (ranks != workers + 1)
    snprintf(sentence, sizeof sentence, "the design has %d workers, so %d ranks are wanted: mpirun -n %d; there are %d",
             (int)workers, (int)workers + 1, (int)workers + 1, ranks);
  return give_up(rank, sentence[0] != 0 ? TESTUDO_ERROR_ARGUMENT : 0, sentence);
}

static int run(int argc, char **argv, bool *orderly)
{
  int rank, ranks;
  bool help;
  char sentence[SENTENCE];
  job j = {.law = NULL};
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  bool right = settings_read(argc, argv, &j.set, &help, sentence, sizeof sentence);
  int code = give_up(rank, right ? 0 : TESTUDO_ERROR_ARGUMENT, sentence);
  if (code == 0 && help) {
    if (rank == 0)
      settings_help();
    return 0;
  }
  if (code == 0)
    code = give_up(rank, job_make(&j, sentence, sizeof sentence) ? 0 : TESTUDO_ERROR_INPUT, sentence);
  if (code == 0)
    code = check_ranks(&j, rank, ranks);
  if (code == 0)
    code = rank == 0 ? serve(&j, orderly) : work(&j, orderly);
  job_free(&j);
  return code;
}

int main(int argc, char **argv)
{
  bool orderly = true;
  if (MPI_Init(&argc, &argv) != MPI_SUCCESS)
    return TESTUDO_ERROR_SYSTEM;
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  int code = run(argc, argv, &orderly);
  fflush(stdout);
  /* Leaving MPI in order would wait for ranks that are no more. */
  if (!orderly)
    _exit(code);
  MPI_Finalize();
  return code;
}
