/* What travels between ev-parse and its parent: framed, summed, bounded. */
#include <string.h>
#include <zlib.h>

#include "ingest/frame.h"

enum {
	SUMMED = 12, /* bytes of the head that the CRC covers */
	MORE = 1,    /* flag: the message goes on */
	RAW_MAX = 2 * (EV_FRAME_MAX + EV_FRAME_HEAD),
	READ_SIZE = 256 << 10,
};

static const unsigned char magic[4] = { 'E', 'V', 'f', '1' };

static void
set32(unsigned char *p, uint32_t value)
{
	int i;

	for (i = 0; i < 4; i++)
		p[i] = (unsigned char)(value >> (8 * i));
}

static uint32_t
get32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* len is at most EV_FRAME_MAX. */
static uint32_t
sum(const unsigned char *head, const unsigned char *body, size_t len)
{
	uLong crc = crc32(0, head, SUMMED);

	return (uint32_t)crc32(crc, body, (uInt)len);
}

static void
set_head(unsigned char *head, enum ev_frame_type type, int flags, size_t len)
{
	memcpy(head, magic, sizeof(magic));
	head[4] = (unsigned char)type;
	head[5] = (unsigned char)flags;
	head[6] = head[7] = 0;
	set32(head + 8, (uint32_t)len);
	set32(head + SUMMED, sum(head, head + EV_FRAME_HEAD, len));
}

enum ev_rc
ev_frame_begin(struct ev_buf *out, size_t *at, struct ev_err *err)
{
	enum ev_rc rc;

	*at = out->len;
	rc = ev_buf_reserve(out, EV_FRAME_HEAD, err);
	if (rc == EV_OK)
		out->len += EV_FRAME_HEAD;
	return rc;
}

/*
 * A body over 1 MiB is parted from behind: each part but the first moves up
 * by the heads that come before it.
 */
enum ev_rc
ev_frame_end(struct ev_buf *out, size_t at, enum ev_frame_type type,
    struct ev_err *err)
{
	size_t len = out->len - at - EV_FRAME_HEAD;
	size_t parts = len == 0 ? 1 : (len - 1) / EV_FRAME_MAX + 1;
	size_t i, from, to, n;
	enum ev_rc rc;

	if (len > EV_MESSAGE_MAX)
		return ev_fail(err, EV_LIMIT, "a message of %zu bytes", len);
	rc = ev_buf_reserve(out, (parts - 1) * EV_FRAME_HEAD, err);
	if (rc != EV_OK)
		return rc;
	for (i = parts; i-- > 0;) {
		from = at + EV_FRAME_HEAD + i * EV_FRAME_MAX;
		to = from + i * EV_FRAME_HEAD;
		n = len - i * EV_FRAME_MAX;
		if (n > EV_FRAME_MAX)
			n = EV_FRAME_MAX;
		memmove(out->data + to, out->data + from, n);
		set_head(out->data + to - EV_FRAME_HEAD, type,
		    i + 1 < parts ? MORE : 0, n);
	}
	out->len += (parts - 1) * EV_FRAME_HEAD;
	return EV_OK;
}

enum ev_rc
ev_wire_put(struct ev_buf *out, uint64_t value, size_t bytes,
    struct ev_err *err)
{
	unsigned char data[8];
	size_t i;

	for (i = 0; i < bytes && i < sizeof(data); i++)
		data[i] = (unsigned char)(value >> (8 * i));
	return ev_buf_put(out, data, i, err);
}

enum ev_rc
ev_wire_put_bytes(struct ev_buf *out, const void *data, size_t len,
    struct ev_err *err)
{
	enum ev_rc rc;

	if (len > EV_MESSAGE_MAX)
		return ev_fail(err, EV_LIMIT, "a text of %zu bytes", len);
	rc = ev_wire_put(out, len, 4, err);
	if (rc == EV_OK && len > 0)
		rc = ev_buf_put(out, data, len, err);
	return rc;
}

uint64_t
ev_wire_get(struct ev_wire *wire, size_t bytes)
{
	uint64_t value = 0;
	size_t i;

	if (wire->bad || wire->len < bytes) {
		wire->bad = true;
		return 0;
	}
	for (i = 0; i < bytes; i++)
		value |= (uint64_t)wire->data[i] << (8 * i);
	wire->data += bytes;
	wire->len -= bytes;
	return value;
}

