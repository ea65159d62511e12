/* ingest/fact_rows: a fact goes into the tables and comes out equal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "ingest/fact_rows.h"

static struct ev_err err;

#define OK(call)                                            \
	do {                                                \
		if ((call) != EV_OK)                        \
			fail_msg("%s: %s", #call, err.msg); \
	} while (0)

/* What a fact points at: one of each, written by hand. */
static const char *const sql_ground[] = {
	"INSERT INTO log(seq, at, action, actor, leaf) VALUES"
	"(1, '2025-07-24T00:00:00Z', 'receive', '@a', '{}')",
	"INSERT INTO acquisition(id, source, form, received_from, quarantine,"
	" receive) VALUES(7, x'61', 'file', '', '', 1)",
	"INSERT INTO exhibit(id, acquisition, name, size, sha256, sha512,"
	" crc32, stored, offset, notes) VALUES(1, 7, x'61', 0, zeroblob(32),"
	" zeroblob(64), 0, 1, 0, '')",
	"INSERT INTO artifact(id, exhibit, ordinal, place, member, type, size,"
	" sha256, sha512, media) VALUES(3, 1, 0, 1, x'6dff', 'f', 0,"
	" zeroblob(32), zeroblob(64), '')",
	"INSERT INTO datafile(id, form, name, sha256) VALUES(4, 'mapping',"
	" 'x.map', zeroblob(32))",
	"INSERT INTO mapping(id, name, version, kind, file) VALUES(5,"
	" 'x.ip_audit', 2, 'login', 4)",
	"INSERT INTO reading(id, artifact, outcome, b_read, b_set_aside,"
	" b_ignored, b_frame, fingerprint, message) VALUES(6, 3, 'read', 0, 0,"
	" 0, 0, '', '')",
};

static int
setup(void **state)
{
	struct ev_db *db = NULL;
	size_t i;

	OK(ev_db_open(&db, ":memory:", EV_DB_CREATE, &err));
	for (i = 0; i < sizeof(sql_ground) / sizeof(sql_ground[0]); i++)
		OK(ev_db_run(db, &err, sql_ground[i], ""));
	*state = db;
	return 0;
}

static int
teardown(void **state)
{
	ev_db_close(*state);
	return 0;
}

/* Give a column a value of its type, with a raw text where raw says so. */
static void
fill(struct ev_fact_value *v, const struct ev_column *column, bool raw)
{
	switch (column->type) {
	case EV_C_TIME:
		v->time.has_utc = v->column % 2 == 0;
		v->time.utc = v->time.has_utc ? 1754161531904000 : 0;
		v->time.basis = (enum ev_basis)(v->column % 9);
		v->time.prec = (enum ev_when_prec)(v->column % 7);
		v->time.lo = 1754161531904000 - v->column;
		v->time.hi = 1754161531904999;
		v->time.has_alt = v->column % 3 == 0;
		v->time.alt = v->time.has_alt ? 5 : 0;
		break;
	case EV_C_INT:
		v->number = -80241446968 - v->column;
		break;
	case EV_C_BOOL:
		v->number = 1;
		break;
	case EV_C_PORT:
		v->number = 65535;
		break;
	case EV_C_WORD:
		v->text = column->words[0];
		v->text_len = strlen(v->text);
		break;
	case EV_C_TEXT:
	case EV_C_ID:
	case EV_C_IP:
	case EV_C_URL:
	case EV_C_COUNTRY:
		v->text = "0123\n\xd8\xb3";
		v->text_len = strlen(v->text);
		break;
	}
	v->has_raw = raw;
	v->raw = raw ? "as \"found\"\x01" : NULL;
	v->raw_len = raw ? strlen(v->raw) : 0;
}

static void
make(struct ev_fact *fact, enum ev_kind kind, bool raw)
{
	const struct ev_kind_info *info = ev_kind_info(kind);
	size_t i;

	memset(fact, 0, sizeof(*fact));
	fact->kind = kind;
	fact->platform = "x";
	fact->account_basis = EV_AB_DOCUMENT;
	fact->offset = 100;
	fact->length = 40;
	fact->pointer = "/0/a~1b";
	fact->pointer_len = strlen(fact->pointer);
	fact->root = "a\xff!/";
	fact->root_len = 4;
	fact->notes = "bom";
	fact->notes_len = 3;
	for (i = 0; i < info->count; i++) {
		fact->value[i].column = (int)i;
		fill(&fact->value[i], &info->columns[i], raw);
	}
	fact->count = info->count;
}

