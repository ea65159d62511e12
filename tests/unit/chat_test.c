/* ingest/read_wa, read_tghtml: chats as their programs export them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/wa_stamp.h"
#include "told.h"

#define CHAT(order)                                                            \
	"mapping a.b\nversion 1\nplatform x\nmatch **/x\nreader wa-text" order \
	"\nwhen sender present\nkind message\n"                                \
	"field name sender text\nfield text text text\n"                       \
	"field t time time:wa(exporter-local)\n"

/* What the stamp of a line comes to by itself. */
static void
stamped(const char *line, const char *want)
{
	struct ev_wa_stamp stamp;
	struct ev_err err;
	struct ev_buf out;

	ev_buf_init(&out, 256);
	if (ev_wa_stamp_read(&stamp, (const unsigned char *)line, strlen(line)))
		assert_int_equal(ev_wa_stamp_put(&out, &stamp, EV_WA_OPEN,
				     &err),
		    EV_OK);
	assert_string_equal(ev_buf_text(&out), want);
	ev_buf_release(&out);
}

static void
dates_of_many_locales_are_read(void **state)
{
	(void)state;
	stamped("13/03/2026, 00:45 - a: b", "2026-03-13 00:45");
	stamped("3/13/26, 12:45 AM - a: b", "2026-03-13 00:45");
	stamped("3/13/26, 12:45\xe2\x80\xafPM - a: b", "2026-03-13 12:45");
	stamped("\xe2\x80\x8e[13/03/26, 1:05:09\xe2\x80\xafPM] a: b",
	    "2026-03-13 13:05:09");
	stamped("[13.03.26, 07:05:09] a: b", "2026-03-13 07:05:09");
	stamped("13.03.26, 07:05 - a: b", "2026-03-13 07:05");
	stamped("13-03-2026 07:05 - a: b", "2026-03-13 07:05");
	stamped("2026-03-04 07:05 - a: b", "2026-03-04 07:05");
	stamped("2026/3/4 \xe4\xb8\x8b\xe5\x8d\x88"
		"7:05 - a: b",
	    "2026-03-04 19:05");
	stamped("2026. 3. 4. \xec\x98\xa4\xed\x9b\x84 7:05 - a: b",
	    "2026-03-04 19:05");
	stamped("[2026. 3. 4. \xec\x98\xa4\xec\xa0\x84 12:05:01] a: b",
	    "2026-03-04 00:05:01");
	stamped("\xd9\xa1\xd9\xa3/\xd9\xa0\xd9\xa3/\xd9\xa2\xd9\xa0\xd9\xa2"
		"\xd9\xa6\xd8\x8c \xd9\xa7:\xd9\xa0\xd9\xa5 \xd9\x85 - a: b",
	    "2026-03-13 19:05");
	stamped("\xdb\xb1\xdb\xb3/\xdb\xb0\xdb\xb3/\xdb\xb2\xdb\xb6,"
		" \xdb\xb7:\xdb\xb0\xdb\xb5 - a: b",
	    "2026-03-13 07:05");
	stamped("13/03/26 7:05 p. m. - a: b", "2026-03-13 19:05");
	/* What leaves the order open is told both ways. */
	stamped("06/03/2017, 00:45 - a: b",
	    "2017-03-06 00:45|2017-06-03 00:45");
	stamped("05/05/2017, 00:45 - a: b", "2017-05-05 00:45");
	/* And what is none is none. */
	stamped("13/03/2026 - a: b", "");
	stamped("13/03/2026, 00:45 a: b", "");
	stamped("13/03.2026, 00:45 - a", "");
	stamped("[13/03/2026, 00:45 - a", "");
	stamped("3/13/26, 13:45 PM - a: b", "");
	stamped("1234567/1/2026, 00:45 - a", "");
	stamped("", "");
	stamped("[", "");
}

