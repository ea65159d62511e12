/* ingest/mime, mailhead: what mail wraps its texts and headers in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/mailhead.h"
#include "ingest/mime.h"

static struct ev_err err;

static enum ev_rc
put(void *ctx, const void *data, size_t len, struct ev_err *e)
{
	return ev_buf_put(ctx, data, len, e);
}

/* The body decoded, and whether it was damaged. */
static void
decodes(enum ev_mime_coding coding, const char *from, const char *to,
    bool damaged)
{
	struct ev_buf out;
	struct ev_mime_body body = { .coding = coding,
		.unquote = true,
		.fn = put,
		.ctx = &out };

	ev_buf_init(&out, 1 << 16);
	assert_int_equal(ev_mime_decode(&body, from, strlen(from), &err),
	    EV_OK);
	assert_string_equal(ev_buf_text(&out), to);
	assert_int_equal(body.damaged, damaged);
	ev_buf_release(&out);
}

static void
bodies_are_decoded(void **state)
{
	(void)state;
	decodes(EV_MIME_BASE64, "aGVs\r\nbG8=\r\n", "hello", false);
	decodes(EV_MIME_BASE64, "aGVsbG8", "hello", false);
	decodes(EV_MIME_BASE64, "aGVs*bG8=", "hello", true);
	decodes(EV_MIME_BASE64, "aGVsb", "hel", true);
	decodes(EV_MIME_BASE64, "aGVsbG8=more", "hello", true);
	decodes(EV_MIME_QUOTED, "a=3Db  \r\nc=\r\nd=20\n", "a=b\r\ncd \n",
	    false);
	decodes(EV_MIME_QUOTED, "a=zz", "a=zz", true);
	decodes(EV_MIME_QUOTED, ">From =41\n", "From A\n", false);
	decodes(EV_MIME_AS_IS, "x\n>>From y\n> From z\n",
	    "x\n>From y\n> From z\n", false);
	decodes(EV_MIME_AS_IS, ">Fro", ">Fro", false);
}

static void
words_are(const char *from, const char *to)
{
	struct ev_buf out;

	ev_buf_init(&out, 1 << 16);
	assert_int_equal(ev_mime_words(&out, from, strlen(from), &err), EV_OK);
	assert_string_equal(ev_buf_text(&out), to);
	ev_buf_release(&out);
}

