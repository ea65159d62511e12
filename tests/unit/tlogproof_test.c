/* Proofs as text: what is written is read back, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "seal/tlogproof.h"

static void
put(struct ev_buf *out, const char *extra, struct ev_tlog_proof *p)
{
	struct ev_err err;
	size_t i;

	memset(p, 0, sizeof(*p));
	p->index = 10;
	p->path.count = 3;
	for (i = 0; i < 3; i++)
		memset(p->path.hash[i], (int)(i + 1), EV_SHA256);
	p->note = EV_BYTES("a note\n", 7);
	ev_buf_init(out, 4096);
	assert_int_equal(ev_tlog_proof_write(out,
			     EV_BYTES(extra, strlen(extra)), p, &err),
	    EV_OK);
}

static void
what_is_written_is_read_back(void **state)
{
	static const char *const extras[] = { "", "x", "{\"a\":1}" };
	struct ev_tlog_proof want, got;
	struct ev_buf text, extra;
	struct ev_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(extras) / sizeof(extras[0]); i++) {
		put(&text, extras[i], &want);
		ev_buf_init(&extra, 64);
		assert_int_equal(ev_tlog_proof_parse(&got, &extra,
				     EV_BYTES_BUF(&text), &err),
		    EV_OK);
		assert_string_equal(ev_buf_text(&extra), extras[i]);
		assert_int_equal(got.index, 10);
		assert_int_equal(got.path.count, 3);
		assert_memory_equal(got.path.hash, want.path.hash,
		    3 * EV_SHA256);
		assert_int_equal(got.note.len, 7);
		assert_memory_equal(got.note.data, "a note\n", 7);
		ev_buf_release(&extra);
		ev_buf_release(&text);
	}
}

static enum ev_rc
parse(const char *text, struct ev_err *err)
{
	struct ev_tlog_proof got;
	struct ev_buf extra;
	enum ev_rc rc;

	ev_buf_init(&extra, 64);
	rc = ev_tlog_proof_parse(&got, &extra, EV_BYTES(text, strlen(text)),
	    err);
	ev_buf_release(&extra);
	return rc;
}

static void
a_line_that_is_not_as_it_must_be_is_named(void **state)
{
#define TOP "c2sp.org/tlog-proof@v1\n"
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "", "line 1" },
		{ "c2sp.org/tlog-proof@v2\nindex 0\n\nn", "line 1" },
		{ TOP, "line 2 of a proof is no index" },
		{ TOP "extra %%%%\nindex 0\n\nn", "line 2 of a proof" },
		{ TOP "extra eA==\n", "line 3 of a proof" },
		{ TOP "index -1\n\nn", "line 2 of a proof is no index" },
		{ TOP "index 01\n\nn", "line 2 of a proof is no index" },
		{ TOP "index 0\nextra eA==\n\nn", "line 3 of a proof" },
		{ TOP "index 0\neA==\n\nn", "line 3 of a proof" },
		{ TOP "index 0\n", "no empty line" },
	};
	struct ev_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse(bad[i].text, &err), EV_INPUT);
		assert_non_null(strstr(err.msg, bad[i].says));
	}
	assert_int_equal(parse(TOP "index 0\n\nn", &err), EV_OK);
}

static void
a_path_that_no_tree_has_is_refused(void **state)
{
	struct ev_tlog_proof p;
	struct ev_buf text;
	struct ev_err err;
	size_t i;

	(void)state;
	put(&text, "", &p);
	ev_buf_release(&text);
	ev_buf_init(&text, 16384);
	p.note = EV_BYTES("n", 1);
	p.path.count = EV_MERKLE_DEPTH + 1;
	for (i = 0; i < p.path.count; i++)
		memset(p.path.hash[i], 7, EV_SHA256);
	assert_int_equal(ev_tlog_proof_write(&text, EV_BYTES("", 0), &p, &err),
	    EV_OK);
	assert_int_equal(parse(ev_buf_text(&text), &err), EV_INPUT);
	assert_non_null(strstr(err.msg, "more than 63 hashes"));
	ev_buf_release(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(a_line_that_is_not_as_it_must_be_is_named),
		cmocka_unit_test(a_path_that_no_tree_has_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
