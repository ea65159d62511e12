/* ingest/fact: the kinds table, the wire form, the canonical line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ingest/fact.h"

static void
set_text(struct ev_fact *fact, const char *column, const char *text)
{
	struct ev_fact_value *value = &fact->value[fact->count++];

	memset(value, 0, sizeof(*value));
	value->column = ev_kind_column(fact->kind, column, strlen(column));
	assert_true(value->column >= 0);
	value->text = text;
	value->text_len = strlen(text);
}

/* A sign-in with a time, a raw value, an unparsed column and a port. */
static void
make_login(struct ev_fact *fact)
{
	struct ev_fact_value *value;

	memset(fact, 0, sizeof(*fact));
	fact->kind = EV_K_LOGIN;
	fact->platform = "x";
	fact->mapping = 3;
	fact->account_basis = EV_AB_RECORD;
	fact->offset = 100;
	fact->length = 40;
	fact->pointer = "/0";
	fact->pointer_len = 2;
	fact->root = "";
	fact->notes = "t_end:zero-time";
	fact->notes_len = strlen(fact->notes);
	set_text(fact, "account", "1312064821625094311");
	value = &fact->value[fact->count];
	set_text(fact, "t", "");
	value->time.has_utc = true;
	value->time.utc = 1687028731904000;
	value->time.basis = EV_BASIS_UTC_EXPLICIT;
	value->time.prec = EV_PREC_MS;
	value->time.lo = value->time.utc;
	value->time.hi = value->time.utc + 999;
	value->has_raw = true;
	value->raw = "2023-06-17T19:05:31.904Z";
	value->raw_len = strlen(value->raw);
	set_text(fact, "action", "login");
	set_text(fact, "ip", "198.51.100.62");
	value = &fact->value[fact->count];
	set_text(fact, "port", "");
	value->number = 31547;
	value = &fact->value[fact->count];
	set_text(fact, "t_end", "");
	value->null = true;
	value->has_raw = true;
	value->raw = "\xff";
	value->raw_len = 1;
}

static void
every_kind_has_the_common_columns_first_and_none_twice(void **state)
{
	const struct ev_kind_info *info;
	size_t kind, i;
	int at;

	(void)state;
	for (kind = 0; kind < EV_KINDS; kind++) {
		info = ev_kind_info((enum ev_kind)kind);
		assert_int_equal(ev_kind_find(info->name, strlen(info->name)),
		    kind);
		assert_true(info->count <= EV_FACT_VALUES);
		assert_string_equal(info->columns[EV_COL_ACCOUNT].name,
		    "account");
		assert_string_equal(info->columns[EV_COL_T_LOCAL].name,
		    "t_local");
		for (i = 0; i < info->count; i++) {
			at = ev_kind_column((enum ev_kind)kind,
			    info->columns[i].name,
			    strlen(info->columns[i].name));
			assert_int_equal(at, i);
			assert_int_equal(info->columns[i].type == EV_C_WORD,
			    info->columns[i].words != NULL);
		}
	}
	assert_int_equal(ev_kind_find("logins", 6), EV_KINDS);
	assert_int_equal(ev_kind_column(EV_K_LOGIN, "text", 4), -1);
}

static void
a_fact_comes_back_equal_from_the_wire(void **state)
{
	struct ev_fact fact, back;
	struct ev_buf buf;
	struct ev_err err;

	(void)state;
	make_login(&fact);
	ev_buf_init(&buf, 4096);
	assert_int_equal(ev_fact_encode(&buf, &fact, &err), EV_OK);
	assert_int_equal(ev_fact_decode(&back, buf.data, buf.len, &err), EV_OK);
	assert_true(ev_fact_equal(&fact, &back));
	assert_int_equal(back.mapping, 3);
	assert_int_equal(ev_fact_get(&back, "port")->number, 31547);
	assert_null(ev_fact_get(&back, "ua"));
	back.value[4].number = 1;
	assert_false(ev_fact_equal(&fact, &back));
	ev_buf_release(&buf);
}

