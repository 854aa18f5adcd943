/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages that nobody waits for: what is sent is copied and leaves when it can, what comes lies in a slot until it is
   looked at. A rank that is dead or slow holds nobody up. */
#include "job.h"

#include <stdlib.h>
#include <string.h>

typedef struct letter {
  struct letter *next;
  MPI_Request request;
  int to, tag;
  char bytes[];
} letter;

bool outbox_put(outbox *box, int to, int tag, const head *what, const void *body, size_t length)
{
  letter *made = malloc(sizeof *made + sizeof *what + length);
  if (made == NULL)
    return false;
  *made = (letter){.next = box->first, .to = to, .tag = tag};
  memcpy(made->bytes, what, sizeof *what);
  if (length > 0)
    memcpy(made->bytes + sizeof *what, body, length);
  MPI_Isend(made->bytes, (int)(sizeof *what + length), MPI_BYTE, to, tag, MPI_COMM_WORLD, &made->request);
  box->first = made;
  return true;
}

bool outbox_holds(const outbox *box, int to, int tag)
{
  for (const letter *l = box->first; l != NULL; l = l->next)
    if (l->to == to && l->tag == tag)
      return true;
  return false;
}

void outbox_sweep(outbox *box)
{
  for (letter **l = &box->first; *l != NULL;) {
    int left = 0;
    MPI_Test(&(*l)->request, &left, MPI_STATUS_IGNORE);
    if (!left) {
      l = &(*l)->next;
      continue;
    }
    letter *gone = *l;
    *l = gone->next;
    free(gone);
  }
}

void outbox_empty(outbox *box, double seconds)
{
  double until = MPI_Wtime() + seconds;
  for (outbox_sweep(box); box->first != NULL && MPI_Wtime() < until; outbox_sweep(box))
    sleep_for(0.001);
}

bool inbox_make(inbox *box, int slots)
{
  size_t n = (size_t)slots;
  *box = (inbox){.slots = slots, .from = calloc(n, sizeof *box->from), .tag = calloc(n, sizeof *box->tag),
                 .room = calloc(n, sizeof *box->room), .bytes = calloc(n, sizeof *box->bytes),
                 .request = calloc(n, sizeof *box->request)};
  return box->from != NULL && box->tag != NULL && box->room != NULL && box->bytes != NULL && box->request != NULL;
}

bool inbox_open(inbox *box, int slot, int from, int tag, size_t room)
{
  box->from[slot] = from;
  box->tag[slot] = tag;
  box->room[slot] = room;
  box->bytes[slot] = calloc(1, sizeof(head) + room);
  if (box->bytes[slot] == NULL)
    return false;
  inbox_again(box, slot);
  return true;
}

void inbox_again(inbox *box, int slot)
{
  MPI_Irecv(box->bytes[slot], (int)(sizeof(head) + box->room[slot]), MPI_BYTE, box->from[slot], box->tag[slot],
            MPI_COMM_WORLD, &box->request[slot]);
}

int inbox_next(inbox *box, size_t *length)
{
  int slot, there = 0, bytes = 0;
  MPI_Status status;
  if (MPI_Testany(box->slots, box->request, &slot, &there, &status) != MPI_SUCCESS || !there || slot == MPI_UNDEFINED)
    return -1;
  MPI_Get_count(&status, MPI_BYTE, &bytes);
  if (bytes < (int)sizeof(head)) { /* nothing that is sent here */
    inbox_again(box, slot);
    return -1;
  }
  *length = (size_t)bytes - sizeof(head);
  return slot;
}