int64_t
ev_wire_get_signed(struct ev_wire *wire)
{
	return (int64_t)ev_wire_get(wire, 8);
}

const void *
ev_wire_get_bytes(struct ev_wire *wire, size_t *len)
{
	const unsigned char *data;

	*len = (size_t)ev_wire_get(wire, 4);
	if (wire->bad || wire->len < *len) {
		wire->bad = true;
		*len = 0;
		return "";
	}
	data = wire->data;
	wire->data += *len;
	wire->len -= *len;
	return data;
}

bool
ev_wire_done(const struct ev_wire *wire)
{
	return !wire->bad && wire->len == 0;
}

void
ev_frame_in_init(struct ev_frame_in *in)
{
	memset(in, 0, sizeof(*in));
	ev_buf_init(&in->raw, RAW_MAX + READ_SIZE);
	ev_buf_init(&in->message, EV_MESSAGE_MAX);
}

void
ev_frame_in_release(struct ev_frame_in *in)
{
	ev_buf_release(&in->raw);
	ev_buf_release(&in->message);
	ev_frame_in_init(in);
}

enum ev_rc
ev_frame_room(struct ev_frame_in *in, unsigned char **room, size_t *cap,
    struct ev_err *err)
{
	size_t left = in->raw.len - in->pos;
	enum ev_rc rc;

	if (in->pos > 0 && (left == 0 || in->pos >= EV_FRAME_MAX)) {
		memmove(in->raw.data, in->raw.data + in->pos, left);
		in->raw.len = left;
		in->pos = 0;
	}
	rc = ev_buf_reserve(&in->raw, READ_SIZE, err);
	if (rc != EV_OK)
		return rc;
	*room = in->raw.data + in->raw.len;
	*cap = READ_SIZE;
	return EV_OK;
}

void
ev_frame_fed(struct ev_frame_in *in, size_t len)
{
	in->raw.len += len;
}

bool
ev_frame_at_boundary(const struct ev_frame_in *in)
{
	return in->pos == in->raw.len && (in->type == 0 || in->given);
}

/* Type and length of the frame at pos, whose head is there. */
static enum ev_rc
check_head(const struct ev_frame_in *in, size_t *len, struct ev_err *err)
{
	const unsigned char *head = in->raw.data + in->pos;

	if (memcmp(head, magic, sizeof(magic)) != 0)
		return ev_fail(err, EV_INPUT, "no frame begins here");
	if (head[4] == 0 || (head[5] & ~MORE) != 0 || head[6] != 0 ||
	    head[7] != 0)
		return ev_fail(err, EV_INPUT,
		    "a frame of type %d has unknown flags", head[4]);
	*len = get32(head + 8);
	if (*len > EV_FRAME_MAX)
		return ev_fail(err, EV_INPUT, "a frame of %zu bytes", *len);
	/* One message is written in one way only. */
	if ((head[5] & MORE) != 0 && *len != EV_FRAME_MAX)
		return ev_fail(err, EV_INPUT,
		    "a frame to be continued has %zu bytes", *len);
	return EV_OK;
}

/* One more frame of a message that takes several; EV_EOF: not the last. */
static enum ev_rc
join(struct ev_frame_in *in, struct ev_frame *frame, bool more,
    struct ev_err *err)
{
	enum ev_rc rc;

	if (in->type != 0 && in->type != frame->type)
		return ev_fail(err, EV_INPUT,
		    "a message of type %d breaks off at type %d", in->type,
		    frame->type);
	if (in->type != 0 && frame->len == 0)
		return ev_fail(err, EV_INPUT, "a message ends with no bytes");
	in->type = frame->type;
	rc = ev_buf_put(&in->message, frame->body, frame->len, err);
	if (rc == EV_LIMIT)
		return ev_fail(err, EV_INPUT, "a message over %d bytes",
		    EV_MESSAGE_MAX);
	if (rc != EV_OK || more)
		return rc == EV_OK ? EV_EOF : rc;
	frame->body = in->message.data;
	frame->len = in->message.len;
	in->given = true;
	return EV_OK;
}

