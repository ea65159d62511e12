/* The other reading of a zip: local headers from byte 0; then the two held
 * against each other. */
#include <string.h>

#include "ingest/cp437.h"
#include "ingest/zipcheck_own.h"

enum {
	VERSION_MAX = 63, /* APPNOTE 4.4.3: the highest that was given out */
	SCAN = 32 << 10,
};

struct walk {
	struct ev_zipcheck *check;
	size_t sorted; /* of found: the directories', by header */
	size_t next;   /* of those, the first whose header is not passed */
};

static bool
known_method(uint32_t method)
{
	return method <= 19 || (method >= 92 && method <= 99);
}

static int64_t
least(int64_t a, int64_t b, int64_t above)
{
	return b > above && b < a ? b : a;
}

/* The next place behind pos where something is known to begin. */
static int64_t
next_known(const struct walk *w, int64_t pos)
{
	const struct ev_zipcheck *check = w->check;
	int64_t to = check->in->size;
	size_t i;

	for (i = w->next; i < w->sorted; i++) {
		if (check->found[i].header > pos) {
			to = least(to, check->found[i].header, pos);
			break;
		}
	}
	for (i = 0; i < check->ends; i++) {
		to = least(to, check->end[i].at, pos);
		to = least(to, check->end[i].record, pos);
		if (check->end[i].readable)
			to = least(to, check->end[i].dir, pos);
	}
	return to;
}

/* Where a signature stands from pos on, before to; to if it does not. */
static enum ev_rc
scan(struct ev_zipcheck *check, uint32_t signature, int64_t *pos, int64_t to,
    struct ev_err *err)
{
	const unsigned char *p;
	enum ev_rc rc = EV_OK;
	size_t i, n;

	while (*pos + 4 <= to) {
		n = to - *pos < SCAN ? (size_t)(to - *pos) : SCAN;
		rc = ev_zipcheck_at(check, &p, n, *pos, err);
		if (rc != EV_OK)
			return rc;
		for (i = 0; i + 4 <= n; i++) {
			if (p[i] == 'P' &&
			    ev_zipcheck_get32(p + i) == signature) {
				*pos += (int64_t)i;
				return EV_OK;
			}
		}
		*pos += (int64_t)n - 3;
	}
	*pos = to;
	return EV_OK;
}

/* A local header at offset into side; *data is where the bytes begin. */
static enum ev_rc
read_local(struct ev_zipcheck *check, int64_t offset, struct ev_zip_side *side,
    int64_t *data, struct ev_err *err)
{
	struct ev_zipcheck_extra extra = { .side = side };
	const unsigned char *p;
	size_t extra_len;
	enum ev_rc rc;

	memset(side, 0, sizeof(*side));
	rc = ev_zipcheck_at(check, &p, ZIP_LOCAL_LEN, offset, err);
	if (rc != EV_OK)
		return rc;
	if (ev_zipcheck_get32(p) != ZIP_LOCAL ||
	    (ev_zipcheck_get16(p + 4) & 0xff) > VERSION_MAX ||
	    !known_method(ev_zipcheck_get16(p + 8)))
		return EV_EOF;
	side->flags = (uint16_t)ev_zipcheck_get16(p + 6);
	side->method = (uint16_t)ev_zipcheck_get16(p + 8);
	side->crc = ev_zipcheck_get32(p + 14);
	side->csize = ev_zipcheck_get32(p + 18);
	side->usize = ev_zipcheck_get32(p + 22);
	side->name_len = (uint16_t)ev_zipcheck_get16(p + 26);
	extra_len = ev_zipcheck_get16(p + 28);
	rc = ev_zipcheck_fields(check, &extra, offset + ZIP_LOCAL_LEN,
	    extra_len, err);
	*data = offset + ZIP_LOCAL_LEN + side->name_len + (int64_t)extra_len;
	return rc;
}

/*
 * The data descriptor at offset that states csize: with signature or not,
 * with 32 or 64 bits (APPNOTE 4.3.9).  Its length, 0 if there is none.
 */
static enum ev_rc
descriptor(struct ev_zipcheck *check, int64_t offset, int64_t csize,
    struct ev_zip_side *stated, int64_t *length, struct ev_err *err)
{
	const unsigned char *p;
	enum ev_rc rc;
	bool wide, narrow;
	size_t n = 28;

