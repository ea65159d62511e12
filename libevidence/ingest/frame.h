/* What travels between ev-parse and its parent: framed, summed, bounded. */
#ifndef EV_INGEST_FRAME_H
#define EV_INGEST_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"

/*
 * A frame is magic "EVf1", type u8, flags u8, 0 u16, length u32 (of the body,
 * at most 1 MiB), CRC-32 u32 over the twelve bytes before it and the body;
 * then the body.  Little-endian.  A longer message takes several frames of
 * one type, all but the last flagged as to be continued.  Every bit is
 * decided by the content, so that two decoders cannot see two things.
 */
enum {
	EV_FRAME_HEAD = 16,
	EV_FRAME_MAX = 1 << 20,
	EV_MESSAGE_MAX = 64 << 20, /* of all frames of one message */
};

enum ev_frame_type {
	/* Down: what to read, and how. */
	EV_F_SETUP = 1, /* flags u8; formats, limits, only: bytes */
	EV_F_MAP,       /* name, text: bytes */
	EV_F_GLOB,      /* id, glob: bytes */
	EV_F_EXHIBIT,   /* struct ev_frame_exhibit */
	EV_F_CONTENT,   /* bytes of an exhibit that travels in the pipe */
	/* Up: what there is; hear.c decodes, tell.c encodes. */
	EV_F_HELLO = 64,
	EV_F_BEGIN,
	EV_F_MEMBER,
	EV_F_DATA,
	EV_F_MEDIA,
	EV_F_FACT,
	EV_F_DUPLICATE,
	EV_F_SET_ASIDE,
	EV_F_NOTE,
	EV_F_UNKNOWN_KEY,
	EV_F_ROWS,
	EV_F_TOTAL,
	EV_F_PROGRESS,
	EV_F_END,
	EV_F_IGNORED,
};

/* Of EV_F_SETUP. */
enum { EV_SETUP_READ = 1, EV_SETUP_ONLY = 2 };

/*
 * Append a frame: begin, put the body, end.  at is where it began in out.
 * After a failure out holds half a frame: clear it.
 */
EV_CHECK
enum ev_rc ev_frame_begin(struct ev_buf *out, size_t *at, struct ev_err *err);
EV_CHECK
enum ev_rc ev_frame_end(struct ev_buf *out, size_t at, enum ev_frame_type type,
    struct ev_err *err);

/* Integers of 1, 2, 4 or 8 bytes; bytes behind their u32 length. */
EV_CHECK
enum ev_rc ev_wire_put(struct ev_buf *out, uint64_t value, size_t bytes,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_wire_put_bytes(struct ev_buf *out, const void *data, size_t len,
    struct ev_err *err);

/*
 * Reading a body from the front.  A read past the end gives 0 or no bytes
 * and sets bad, so that a decoder looks once, at its end: ev_wire_done().
 */
struct ev_wire {
	const unsigned char *data;
	size_t len;
	bool bad;
};
uint64_t ev_wire_get(struct ev_wire *wire, size_t bytes);
int64_t ev_wire_get_signed(struct ev_wire *wire);
/* Borrowed from the body. */
const void *ev_wire_get_bytes(struct ev_wire *wire, size_t *len);
/* Nothing missing and nothing left over. */
bool ev_wire_done(const struct ev_wire *wire);

struct ev_frame {
	int type; /* as sent: not checked against enum ev_frame_type */
	const unsigned char *body;
	size_t len;
};

/* The strict decoder.  Two MiB of memory, more only for long messages. */
struct ev_frame_in {
	struct ev_buf raw; /* bytes received, from pos not yet decoded */
	size_t pos;
	struct ev_buf message; /* of a message in several frames */
	int type;              /* of that message, 0 none */
	bool given;            /* message was handed out */
	bool broken;           /* the sender is not to be heard again */
};

void ev_frame_in_init(struct ev_frame_in *in);
void ev_frame_in_release(struct ev_frame_in *in);

/* Room for at least one frame more; then say how much was put there. */
EV_CHECK
enum ev_rc ev_frame_room(struct ev_frame_in *in, unsigned char **room,
    size_t *cap, struct ev_err *err);
void ev_frame_fed(struct ev_frame_in *in, size_t len);

/*
 * The next message; borrowed until the next call of any of these.  EV_EOF:
 * more bytes are needed.  EV_INPUT: the sender does not keep to the protocol;
 * the byte is named, and no later call succeeds.
 */
EV_CHECK
enum ev_rc ev_frame_next(struct ev_frame_in *in, struct ev_frame *frame,
    struct ev_err *err);

/* False while a frame or message has begun and not ended. */
bool ev_frame_at_boundary(const struct ev_frame_in *in);

/* How one exhibit is given: the body of EV_F_EXHIBIT. */
enum { EV_FRAME_SKIPS = 16 };
struct ev_frame_exhibit {
	uint64_t tag;
	int64_t size;
	int64_t offset; /* in descriptor 3; -1: EV_F_CONTENT follows */
	bool careful;   /* send each frame at once */
	int64_t stop;   /* read no member from this ordinal on; -1 all */
	int64_t skip[EV_FRAME_SKIPS];
	size_t skips;
	const void *name;
	size_t name_len;
};
EV_CHECK
enum ev_rc ev_frame_put_exhibit(struct ev_buf *out,
    const struct ev_frame_exhibit *exhibit, struct ev_err *err);
EV_CHECK
enum ev_rc ev_frame_get_exhibit(struct ev_frame_exhibit *exhibit,
    const struct ev_frame *frame, struct ev_err *err);

#endif
