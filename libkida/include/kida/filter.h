/* SPDX-License-Identifier: MIT */
/* filter.h - filters, tests and functions in C: tables, arguments, results, errors. */
#ifndef KIDA_FILTER_H
#define KIDA_FILTER_H

#include "object.h"
#include "value.h"

KIDA_BEGIN_DECLS

/** Kinds that a parameter accepts; checked before the body runs. bool counts as int. */
enum {
    KIDA_IN_ANY = 0,        /* no check */
    KIDA_IN_NONE = 1 << 0,  /* also none; without it none where a kind is asked for is K-RUN-005 */
    KIDA_IN_INT = 1 << 1,   /* bool, int (big too) */
    KIDA_IN_FLOAT = 1 << 2, /* bool, int, float */
    KIDA_IN_STR = 1 << 3,
    KIDA_IN_BOOL = 1 << 4, /* any value, read by kida_arg_bool as its truth */
    KIDA_IN_LIST = 1 << 5, /* list or tuple */
    KIDA_IN_DICT = 1 << 6,
    KIDA_IN_CALLABLE = 1 << 7,
    KIDA_IN_KEYWORD = 1 << 8, /* by keyword only */
    KIDA_IN_POSITION = 1 << 9 /* by position only */
};

/** One parameter, in call order; a row with a NULL name ends the list. */
typedef struct kida_param {
    const char *name; /* keyword name; "*name" takes further positions, "**name" further keywords */
    uint32_t accepts; /* KIDA_IN_* bits */
    const char *fallback; /* a literal as written in a template: "80", "'x'", "none", "true"; NULL:
                             required */
} kida_param;

/**
 * Body of a filter: turns the piped value into *out.
 *
 * Owner:  self, the arguments and all that is made through call live in the arena of the render:
 *         free nothing, keep nothing.
 * Errors: return kida_fail(call, ...), which adds the template and line.
 * Thread: any; one body may run on many threads at once, so keep no state.
 */
typedef kida_status kida_filter_fn(kida_call *call, kida_value self, kida_value *out);

/** Body of a test (`is name`): sets *out. Rules as for kida_filter_fn. */
typedef kida_status kida_test_fn(kida_call *call, kida_value self, bool *out);

/** Body of a global function: rules as for kida_filter_fn, without a piped value. */
typedef kida_status kida_function_fn(kida_call *call, kida_value *out);

/** What a filter, test or function promises. */
enum {
    KIDA_PURE = 1 << 0,     /* same arguments, same result: may run when compiling */
    KIDA_TEXT_IN = 1 << 1,  /* self is turned into text first (none: "None"), safe mark dropped */
    KIDA_SAFE_OUT = 1 << 2, /* documents that results are safe markup */
    KIDA_IMPURE = 1 << 3,   /* documents that results differ from call to call */
    KIDA_TYPE = 1 << 4      /* function: a kind of values; its attributes are their methods */
};

/** One filter: a row of a table. */
typedef struct kida_filter {
    const char *name;
    kida_filter_fn *body;
    const kida_param *params; /* after the piped value; NULL: none */
    unsigned flags;
    const char *help; /* one line for `kida filters` and the reference page */
} kida_filter;

/** One test: a row of a table. */
typedef struct kida_test {
    const char *name;
    kida_test_fn *body;
    const kida_param *params;
    unsigned flags;
    const char *help;
} kida_test;

/** One global function: a row of a table. */
typedef struct kida_function {
    const char *name;
    kida_function_fn *body;
    const kida_param *params;
    unsigned flags;
    const char *help;
} kida_function;

/* ---- arguments ----------------------------------------------------------------------------- */

/* The argument of parameter number index, counted from 0 in the table: the one given, or the
 * fallback. Kinds were checked against the table, so the getters can't fail; a getter of another
 * kind than the table accepts gives 0, "" or false.  Thread: owner */
KIDA_API kida_value kida_arg(const kida_call *call, size_t index);
KIDA_API int64_t kida_arg_int(const kida_call *call,
                              size_t index); /* big ones: clamped to 64 bits */