	*length = 0;
	do {
		rc = ev_zipcheck_at(check, &p, n, offset, err);
	} while (rc == EV_EOF && (n -= 2) >= 12);
	if (rc != EV_OK)
		return rc == EV_EOF ? EV_OK : rc;
	if (ev_zipcheck_get32(p) == ZIP_DESCRIPTOR && n >= 16) {
		p += 4;
		n -= 4;
		*length = 4;
	}
	narrow = ev_zipcheck_get32(p + 4) == csize;
	wide = n >= 20 && ev_zipcheck_get64(p + 4) == csize;
	/* Of an empty entry both can be: what follows begins with PK. */
	if (narrow && wide)
		narrow = n < 22 || memcmp(p + 20, "PK", 2) != 0 ||
			 memcmp(p + 12, "PK", 2) == 0;
	stated->crc = ev_zipcheck_get32(p);
	stated->csize = csize;
	if (narrow)
		stated->usize = ev_zipcheck_get32(p + 8);
	else if (wide)
		stated->usize = ev_zipcheck_get64(p + 12);
	*length = narrow ? *length + 12 : wide ? *length + 20 : 0;
	return EV_OK;
}

/* A length that only a descriptor behind the data states: sought. */
static enum ev_rc
seek_descriptor(struct walk *w, struct ev_zip_found *found, int64_t *next,
    struct ev_err *err)
{
	int64_t to = next_known(w, found->data), pos = found->data, length;
	struct ev_zip_side stated;
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK && pos < to) {
		rc = scan(w->check, ZIP_DESCRIPTOR, &pos, to, err);
		if (rc != EV_OK || pos == to)
			break;
		rc = descriptor(w->check, pos, pos - found->data, &stated,
		    &length, err);
		if (rc == EV_OK && length > 0) {
			found->local.crc = stated.crc;
			found->local.csize = stated.csize;
			found->local.usize = stated.usize;
			found->end = *next = pos + length;
			return EV_OK;
		}
		pos++;
	}
	found->state |= EV_ZIP_CUT;
	*next = to;
	return rc;
}

/* Where the entry ends: its length by the directory, else by its header. */
static enum ev_rc
find_end(struct walk *w, struct ev_zip_found *found, int64_t *next,
    struct ev_err *err)
{
	struct ev_zipcheck *check = w->check;
	bool streamed = (found->local.flags & ZIP_STREAMED) != 0;
	bool dir = (found->state & EV_ZIP_DIR) != 0;
	int64_t csize = dir ? found->dir.csize : found->local.csize, length;
	struct ev_zip_side stated;
	enum ev_rc rc;

	if (!dir && streamed && csize == 0)
		return seek_descriptor(w, found, next, err);
	if (csize > check->in->size - found->data) {
		found->state |= EV_ZIP_CUT;
		*next = dir ? next_known(w, found->header) : check->in->size;
		return EV_OK;
	}
	found->end = *next = found->data + csize;
	if (!streamed)
		return EV_OK;
	rc = descriptor(check, found->end, csize, &stated, &length, err);
	if (rc != EV_OK)
		return rc;
	found->end = *next = found->end + length;
	/* What it says stands for what the local header leaves open. */
	if (length == 0) {
		found->state |= EV_ZIP_DESCRIPTOR;
		return EV_OK;
	}
	if (found->local.crc == 0)
		found->local.crc = stated.crc;
	if (found->local.csize == 0)
		found->local.csize = stated.csize;
	if (found->local.usize == 0)
		found->local.usize = stated.usize;
	return EV_OK;
}

/* The local header at pos, for all entries of directories that point to it. */
static enum ev_rc
visit(struct walk *w, int64_t pos, int64_t *next, struct ev_err *err)
{
	struct ev_zipcheck *check = w->check;
	struct ev_zip_found *found;
	struct ev_zip_side side;
	int64_t data;
	enum ev_rc rc;
	size_t i;

	rc = read_local(check, pos, &side, &data, err);
	if (rc != EV_OK)
		return rc;
	if (w->next < w->sorted && check->found[w->next].header == pos) {
		found = &check->found[w->next];
	} else {
		rc = ev_zipcheck_add(check, &found, pos, err);
		if (rc != EV_OK)
			return rc;
	}
	found->state |= EV_ZIP_LOCAL;
	found->local = side;
	found->data = data;
	rc = find_end(w, found, next, err);
	if (rc == EV_OK && *next <= pos)
		*next = pos + ZIP_LOCAL_LEN;
	i = (size_t)(found - check->found) + 1;
	for (; i < w->sorted && check->found[i].header == pos; i++) {
		check->found[i].state |= EV_ZIP_LOCAL;
		check->found[i].local = side;
		check->found[i].data = data;
		if (rc == EV_OK)
			rc = find_end(w, &check->found[i], &data, err);
	}
	return rc;
}

