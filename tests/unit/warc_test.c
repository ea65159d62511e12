/* ingest/warc*, httpbody: headers, bodies in chunks, digests as labelled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/httpbody.h"
#include "ingest/warchead.h"
#include "ingest/warcsum.h"
#include "told.h"

static struct ev_err err;

static enum ev_sum
sum_of(const char *label)
{
	struct ev_digests have;
	struct ev_digest d;

	assert_int_equal(ev_digest_init(&d, EV_D_SHA1 | EV_D_SHA256 | EV_D_MD5,
			     &err),
	    EV_OK);
	assert_int_equal(ev_digest_update(&d, "hello", 5, &err), EV_OK);
	assert_int_equal(ev_digest_final(&d, &have, &err), EV_OK);
	ev_digest_release(&d);
	return ev_sum_compare(label, strlen(label), &have);
}

static void
a_digest_is_known_in_base32_and_hex(void **state)
{
	(void)state;
	assert_int_equal(sum_of("sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N"),
	    EV_SUM_OK);
	assert_int_equal(sum_of("SHA-1:vl2mmho4yxukfwv63yhtwsbm3gxksq2n"),
	    EV_SUM_OK);
	assert_int_equal(sum_of(
			     "sha1:aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),
	    EV_SUM_OK);
	assert_int_equal(sum_of("sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e"
				"5c1fa7425e73043362938b9824"),
	    EV_SUM_OK);
	assert_int_equal(sum_of("sha256:FTZE3OS7WCRQ4JXIHMVMLOPCTYNRMHS4D6TUEX"
				"TTAQZWFE4LTASA===="),
	    EV_SUM_OK);
	assert_int_equal(sum_of("md5:5d41402abc4b2a76b9719d911017c592"),
	    EV_SUM_OK);
	assert_int_equal(sum_of("md5:LVAUAKV4JMVHNOLRTWIRAF6FSI======"),
	    EV_SUM_OK);
}

static void
a_digest_is_known_in_base64(void **state)
{
	(void)state;
	assert_int_equal(sum_of("sha1:qvTGHdzF6KLavt4PO0gs2a6pQ00="),
	    EV_SUM_OK);
	assert_int_equal(sum_of("sha1:qvTGHdzF6KLavt4PO0gs2a6pQ00"), EV_SUM_OK);
	assert_int_equal(sum_of("sha1:qvTGHdzF6KLavt4PO0gs2a6pQ04="),
	    EV_SUM_DIFFERS);
	/* Bits behind the last byte are none of a digest. */
	assert_int_equal(sum_of("sha1:qvTGHdzF6KLavt4PO0gs2a6pQ01="),
	    EV_SUM_UNCHECKED);
	assert_int_equal(sum_of("sha256:LPJNul-"
				"wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"),
	    EV_SUM_OK);
	assert_int_equal(sum_of("sha256:LPJNul+"
				"wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
	    EV_SUM_OK);
	assert_int_equal(sum_of("sha256:LPJNul!"
				"wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
	    EV_SUM_UNCHECKED);
}

static void
a_digest_that_is_another_differs(void **state)
{
	(void)state;
	assert_int_equal(sum_of("sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2M"),
	    EV_SUM_DIFFERS);
	assert_int_equal(sum_of("md5:5d41402abc4b2a76b9719d911017c593"),
	    EV_SUM_DIFFERS);
}

static void
what_is_no_digest_is_not_checked(void **state)
{
	(void)state;
	assert_int_equal(sum_of("sha1:"), EV_SUM_UNCHECKED);
	assert_int_equal(sum_of("sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2"),
	    EV_SUM_UNCHECKED);
	assert_int_equal(sum_of("sha1:1L2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N"),
	    EV_SUM_UNCHECKED);
	/* The last digit carries more bits than the digest has. */
	assert_int_equal(sum_of("md5:LVAUAKV4JMVHNOLRTWIRAF6FSJ"),
	    EV_SUM_UNCHECKED);
	assert_int_equal(sum_of("crc32:3610a686"), EV_SUM_UNCHECKED);
	assert_int_equal(sum_of("no colon"), EV_SUM_UNCHECKED);
}

struct parts {
	struct ev_buf body, entity;
};

static enum ev_rc
keep_body(void *ctx, const void *data, size_t len, struct ev_err *e)
{
	return ev_buf_put(&((struct parts *)ctx)->body, data, len, e);
}

static enum ev_rc
keep_entity(void *ctx, const void *data, size_t len, struct ev_err *e)
{
	return ev_buf_put(&((struct parts *)ctx)->entity, data, len, e);
}

/* The same entity, however the message is cut; broken: its chunks are. */
static void
carries(const char *message, const char *entity, bool broken)
{
	struct parts got;
	struct ev_http h;
	size_t step, at, n, len = strlen(message);

	ev_http_init(&h);
	for (step = 1; step <= len; step += step < 8 ? 1 : len) {
		ev_http_clear(&h);
		ev_buf_init(&got.body, 1 << 20);
		ev_buf_init(&got.entity, 1 << 20);
		for (at = 0; at < len; at += n) {
			n = len - at < step ? len - at : step;
			assert_int_equal(ev_http_feed(&h,
					     (const unsigned char *)message +
						 at,
					     n, keep_body, keep_entity, &got,
					     &err),
			    EV_OK);
		}
		ev_http_end(&h);
		assert_string_equal(ev_buf_text(&got.entity), entity);
		assert_int_equal(h.broken, broken);
		ev_buf_release(&got.body);
		ev_buf_release(&got.entity);
	}
	ev_http_release(&h);
}

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"

static void
chunks_are_put_together(void **state)
{
	(void)state;
	carries("HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody", "body", false);
	carries("HTTP/1.1 200 OK\nA: b\n\nbody", "body", false);
	carries(CHUNKED "4\r\nbody\r\n0\r\n\r\n", "body", false);
	carries(CHUNKED "2;a=\"1\"\r\nbo\r\n0002\r\ndy\r\n0\r\nX: y\r\n\r\n",
	    "body", false);
	carries(CHUNKED "2\nbo\n2 \ndy\n0\n\n", "body", false);
}

static void
chunks_that_do_not_fit_are_told(void **state)
{
	(void)state;
	carries(CHUNKED "4\r\nbody", "body", true);
	carries(CHUNKED "4\r\nbodyX\r\n0\r\n\r\n", "body", true);
	carries(CHUNKED "\r\nbody", "", true);
	carries(CHUNKED "-4\r\nbody", "", true);
	carries(CHUNKED "fffffffffffffffff\r\nbody", "", true);
	carries(CHUNKED "ffffffffffffff\r\nbody", "body", true);
	carries("no message at all", "", false);
}

static void
fields_of_a_message_are_found(void **state)
{
	static const char message[] = "HTTP/1.1 301 Moved\r\ndate: today\r\n"
				      "Location:  /x \r\nlocation: /y\r\n\r\n";
	struct ev_http h;
	struct parts got;
	const char *value;
	size_t len;

	(void)state;
	ev_http_init(&h);
	ev_buf_init(&got.body, 16);
	ev_buf_init(&got.entity, 16);
	assert_null(ev_http_field(&h, "Date", &len));
	assert_int_equal(ev_http_feed(&h, (const unsigned char *)message,
			     sizeof(message) - 1, keep_body, keep_entity, &got,
			     &err),
	    EV_OK);
	value = ev_http_field(&h, "Location", &len);
	assert_non_null(value);
	assert_int_equal(len, 2);
	assert_memory_equal(value, "/x", 2);
	assert_non_null(ev_http_field(&h, "DATE", &len));
	assert_null(ev_http_field(&h, "Dat", &len));
	assert_memory_equal(ev_http_status(&h), "301", 3);
	ev_http_release(&h);
}

static enum ev_rc
line(struct ev_warc_head *h, const char *text)
{
	return ev_warc_head_line(h, (const unsigned char *)text, strlen(text),
	    0, &err);
}

static void
a_header_has_limits_and_one_length(void **state)
{
	struct ev_warc_head *h = calloc(1, sizeof(*h));
	char *wide = malloc(EV_WARC_LINE + 2);
	int64_t length;
	size_t len;
	int i;

	(void)state;
	assert_non_null(h);
	assert_non_null(wide);
	ev_warc_head_init(h);
	assert_int_equal(ev_warc_length(h, &length, &err), EV_INPUT);
	assert_int_equal(line(h, "content-LENGTH:  12 "), EV_OK);
	assert_int_equal(ev_warc_length(h, &length, &err), EV_OK);
	assert_int_equal(length, 12);
	assert_int_equal(line(h, " continued"), EV_OK);
	assert_true(h->folded);
	assert_string_equal(ev_warc_field(h, "Content-Length", &len),
	    "12 continued");
	assert_int_equal(ev_warc_length(h, &length, &err), EV_INPUT);
	assert_int_equal(line(h, "no field"), EV_INPUT);
	assert_int_equal(line(h, ": no name"), EV_INPUT);
	assert_int_equal(line(h, "WARC-target-uri: <a b>"), EV_OK);
	assert_string_equal(ev_warc_field(h, "WARC-Target-URI", &len), "a b");
	ev_warc_head_clear(h);
	assert_int_equal(line(h, " continues nothing"), EV_INPUT);
	assert_int_equal(line(h, "Content-Length: 1"), EV_OK);
	assert_int_equal(line(h, "Content-Length: 1"), EV_OK);
	assert_int_equal(ev_warc_length(h, &length, &err), EV_INPUT);
	for (i = 2; i < EV_WARC_FIELDS; i++)
		assert_int_equal(line(h, "A:"), EV_OK);
	assert_int_equal(line(h, "A:"), EV_LIMIT);
	ev_warc_head_clear(h);
	memset(wide, 'a', EV_WARC_LINE + 1);
	wide[1] = ':';
	wide[EV_WARC_LINE] = '\0';
	for (i = 0; i < EV_WARC_HEAD / EV_WARC_LINE; i++)
		assert_int_equal(line(h, wide), EV_OK);
	assert_int_equal(line(h, "A:"), EV_LIMIT);
	ev_warc_head_clear(h);
	wide[EV_WARC_LINE] = 'a';
	wide[EV_WARC_LINE + 1] = '\0';
	assert_int_equal(line(h, wide), EV_LIMIT);
	ev_warc_head_release(h);
	free(h);
	free(wide);
}

static void
a_length_is_digits_alone(void **state)
{
	static const char *const wrong[] = { "", "-1", "+1", "0x1", "1 1",
		"1000000000000000000" };
	struct ev_warc_head *h = calloc(1, sizeof(*h));
	char text[64];
	int64_t length;
	size_t i;

	(void)state;
	assert_non_null(h);
	ev_warc_head_init(h);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ev_warc_head_clear(h);
		(void)snprintf(text, sizeof(text), "Content-Length: %s",
		    wrong[i]);
		assert_int_equal(line(h, text), EV_OK);
		assert_int_equal(ev_warc_length(h, &length, &err), EV_INPUT);
	}
	ev_warc_head_clear(h);
	assert_int_equal(line(h, "Content-Length: 999999999999999999"), EV_OK);
	assert_int_equal(ev_warc_length(h, &length, &err), EV_OK);
	ev_warc_head_release(h);
	free(h);
}

