/* What is odd about the names in an archive; they are never used as paths. */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "evidence/text.h"
#include "ingest/names.h"

enum {
	LONG_NAME = 4096,
	FIRST_ROOM = 64,
	FOLD_MAX = 1 << 20,
};

struct ev_names_slot {
	uint64_t hash; /* 0 free */
	int64_t ordinal;
};

static bool
is_bidi(uint32_t c)
{
	return c == 0x061c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	       c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe007f);
}

static bool
is_control(uint32_t c)
{
	return (c > 0 && c < ' ') || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
	       c == 0x2029;
}

/* A path that leads out of a folder, or elsewhere on some system. */
static bool
is_unsafe(const char *name, size_t len)
{
	size_t i, from = 0;

	if (len == 0 || len > LONG_NAME || name[0] == '/' || name[0] == '~' ||
	    memchr(name, '\\', len) != NULL)
		return true;
	if (len >= 2 && name[1] == ':' &&
	    ((name[0] >= 'A' && name[0] <= 'Z') ||
		(name[0] >= 'a' && name[0] <= 'z')))
		return true;
	for (i = 0; i <= len; i++) {
		if (i < len && name[i] != '/')
			continue;
		if (i - from == 2 && memcmp(name + from, "..", 2) == 0)
			return true;
		from = i + 1;
	}
	return false;
}

/* The next character of well-formed UTF-8. */
static uint32_t
next_char(const unsigned char *p, size_t *i)
{
	uint32_t c = p[(*i)++];
	int more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	if (more > 0)
		c &= 0x3fU >> more;
	while (more-- > 0)
		c = c << 6 | (p[(*i)++] & 0x3fU);
	return c;
}

unsigned
ev_name_odd(const void *name, size_t len)
{
	const unsigned char *p = name;
	bool text = ev_text_is_utf8(name, len);
	unsigned odd = text ? 0 : EV_NAME_ENCODING;
	uint32_t c;
	size_t i = 0;

	if (is_unsafe(name, len))
		odd |= EV_NAME_UNSAFE;
	if (memchr(name, '\0', len) != NULL)
		odd |= EV_NAME_NUL;
	while (i < len) {
		/* Of other encodings only ASCII is certain. */
		c = text ? next_char(p, &i) : p[i++];
		if (is_control(c) && (text || c < 0x80))
			odd |= EV_NAME_CONTROL;
		if (is_bidi(c))
			odd |= EV_NAME_BIDI;
	}
	return odd;
}

const char *
ev_name_word(enum ev_name_oddity oddity)
{
	switch (oddity) {
	case EV_NAME_UNSAFE:
		return "name-unsafe";
	case EV_NAME_CONTROL:
		return "name-control";
	case EV_NAME_BIDI:
		return "name-bidi";
	case EV_NAME_NUL:
		return "name-nul";
	case EV_NAME_ENCODING:
		return "name-encoding";
	}
	return "";
}

static uint64_t
rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/*
 * SipHash-1-3 (Aumasson, Bernstein 2012): names come from hostile hands, and
 * with a known hash they could all be made to share one slot.
 */
