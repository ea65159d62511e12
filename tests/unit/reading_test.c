/* ingest/reading: from bytes to facts, and every byte accounted for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transcript.h"

/* clang-format off */
static const char audit_map[] =
	"mapping x.ip_audit\n"
	"version 1\n"
	"platform x\n"
	"match **/*-ip-audit.txt | **/ip-audit.js\n"
	"probe ipAudit | \"[\"\n"
	"unwrap pgp-clear? js-assign?\n"
	"reader json tolerate=bare-key,trailing-comma,semicolon\n"
	"rows [*]\n"
	"kind login\n"
	"const action login\n"
	"field account ipAudit.accountId id required\n"
	"field t ipAudit.createdAt time:iso required\n"
	"field ip ipAudit.loginIp ipport\n"
	"redacted \"redacted\"\n";

static const char tg_map[] =
	"mapping tg.message\n"
	"version 1\n"
	"platform telegram\n"
	"match **/result.json\n"
	"probe \"messages\"\n"
	"reader json tolerate=hex-escape\n"
	"rows messages[*]\n"
	"rows chats.list[*].messages[*]\n"
	"when type = message\n"
	"kind message\n"
	"field message_id id id required\n"
	"field conversation ^.id id\n"
	"field conv_name ^.name text\n"
	"field account from_id tg-peer\n"
	"field text text tg-text\n"
	"field recipient $.about text\n"
	"known date\n"
	"mapping tg.mention\n"
	"version 1\n"
	"platform telegram\n"
	"match **/result.json\n"
	"probe \"messages\"\n"
	"reader json tolerate=hex-escape\n"
	"rows messages[*].text[*]\n"
	"rows chats.list[*].messages[*].text[*]\n"
	"when type = mention\n"
	"kind edge\n"
	"const edge_type mention\n"
	"field other_handle text text\n"
	"field post ^.id id\n";

#define ROW(second, ip) \
	"  {\n    \"ipAudit\" : {\n      \"accountId\" : \"1412\",\n" \
	"      \"createdAt\" : \"2023-06-17T19:05:" second ".904Z\",\n" \
	"      \"loginIp\" : \"" ip "\"\n    }\n  }"

static const char clear_signed[] =
	"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n[\n"
	ROW("31", "203.0.113.88") ",\n" ROW("32", "[2001:db8::1]:59483") ",\n"
	ROW("32", "[2001:db8::1]:59483") ",\n" ROW("33", "redacted") "\n]\n"
	"-----BEGIN PGP SIGNATURE-----\n\nbm90aGluZw==\n=AAAA\n"
	"-----END PGP SIGNATURE-----\n";

static const char export[] =
	"window.YTD.ip_audit.part0 = [\n" ROW("31", "203.0.113.88") ",\n"
	ROW("32", "[2001:db8::1]:59483") ",\n"
	ROW("32", "[2001:db8::1]:59483") ",\n" ROW("33", "redacted") "\n]";

static const char telegram[] =
	"{\"about\":\"all\",\"chats\":{\"list\":[\n"
	" {\"name\":\"One\",\"messages\":[\n"
	"  {\"id\":1,\"type\":\"message\",\"from_id\":\"user7\",\"date\":1,"
	"\"text\":[\"a \",{\"type\":\"mention\",\"text\":\"@b\"}]},\n"
	"  {\"id\":1,\"type\":\"message\",\"from_id\":8,\"text\":\"x\\x0By\","
	"\"new_key\":2},\n"
	"  {\"id\":2,\"type\":\"service\",\"text\":\"\"}],\"id\":55},\n"
	" {\"id\":56,\"name\":\"Two\",\"messages\":[]}]},\n"
	" \"messages\":[{\"id\":9,\"type\":\"message\",\"text\":\"\"}]}";
/* clang-format on */

static struct ev_mapset *
mapset(const char *text)
{
	struct ev_mapset *set = NULL;
	struct ev_err err = { 0 };

	assert_int_equal(ev_mapset_new(&set, &err), EV_OK);
	if (ev_mapset_add(set, "test.map", text, strlen(text), &err) != EV_OK)
		fail_msg("%s", err.msg);
	return set;
}

static void
run(struct transcript *t, const struct ev_mapset *set, const char *path)
{
	struct ev_err err = { 0 };

	memset(t->rows, 0, sizeof(t->rows));
	t->totals = 0;
	t->facts = 0;
	if (transcript_run(t, set, path, &err) != EV_OK)
		fail_msg("%s", err.msg);
	if (!transcript_adds_up(t))
		fail_msg("does not add up: %s", ev_buf_text(&t->out));
}