#define WARC                                                        \
	MAP("warc", "kind capture\nfield url WARC-Target-URI url\n" \
		    "field digest digest text\n"                    \
		    "field digest_ok digest-ok bool\n")

#define RECORD(version, fields, length, block)               \
	"WARC/" version "\r\nWARC-Type: resource\r\n" fields \
	"Content-Length: " length "\r\n\r\n" block "\r\n\r\n"

static void
records_of_both_versions_are_read(void **state)
{
	(void)state;
	told(WARC,
	    RECORD("1.0", "WARC-Target-URI: http://a.example/\r\n", "3", "abc")
		RECORD("1.1", "WARC-Target-URI: <http://b.example/>\r\n", "0",
		    ""),
	    "capture rec:1 0+95 url=http://a.example/\n"
	    "note warc-uri-brackets 95 \n"
	    "capture rec:2 95+94 url=http://b.example/\n"
	    "unknown WARC-Type 2\nunknown Content-Length 2\n"
	    "total read 189 0 0 0\n");
}

static void
a_wrong_length_costs_its_record_alone(void **state)
{
	(void)state;
	told(WARC,
	    RECORD("1.1", "", "9", "abc") RECORD("1.1",
		"WARC-Target-URI: http://b.example/\r\n", "3", "abc"),
	    "set-aside 0+59 syntax: two empty lines were expected where the "
	    "Content-Length ends\n"
	    "note warc-resync 59 rec:2\n"
	    "capture rec:2 59+95 url=http://b.example/\n"
	    "unknown WARC-Type 1\nunknown Content-Length 1\n"
	    "total read-with-loss 95 59 0 0\n");
}