static void
a_fact_cut_or_lengthened_anywhere_is_refused(void **state)
{
	struct ev_fact fact, back;
	struct ev_buf buf;
	struct ev_err err;
	size_t len;

	(void)state;
	make_login(&fact);
	ev_buf_init(&buf, 4096);
	assert_int_equal(ev_fact_encode(&buf, &fact, &err), EV_OK);
	for (len = 0; len < buf.len; len++)
		assert_int_equal(ev_fact_decode(&back, buf.data, len, &err),
		    EV_INPUT);
	len = buf.len;
	assert_int_equal(ev_buf_putc(&buf, 'x', &err), EV_OK);
	assert_int_equal(ev_fact_decode(&back, buf.data, buf.len, &err),
	    EV_INPUT);
	assert_int_equal(buf.len, len + 1);
	ev_buf_release(&buf);
}

static void
refuse(const struct ev_fact *fact, const char *why)
{
	struct ev_fact back;
	struct ev_buf buf;
	struct ev_err err;

	ev_buf_init(&buf, 4096);
	assert_int_equal(ev_fact_encode(&buf, fact, &err), EV_OK);
	assert_int_equal(ev_fact_decode(&back, buf.data, buf.len, &err),
	    EV_INPUT);
	assert_non_null(strstr(err.msg, why));
	ev_buf_release(&buf);
}

static void
lies_on_the_wire_are_named(void **state)
{
	struct ev_fact fact;

	(void)state;
	make_login(&fact);
	fact.value[2].text = "logon";
	refuse(&fact, "vocabulary");
	make_login(&fact);
	fact.value[4].number = 65536;
	refuse(&fact, "port");
	make_login(&fact);
	fact.value[3].column = fact.value[2].column;
	fact.value[3].text = "login";
	fact.value[3].text_len = 5;
	refuse(&fact, "twice");
	make_login(&fact);
	fact.value[0].text = "a\xc3";
	fact.value[0].text_len = 2;
	refuse(&fact, "UTF-8");
	make_login(&fact);
	fact.value[1].time.lo = fact.value[1].time.hi + 1;
	refuse(&fact, "bounds");
	make_login(&fact);
	fact.platform = "X!";
	refuse(&fact, "platform");
}

static void
the_line_is_canonical_json_with_sorted_keys(void **state)
{
	static const char want[] =
	    "{\"account_basis\":\"record\",\"acquisition\":\"I000001\","
	    "\"artifact\":\"A000012\",\"artifact_sha256\":\"00ff\","
	    "\"columns\":{\"account\":\"1312064821625094311\","
	    "\"action\":\"login\",\"ip\":\"198.51.100.62\",\"port\":31547,"
	    "\"t\":\"2023-06-17T19:05:31.904Z\"},\"fact\":\"F000007\","
	    "\"kind\":\"login\",\"length\":40,\"mapping\":\"x.ip_audit\","
	    "\"mapping_sha256\":\"aa\",\"mapping_version\":1,"
	    "\"member\":{\"hex\":\"612fe9\"},\"notes\":\"t_end:zero-time\","
	    "\"offset\":100,\"platform\":\"x\",\"pointer\":\"/0\","
	    "\"raw\":{\"t\":\"2023-06-17T19:05:31.904Z\","
	    "\"t_end\":{\"hex\":\"ff\"}},\"root\":\"\","
	    "\"schema\":\"fact-1\",\"times\":{\"t\":{"
	    "\"basis\":\"utc-explicit\","
	    "\"hi\":\"2023-06-17T19:05:31.904999Z\","
	    "\"lo\":\"2023-06-17T19:05:31.904000Z\",\"prec\":\"ms\"}}}";
	struct ev_fact_origin origin = { 7, 12, 1, "00ff", "a/\xe9", 3,
		"x.ip_audit", 1, "aa" };
	struct ev_fact fact;
	struct ev_buf buf;
	struct ev_err err;

	(void)state;
	make_login(&fact);
	ev_buf_init(&buf, 4096);
	assert_int_equal(ev_fact_line(&buf, &fact, &origin, &err), EV_OK);
	assert_string_equal(ev_buf_text(&buf), want);
	ev_buf_release(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_kind_has_the_common_columns_first_and_none_twice),
		cmocka_unit_test(a_fact_comes_back_equal_from_the_wire),
		cmocka_unit_test(a_fact_cut_or_lengthened_anywhere_is_refused),
		cmocka_unit_test(lies_on_the_wire_are_named),
		cmocka_unit_test(the_line_is_canonical_json_with_sorted_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