/* All that is told of a sample is the text wanted. */
static void
told(const char *map, const char *path, const char *data, size_t len,
    const char *want)
{
	struct transcript t = { .data = data, .len = len };
	struct ev_mapset *set = mapset(map);

	run(&t, set, path);
	assert_string_equal(ev_buf_text(&t.out), want);
	ev_buf_release(&t.out);
	ev_mapset_free(set);
}

static void
told_text(const char *map, const char *path, const char *data, const char *want)
{
	told(map, path, data, strlen(data), want);
}

static void
a_clear_signed_answer_is_read_at_its_own_offsets(void **state)
{
	(void)state;
	told_text(audit_map, "a/14-ip-audit.txt", clear_signed,
	    "login /0 53+138 account=1412"
	    " t=2023-06-17T19:05:31.904Z/utc-explicit"
	    "<2023-06-17T19:05:31.904Z>"
	    " action=login ip=203.0.113.88\n"
	    "login /1 195+145 account=1412"
	    " t=2023-06-17T19:05:32.904Z/utc-explicit"
	    "<2023-06-17T19:05:32.904Z>"
	    " action=login ip=2001:db8::1<[2001:db8::1]:59483> port=59483"
	    "<[2001:db8::1]:59483>\n"
	    "duplicate 344+145 of 195\n"
	    "login /3 493+134 account=1412"
	    " t=2023-06-17T19:05:33.904Z/utc-explicit"
	    "<2023-06-17T19:05:33.904Z>"
	    " action=login ip=NULL<redacted> !ip:redacted-by-source\n"
	    "note pgp-signature 630 present, not checked\n"
	    "total read 562 0 0 146\n");
}

/* The lines of facts only, without their offsets. */
static void
facts_only(struct ev_buf *out, const char *text)
{
	struct ev_err err;
	const char *end, *plus;

	ev_buf_init(out, 1 << 20);
	for (; *text != '\0'; text = end + 1) {
		end = strchr(text, '\n');
		if (strncmp(text, "login", 5) != 0)
			continue;
		plus = strchr(text, '+');
		plus += strcspn(plus, " ");
		assert_int_equal(ev_buf_put(out, plus, (size_t)(end - plus),
				     &err),
		    EV_OK);
	}
}

static void
an_export_and_an_answer_with_equal_rows_give_equal_logins(void **state)
{
	struct transcript a = { .data = clear_signed,
		.len = sizeof(clear_signed) - 1 };
	struct transcript b = { .data = export, .len = sizeof(export) - 1 };
	struct ev_mapset *set = mapset(audit_map);
	struct ev_buf x, y;

	(void)state;
	run(&a, set, "14-ip-audit.txt");
	run(&b, set, "data/ip-audit.js");
	facts_only(&x, ev_buf_text(&a.out));
	facts_only(&y, ev_buf_text(&b.out));
	assert_int_equal(a.facts, 3);
	assert_string_equal(ev_buf_text(&x), ev_buf_text(&y));
	ev_buf_release(&x);
	ev_buf_release(&y);
	ev_buf_release(&a.out);
	ev_buf_release(&b.out);
	ev_mapset_free(set);
}

static void
each_wrapping_says_what_it_is(void **state)
{
	static const char headless[] =
	    "\xef\xbb\xbfHash: SHA512\r\n\r\n[\r\n- -1\r\n]\r\n";

	(void)state;
	told_text(audit_map, "ip-audit.js", "\xef\xbb\xbf window.a.b =[];",
	    "note semicolon 18 not the platform's own JSON writer\n"
	    "note bom 0 \n"
	    "note js-name 4 window.a.b\n"
	    "total empty 0 0 0 19\n");
	told_text(audit_map, "ip-audit.js", headless,
	    "set-aside 24+2 required: column 'account' was expected, and "
	    "nothing was parsed for it\n"
	    "note bom 0 \n"
	    "note armour-headless 3 \n"
	    "note pgp-signature 3 missing\n"
	    "total read-with-loss 0 2 0 29\n");
	told_text("mapping a.b\nversion 1\nplatform x\nmatch *\n"
		  "unwrap js-assign\nreader json\nkind login\n"
		  "field ua a text\n",
	    "x", "{\"a\":1}",
	    "set-aside 0+7 no-wrapper: 'window.NAME =' was expected\n"
	    "total read-with-loss 0 7 0 0\n");
}

static void
text_behind_the_signature_is_set_aside(void **state)
{
	static const char data[] =
	    "-----BEGIN PGP SIGNED MESSAGE-----\n\n[]\n"
	    "-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----\n\n"
	    "[{}]\n";

	(void)state;
	told_text(audit_map, "ip-audit.js", data,
	    "note pgp-signature 39 present, not checked\n"
	    "set-aside 100+5 syntax: text behind the signature block\n"
	    "total read-with-loss 0 5 0 100\n");
}