static uint64_t
sip(const uint64_t key[2], const unsigned char *data, size_t len)
{
	uint64_t v[4] = { key[0] ^ UINT64_C(0x736f6d6570736575),
		key[1] ^ UINT64_C(0x646f72616e646f6d),
		key[0] ^ UINT64_C(0x6c7967656e657261),
		key[1] ^ UINT64_C(0x7465646279746573) };
	uint64_t word = 0;
	size_t i;
	int n;

	for (i = 0; i < len; i++) {
		word |= (uint64_t)data[i] << (8 * (i % 8));
		if (i % 8 == 7) {
			v[3] ^= word;
			sip_round(v);
			v[0] ^= word;
			word = 0;
		}
	}
	word |= (uint64_t)len << 56;
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	for (n = 0; n < 3; n++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

enum ev_rc
ev_names_init(struct ev_names *names, struct ev_err *err)
{
	memset(names, 0, sizeof(*names));
	ev_buf_init(&names->folded, (size_t)FOLD_MAX * 4);
	if (getrandom(names->key, sizeof(names->key), 0) !=
	    (ssize_t)sizeof(names->key))
		return ev_fail_sys(err, "cannot draw a key");
	return EV_OK;
}

void
ev_names_release(struct ev_names *names)
{
	free(names->slot);
	names->slot = NULL;
	names->used = names->room = 0;
	ev_buf_release(&names->folded);
}

/* The slot of a hash, or the free one where it would stand. */
static struct ev_names_slot *
find(struct ev_names_slot *slot, size_t room, uint64_t hash)
{
	size_t i = (size_t)hash & (room - 1);

	while (slot[i].hash != 0 && slot[i].hash != hash)
		i = (i + 1) & (room - 1);
	return &slot[i];
}

/* Two free slots, and the table at most half full. */
static enum ev_rc
grow(struct ev_names *names, struct ev_err *err)
{
	size_t i, room = names->room == 0 ? FIRST_ROOM : names->room * 2;
	struct ev_names_slot *slot;

	if ((names->used + 2) * 2 <= names->room)
		return EV_OK;
	slot = calloc(room, sizeof(*slot));
	if (slot == NULL)
		return ev_fail_sys(err, "cannot keep %zu names", names->used);
	for (i = 0; i < names->room; i++) {
		if (names->slot[i].hash != 0)
			*find(slot, room, names->slot[i].hash) = names->slot[i];
	}
	free(names->slot);
	names->slot = slot;
	names->room = room;
	return EV_OK;
}

/* The comparison key of a name; of one that is not text, its own bytes. */
static enum ev_rc
fold(struct ev_names *names, const struct ev_name *name, struct ev_err *err)
{
	const unsigned char *p = name->data;
	enum ev_rc rc;
	size_t i;

	ev_buf_clear(&names->folded);
	/* Of ASCII nothing but letter case can differ. */
	for (i = 0; i < name->len && p[i] < 0x80 && p[i] != '\0'; i++)
		;
	if (i < name->len && name->len <= FOLD_MAX) {
		rc = ev_text_fold(&names->folded, name->data, name->len, err);
		if (rc != EV_INPUT && rc != EV_LIMIT)
			return rc;
		ev_buf_clear(&names->folded);
	}
	rc = ev_buf_put(&names->folded, name->data, name->len, err);
	for (i = 0; i < names->folded.len && rc == EV_OK; i++) {
		if (names->folded.data[i] >= 'A' &&
		    names->folded.data[i] <= 'Z')
			names->folded.data[i] |= 0x20;
	}
	return rc;
}

enum ev_rc
ev_names_add(struct ev_names *names, struct ev_name *name, struct ev_err *err)
{
	/* Exact and folded names share the table, not the key. */
	const uint64_t other[2] = { names->key[1], names->key[0] };
	struct ev_names_slot *slot;
	uint64_t exact, folded;
	enum ev_rc rc;

	name->same = name->twin = -1;
	rc = grow(names, err);
	if (rc == EV_OK)
		rc = fold(names, name, err);
	if (rc != EV_OK)
		return rc;
	exact = sip(names->key, name->data, name->len) | 1;
	folded = sip(other, names->folded.data, names->folded.len) | 1;
	slot = find(names->slot, names->room, exact);
	if (slot->hash != 0) {
		name->same = slot->ordinal;
		return EV_OK;
	}
	*slot =
	    (struct ev_names_slot){ .hash = exact, .ordinal = name->ordinal };
	slot = find(names->slot, names->room, folded);
	if (slot->hash != 0) {
		name->twin = slot->ordinal;
		names->used++;
		return EV_OK;
	}
	*slot =
	    (struct ev_names_slot){ .hash = folded, .ordinal = name->ordinal };
	names->used += 2;
	return EV_OK;
}