/* One frame from the front: EV_EOF if it is not there yet. */
static enum ev_rc
take(struct ev_frame_in *in, struct ev_frame *frame, bool *more,
    struct ev_err *err)
{
	size_t left = in->raw.len - in->pos;
	const unsigned char *head;
	enum ev_rc rc;

	if (left < EV_FRAME_HEAD)
		return EV_EOF;
	rc = check_head(in, &frame->len, err);
	if (rc != EV_OK)
		return rc;
	if (left < EV_FRAME_HEAD + frame->len)
		return EV_EOF;
	head = in->raw.data + in->pos;
	frame->type = head[4];
	frame->body = head + EV_FRAME_HEAD;
	*more = (head[5] & MORE) != 0;
	if (get32(head + SUMMED) != sum(head, frame->body, frame->len))
		return ev_fail(err, EV_INPUT,
		    "a frame of type %d has a wrong CRC", frame->type);
	in->pos += EV_FRAME_HEAD + frame->len;
	return EV_OK;
}

enum ev_rc
ev_frame_next(struct ev_frame_in *in, struct ev_frame *frame,
    struct ev_err *err)
{
	bool more = false;
	enum ev_rc rc;

	if (in->broken)
		return ev_fail(err, EV_INPUT, "frames after a bad one");
	if (in->given) {
		ev_buf_clear(&in->message);
		in->type = 0;
		in->given = false;
	}
	for (;;) {
		rc = take(in, frame, &more, err);
		if (rc == EV_OK && !more && in->type == 0)
			return EV_OK;
		if (rc == EV_EOF)
			return rc;
		if (rc == EV_OK)
			rc = join(in, frame, more, err);
		if (rc == EV_EOF)
			continue;
		in->broken = rc != EV_OK;
		return rc;
	}
}

enum ev_rc
ev_frame_put_exhibit(struct ev_buf *out, const struct ev_frame_exhibit *exhibit,
    struct ev_err *err)
{
	const int64_t number[] = { exhibit->size, exhibit->offset,
		exhibit->stop };
	enum ev_rc rc;
	size_t at, i;

	rc = ev_frame_begin(out, &at, err);
	if (rc == EV_OK)
		rc = ev_wire_put(out, exhibit->tag, 8, err);
	for (i = 0; i < 3 && rc == EV_OK; i++)
		rc = ev_wire_put(out, (uint64_t)number[i], 8, err);
	if (rc == EV_OK)
		rc = ev_wire_put(out, exhibit->careful, 1, err);
	if (rc == EV_OK)
		rc = ev_wire_put(out, exhibit->skips, 1, err);
	for (i = 0; i < exhibit->skips && rc == EV_OK; i++)
		rc = ev_wire_put(out, (uint64_t)exhibit->skip[i], 8, err);
	if (rc == EV_OK)
		rc = ev_wire_put_bytes(out, exhibit->name, exhibit->name_len,
		    err);
	if (rc == EV_OK)
		rc = ev_frame_end(out, at, EV_F_EXHIBIT, err);
	return rc;
}

enum ev_rc
ev_frame_get_exhibit(struct ev_frame_exhibit *exhibit,
    const struct ev_frame *frame, struct ev_err *err)
{
	struct ev_wire wire = { .data = frame->body, .len = frame->len };
	size_t i;

	memset(exhibit, 0, sizeof(*exhibit));
	exhibit->tag = ev_wire_get(&wire, 8);
	exhibit->size = ev_wire_get_signed(&wire);
	exhibit->offset = ev_wire_get_signed(&wire);
	exhibit->stop = ev_wire_get_signed(&wire);
	exhibit->careful = ev_wire_get(&wire, 1) != 0;
	exhibit->skips = (size_t)ev_wire_get(&wire, 1);
	if (exhibit->skips > EV_FRAME_SKIPS)
		wire.bad = true;
	for (i = 0; i < exhibit->skips && !wire.bad; i++)
		exhibit->skip[i] = ev_wire_get_signed(&wire);
	exhibit->name = ev_wire_get_bytes(&wire, &exhibit->name_len);
	if (!ev_wire_done(&wire) || exhibit->size < 0)
		return ev_fail(err, EV_INPUT, "a malformed exhibit frame");
	return EV_OK;
}
