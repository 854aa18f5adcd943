/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "explore/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"

/* "Tstd": what `file` and we know a store by. */
#define APPLICATION 0x54737464
#define WAIT_MILLISECONDS 30000 /* for another process that writes */

struct testudo_i_store {
  sqlite3 *base;
  char *path;   /* as it was given */
  char *opened; /* for SQLite, which takes ":memory:" and "file:" for more than names */
  bool immutable;  /* nobody can write it, and it is read as it lies there */
  int64_t version; /* its tables are those of this one; later ones are not there */
  int claim; /* a file that is locked while this process explores; -1: none */
};

/* What a database of version k - 1 lacks. */
static const char *const migration[] = {
    [1] = "CREATE TABLE points ("
          " key TEXT NOT NULL, computation TEXT NOT NULL, design TEXT NOT NULL, command TEXT NOT NULL,"
          " parameters TEXT NOT NULL, version TEXT NOT NULL, seed INTEGER NOT NULL, trials INTEGER NOT NULL,"
          " \"limit\" REAL NOT NULL, result TEXT, seconds REAL NOT NULL,"
          " PRIMARY KEY (key, trials, \"limit\")) WITHOUT ROWID;"
          "CREATE VIEW best AS SELECT * FROM points AS p WHERE NOT EXISTS (SELECT 1 FROM points AS q"
          " WHERE q.key = p.key"
          " AND ((q.result IS NOT NULL) > (p.result IS NOT NULL) OR ((q.result IS NOT NULL) = (p.result IS NOT NULL)"
          " AND (q.trials > p.trials OR (q.trials = p.trials AND q.\"limit\" > p.\"limit\")))));",
    [2] = "CREATE TABLE draws (key TEXT NOT NULL, version TEXT NOT NULL, first INTEGER NOT NULL,"
          " trials INTEGER NOT NULL, bytes BLOB NOT NULL);"
          "CREATE UNIQUE INDEX draws_of ON draws (key, version, first, trials)",
};

/* SQLite's sentence, with the name of the store before it. */
static testudo_status failed(const testudo_i_store *store, testudo_error *error)
{
  int code = sqlite3_errcode(store->base) & 0xff;
  const char *said = sqlite3_errmsg(store->base);
  if (code == SQLITE_NOMEM)
    return testudo_i_fail_memory(error);
  if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s", store->path,
                          code == SQLITE_NOTADB ? "no store: it is not an SQLite database" : "the database is damaged");
  if (code == SQLITE_IOERR && sqlite3_system_errno(store->base) == EISDIR)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: is a folder, but a store is needed", store->path);
  if (code == SQLITE_IOERR)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: the file, or one beside it, cannot be read or written: %s;"
                          " a full disk is one reason", store->path, strerror(sqlite3_system_errno(store->base)));
  if (code == SQLITE_CANTOPEN)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: it, or a file beside it, cannot be opened or made: %s",
                          store->path, sqlite3_system_errno(store->base) != 0
                                           ? strerror(sqlite3_system_errno(store->base)) : said);
  if (code == SQLITE_FULL)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: the disk is full; what was written before is kept",
                          store->path);
  if (code == SQLITE_READONLY || code == SQLITE_PERM)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: the store may only be read", store->path);
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: another process has kept the store locked for %d s",
                          store->path, WAIT_MILLISECONDS / 1000);
  return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: %s", store->path, said);
}

static testudo_status run(testudo_i_store *store, const char *sql, testudo_error *error)
{
  return sqlite3_exec(store->base, sql, NULL, NULL, NULL) == SQLITE_OK ? TESTUDO_OK : failed(store, error);
}

static void finalize(sqlite3_stmt **statement)
{
  sqlite3_finalize(*statement);
}

static testudo_status prepare(testudo_i_store *store, const char *sql, sqlite3_stmt **statement, testudo_error *error)
{
  return sqlite3_prepare_v2(store->base, sql, -1, statement, NULL) == SQLITE_OK ? TESTUDO_OK : failed(store, error);
}