KIDA_API double kida_arg_float(const kida_call *call, size_t index);
KIDA_API kida_str kida_arg_str(const kida_call *call, size_t index);
KIDA_API bool kida_arg_bool(kida_call *call, size_t index); /* truth of any value */
KIDA_API bool kida_arg_given(const kida_call *call,
                             size_t index); /* by the caller, not the fallback */

/** Number of, and the index-th of, the values that a "*name" parameter took. Thread: owner */
KIDA_API size_t kida_rest_count(const kida_call *call);
KIDA_API kida_value kida_rest(const kida_call *call, size_t index);

/** Number of, and the index-th of, the keywords that a "**name" parameter took. Thread: owner */
KIDA_API size_t kida_keyword_count(const kida_call *call);
KIDA_API kida_value kida_keyword(const kida_call *call, size_t index, kida_str *name);

/** user pointer given at registration. Thread: owner */
KIDA_API void *kida_call_user(const kida_call *call);

/** Pool of the render: values made here live until it ends. Thread: owner */
KIDA_API kida_pool *kida_call_pool(kida_call *call);

/** What the host attached to the render under name (kida_render_options), or absent. Thread: owner
 */
KIDA_API kida_value kida_call_meta(kida_call *call, kida_str name);

/** Pointer that the host attached to the render (kida_render_options.host). Thread: owner */
KIDA_API void *kida_call_host(kida_call *call);

/** Whether the environment was made with strict_none. Thread: owner */
KIDA_API bool kida_call_strict_none(const kida_call *call);

/** A number from 0 to below - 1, each as likely, from the random source of the render; 0 for
 *  below 0. Thread: owner */
KIDA_API uint64_t kida_random(kida_call *call, uint64_t below);

/* ---- results and errors -------------------------------------------------------------------- */

/**
 * Reports a failure and returns status, so that a body can end with `return kida_fail(…)`.
 * The message says what is wrong, in lower case, with names in quotes, and no full stop.
 */
KIDA_API kida_status kida_fail(kida_call *call, kida_status status, const char *format, ...)
    KIDA_PRINTF(3, 4);

/** As kida_fail, with the finer kind that `try` shows as e.type: "ValueError", "IndexError". */
KIDA_API kida_status kida_fail_kind(kida_call *call, kida_status status, const char *kind,
                                    const char *format, ...) KIDA_PRINTF(4, 5);

/** Adds what to do about the failure just reported; returns its status. */
KIDA_API kida_status kida_fail_hint(kida_call *call, const char *format, ...) KIDA_PRINTF(2, 3);

/**
 * A type error about v: K-RUN-005 if v is none, else K-RUN-012. what names the operation and
 * what it wanted, for example "upper() wants a text".
 */
KIDA_API kida_status kida_fail_type(kida_call *call, kida_value v, const char *what);

/** *out = a copy of text in the pool of the render. Errors: K-LIM-004. */
KIDA_API kida_status kida_return_str(kida_call *call, kida_str text, kida_value *out);

/**
 * Record of the failure that a function just returned, for bodies that answer some failures
 * themselves: look at status and kind, then empty it with kida_error_init and go on. Failures of
 * the classes LIMIT and SECURITY must be passed on. Never NULL.
 *
 * Owner: the render. Thread: owner
 */
KIDA_API kida_error *kida_call_error(kida_call *call);

/* ---- working with values ------------------------------------------------------------------- */

/** Text of any value as `{{ v }}` shows it, unescaped; the bytes live until the render ends. */
KIDA_API KIDA_MUST_USE kida_status kida_to_str(kida_call *call, kida_value v, kida_str *out);

/** Quoted text as inside a container: 'a', [1, 'b'], Markup('c'). */
KIDA_API KIDA_MUST_USE kida_status kida_to_repr(kida_call *call, kida_value v, kida_str *out);

/** HTML-escaped text; safe markup as it stands. The result is a safe string. */
KIDA_API KIDA_MUST_USE kida_status kida_to_html(kida_call *call, kida_value v, kida_value *out);

/** Truth of a value. Errors: those of a host object's truth or length. */
KIDA_API KIDA_MUST_USE kida_status kida_truth(kida_call *call, kida_value v, bool *out);

