/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What design is asked for: which options belong together, their defaults, and what the sizes must be. */
#include "design/request.h"

#include "base/error.h"
#include "design/family.h"
#include "design/schemes.h"
#include "json/write.h"
#include "runtime/scheme/scheme.h"

const cli_option request_options[] = {
    {.name = "assignment", .value = "WORD", .kind = CLI_CHOICE_OR_FILE,
     .choices = "cyclic frc regular bernoulli graph expander bibd pairwise arcs matrix:FILE", .searched = true,
     .endings = ".csv .mtx .npy .txt .gz",
     .preset = "cyclic; schemes uncoded and ignore-stragglers: every chunk on one worker",
     .help = "Who holds which chunk: neighbours on a circle (cyclic), groups of workers that hold the same (frc), a"
             " random graph of equal degrees (regular). For approximate codes: each chunk on each worker with"
             " probability d/m, drawn again where a chunk gets fewer than --parts (bernoulli); the edges of a random"
             " d-regular graph of N chunks, two chunks per worker and Nd/2 workers (graph); the best of 8 regular ones"
             " by its second singular value (expander); every two chunks together equally often, where such a design"
             " is known (bibd); every two together on d d'/m workers, or as nearly as a search gets (pairwise). Arcs of"
             " a circle, longer for faster workers (arcs, with --rates). FILE is a matrix of 0 and 1, one row per"
             " worker: text with any separator, Matrix Market, or npy, each also as gzip."},
    {.name = "transpose", .kind = CLI_FLAG,
     .help = "The rows of matrix:FILE are chunks, its columns workers."},
    {.name = "order", .value = "WORD", .kind = CLI_CHOICE_OR_FILE,
     .choices = "natural matching random rotated xor steal back stealxor backxor mirror staircase draft draft:t"
                " twins:ORDER short:K[:ORDER] uneven slots:FILE file:FILE",
     .searched = true, .endings = ".csv .npy",
     .preset = "natural for cyclic, frc and uncoded, but where c > 1 chunks are a worker's share draft, or, with"
               " --parts l, twins:draft where l divides the copies, else backxor or back; matching otherwise",
     .help = "In which order a worker goes through its chunks; natural is by number, and along the circle where a"
             " matrix is cyclic, whatever its numbers; rotated and xor are Latin squares inside the groups of frc, of"
             " blocks where there are more chunks than workers. The rest is for chunks finer than workers: a worker"
             " does its own block of c = N/m chunks forwards, then blocks of others from their ends: block after block"
             " (back), one chunk of each in turn (steal), or always the chunk that is most likely still undone t"
             " seconds into the iteration (draft; by the law of --delay, t being the 0.999 quantile unless given,"
             " without --delay for exponential times); xor changes who follows whom in groups of 2, 4, 8, ..; mirror is"
             " back for pairs; staircase: every other worker goes down the circle. twins:ORDER is for --parts l: l"
             " workers do the same. short:K stops after K chunks of others, of draft for independent chunk times or of"
             " the order that is named, and uneven is one of 1 to 6 copies, for"
             " groups of 6 and c = 8: both change who holds what, and --replication is then the size of the groups."
             " slots:FILE has a line s,q for chunk q of the block of partner s, in the order of work. file:FILE"
             " is a text with the chunks of one worker per line, or an npy table of one row per worker, as 'testudo"
             " export --table order' writes them; without --assignment it gives the assignment too."},
    {.name = "workers", .value = "m", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .help = "Number of workers."},
    {.name = "chunks", .value = "N", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_CHUNKS,
     .preset = "as many as workers", .help = "Number of data chunks."},
    {.name = "replication", .value = "d", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "gradient-code: s + l",
     .help = "Number of workers that hold each chunk. Of scheme gradient-code it says --stragglers too, or these say"
             " it."},
    {.name = "parts", .value = "l", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_PARTS, .preset = "1",
     .help = "Number of equal parts that the gradient is cut into; a message has one part's length. Scheme"
             " gradient-code with more than one part is written as scheme gradient-code-parts, with s + l copies of"
             " every chunk."},
    {.name = NULL},
};

const cli_option granularity_options[] = {
    {.name = "granularity", .value = "c", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_CHUNKS,
     .help = "Number of chunks per worker's share of the data, instead of --chunks: there are c m of them."},
    {.name = NULL},
};

static testudo_status request_inapplicable(const char *option, const char *where, testudo_error *error)
{
  return cli_refuse(error, "--%s does not apply to %s", option, where);
}