/* The one number that a query answers. */
static testudo_status ask(testudo_i_store *store, const char *sql, int64_t *answer, testudo_error *error)
{
  TESTUDO_I_HELD(finalize) sqlite3_stmt *statement = NULL;
  TESTUDO_I_TRY(prepare(store, sql, &statement, error));
  if (sqlite3_step(statement) != SQLITE_ROW)
    return failed(store, error);
  *answer = sqlite3_column_int64(statement, 0);
  return TESTUDO_OK;
}

/* ---- opening ---- */

/* An empty database has version 0 and no tables. */
static testudo_status check_kind(testudo_i_store *store, testudo_error *error)
{
  int64_t application, tables;
  TESTUDO_I_TRY(ask(store, "SELECT count(*) FROM sqlite_master", &tables, error));
  TESTUDO_I_TRY(ask(store, "PRAGMA application_id", &application, error));
  TESTUDO_I_TRY(ask(store, "PRAGMA user_version", &store->version, error));
  if (application != APPLICATION && (tables > 0 || application != 0 || store->version != 0))
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: no store of testudo, but another SQLite database",
                          store->path);
  if (store->version > TESTUDO_I_STORE_VERSION)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: a store of version %" PRId64 ", made by a later testudo;"
                          " this one knows versions up to %d", store->path, store->version,
                          (int)TESTUDO_I_STORE_VERSION);
  return TESTUDO_OK;
}

/* The end of a transaction, of which nothing stays where a step of it has failed. */
static testudo_status end_transaction(testudo_i_store *store, testudo_status status, testudo_error *error)
{
  if (status == TESTUDO_OK)
    return run(store, "COMMIT", error);
  (void)sqlite3_exec(store->base, "ROLLBACK", NULL, NULL, NULL);
  return status;
}

/* All steps in one transaction; whoever else does it at the same time waits, and finds it done. */
static testudo_status migrate(testudo_i_store *store, testudo_error *error)
{
  char sql[96];
  TESTUDO_I_TRY(check_kind(store, error));
  for (; store->version < TESTUDO_I_STORE_VERSION; store->version++)
    TESTUDO_I_TRY(run(store, migration[store->version + 1], error));
  snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION,
           (int)TESTUDO_I_STORE_VERSION);
  return run(store, sql, error);
}