static void
parents_give_their_names_wherever_they_stand(void **state)
{
	(void)state;
	told_text(tg_map, "result.json", telegram,
	    "message /chats/list/0/messages/0 63+97"
	    " account=user:7<user7> message_id=1 conversation=55"
	    " conv_name=One recipient=all"
	    " text=a @b<[\"a \",{\"type\":\"mention\",\"text\":\"@b\"}]>\n"
	    "edge /chats/list/0/messages/0/text/1 128+30"
	    " edge_type=mention other_handle=@b post=1\n"
	    "message /chats/list/0/messages/1 164+65"
	    " account=peer:8<8> message_id=1 conversation=55 conv_name=One"
	    " recipient=all text=x\x0By<x\\x0By> !message_id:same-id\n"
	    "message /messages/0 334+35 message_id=9 recipient=all\n"
	    "note hex-escape 210 \n"
	    "unknown chats.list[*].messages[*].new_key 1\n"
	    "total read 197 0 54 120\n");
}

/* Of every sample the same is told however it is fed. */
static void
same_in_any_chunks(const char *map, const char *path, const char *data,
    size_t len)
{
	static const size_t chunks[] = { 1, 7, 100 };
	struct transcript whole = { .data = data, .len = len };
	struct ev_mapset *set = mapset(map);
	size_t i;

	run(&whole, set, path);
	for (i = 0; i < 3; i++) {
		struct transcript part = { .data = data,
			.len = len,
			.chunk = chunks[i],
			.no_rewind = i == 2 };

		run(&part, set, path);
		assert_string_equal(ev_buf_text(&part.out),
		    ev_buf_text(&whole.out));
		ev_buf_release(&part.out);
	}
	ev_buf_release(&whole.out);
	ev_mapset_free(set);
}

static void
a_stream_of_single_bytes_gives_the_same(void **state)
{
	(void)state;
	same_in_any_chunks(audit_map, "14-ip-audit.txt", clear_signed,
	    sizeof(clear_signed) - 1);
	same_in_any_chunks(audit_map, "ip-audit.js", export,
	    sizeof(export) - 1);
	same_in_any_chunks(tg_map, "result.json", telegram,
	    sizeof(telegram) - 1);
}

static void
both_equations_hold_for_every_cut(void **state)
{
	static const struct {
		const char *map, *path, *data;
		size_t len;
	} samples[] = {
		{ audit_map, "14-ip-audit.txt", clear_signed,
		    sizeof(clear_signed) - 1 },
		{ audit_map, "ip-audit.js", export, sizeof(export) - 1 },
		{ tg_map, "result.json", telegram, sizeof(telegram) - 1 },
	};
	struct ev_mapset *set;
	struct transcript t;
	char *copy;
	size_t i, len;

	(void)state;
	for (i = 0; i < 3; i++) {
		set = mapset(samples[i].map);
		for (len = 0; len <= samples[i].len; len++) {
			/* A copy of its own, so that no byte behind is read. */
			copy = malloc(len + 1);
			assert_non_null(copy);
			memcpy(copy, samples[i].data, len);
			copy[len] = '#';
			memset(&t, 0, sizeof(t));
			t.data = copy;
			t.len = len;
			run(&t, set, samples[i].path);
			ev_buf_release(&t.out);
			free(copy);
		}
		ev_mapset_free(set);
	}
}

/* Everything before the first line that begins with word. */
static size_t
before(const char *text, const char *word)
{
	const char *at = strstr(text, word);

	return at == NULL ? strlen(text) : (size_t)(at - text);
}

static void
a_broken_document_gives_the_rows_before_the_break(void **state)
{
	struct transcript good = { .data = telegram,
		.len = sizeof(telegram) - 1 };
	struct transcript bad = { .len = sizeof(telegram) };
	struct ev_mapset *set = mapset(tg_map);
	char *data;
	size_t len;

	(void)state;
	data = malloc(sizeof(telegram));
	assert_non_null(data);
	memcpy(data, telegram, sizeof(telegram) - 1);
	data[sizeof(telegram) - 1] = 'x';
	bad.data = data;
	run(&good, set, "result.json");
	run(&bad, set, "result.json");
	len = before(ev_buf_text(&good.out), "note");
	assert_true(len > 300);
	assert_int_equal(before(ev_buf_text(&bad.out), "set-aside"), len);
	assert_memory_equal(ev_buf_text(&bad.out), ev_buf_text(&good.out), len);
	assert_int_equal(bad.bytes.set_aside, 1);
	ev_buf_release(&good.out);
	ev_buf_release(&bad.out);
	ev_mapset_free(set);
	free(data);
}