/** a == b by the rules of the language: numbers by value, containers item by item. */
KIDA_API KIDA_MUST_USE kida_status kida_equal(kida_call *call, kida_value a, kida_value b,
                                              bool *out);

/** Sets *out below, at or above 0 as a sorts before, with or behind b. Errors: K-RUN-012, -005. */
KIDA_API KIDA_MUST_USE kida_status kida_compare(kida_call *call, kida_value a, kida_value b,
                                                int *out);

/** a op b as the operator does it; op is '<', '>', 'l' for <= or 'g' for >=. With NaN, and between
 *  sets neither of which holds the other, all four are false. Errors: K-RUN-012, -005. */
KIDA_API KIDA_MUST_USE kida_status kida_order(kida_call *call, char op, kida_value a, kida_value b,
                                              bool *out);

/** Whether kida_iter_init accepts v, `is mapping` holds for it (dicts, and objects marked so), or
 *  kida_invoke can call it. Thread: any */
KIDA_API bool kida_is_iterable(kida_value v);
KIDA_API bool kida_is_mapping(kida_value v);
KIDA_API bool kida_is_callable(kida_value v);

/** item in container, as the operator does it. */
KIDA_API KIDA_MUST_USE kida_status kida_contains(kida_call *call, kida_value container,
                                                 kida_value item, bool *out);

/** Number of items; false in *known for values that have no length. */
KIDA_API KIDA_MUST_USE kida_status kida_measure(kida_call *call, kida_value v, size_t *out,
                                                bool *known);

/** Binary arithmetic as the operator does it; op is one of + - * / % and 'f' for //, 'p' for **,
 * '~'. */
KIDA_API KIDA_MUST_USE kida_status kida_arith(kida_call *call, char op, kida_value a, kida_value b,
                                              kida_value *out);

/** Starts a walk over any iterable. Errors: K-RUN-012, K-RUN-005 for none. */
KIDA_API KIDA_MUST_USE kida_status kida_iter_init(kida_call *call, kida_iter *iter,
                                                  kida_value over);

/** Next item; *out is absent (KIDA_ABSENT) at the end. Counts a step of the render's budget. */
KIDA_API KIDA_MUST_USE kida_status kida_iter_next(kida_call *call, kida_iter *iter,
                                                  kida_value *out);

/** All items of an iterable as a new list. */
KIDA_API KIDA_MUST_USE kida_status kida_to_list(kida_call *call, kida_value over, kida_value *out);

/** Item of a one-shot iterator; *out, which comes absent, is left so at the end. Not called again
 *  after the end or a failure. */
typedef kida_status kida_next_fn(kida_call *call, void *state, kida_value *out);

/**
 * A one-shot iterator (KIDA_ITERATOR). A step of it counts as a nested call, so that iterators over
 * iterators end at the depth limit and not at the end of the C stack.
 *
 * Owner:  name, seen as the kind ("zip"), and state are borrowed and live as long as the pool.
 * Errors: KIDA_E_NOMEM. Thread: owner
 */
KIDA_API KIDA_MUST_USE kida_status kida_iterator_new(kida_pool *pool, const char *name,
                                                     kida_next_fn *next, void *state,
                                                     kida_value *out);

/** range(start, stop, step). Errors: K-RUN-007 (ValueError) for step 0, K-SEC-003, K-LIM-004. */
KIDA_API KIDA_MUST_USE kida_status kida_range_new(kida_call *call, int64_t start, int64_t stop,
                                                  int64_t step, kida_value *out);

/* As kida_dict_set, and the like for sets; they report their failures: K-RUN-012 for a key that
 * can't be hashed, K-LIM-004. A member that is equal to one that is there changes nothing. */
KIDA_API KIDA_MUST_USE kida_status kida_dict_put(kida_call *call, kida_value dict, kida_value key,
                                                 kida_value item);
KIDA_API KIDA_MUST_USE kida_status kida_set_put(kida_call *call, kida_value set, kida_value member);

/** Entry of a dict by a key of any kind; *out is absent where there is none. Errors: K-RUN-012 for
 *  a key that can't be hashed. Not gated by the sandbox, as v[key] is not. */