static void
comes_back(struct ev_db *db, const struct ev_fact *fact, int64_t id)
{
	const struct ev_fact_place place = { id, 6, 3, 5 };
	struct ev_fact_rows *rows = NULL;
	struct ev_fact_row back;

	OK(ev_fact_rows_new(&rows, db, &err));
	OK(ev_fact_rows_put(rows, &place, fact, &err));
	OK(ev_fact_rows_get(rows, id, &back, &err));
	if (!ev_fact_equal(fact, &back.fact))
		fail_msg("a %s differs", ev_kind_info(fact->kind)->name);
	assert_int_equal(back.place.reading, 6);
	assert_int_equal(back.place.artifact, 3);
	assert_int_equal(back.place.mapping, 5);
	ev_fact_rows_free(rows);
}

static void
every_kind_comes_back_equal(void **state)
{
	struct ev_fact fact;
	int kind;

	for (kind = 0; kind < EV_KINDS; kind++) {
		make(&fact, (enum ev_kind)kind, false);
		comes_back(*state, &fact, 2 * kind + 1);
		make(&fact, (enum ev_kind)kind, true);
		comes_back(*state, &fact, 2 * kind + 2);
	}
}

static void
only_what_a_fact_has_comes_back(void **state)
{
	struct ev_fact fact;

	make(&fact, EV_K_LOGIN, true);
	fact.value[0] = fact.value[2];
	fact.value[1] = fact.value[7];
	fact.count = 2;
	comes_back(*state, &fact, 1);
	fact.count = 0;
	fact.notes_len = 0;
	fact.notes = "";
	fact.root_len = 0;
	comes_back(*state, &fact, 2);
}

static void
raw_bytes_of_what_did_not_parse_are_kept(void **state)
{
	struct ev_fact fact;
	size_t i;

	make(&fact, EV_K_LOGIN, true);
	for (i = 0; i < fact.count; i++) {
		fact.value[i].null = i % 2 == 0;
		fact.value[i].raw = i % 3 == 0 ? "\xff\0\x80" : "a\0b";
		fact.value[i].raw_len = 3;
		fact.value[i].has_raw = i % 5 != 0;
	}
	comes_back(*state, &fact, 1);
}

static void
a_raw_text_too_long_for_a_row_stays_in_the_exhibit(void **state)
{
	static char big[17 << 20];
	const struct ev_fact_place place = { 1, 6, 3, 5 };
	struct ev_fact_rows *rows = NULL;
	struct ev_fact_row back;
	struct ev_fact fact;

	make(&fact, EV_K_POST, false);
	memset(big, 'x', sizeof(big));
	fact.value[0].has_raw = true;
	fact.value[0].raw = big;
	fact.value[0].raw_len = sizeof(big);
	OK(ev_fact_rows_new(&rows, *state, &err));
	OK(ev_fact_rows_put(rows, &place, &fact, &err));
	OK(ev_fact_rows_get(rows, 1, &back, &err));
	assert_int_equal(back.fact.value[0].has_raw, false);
	assert_memory_equal(back.fact.notes, "bom raw-too-long", 16);
	ev_fact_rows_free(rows);
}

static void
the_birth_certificate_comes_back(void **state)
{
	const struct ev_fact_place place = { 9, 6, 3, 5 };
	struct ev_fact_rows *rows = NULL;
	struct ev_fact_row back;
	struct ev_fact fact;
	struct ev_buf line;

	make(&fact, EV_K_LOGIN, true);
	OK(ev_fact_rows_new(&rows, *state, &err));
	OK(ev_fact_rows_put(rows, &place, &fact, &err));
	OK(ev_fact_rows_get(rows, 9, &back, &err));
	assert_int_equal(back.origin.fact, 9);
	assert_int_equal(back.origin.acquisition, 7);
	assert_int_equal(back.origin.artifact, 3);
	assert_string_equal(back.origin.mapping, "x.ip_audit");
	assert_int_equal(back.origin.mapping_version, 2);
	assert_int_equal(back.origin.member_len, 2);
	assert_memory_equal(back.origin.member, "m\xff", 2);
	assert_string_equal(back.origin.sha256, back.origin.mapping_sha256);
	ev_buf_init(&line, 1 << 16);
	OK(ev_fact_line(&line, &back.fact, &back.origin, &err));
	ev_buf_release(&line);
	assert_int_equal(ev_fact_rows_get(rows, 10, &back, &err), EV_EOF);
	ev_fact_rows_free(rows);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(every_kind_comes_back_equal),
		T(only_what_a_fact_has_comes_back),
		T(raw_bytes_of_what_did_not_parse_are_kept),
		T(a_raw_text_too_long_for_a_row_stays_in_the_exhibit),
		T(the_birth_certificate_comes_back),
	};

	return cmocka_run_group_tests_name("fact_rows", tests, NULL, NULL);
}