static testudo_status request_needs(const char *option, const char *where, testudo_error *error)
{
  return cli_refuse(error, "--%s is missing: %s needs it", option, where);
}

const char *request_assignment(const cli_request *request)
{
  static const char *const word[] = {"cyclic", "frc", "regular", "bernoulli", "graph", "expander", "bibd", "pairwise",
                                     "arcs", "matrix", "uncoded", "own", "best"};
  return word[request->assignment];
}

static const char *scheme_word(const cli_request *request)
{
  return testudo_scheme_name(request->scheme->id);
}

/* ---- which options a scheme has ---- */

/* Of a gradient code the copies say how many stragglers it is for: s = d - l. */
static bool copies_say_stragglers(const cli_request *request, const cli_arguments *arguments)
{
  return request->scheme->needs == SCHEME_STRAGGLERS && cli_given(arguments, "replication") &&
         !cli_given(arguments, "stragglers") && request->code_file == NULL;
}

static testudo_status check_scheme(const cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const cli_scheme *scheme = request->scheme;
  char where[64];
  snprintf(where, sizeof where, "scheme %s", scheme_word(request));
  for (size_t k = 0; k < SCHEME_OPTIONS; k++) {
    const char *option = scheme_options[k];
    /* --parts 1 is what every scheme does; and what is sent has a price. */
    bool says = cli_given(arguments, option) && !(1u << k == SCHEME_PARTS && request->parts == 1) &&
                !(1u << k == SCHEME_DIM && request->search == SEARCH_FAMILIES);
    if (says && !(scheme->options & 1u << k))
      return request_inapplicable(option, where, error);
    if (scheme->needs == 1u << k && request->search != SEARCH_BLOCKS && !cli_given(arguments, option) &&
        !copies_say_stragglers(request, arguments))
      return request_needs(option, where, error);
  }
  return TESTUDO_OK;
}

/* A construction belongs to one assignment. */
static testudo_status check_construction(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  if (request->construction == TESTUDO_I_NO_CONSTRUCTION)
    return TESTUDO_OK;
  cli_assignment assignment = request->construction == TESTUDO_I_FRC ? ASSIGN_FRC : ASSIGN_CYCLIC;
  if (!cli_given(arguments, "assignment"))
    request->assignment = assignment;
  if (request->assignment != assignment)
    return cli_refuse(error, "--construction %s needs --assignment %s, not %s",
                      cli_text(arguments, "construction", ""), assignment == ASSIGN_FRC ? "frc" : "cyclic",
                      request_assignment(request));
  return TESTUDO_OK;
}

/* A code of the user's own is a gradient code whose file says the rest. */
static testudo_status check_code(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  static const char *const made[] = {"assignment", "construction", "parts", "improve-code", "improve-tries"};
  if (request->transposed && request->code_file == NULL && request->assignment != ASSIGN_MATRIX)
    return cli_refuse(error, "--transpose applies to --assignment matrix:FILE and --code matrix:FILE only");
  if (request->code_file == NULL)
    return TESTUDO_OK;
  if (!(request->scheme->options & SCHEME_CONSTRUCTION))
    return request_inapplicable("code", scheme_word(request), error);
  for (size_t k = 0; k < sizeof made / sizeof *made; k++)
    if (cli_given(arguments, made[k]) && !(k == 2 && request->parts == 1))
      return request_inapplicable(made[k], "--code matrix:FILE (the file says it)", error);
  return TESTUDO_OK;
}

/* ---- sizes ---- */

/* A file already says who holds what. */
static testudo_status check_by_file(const cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  static const char *const fixed[] = {"workers", "chunks", "granularity", "replication"};
  const char *where = request->code_file != NULL                ? "--code matrix:FILE (the file says it)"
                      : request->assignment == ASSIGN_MATRIX    ? "--assignment matrix:FILE (the file says it)"
                                                                : "--order file:FILE without --assignment (the file"
                                                                  " says it)";
  for (size_t k = 0; k < sizeof fixed / sizeof *fixed; k++)
    if (cli_given(arguments, fixed[k]))
      return request_inapplicable(fixed[k], where, error);
  return TESTUDO_OK;
}

