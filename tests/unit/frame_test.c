/* ingest/frame: what is sent arrives, and nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/frame.h"

static void
put(struct ev_buf *out, enum ev_frame_type type, const void *data, size_t len)
{
	struct ev_err err;
	size_t at;

	assert_int_equal(ev_frame_begin(out, &at, &err), EV_OK);
	assert_int_equal(ev_buf_put(out, data, len, &err), EV_OK);
	assert_int_equal(ev_frame_end(out, at, type, &err), EV_OK);
}

/* Give the decoder len bytes, in pieces as large as it takes. */
static enum ev_rc
decode(struct ev_frame_in *in, const struct ev_buf *from, size_t *pos,
    struct ev_frame *frame)
{
	unsigned char *room;
	struct ev_err err;
	enum ev_rc rc;
	size_t cap;

	while ((rc = ev_frame_next(in, frame, &err)) == EV_EOF) {
		if (*pos == from->len)
			return EV_EOF;
		assert_int_equal(ev_frame_room(in, &room, &cap, &err), EV_OK);
		if (cap > from->len - *pos)
			cap = from->len - *pos;
		memcpy(room, from->data + *pos, cap);
		ev_frame_fed(in, cap);
		*pos += cap;
	}
	return rc;
}

static void
a_message_arrives_as_it_was_sent_whatever_its_size(void **state)
{
	static const size_t size[] = { 0, 1, EV_FRAME_MAX - 1, EV_FRAME_MAX,
		EV_FRAME_MAX + 1, 2 * EV_FRAME_MAX, 3 * EV_FRAME_MAX + 7 };
	static unsigned char data[3 * EV_FRAME_MAX + 7];
	struct ev_frame_in in;
	struct ev_frame frame;
	struct ev_buf out;
	size_t i, pos = 0;

	(void)state;
	ev_buf_init(&out, (size_t)64 << 20);
	for (i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 31 >> 3);
	for (i = 0; i < sizeof(size) / sizeof(size[0]); i++)
		put(&out, EV_F_FACT, data, size[i]);
	ev_frame_in_init(&in);
	for (i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		assert_int_equal(decode(&in, &out, &pos, &frame), EV_OK);
		assert_int_equal(frame.type, EV_F_FACT);
		assert_int_equal(frame.len, size[i]);
		assert_true(
		    frame.len == 0 || memcmp(frame.body, data, frame.len) == 0);
	}
	assert_int_equal(decode(&in, &out, &pos, &frame), EV_EOF);
	assert_true(ev_frame_at_boundary(&in));
	ev_frame_in_release(&in);
	ev_buf_release(&out);
}

static void
every_bit_of_a_frame_is_checked(void **state)
{
	struct ev_frame_in in;
	struct ev_frame frame;
	struct ev_buf out;
	size_t bit, pos;
	enum ev_rc rc;

	(void)state;
	ev_buf_init(&out, 4096);
	put(&out, EV_F_NOTE, "a note of some length", 21);
	for (bit = 0; bit < out.len * 8; bit++) {
		out.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		ev_frame_in_init(&in);
		pos = 0;
		rc = decode(&in, &out, &pos, &frame);
		/* A longer length waits for bytes that do not come. */
		if (rc == EV_EOF)
			assert_false(ev_frame_at_boundary(&in));
		else
			assert_int_equal(rc, EV_INPUT);
		ev_frame_in_release(&in);
		out.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	ev_buf_release(&out);
}

static void
a_bad_frame_ends_the_hearing(void **state)
{
	struct ev_frame_in in;
	struct ev_frame frame;
	struct ev_buf out;
	struct ev_err err;
	size_t pos = 0;

	(void)state;
	ev_buf_init(&out, 4096);
	put(&out, EV_F_NOTE, "x", 1);
	out.data[out.len - 1] = 'y';
	put(&out, EV_F_NOTE, "x", 1);
	ev_frame_in_init(&in);
	assert_int_equal(decode(&in, &out, &pos, &frame), EV_INPUT);
	assert_int_equal(ev_frame_next(&in, &frame, &err), EV_INPUT);
	ev_frame_in_release(&in);
	ev_buf_release(&out);
}

static void
a_message_that_breaks_off_for_another_is_refused(void **state)
{
	static unsigned char data[EV_FRAME_MAX + 1];
	struct ev_frame_in in;
	struct ev_frame frame;
	struct ev_buf out, other;
	size_t pos = 0;
	struct ev_err err;

	(void)state;
	ev_buf_init(&out, (size_t)8 << 20);
	ev_buf_init(&other, (size_t)8 << 20);
	put(&out, EV_F_FACT, data, sizeof(data));
	put(&other, EV_F_NOTE, data, 1);
	out.len = EV_FRAME_MAX + EV_FRAME_HEAD;
	assert_int_equal(ev_buf_put(&out, other.data, other.len, &err), EV_OK);
	ev_frame_in_init(&in);
	assert_int_equal(decode(&in, &out, &pos, &frame), EV_INPUT);
	ev_frame_in_release(&in);
	ev_buf_release(&out);
	ev_buf_release(&other);
}

static void
an_exhibit_frame_of_another_length_is_refused(void **state)
{
	const struct ev_frame_exhibit sent = { .tag = 7,
		.size = 9,
		.offset = -1,
		.stop = -1,
		.skip = { 3, 5 },
		.skips = 2,
		.name = "a.json",
		.name_len = 6 };
	struct ev_frame_exhibit got;
	struct ev_frame frame;
	struct ev_buf out;
	struct ev_err err;
	size_t len;

	(void)state;
	ev_buf_init(&out, 4096);
	assert_int_equal(ev_frame_put_exhibit(&out, &sent, &err), EV_OK);
	frame.body = out.data + EV_FRAME_HEAD;
	for (len = 0; len < out.len - EV_FRAME_HEAD; len++) {
		frame.len = len;
		assert_int_equal(ev_frame_get_exhibit(&got, &frame, &err),
		    EV_INPUT);
	}
	frame.len = out.len - EV_FRAME_HEAD;
	assert_int_equal(ev_frame_get_exhibit(&got, &frame, &err), EV_OK);
	assert_int_equal(got.tag, 7);
	assert_int_equal(got.skips, 2);
	assert_int_equal(got.skip[1], 5);
	assert_memory_equal(got.name, "a.json", 6);
	ev_buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_message_arrives_as_it_was_sent_whatever_its_size),
		cmocka_unit_test(every_bit_of_a_frame_is_checked),
		cmocka_unit_test(a_bad_frame_ends_the_hearing),
		cmocka_unit_test(
		    a_message_that_breaks_off_for_another_is_refused),
		cmocka_unit_test(an_exhibit_frame_of_another_length_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