static void
add_slack(struct ev_zipcheck *check, int64_t from, int64_t to)
{
	struct ev_zip_slack *last =
	    check->slacks == 0 ? NULL : &check->slack[check->slacks - 1];

	if (last != NULL && (last->offset + last->length == from ||
				check->slacks == EV_ZIP_SLACKS)) {
		last->length = to - last->offset;
		return;
	}
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): made at start */
	check->slack[check->slacks].offset = from;
	check->slack[check->slacks].length = to - from;
	check->slacks++;
}

/* Bytes that are nothing: up to what is known, or looks like a header. */
static enum ev_rc
gap(struct walk *w, int64_t pos, int64_t *next, struct ev_err *err)
{
	int64_t to = next_known(w, pos), at = pos + 1, data;
	struct ev_zip_side side;
	size_t names;
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK && at < to) {
		rc = scan(w->check, ZIP_LOCAL, &at, to, err);
		if (rc != EV_OK || at == to)
			break;
		names = w->check->names.len;
		rc = read_local(w->check, at, &side, &data, err);
		w->check->names.len = names;
		if (rc == EV_OK && data <= w->check->in->size &&
		    side.name_len > 0)
			break;
		if (rc == EV_EOF)
			rc = EV_OK;
		at++;
	}
	*next = at;
	if (rc == EV_OK)
		add_slack(w->check, pos, at);
	return rc;
}

/* A second archive in the comment of the first is read, not passed. */
static int64_t
behind_end(const struct walk *w, const struct ev_zip_end *end)
{
	int64_t from = end->at + ZIP_END_LEN, to = end->at + end->length;

	if (to > w->check->in->size)
		to = w->check->in->size;
	return next_known(w, end->at) < to ? from : to;
}

static enum ev_rc
visit_end(struct walk *w, int64_t pos, int64_t *next, struct ev_err *err)
{
	struct ev_zipcheck *check = w->check;
	size_t i, before = check->ends;
	enum ev_rc rc;

	rc = ev_zipcheck_add_end(check, pos, err);
	/* One that no program would have gone by: its directory counts too. */
	if (rc == EV_OK && check->ends > before)
		rc = ev_zipcheck_directory(check, before, err);
	*next = pos + ZIP_END_LEN;
	for (i = 0; i < check->ends && rc == EV_OK; i++) {
		if (check->end[i].at == pos)
			*next = behind_end(w, &check->end[i]);
	}
	return rc == EV_EOF ? EV_OK : rc;
}

/* What stands at pos, and where it ends; EV_EOF: nothing that is known. */
static enum ev_rc
structure(struct walk *w, int64_t pos, int64_t *next, struct ev_err *err)
{
	const unsigned char *p;
	size_t n = 46;
	enum ev_rc rc;

	do {
		rc = ev_zipcheck_at(w->check, &p, n, pos, err);
	} while (rc == EV_EOF && (n = n == 46 ? 22 : n - 1) >= 4);
	if (rc != EV_OK)
		return rc;
	switch (ev_zipcheck_get32(p)) {
	case ZIP_LOCAL:
		return visit(w, pos, next, err);
	case ZIP_END:
		return n >= 22 ? visit_end(w, pos, next, err) : EV_EOF;
	case ZIP_CENTRAL:
		if (n < 46)
			return EV_EOF;
		*next = pos + ZIP_CENTRAL_LEN +
			(int64_t)ev_zipcheck_get16(p + 28) +
			(int64_t)ev_zipcheck_get16(p + 30) +
			(int64_t)ev_zipcheck_get16(p + 32);
		break;
	case ZIP_END64:
		if (n < 12 || __builtin_add_overflow(pos + 12,
				  ev_zipcheck_get64(p + 4), next))
			return EV_EOF;
		break;
	case ZIP_LOCATOR:
		*next = pos + ZIP_LOCATOR_LEN;
		break;
	case ZIP_SIGNATURE:
		*next = n < 6 ? INT64_MAX
			      : pos + 6 + (int64_t)ev_zipcheck_get16(p + 4);
		break;
	case ZIP_EXTRA_DATA:
		*next = n < 8 ? INT64_MAX
			      : pos + 8 + (int64_t)ev_zipcheck_get32(p + 4);
		break;
	default:
		return EV_EOF;
	}
	return *next > w->check->in->size ? EV_EOF : EV_OK;
}