/* One chat of more than 16 MiB, its name behind its messages. */
static char *
large_chat(size_t *len)
{
	enum { MESSAGES = 9000 };
	static const char head[] = "{\"about\":\"all\",\"chats\":{\"list\":[{"
				   "\"messages\":[";
	static const char tail[] = "],\"name\":\"Large\",\"id\":77}]}}";
	char *data = malloc((size_t)MESSAGES * 2200), *p = data;
	int i;

	assert_non_null(data);
	p += snprintf(p, 2200, "%s", head);
	for (i = 0; i < MESSAGES; i++)
		p += snprintf(p, 2200,
		    "%s{\"id\":%d,\"type\":\"message\",\"from_id\":\"user7\","
		    "\"text\":\"%2000d\"}\n",
		    i > 0 ? "," : "", i, i);
	p += snprintf(p, 2200, "%s", tail);
	*len = (size_t)(p - data);
	assert_true(*len > (size_t)17 << 20);
	return data;
}

static void
a_parent_over_16_mib_is_gone_through_twice(void **state)
{
	struct transcript t = { 0 };
	struct ev_mapset *set = mapset(tg_map);
	const char *last;

	(void)state;
	t.data = large_chat(&t.len);
	run(&t, set, "result.json");
	assert_int_equal(t.facts, 9000);
	assert_int_equal(t.outcome, EV_O_READ);
	last = strstr(ev_buf_text(&t.out),
	    "message_id=8999 conversation=77 conv_name=Large"
	    " recipient=all ");
	assert_non_null(last);
	ev_buf_release(&t.out);
	ev_mapset_free(set);
	free((void *)(uintptr_t)t.data);
}

/* The name of a document behind 17 MiB of rows, its type before them. */
static char *
large_document(size_t *len)
{
	enum { MESSAGES = 9000 };
	char *data = malloc((size_t)MESSAGES * 2200), *p = data;
	int i;

	assert_non_null(data);
	p += snprintf(p, 2200,
	    "{\"about\":\"all\",\"type\":\"chat\","
	    "\"messages\":[");
	for (i = 0; i < MESSAGES; i++)
		p += snprintf(p, 2200,
		    "%s{\"id\":%d,\"type\":\"message\","
		    "\"text\":\"%2000d\"}",
		    i > 0 ? "," : "", i, i);
	p += snprintf(p, 2200, "],\"name\":\"Large\"}");
	*len = (size_t)(p - data);
	assert_true(*len > (size_t)17 << 20);
	return data;
}

static void
what_cannot_be_read_twice_gives_what_stood_before_its_rows(void **state)
{
	static const char tested[] =
	    "mapping tg.message\nversion 1\nplatform telegram\n"
	    "match **/result.json\nreader json\nrows messages[*]\n"
	    "when ^.name != Small\nkind message\nfield message_id id id\n";
	struct transcript t = { 0 };
	struct ev_mapset *set = mapset(tg_map);

	(void)state;
	t.data = large_document(&t.len);
	t.no_rewind = true;
	t.quiet = true;
	run(&t, set, "result.json");
	assert_int_equal(t.facts, 9000);
	assert_non_null(strstr(ev_buf_text(&t.out), "note parent-not-read"));
	ev_mapset_free(set);
	/* A test that cannot be decided refuses nothing and reads nothing. */
	set = mapset(tested);
	run(&t, set, "result.json");
	assert_int_equal(t.facts, 0);
	assert_int_equal(t.rows[0].set_aside, 9000);
	t.no_rewind = false;
	run(&t, set, "result.json");
	assert_int_equal(t.facts, 9000);
	ev_buf_release(&t.out);
	ev_mapset_free(set);
	free((void *)(uintptr_t)t.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_clear_signed_answer_is_read_at_its_own_offsets),
		cmocka_unit_test(
		    an_export_and_an_answer_with_equal_rows_give_equal_logins),
		cmocka_unit_test(each_wrapping_says_what_it_is),
		cmocka_unit_test(text_behind_the_signature_is_set_aside),
		cmocka_unit_test(parents_give_their_names_wherever_they_stand),
		cmocka_unit_test(a_stream_of_single_bytes_gives_the_same),
		cmocka_unit_test(both_equations_hold_for_every_cut),
		cmocka_unit_test(
		    a_broken_document_gives_the_rows_before_the_break),
		cmocka_unit_test(a_parent_over_16_mib_is_gone_through_twice),
		cmocka_unit_test(
		    what_cannot_be_read_twice_gives_what_stood_before_its_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