KIDA_API KIDA_MUST_USE kida_status kida_dict_find(kida_call *call, kida_value dict, kida_value key,
                                                  kida_value *out);

/** v.name as a template reads it, but absent (KIDA_ABSENT) where it is missing and none kept. */
KIDA_API KIDA_MUST_USE kida_status kida_get_attr(kida_call *call, kida_value v, kida_str name,
                                                 kida_value *out);

/** Whether a template may read v.name: the gate that kida_get_attr begins with, for bodies that
 *  take a name from an argument and look it up another way. Errors: K-SEC-001, K-SEC-002. */
KIDA_API KIDA_MUST_USE kida_status kida_check_attr(kida_call *call, kida_value v, kida_str name);

/** v[key] as a template reads it, errors included. */
KIDA_API KIDA_MUST_USE kida_status kida_get_item(kida_call *call, kida_value v, kida_value key,
                                                 kida_value *out);

/** Calls a def, function, method or callable object with positional arguments. */
KIDA_API KIDA_MUST_USE kida_status kida_invoke(kida_call *call, kida_value callee,
                                               const kida_value *args, size_t count,
                                               kida_value *out);

/** self.name(args), where keys of a dict don't hide its methods; gated by the sandbox like the
 *  read and the call. Errors: K-RUN-010 where there is no such attribute, those of the call. */
KIDA_API KIDA_MUST_USE kida_status kida_invoke_method(kida_call *call, kida_value self,
                                                      kida_str name, const kida_value *args,
                                                      size_t count, kida_value *out);

/** Whether the regular expression matches at the start of text (not necessarily to its end), in
 *  the syntax and with the meaning of Python's re. Errors: K-RUN-007 (PatternError) for a bad
 *  pattern and for a match that takes too long. */
KIDA_API KIDA_MUST_USE kida_status kida_regex_match(kida_call *call, kida_str pattern,
                                                    kida_str text, bool *out);

/** Applies a filter or a test of the environment by name; KIDA_E_FILTER_NAME/_TEST_NAME if unknown.
 */
KIDA_API KIDA_MUST_USE kida_status kida_apply_filter(kida_call *call, kida_str name,
                                                     kida_value self, const kida_value *args,
                                                     size_t count, kida_value *out);
KIDA_API KIDA_MUST_USE kida_status kida_apply_test(kida_call *call, kida_str name, kida_value self,
                                                   const kida_value *args, size_t count, bool *out);

/** Charges count steps to the budget of the render: for bodies whose work grows with their input.
 */
KIDA_API KIDA_MUST_USE kida_status kida_spend(kida_call *call, uint64_t count);

/** Value of a callable over a C function: for bound methods and functions made while rendering. */
KIDA_API KIDA_MUST_USE kida_status kida_function_value(kida_pool *pool, const kida_function *row,
                                                       void *user, kida_value *out);

/* ---- conversions, formatting, translation --------------------------------------------------- */

/**
 * v as int() reads it: bool and int as they are, floats cut toward zero, text as digits.
 * *known is false for NaN, for text that is no integer or too long, and for other kinds.
 *
 * Errors: K-RUN-007 (OverflowError) for an infinity. Thread: owner
 */
KIDA_API KIDA_MUST_USE kida_status kida_to_int(kida_call *call, kida_value v, kida_value *out,
                                               bool *known);

/** v as float() reads it; *known is false for unreadable text and for kinds that are no number.
 *  Errors: K-RUN-007 (OverflowError) for an int too large for a double. Thread: owner */
KIDA_API KIDA_MUST_USE kida_status kida_to_float(kida_call *call, kida_value v, double *out,
                                                 bool *known);

/** Fills the {fields} of pattern from the further arguments and keywords of this call ("*name" and
 *  "**name" parameters), as str.format does. Errors: K-RUN-007, -009, -010, -012. Thread: owner */
KIDA_API KIDA_MUST_USE kida_status kida_format_str(kida_call *call, kida_str pattern,
                                                   kida_value *out);

/** pattern % args, as the operator does it; safe patterns escape and give safe markup. */
KIDA_API KIDA_MUST_USE kida_status kida_format_percent(kida_call *call, kida_value pattern,
                                                       kida_value args, kida_value *out);