/* Entries of one header: those that say the same become one. */
static bool
same_side(const struct ev_zipcheck *check, const struct ev_zip_side *a,
    const struct ev_zip_side *b)
{
	return a->csize == b->csize && a->usize == b->usize &&
	       a->crc == b->crc && a->flags == b->flags &&
	       a->method == b->method && a->name_len == b->name_len &&
	       memcmp(ev_zipcheck_name(check, a->name),
		   ev_zipcheck_name(check, b->name), a->name_len) == 0;
}

/* to and from have one header: whether to says all that from does. */
static bool
join(struct ev_zipcheck *check, struct ev_zip_found *to,
    const struct ev_zip_found *from)
{
	if ((to->state & EV_ZIP_LOCAL) == 0 &&
	    (from->state & EV_ZIP_LOCAL) != 0) {
		to->local = from->local;
		to->data = from->data;
		to->end = from->end;
		to->state |= from->state & (EV_ZIP_LOCAL | EV_ZIP_CUT);
	}
	if ((from->state & EV_ZIP_DIR) == 0)
		return true;
	if ((to->state & EV_ZIP_DIR) == 0) {
		to->dir = from->dir;
		to->dirs = from->dirs;
		to->attributes = from->attributes;
		to->made_by = from->made_by;
		to->mtime = from->mtime;
		to->state |= from->state & (EV_ZIP_DIR | EV_ZIP_UTC);
		return true;
	}
	/* One directory that names it twice, or two that say two things. */
	if ((to->dirs & from->dirs) != 0)
		to->state |= EV_ZIP_OVERLAP;
	else if (!same_side(check, &to->dir, &from->dir))
		return false;
	to->dirs |= from->dirs;
	return (to->state & EV_ZIP_OVERLAP) == 0;
}

static void
merge(struct ev_zipcheck *check)
{
	struct ev_zip_found *found = check->found;
	size_t i, kept = 0;

	ev_zipcheck_sort(check);
	for (i = 0; i < check->count; i++) {
		if (kept > 0 && found[kept - 1].header == found[i].header &&
		    join(check, &found[kept - 1], &found[i]))
			continue;
		if (kept != i)
			found[kept] = found[i];
		kept++;
	}
	check->count = kept;
}

/* Entries whose local header the walk did not come to. */
static enum ev_rc
visit_rest(struct walk *w, struct ev_err *err)
{
	struct ev_zip_found *found;
	int64_t next;
	enum ev_rc rc;
	size_t i;

	w->sorted = w->next = w->check->count;
	for (i = 0; i < w->check->count; i++) {
		found = &w->check->found[i];
		if ((found->state & EV_ZIP_LOCAL) != 0)
			continue;
		rc = read_local(w->check, found->header, &found->local,
		    &found->data, err);
		if (rc == EV_EOF) {
			memset(&found->local, 0, sizeof(found->local));
			found->data = -1;
			found->state |= found->header >= w->check->in->size
					    ? EV_ZIP_CUT
					    : EV_ZIP_NO_HEADER;
			continue;
		}
		found->state |= EV_ZIP_LOCAL;
		if (rc == EV_OK)
			rc = find_end(w, found, &next, err);
		if (rc != EV_OK)
			return rc;
	}
	return EV_OK;
}

enum ev_rc
ev_zipcheck_walk(struct ev_zipcheck *check, struct ev_err *err)
{
	struct walk w = { .check = check, .sorted = check->count };
	int64_t pos = 0, next = 0;
	enum ev_rc rc = EV_OK;

	while (pos < check->in->size && rc == EV_OK && !check->limited) {
		while (w.next < w.sorted && check->found[w.next].header < pos)
			w.next++;
		rc = structure(&w, pos, &next, err);
		if (rc == EV_EOF && check->limited)
			break;
		if (rc == EV_EOF && check->ends == 0) {
			check->cut = pos;
			break;
		}
		if (rc == EV_EOF)
			rc = gap(&w, pos, &next, err);
		pos = next;
	}
	if (rc != EV_OK && rc != EV_EOF)
		return rc;
	if (check->ends == 0 && check->cut < 0)
		check->cut = check->in->size;
	merge(check);
	return visit_rest(&w, err);
}