static testudo_status check_copies(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  bool uncoded = request->assignment == ASSIGN_UNCODED;
  if (uncoded && cli_given(arguments, "replication") && request->replication != 1)
    return cli_refuse(error, "--replication does not apply to scheme %s without --assignment (every chunk lies on one"
                      " worker)", scheme_word(request));
  if (request->scheme->check != NULL)
    TESTUDO_I_TRY(request->scheme->check(request, arguments, error));
  if (request->scheme->check != NULL && !uncoded)
    return TESTUDO_OK;
  bool listed = cli_given(arguments, "replications");
  if (listed && cli_given(arguments, "replication"))
    return cli_refuse(error, "--replication and --replications exclude each other");
  bool loaded = cli_given(arguments, "max-load");
  if (loaded && cli_given(arguments, "replication"))
    return cli_refuse(error, "--replication and --max-load exclude each other");
  bool said = uncoded || listed || loaded || cli_given(arguments, "replication");
  bool searched = request->assignment == ASSIGN_SEARCHED;
  return said ? TESTUDO_OK
              : request_needs("replication", searched ? "a search from sizes" : request_assignment(request), error);
}

/* What no later sentence would say in the words of the options. */
static testudo_status check_shape(const cli_request *request, testudo_error *error)
{
  bool blocks = testudo_i_scheme_by_id(request->scheme->id)->order_matters &&
                request->chunks % request->workers == 0;
  if (request->assignment == ASSIGN_CYCLIC && request->chunks != request->workers && !blocks)
    return cli_refuse(error, "--assignment cyclic needs as many chunks as workers, but there are %d and %d;"
                      " --assignment %s does not", request->chunks, request->workers,
                      request->scheme->square != NULL ? request->scheme->square : "regular");
  if (request->assignment != ASSIGN_UNCODED && request->replication > request->workers)
    return cli_refuse(error, "--replication: %d copies on %d workers; allowed: 1..%d", request->replication,
                      request->workers, request->workers);
  return TESTUDO_OK;
}

static testudo_status check_arcs(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const cli_value *rates = cli_get(arguments, "rates");
  if (!rates->given)
    return request_needs("rates", "--assignment arcs", error);
  if (rates->count != (size_t)request->workers)
    return cli_refuse(error, "--rates: %zu given, but there are %d workers", rates->count, request->workers);
  request->rates = rates->reals;
  return TESTUDO_OK;
}

static testudo_status take_chunks(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  int64_t chunks = cli_integer(arguments, "granularity", 1) * request->workers;
  if (cli_given(arguments, "granularity") && cli_given(arguments, "chunks"))
    return cli_refuse(error, "--granularity and --chunks exclude each other: chunks are workers times granularity");
  if (chunks > TESTUDO_MAX_CHUNKS)
    return cli_refuse(error, "--granularity: %lld chunks for %d workers; the limit is %d", (long long)chunks,
                      request->workers, TESTUDO_MAX_CHUNKS);
  request->chunks = (int32_t)cli_integer(arguments, "chunks", chunks);
  return TESTUDO_OK;
}

static testudo_status check_sizes(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  if (cli_given(arguments, "copies") && request->assignment != ASSIGN_PAIRWISE)
    return request_inapplicable("copies", "assignments but pairwise", error);
  if (request->assignment == ASSIGN_MATRIX || request->assignment == ASSIGN_BY_ORDER)
    return check_by_file(request, arguments, error);
  if (request->assignment == ASSIGN_GRAPH)
    return family_take_graph(request, arguments, error);
  if (!cli_given(arguments, "workers"))
    return request_needs("workers", "a design", error);
  request->workers = (int32_t)cli_integer(arguments, "workers", 0);
  TESTUDO_I_TRY(take_chunks(request, arguments, error));
  request->replication = (int32_t)cli_integer(arguments, "replication", 1);
  if (cli_given(arguments, "copies"))
    return family_take_copies(request, arguments, error);
  TESTUDO_I_TRY(check_copies(request, arguments, error));
  TESTUDO_I_TRY(check_shape(request, error));
  if (request->wait > request->workers)
    return cli_refuse(error, "--wait: %d of %d workers; allowed: 1..%d", request->wait, request->workers,
                      request->workers);
  return request->assignment == ASSIGN_ARCS ? check_arcs(request, arguments, error) : TESTUDO_OK;
}

static testudo_status request_take_sizes(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const cli_value *sizes = cli_get(arguments, "sizes");
  int64_t *size = testudo_i_arena_alloc(&request->arena, sizes->count, sizeof *size);
  TESTUDO_I_TRY(testudo_i_arena_check(&request->arena, error));
  for (size_t b = 0; b < sizes->count; b++)
    size[b] = sizes->integers[b];
  request->size = size;
  return TESTUDO_OK;
}