/** One value by a format spec such as ",.2f" or ">8", as a plain string. */
KIDA_API KIDA_MUST_USE kida_status kida_format_spec(kida_call *call, kida_value v, kida_str spec,
                                                    kida_value *out);

/** A date, time or other host object by its own format function and a strftime pattern; *out is
 *  left absent for values that have none. Thread: owner */
KIDA_API KIDA_MUST_USE kida_status kida_format_object(kida_call *call, kida_value v,
                                                      kida_str pattern, kida_value *out);

/** Translations by the catalog of the environment; *out is left absent where there is no catalog
 *  or it does not know the message. Thread: owner */
KIDA_API KIDA_MUST_USE kida_status kida_translate(kida_call *call, kida_str message,
                                                  kida_value *out);
KIDA_API KIDA_MUST_USE kida_status kida_translate_plural(kida_call *call, kida_str one,
                                                         kida_str many, int64_t count,
                                                         kida_value *out);

/** Whether a and b are the very same value: same kind, and same object, bytes or number. A walk
 *  over containers sees by it that it has come back to where it was. Thread: any */
KIDA_API bool kida_identical(kida_value a, kida_value b);

/* ---- growing text -------------------------------------------------------------------------- */

/**
 * Text that grows: remembers its first failure, so callers check once, at the end. Members are
 * private. Made with kida_buf_init it lives in the pool of the render and obeys its limits.
 */
typedef struct kida_buf {
    char *data_;
    size_t len_;
    size_t room_;
    size_t max_;
    kida_status status_;
    kida_call *call_;
    kida_pool *pool_;
    kida_allocator allocator_;
} kida_buf;

/** An empty text in the pool of the render. Thread: owner */
KIDA_API void kida_buf_init(kida_buf *buf, kida_call *call);

/** An empty text in memory of its own, at most max bytes; end it with kida_buf_free. Thread: any */
KIDA_API void kida_buf_init_heap(kida_buf *buf, const kida_allocator *allocator, size_t max);
KIDA_API void kida_buf_free(kida_buf *buf);

KIDA_API void kida_buf_put(kida_buf *buf, kida_str text);
KIDA_API void kida_buf_byte(kida_buf *buf, char byte);
KIDA_API void kida_buf_fill(kida_buf *buf, char byte, uint64_t count);
KIDA_API void kida_buf_code_point(kida_buf *buf, uint32_t code_point);
KIDA_API void kida_buf_int(kida_buf *buf, int64_t number);
KIDA_API void kida_buf_html(kida_buf *buf, kida_str text); /* escaped */
KIDA_API void kida_buf_format(kida_buf *buf, const char *format, ...) KIDA_PRINTF(2, 3);
KIDA_API void kida_buf_value(kida_buf *buf, kida_value v); /* its text; pool buffers only */

/** What has been put so far; valid until the next put. Thread: owner */
KIDA_API kida_str kida_buf_str(const kida_buf *buf);

/** *out = the text as a plain string value; reports the first failure of all puts. */
KIDA_API KIDA_MUST_USE kida_status kida_buf_finish(kida_buf *buf, kida_value *out);

/** As kida_buf_finish, marked as safe markup. */
KIDA_API KIDA_MUST_USE kida_status kida_buf_finish_safe(kida_buf *buf, kida_value *out);

/** First failure so far, KIDA_OK if none. */
KIDA_API kida_status kida_buf_status(const kida_buf *buf);

/* ---- loadable modules ---------------------------------------------------------------------- */

struct kida_env;

/**
 * What a filter module exports, under the name kida_this_module:
 *
 *     const kida_module kida_this_module = { KIDA_ABI, "name", install };
 */
typedef struct kida_module {
    uint32_t abi; /* KIDA_ABI it was compiled with */
    const char *name;
    kida_status (*install)(struct kida_env *env, kida_error *err);
} kida_module;

/** Defined by modules, looked up by kida_env_load_module; the library has none. */
extern KIDA_API const kida_module kida_this_module;

KIDA_END_DECLS

#endif