static testudo_status prepare_to_write(testudo_i_store *store, testudo_error *error)
{
  TESTUDO_I_TRY(check_kind(store, error)); /* before anything is written into somebody else's database */
  if (sqlite3_db_readonly(store->base, "main") == 1)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: the store may only be read", store->path);
  TESTUDO_I_TRY(run(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", error));
  if (store->version == TESTUDO_I_STORE_VERSION)
    return TESTUDO_OK;
  TESTUDO_I_TRY(run(store, "BEGIN IMMEDIATE", error));
  return end_transaction(store, migrate(store, error), error);
}

static testudo_status prepare_to_read(testudo_i_store *store, testudo_error *error)
{
  TESTUDO_I_TRY(check_kind(store, error));
  return store->version > 0
             ? TESTUDO_OK
             : testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: an empty database, no store", store->path);
}

/* A name that is a file's and nothing else (malloc). */
static char *plain_name(const char *path)
{
  size_t room = strlen(path) + 3;
  char *name = testudo_i_alloc(room, 1);
  if (name != NULL)
    snprintf(name, room, "%s%s", path[0] == '/' ? "" : "./", path);
  return name;
}

/* Where the folder may not be written, SQLite cannot make the files that readers share; a store that nobody writes
   needs none. Its name says so (malloc). */
static char *immutable_name(const testudo_i_store *store)
{
  size_t room = 3 * strlen(store->opened) + 64;
  char *name = testudo_i_alloc(room, 1), *at = name;
  if (name == NULL)
    return NULL;
  at += snprintf(name, room, "file:");
  for (const char *from = store->opened; *from != '\0'; from++)
    at += snprintf(at, room - (size_t)(at - name), strchr("?#%", *from) != NULL ? "%%%02x" : "%c", *from);
  snprintf(at, room - (size_t)(at - name), "?immutable=1");
  return name;
}

static int open_immutable(testudo_i_store *store)
{
  char *name = immutable_name(store);
  if (name == NULL)
    return SQLITE_NOMEM;
  store->immutable = true;
  sqlite3_close(store->base);
  store->base = NULL;
  int code = sqlite3_open_v2(name, &store->base, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
  free(name);
  return code;
}

/* A reader that may write takes away the files beside the store when it is the last to close it. */
static int open_to_read(testudo_i_store *store)
{
  if (access(store->path, W_OK) == 0 &&
      sqlite3_open_v2(store->opened, &store->base, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL) == SQLITE_OK &&
      sqlite3_exec(store->base, "PRAGMA query_only = 1; SELECT 1 FROM sqlite_master", NULL, NULL, NULL) !=
          SQLITE_CANTOPEN)
    return SQLITE_OK;
  sqlite3_close(store->base);
  store->base = NULL;
  int code = sqlite3_open_v2(store->opened, &store->base, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, NULL);
  int answer = code != SQLITE_OK ? code
                                 : sqlite3_exec(store->base, "SELECT 1 FROM sqlite_master", NULL, NULL, NULL) & 0xff;
  if (code == SQLITE_OK && (answer == SQLITE_CANTOPEN || answer == SQLITE_READONLY))
    code = open_immutable(store);
  return code;
}

static testudo_status open_base(testudo_i_store *store, testudo_i_store_mode mode, testudo_error *error)
{
  bool write = mode == TESTUDO_I_STORE_WRITE;
  if (!write && access(store->path, R_OK) != 0)
    return testudo_i_fail(error, errno == ENOENT ? TESTUDO_ERROR_INPUT : TESTUDO_ERROR_SYSTEM, "%s: %s", store->path,
                          strerror(errno));
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_URI;
  int code = write ? sqlite3_open_v2(store->opened, &store->base, flags, NULL) : open_to_read(store);
  if (store->base == NULL)
    return testudo_i_fail_memory(error);
  if (code != SQLITE_OK)
    return failed(store, error);
  sqlite3_busy_timeout(store->base, WAIT_MILLISECONDS);
  return write ? prepare_to_write(store, error) : prepare_to_read(store, error);
}

testudo_status testudo_i_store_open(const char *path, testudo_i_store_mode mode, testudo_i_store **store,
                                    testudo_error *error)
{
  testudo_i_store *made = testudo_i_calloc(1, sizeof *made);
  *store = NULL;
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  made->claim = -1;
  made->path = testudo_i_copy_string(path);
  made->opened = plain_name(path);
  bool had = made->path != NULL && made->opened != NULL;
  testudo_status status = had ? open_base(made, mode, error) : testudo_i_fail_memory(error);
  TESTUDO_I_HAND_OVER(status, made, testudo_i_store_close, store);
}

void testudo_i_store_close(testudo_i_store *store)
{
  if (store == NULL)
    return;
  sqlite3_close(store->base);
  if (store->claim >= 0)
    close(store->claim);
  free(store->path);
  free(store->opened);
  free(store);
}

void testudo_i_store_drop(testudo_i_store **store)
{
  testudo_i_store_close(*store);
}

/* The kernel lets the lock go when the process ends, however it does. */
testudo_status testudo_i_store_claim(testudo_i_store *store, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *whole = realpath(store->opened, NULL); /* whatever link leads to it */
  size_t room = strlen(whole == NULL ? store->opened : whole) + sizeof "-explore";
  TESTUDO_I_HELD(testudo_i_free_held) char *name = testudo_i_alloc(room, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(name != NULL, error));
  snprintf(name, room, "%s-explore", whole == NULL ? store->opened : whole);
  store->claim = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (store->claim < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: %s", name, strerror(errno));
  if (flock(store->claim, LOCK_EX | LOCK_NB) == 0)
    return TESTUDO_OK;
  if (errno == EWOULDBLOCK)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: another process explores into this store; give each a store"
                          " and a --shard of its own, and --merge them", store->path);
  return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: %s", name, strerror(errno));
}

/* ---- rows ---- */

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
  if (text == NULL)
    sqlite3_bind_null(statement, at);
  else
    sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

testudo_status testudo_i_store_add(testudo_i_store *store, const testudo_i_store_row *row, testudo_error *error)
{
  TESTUDO_I_HELD(finalize) sqlite3_stmt *statement = NULL;
  TESTUDO_I_TRY(prepare(store, "INSERT INTO points (key, computation, design, command, parameters, version, result,"
                        " seed, trials, \"limit\", seconds) VALUES (?,?,?,?,?,?,?,?,?,?,?)"
                        " ON CONFLICT (key, trials, \"limit\") DO NOTHING", &statement, error));
  const char *const text[] = {row->key, row->computation, row->design, row->command, row->parameters, row->version,
                              row->result};
  for (int k = 0; k < 7; k++)
    bind_text(statement, k + 1, text[k]);
  sqlite3_bind_int64(statement, 8, row->seed);
  sqlite3_bind_int64(statement, 9, row->trials);
  sqlite3_bind_double(statement, 10, row->limit);
  sqlite3_bind_double(statement, 11, row->seconds);
  return sqlite3_step(statement) == SQLITE_DONE ? TESTUDO_OK : failed(store, error);
}

testudo_status testudo_i_store_has(testudo_i_store *store, const char *key, int64_t trials, double limit, bool *has,
                                   testudo_error *error)
{
  TESTUDO_I_HELD(finalize) sqlite3_stmt *statement = NULL;
  TESTUDO_I_TRY(prepare(store, "SELECT count(*) FROM points WHERE key = ?1 AND ((result IS NOT NULL AND trials >= ?2)"
                        " OR (result IS NULL AND ?3 > 0 AND trials >= ?2 AND \"limit\" >= ?3))", &statement, error));
  bind_text(statement, 1, key);
  sqlite3_bind_int64(statement, 2, trials);
  sqlite3_bind_double(statement, 3, limit);
  if (sqlite3_step(statement) != SQLITE_ROW)
    return failed(store, error);
  *has = sqlite3_column_int64(statement, 0) > 0;
  return TESTUDO_OK;
}

static const char *text_of(sqlite3_stmt *statement, int column)
{
  return (const char *)sqlite3_column_text(statement, column);
}

/* ---- draws ---- */

testudo_status testudo_i_store_keep(testudo_i_store *store, const char *key, const char *version, int64_t first,
                                    int64_t trials, const char *bytes, size_t length, testudo_error *error)
{
  TESTUDO_I_HELD(finalize) sqlite3_stmt *statement = NULL;
  TESTUDO_I_HELD(finalize) sqlite3_stmt *fewer = NULL;
  TESTUDO_I_TRY(prepare(store, "INSERT INTO draws (key, version, first, trials, bytes) VALUES (?1,?2,?3,?4,?5)"
                        " ON CONFLICT DO NOTHING", &statement, error));
  TESTUDO_I_TRY(prepare(store, "DELETE FROM draws WHERE key = ?1 AND version = ?2 AND first = ?3 AND trials < ?4",
                        &fewer, error));
  sqlite3_stmt *const both[] = {statement, fewer};
  for (int k = 0; k < 2; k++) {
    bind_text(both[k], 1, key);
    bind_text(both[k], 2, version);
    sqlite3_bind_int64(both[k], 3, first);
    sqlite3_bind_int64(both[k], 4, trials);
  }
  sqlite3_bind_blob64(statement, 5, bytes, length, SQLITE_STATIC);
  /* The larger is there before the smaller goes: whoever is killed between them has both. */
  bool done = sqlite3_step(statement) == SQLITE_DONE && sqlite3_step(fewer) == SQLITE_DONE;
  return done ? TESTUDO_OK : failed(store, error);
}

/* The row of most trials: a column of it. */
static testudo_status find_draws(testudo_i_store *store, const char *column, const char *key, const char *version,
                                 int64_t first, sqlite3_stmt **statement, bool *found, testudo_error *error)
{
  char sql[160];
  *found = false;
  if (store->version < 2)
    return TESTUDO_OK;
  snprintf(sql, sizeof sql, "SELECT %s FROM draws WHERE key = ? AND version = ? AND first = ? ORDER BY trials DESC"
           " LIMIT 1", column);
  TESTUDO_I_TRY(prepare(store, sql, statement, error));
  bind_text(*statement, 1, key);
  bind_text(*statement, 2, version);
  sqlite3_bind_int64(*statement, 3, first);
  int code = sqlite3_step(*statement);
  *found = code == SQLITE_ROW;
  return code == SQLITE_ROW || code == SQLITE_DONE ? TESTUDO_OK : failed(store, error);
}

testudo_status testudo_i_store_kept(testudo_i_store *store, const char *key, const char *version, int64_t first,
                                    char **bytes, size_t *length, testudo_error *error)
{
  TESTUDO_I_HELD(finalize) sqlite3_stmt *statement = NULL;
  bool found;
  *bytes = NULL;
  *length = 0;
  TESTUDO_I_TRY(find_draws(store, "bytes", key, version, first, &statement, &found, error));
  if (!found)
    return TESTUDO_OK;
  const void *from = sqlite3_column_blob(statement, 0);
  *length = (size_t)sqlite3_column_bytes(statement, 0);
  *bytes = testudo_i_alloc(*length + 1, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(*bytes != NULL && (from != NULL || *length == 0), error));
  if (*length > 0)
    memcpy(*bytes, from, *length);
  return TESTUDO_OK;
}

testudo_status testudo_i_store_kept_trials(testudo_i_store *store, const char *key, const char *version, int64_t first,
                                           int64_t *trials, testudo_error *error)
{
  TESTUDO_I_HELD(finalize) sqlite3_stmt *statement = NULL;
  bool found;
  TESTUDO_I_TRY(find_draws(store, "trials", key, version, first, &statement, &found, error));
  *trials = found ? sqlite3_column_int64(statement, 0) : 0;
  return TESTUDO_OK;
}

testudo_status testudo_i_store_walk(testudo_i_store *store, bool best,
                                    testudo_status (*take)(void *context, const testudo_i_store_row *row,
                                                           testudo_error *error),
                                    void *context, testudo_error *error)
{
  TESTUDO_I_HELD(finalize) sqlite3_stmt *statement = NULL;
  char sql[256];
  int code;
  snprintf(sql, sizeof sql, "SELECT key, computation, design, command, parameters, version, result, seed, trials,"
           " \"limit\", seconds FROM %s ORDER BY key, trials, \"limit\"", best ? "best" : "points");
  TESTUDO_I_TRY(prepare(store, sql, &statement, error));
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    const testudo_i_store_row row = {
        .key = text_of(statement, 0), .computation = text_of(statement, 1), .design = text_of(statement, 2),
        .command = text_of(statement, 3), .parameters = text_of(statement, 4), .version = text_of(statement, 5),
        .result = text_of(statement, 6), .seed = sqlite3_column_int64(statement, 7),
        .trials = sqlite3_column_int64(statement, 8), .limit = sqlite3_column_double(statement, 9),
        .seconds = sqlite3_column_double(statement, 10)};
    TESTUDO_I_TRY(take(context, &row, error));
  }
  return code == SQLITE_DONE ? TESTUDO_OK : failed(store, error);
}

testudo_status testudo_i_store_count(testudo_i_store *store, testudo_i_store_counts *counts, testudo_error *error)
{
  TESTUDO_I_HELD(finalize) sqlite3_stmt *statement = NULL;
  TESTUDO_I_TRY(prepare(store, "SELECT (SELECT count(*) FROM best),"
                        " (SELECT count(*) FROM best WHERE result IS NOT NULL), count(*), total(seconds) FROM points",
                        &statement, error));
  if (sqlite3_step(statement) != SQLITE_ROW)
    return failed(store, error);
  *counts = (testudo_i_store_counts){.points = sqlite3_column_int64(statement, 0),
                                     .finished = sqlite3_column_int64(statement, 1),
                                     .rows = sqlite3_column_int64(statement, 2),
                                     .seconds = sqlite3_column_double(statement, 3)};
  counts->unfinished = counts->points - counts->finished;
  return store->version < 2 ? TESTUDO_OK
                            : ask(store, "SELECT total(length(bytes)) FROM draws", &counts->drawn, error);
}

/* ---- merging ---- */

static testudo_status merge_rows(testudo_i_store *store, const char *other, int64_t version, int64_t *added,
                                 testudo_error *error)
{
  int64_t before, after, differ;
  TESTUDO_I_TRY(ask(store, "SELECT count(*) FROM points", &before, error));
  TESTUDO_I_TRY(ask(store, "SELECT count(*) FROM points AS p JOIN other.points AS q ON q.key = p.key AND"
                    " q.trials = p.trials AND q.\"limit\" = p.\"limit\" WHERE q.version = p.version AND"
                    " (json_extract(q.result, '$.latency', '$.mse', '$.design') IS NOT"
                    " json_extract(p.result, '$.latency', '$.mse', '$.design'))", &differ, error));
  if (differ > 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %" PRId64 " points have another result than in %s, of the"
                          " same version of testudo; nothing was merged", other, differ, store->path);
  TESTUDO_I_TRY(run(store, "INSERT OR IGNORE INTO points SELECT * FROM other.points", error));
  if (version >= 2)
    TESTUDO_I_TRY(run(store, "INSERT OR IGNORE INTO draws SELECT * FROM other.draws ORDER BY key, first, trials",
                      error));
  TESTUDO_I_TRY(ask(store, "SELECT count(*) FROM points", &after, error));
  *added = after - before;
  return TESTUDO_OK;
}

testudo_status testudo_i_store_merge(testudo_i_store *store, const char *other, int64_t *added, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_store_drop) testudo_i_store *checked = NULL;
  TESTUDO_I_HELD(finalize) sqlite3_stmt *attach = NULL;
  *added = 0;
  TESTUDO_I_TRY(testudo_i_store_open(other, TESTUDO_I_STORE_READ, &checked, error));
  TESTUDO_I_TRY(prepare(store, "ATTACH ? AS other", &attach, error));
  TESTUDO_I_HELD(testudo_i_free_held) char *immutable = checked->immutable ? immutable_name(checked) : NULL;
  bind_text(attach, 1, immutable != NULL ? immutable : checked->opened);
  if (sqlite3_step(attach) != SQLITE_DONE) {
    testudo_error said = {.text = ""};
    testudo_status status = failed(store, &said);
    return testudo_i_fail(error, status, "%s cannot be merged: %s", other, said.text);
  }
  testudo_status status = run(store, "BEGIN IMMEDIATE", error);
  if (status == TESTUDO_OK)
    status = end_transaction(store, merge_rows(store, other, checked->version, added, error), error);
  (void)sqlite3_exec(store->base, "DETACH other", NULL, NULL, NULL);
  return status;
}

bool testudo_i_store_begins(const char *bytes, size_t length)
{
  static const char mark[] = "SQLite format 3"; /* with the zero byte behind it */
  return length >= sizeof mark && memcmp(bytes, mark, sizeof mark) == 0;
}

testudo_status testudo_i_store_verify(testudo_i_store *store, testudo_error *error)
{
  TESTUDO_I_HELD(finalize) sqlite3_stmt *statement = NULL;
  TESTUDO_I_TRY(prepare(store, "PRAGMA integrity_check", &statement, error));
  if (sqlite3_step(statement) != SQLITE_ROW)
    return failed(store, error);
  const char *said = text_of(statement, 0);
  return said != NULL && strcmp(said, "ok") == 0
             ? TESTUDO_OK
             : testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: the database is damaged: %.*s", store->path,
                              said == NULL ? 0 : (int)strcspn(said, "\n"), said == NULL ? "" : said);
}

/* ---- keys ---- */

/* The halves begin differently and are mixed, so that what they have in common is not seen. */
void testudo_i_store_key(const char *bytes, size_t length, char key[TESTUDO_I_STORE_KEY + 1])
{
  uint64_t first = testudo_i_mix(testudo_i_fnv(TESTUDO_I_FNV_START, bytes, length));
  uint64_t second = testudo_i_mix(testudo_i_fnv(TESTUDO_I_WORDS_START, bytes, length));
  snprintf(key, TESTUDO_I_STORE_KEY + 1, "%016" PRIx64 "%016" PRIx64, first, second);
}