static void
the_digest_that_speaks_is_the_worst(void **state)
{
	(void)state;
	told(WARC,
	    RECORD("1.1",
		"WARC-Block-Digest: "
		"sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N\r\n"
		"WARC-Payload-Digest: blake9:00\r\n",
		"5", "hello") RECORD("1.1",
		"WARC-Block-Digest: "
		"sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2M\r\n"
		"WARC-Payload-Digest: "
		"md5:5d41402abc4b2a76b9719d911017c592\r\n",
		"5", "hello"),
	    "capture rec:1 0+151 "
	    "digest=sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N digest_ok=1\n"
	    "note warc-digest-differs 151 rec:2\n"
	    "capture rec:2 151+178 "
	    "digest=sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2M digest_ok=0\n"
	    "unknown WARC-Type 2\nunknown WARC-Block-Digest 2\n"
	    "unknown WARC-Payload-Digest 2\nunknown Content-Length 2\n"
	    "unknown block-check 2\nunknown payload-check 2\n"
	    "unknown payload-why 1\n"
	    "total read 329 0 0 0\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_digest_is_known_in_base32_and_hex),
		cmocka_unit_test(a_digest_is_known_in_base64),
		cmocka_unit_test(a_digest_that_is_another_differs),
		cmocka_unit_test(what_is_no_digest_is_not_checked),
		cmocka_unit_test(chunks_are_put_together),
		cmocka_unit_test(chunks_that_do_not_fit_are_told),
		cmocka_unit_test(fields_of_a_message_are_found),
		cmocka_unit_test(a_header_has_limits_and_one_length),
		cmocka_unit_test(a_length_is_digits_alone),
		cmocka_unit_test(records_of_both_versions_are_read),
		cmocka_unit_test(a_wrong_length_costs_its_record_alone),
		cmocka_unit_test(the_digest_that_speaks_is_the_worst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