static void
encoded_words_are_decoded(void **state)
{
	(void)state;
	words_are(" plain text\r\n", "plain text");
	words_are("folded\r\n\tvalue", "folded\tvalue");
	words_are("=?utf-8?q?a=C3=A9_b?= c", "a\xc3\xa9 b c");
	/* Blanks between two are dropped, and a letter may be split. */
	words_are("=?utf-8?B?w6k=?= \r\n =?UTF-8?b?w6k=?=", "\xc3\xa9\xc3\xa9");
	words_are("=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "\xc3\xa9");
	words_are("=?iso-8859-1?Q?=E9?= =?utf-8?q?=C3=A9?=",
	    "\xc3\xa9\xc3\xa9");
	words_are("=?utf-8*en?q?x?=", "x");
	/* None, or of no set that is known: as they stand. */
	words_are("=?utf-8?q?no end", "=?utf-8?q?no end");
	words_are("=?utf-8?x?a?=", "=?utf-8?x?a?=");
	words_are("=?koi8-r?q?=C1?=", "=?koi8-r?q?=C1?=");
	words_are("=?utf-8?q?=FF?=", "=?utf-8?q?=FF?=");
}

static void
param_is(const char *value, const char *name, const char *to)
{
	struct ev_buf out;
	enum ev_rc rc;

	ev_buf_init(&out, 1 << 16);
	rc = ev_mime_param(&out, value, strlen(value), name, &err);
	assert_int_equal(rc, to == NULL ? EV_EOF : EV_OK);
	assert_string_equal(ev_buf_text(&out), to == NULL ? "" : to);
	ev_buf_release(&out);
}

static void
parameters_are_found(void **state)
{
	(void)state;
	param_is("text/plain; Charset=utf-8; x=1", "charset", "utf-8");
	param_is("a; name=\"b; \\\"c\\\".txt\"; y", "name", "b; \"c\".txt");
	param_is("a; filename*=utf-8'en'%C3%A9%20x.txt", "filename",
	    "\xc3\xa9 x.txt");
	param_is("a; f*1*=%C3%A9; f*0=\"a-\"", "f", "a-");
	param_is("a; f*0*=utf-8''%C3%A9; f*1=b; f*2*=%20c", "f",
	    "\xc3\xa9"
	    "b c");
	param_is("a; filename==?utf-8?q?x=C3=A9?=", "filename", "x\xc3\xa9");
	param_is("a \"; name=no\"; names=x", "name", NULL);
	param_is("", "name", NULL);
}

static void
lines_that_part_a_mailbox(void **state)
{
	static const char *const yes[] = {
		"From a@b.example Mon Mar  2 10:00:00 2026",
		"From a@b.example Mon Mar  2 1:00 2026",
		"From a@b.example Mon Mar 02 10:00:00 +0000 2026",
		"From a b Mon Mar 02 10:00:00 CET 2026",
		"From - Mon Mar 02 10:00:00 2026"
	};
	static const char *const no[] = { "From a@b.example",
		"From: a@b.example", "From a Mon Mar 2 2026",
		"From a Mon Mar 2 10:00:00", "From a Xxx Mar 2 10:00:00 2026",
		"From a Mon Mar 2 10-00-00 2026", "Mon Mar  2 10:00:00 2026" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(ev_mail_from_line(yes[i], strlen(yes[i])));
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(ev_mail_from_line(no[i], strlen(no[i])));
}

static void
piece_is(const struct ev_mail_piece *p, const char *text)
{
	if (text == NULL) {
		assert_null(p->text);
		return;
	}
	assert_int_equal(p->len, strlen(text));
	assert_memory_equal(p->text, text, p->len);
}

static void
relays_are_taken_apart(void **state)
{
	static const char one[] =
	    "from a.example (HELO x (y by z)) ([IPv6:2001:db8::1])\r\n"
	    " by b.example with SMTP id 1 for <c@d.example>;"
	    " Mon, 2 Mar 2026 10:00:00 +0000";
	static const char two[] = "from x (192.0.2.7) by y; date";
	static const char three[] = "by y (192.0.2.7) with HTTP; date";
	struct ev_mail_hop hop;

	(void)state;
	ev_mail_received(&hop, one, strlen(one));
	piece_is(&hop.from, "a.example");
	piece_is(&hop.ip, "2001:db8::1");
	piece_is(&hop.by, "b.example");
	piece_is(&hop.with, "SMTP");
	piece_is(&hop.id, "1");
	piece_is(&hop.recipient, "c@d.example");
	piece_is(&hop.date, "Mon, 2 Mar 2026 10:00:00 +0000");
	ev_mail_received(&hop, two, strlen(two));
	piece_is(&hop.ip, "192.0.2.7");
	/* What the relay says of itself is nobody's address. */
	ev_mail_received(&hop, three, strlen(three));
	piece_is(&hop.ip, NULL);
	piece_is(&hop.from, NULL);
	piece_is(&hop.by, "y");
}

static void
address_is(const char *value, const char *address, const char *name)
{
	struct ev_mail_piece a, n;

	ev_mail_address(&a, &n, value, strlen(value));
	piece_is(&a, address);
	piece_is(&n, name);
}

static void
addresses_are_parted_from_names(void **state)
{
	(void)state;
	address_is(" \"A, <b>\" <c@d.example>, e", "c@d.example", "A, <b>");
	address_is("A b <c@d.example>", "c@d.example", "A b");
	address_is("c@d.example (A b)", "c@d.example", "A b");
	address_is("c@d.example, e", "c@d.example", NULL);
	address_is("<c@d.example>", "c@d.example", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_decoded),
		cmocka_unit_test(encoded_words_are_decoded),
		cmocka_unit_test(parameters_are_found),
		cmocka_unit_test(lines_that_part_a_mailbox),
		cmocka_unit_test(relays_are_taken_apart),
		cmocka_unit_test(addresses_are_parted_from_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