/* The assignment when none is named, and the order when none is. */
static void request_take_words(cli_request *request, const cli_arguments *arguments)
{
  const cli_value *assignment = cli_get(arguments, "assignment"), *order = cli_get(arguments, "order");
  bool slots = order->given && order->choice == ORDER_SLOTS;
  request->assignment_file = assignment->file;
  request->order_file = slots ? NULL : order->file;
  request->slots_file = slots ? order->file : NULL;
  request->code_file = cli_get(arguments, "code")->file;
  request->ordered = order->given;
  request->transposed = cli_given(arguments, "transpose");
  bool searched = request->search == SEARCH_PLACEMENT || request->search == SEARCH_FAMILIES;
  bool by_order = request->order_file != NULL && request->scheme->check == NULL;
  cli_assignment preset = searched                     ? ASSIGN_SEARCHED
                          : request->code_file != NULL ? ASSIGN_MATRIX
                          : by_order                   ? ASSIGN_BY_ORDER
                                                       : request->scheme->assignment;
  request->assignment = (cli_assignment)cli_choice(arguments, "assignment", (int)preset);
  request->construction = (testudo_i_construction)(1 + cli_choice(arguments, "construction", -1));
  bool natural = request->search == SEARCH_ORDER || request->assignment == ASSIGN_CYCLIC ||
                 request->assignment == ASSIGN_FRC || request->assignment == ASSIGN_UNCODED ||
                 request->code_file != NULL;
  request->order = (cli_order)cli_choice(arguments, "order", natural                              ? ORDER_NATURAL
                                                             : request->search == SEARCH_FAMILIES ? ORDER_SEARCHED
                                                                                                  : ORDER_MATCHING);
}

/* Random assignments, orders and coefficients: a seed decides them. */
static bool request_draws(const cli_request *request)
{
  unsigned has = request->scheme->options;
  bool assigned = request->assignment == ASSIGN_REGULAR ||
                  (family_is(request) && request->assignment != ASSIGN_BIBD);
  bool plain = has & SCHEME_CONSTRUCTION && (request->stragglers == 0 || request->assignment == ASSIGN_FRC ||
                                             request->construction == TESTUDO_I_CYCLIC_MDS ||
                                             request->code_file != NULL);
  bool coded = has & (SCHEME_PARTS | SCHEME_TOLERANCES) && !plain;
  return assigned || coded || request->order == ORDER_RANDOM;
}

testudo_status request_check_seed(const cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  return !cli_given(arguments, "seed") || request_draws(request)
             ? TESTUDO_OK
             : cli_refuse(error, "--seed would do nothing: no part of this design is random");
}

testudo_status request_take(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  request_take_words(request, arguments);
  request->parts = (int32_t)cli_integer(arguments, "parts", 1);
  request->stragglers = copies_say_stragglers(request, arguments)
                            ? (int32_t)cli_integer(arguments, "replication", 0) - request->parts
                            : (int32_t)cli_integer(arguments, "stragglers", 0);
  request->wait = (int32_t)cli_integer(arguments, "wait", 0);
  request->dim = cli_integer(arguments, "dim", 0);
  request->name = cli_text(arguments, "name", NULL);
  request->seed = (uint64_t)cli_integer(arguments, "seed", 1);
  if (request->name != NULL && !testudo_i_json_is_utf8(request->name))
    return cli_refuse(error, "--name: not UTF-8, the encoding of design files");
  request->tolerance = cli_get(arguments, "tolerances")->integers;
  request->tolerances = (int32_t)cli_get(arguments, "tolerances")->count;
  TESTUDO_I_TRY(request_take_sizes(request, arguments, error));
  TESTUDO_I_TRY(check_scheme(request, arguments, error));
  TESTUDO_I_TRY(check_code(request, arguments, error));
  TESTUDO_I_TRY(check_construction(request, arguments, error));
  if (family_is(request) && !testudo_i_scheme_by_id(request->scheme->id)->order_matters)
    return cli_refuse(error, "--assignment %s is for scheme partial (approximate codes: --parts 1, --report whole),"
                      " not for scheme %s", request_assignment(request), scheme_word(request));
  TESTUDO_I_TRY(check_sizes(request, arguments, error));
  return request_orders_by_blocks(request) ? order_take_word(request, cli_text(arguments, "order", ""), error)
                                           : order_take_preset(request, error);
}