/* The name that 0x7075 gives is the same one, or reads the same in CP437. */
static bool
other_name(const struct ev_zipcheck *check, const struct ev_zip_side *side)
{
	const unsigned char *name = ev_zipcheck_name(check, side->name);
	const unsigned char *uni = ev_zipcheck_name(check, side->uni);
	struct ev_buf text;
	struct ev_err err;
	bool other;

	if (side->uni_len == 0)
		return false;
	if (side->uni_len == side->name_len &&
	    memcmp(name, uni, side->name_len) == 0)
		return false;
	ev_buf_init(&text, (size_t)1 << 20);
	other = ev_cp437(&text, name, side->name_len, &err) != EV_OK ||
		text.len != side->uni_len ||
		memcmp(text.data, uni, side->uni_len) != 0;
	ev_buf_release(&text);
	return other;
}

static void
compare(struct ev_zipcheck *check, struct ev_zip_found *found)
{
	const struct ev_zip_side *dir = &found->dir, *local = &found->local;
	const unsigned both = EV_ZIP_DIR | EV_ZIP_LOCAL;
	const unsigned crypt = ZIP_ENCRYPTED | 0x40 | 0x2000;
	bool open;

	if (other_name(check, dir) || other_name(check, local))
		found->state |= EV_ZIP_NAME;
	if ((found->state & both) != both)
		return;
	if (dir->name_len != local->name_len ||
	    memcmp(ev_zipcheck_name(check, dir->name),
		ev_zipcheck_name(check, local->name), dir->name_len) != 0)
		found->state |= EV_ZIP_NAME;
	/* A zero in a streamed header is left to the descriptor. */
	open = (local->flags & ZIP_STREAMED) != 0;
	if (dir->method != local->method ||
	    (dir->flags & crypt) != (local->flags & crypt) ||
	    (dir->csize != local->csize && !(open && local->csize == 0)))
		found->state |= EV_ZIP_CONTENT;
	if ((dir->crc != local->crc && !(open && local->crc == 0)) ||
	    (dir->usize != local->usize && !(open && local->usize == 0)))
		found->state |= EV_ZIP_META;
	if (dir->flags != local->flags ||
	    (found->state & EV_ZIP_DESCRIPTOR) != 0)
		found->state |= EV_ZIP_META;
}

static bool
in_directory(const struct ev_zipcheck *check, const struct ev_zip_found *found)
{
	const struct ev_zip_end *end;
	size_t i;

	for (i = 0; i < check->ends; i++) {
		end = &check->end[i];
		if (end->readable && found->header < end->dir_end &&
		    found->end > end->dir)
			return true;
	}
	return false;
}

/* Whether entry n has bytes that another, or a directory, has as well. */
static bool
shares(const struct ev_zipcheck *check, size_t n, int64_t reach)
{
	const struct ev_zip_found *found = &check->found[n];
	const struct ev_zip_found *last = n == 0 ? NULL : found - 1;

	/* One that is only named has no bytes. */
	if ((found->state & EV_ZIP_LOCAL) == 0)
		return false;
	if (in_directory(check, found))
		return true;
	/* Two directories may well name one header. */
	return found->header < reach &&
	       (last == NULL || last->header != found->header ||
		   (last->dirs & found->dirs) != 0);
}

void
ev_zipcheck_compare(struct ev_zipcheck *check)
{
	struct ev_zip_found *found;
	uint32_t all = 0;
	int64_t reach = 0;
	size_t i;

	for (i = 0; i < check->ends; i++)
		all |= check->end[i].readable ? 1U << i : 0U;
	for (i = 0; i < check->count; i++) {
		found = &check->found[i];
		compare(check, found);
		if (all != 0 &&
		    (found->dirs != all || (found->state & EV_ZIP_LOCAL) == 0))
			found->state |= EV_ZIP_ONLY;
		if (shares(check, i, reach))
			found->state |= EV_ZIP_OVERLAP;
		if ((found->state & EV_ZIP_OVERLAP) != 0)
			check->overlap = true;
		if (found->end > reach)
			reach = found->end;
	}
}