static void
one_date_decides_the_order_of_all(void **state)
{
	(void)state;
	told(CHAT(""), "06/03/2017, 00:45 - A: x\n13/03/2017, 00:45 - A: y\n",
	    "message rec:1 0+24 name=A t=-/exporter-local"
	    "<06/03/2017, 00:45> text=x\n"
	    "message rec:2 25+24 name=A t=-/exporter-local"
	    "<13/03/2017, 00:45> text=y\n"
	    "total read 48 0 0 2\n");
	/* Two that contradict each other decide about themselves alone. */
	told(CHAT(""),
	    "06/03/2017, 00:45 - A: x\n13/03/2017, 00:45 - A: y\n"
	    "03/13/2017, 00:45 - A: z",
	    "message rec:1 0+24 name=A t=-/ambiguous"
	    "<06/03/2017, 00:45> text=x\n"
	    "message rec:2 25+24 name=A t=-/exporter-local"
	    "<13/03/2017, 00:45> text=y\n"
	    "message rec:3 50+24 name=A t=-/exporter-local"
	    "<03/13/2017, 00:45> text=z\n"
	    "total read 72 0 0 2\n");
	told(CHAT(" order=mdy"), "06/03/2017, 00:45 - A: x\n",
	    "message rec:1 0+24 name=A t=-/exporter-local"
	    "<06/03/2017, 00:45> text=x\n"
	    "total read 24 0 0 1\n");
}

static void
a_message_has_lines_and_the_system_speaks(void **state)
{
	(void)state;
	told(CHAT(""),
	    "stray\r\n[13/03/17, 00:45:01] A: x\r\ny\r\n\r\n"
	    "[13/03/17, 00:45:02] A left\r\n"
	    "[13/03/17, 00:45:03] \xe2\x80\xaa+1 555\xe2\x80\xac:"
	    " \xe2\x80\x8e<attached: z>\r\n\r\n",
	    "message rec:1 7+28 name=A t=-/exporter-local"
	    "<13/03/17, 00:45:01> text=x\ny<x\r\ny>\n"
	    "message rec:3 68+51 name=+1 555<\xe2\x80\xaa+1 555\xe2\x80\xac>"
	    " t=-/exporter-local<13/03/17, 00:45:03>"
	    " text=<attached: z><\xe2\x80\x8e<attached: z>>\n"
	    "unknown system 1\n"
	    "total read 79 0 32 12\n");
}

#define PAGES                                                              \
	"mapping a.b\nversion 1\nplatform x\nmatch **/x\nreader tg-html\n" \
	"kind message\nfield name from_name text\nfield text text text\n"  \
	"field message_id id between(\"message\",\"\") id\n"
#define MESSAGE(id, more, inner)                                             \
	"<div class=\"message default" more "\" id=\"message" id "\">" inner \
	"</div>"
#define NAME(name) "<div class=\"from_name\">" name "</div>"
#define TEXT(text) "<div class=\"text\">" text "</div>"

static void
a_joined_message_inherits_its_name_and_says_so(void **state)
{
	(void)state;
	told(PAGES,
	    MESSAGE("1", "", NAME("A &amp; B ") TEXT("x<br>y")) MESSAGE("2",
		" joined", TEXT("z")) "<div class=\"message service\" "
				      "id=\"message-3\">day</div>" MESSAGE("4",
					  "", TEXT("w"))
					  MESSAGE("5", " joined", TEXT("v")),
	    "message rec:1 0+118 name=A & B<A &amp; B > message_id=1<message1>"
	    " text=x\ny<x<br>y>\n"
	    "message rec:2 118+81 name=A & B message_id=2<message2>"
	    " text=z !name:inherited\n"
	    "message rec:3 252+74 message_id=4<message4> text=w\n"
	    "message rec:4 326+81 message_id=5<message5> text=v\n"
	    "total read 354 0 3 50\n");
}

static void
a_page_of_messages_that_is_cut_is_set_aside_from_there(void **state)
{
	(void)state;
	told(PAGES,
	    MESSAGE("1", "",
		TEXT("x")) "<div class=\"message default\""
			   " id=\"message2\"><div class=\"text\">203.0.113.1",
	    "message rec:1 0+74 message_id=1<message1> text=x\n"
	    "set-aside 74+72 truncated: the page ends where more of a message"
	    " was expected\n"
	    "total read-with-loss 74 72 0 0\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_of_many_locales_are_read),
		cmocka_unit_test(one_date_decides_the_order_of_all),
		cmocka_unit_test(a_message_has_lines_and_the_system_speaks),
		cmocka_unit_test(
		    a_joined_message_inherits_its_name_and_says_so),
		cmocka_unit_test(
		    a_page_of_messages_that_is_cut_is_set_aside_from_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
