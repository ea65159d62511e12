/* A fact between ev-parse and its parent: written, and strictly read. */
#include <string.h>

#include "evidence/text.h"
#include "ingest/fact.h"

/*
 * kind, account_basis, count: a byte each; mapping u16; offset, length i64;
 * platform with its NUL, pointer, root, notes: u32 length and bytes.  A value
 * is column, flags, then what its type asks for, then raw.  Little-endian.
 */
enum {
	F_NULL = 1,
	F_RAW = 2,
	F_UTC = 4,
	F_ALT = 8,
	F_ALL = 15,
};

/* Instants of the years 1 to 9999, and integers a JSON line can hold. */
static const int64_t FIRST = -62135596800000000;
static const int64_t LAST = 253402300799999999;
static const int64_t INT_LIMIT = (int64_t)1 << 53;

static enum ev_rc
put_number(struct ev_buf *out, uint64_t value, int bytes, struct ev_err *err)
{
	unsigned char data[8];
	int i;

	for (i = 0; i < bytes; i++)
		data[i] = (unsigned char)(value >> (8 * i));
	return ev_buf_put(out, data, (size_t)bytes, err);
}

static enum ev_rc
put_bytes(struct ev_buf *out, const void *data, size_t len, struct ev_err *err)
{
	enum ev_rc rc;

	if (len > UINT32_MAX)
		return ev_fail(err, EV_LIMIT, "fact: a value over 4 GiB");
	rc = put_number(out, len, 4, err);
	if (rc == EV_OK && len > 0)
		rc = ev_buf_put(out, data, len, err);
	return rc;
}

static enum ev_rc
put_time(struct ev_buf *out, const struct ev_fact_time *time,
    struct ev_err *err)
{
	const int64_t part[] = { time->has_utc ? time->utc : 0, time->lo,
		time->hi, time->has_alt ? time->alt : 0 };
	enum ev_rc rc;
	size_t i;

	rc = put_number(out, (uint64_t)time->basis, 1, err);
	if (rc == EV_OK)
		rc = put_number(out, (uint64_t)time->prec, 1, err);
	for (i = 0; i < 4 && rc == EV_OK; i++)
		rc = put_number(out, (uint64_t)part[i], 8, err);
	return rc;
}

static enum ev_rc
put_value(struct ev_buf *out, enum ev_column_type type,
    const struct ev_fact_value *value, struct ev_err *err)
{
	bool time = type == EV_C_TIME && !value->null;
	unsigned flags;
	enum ev_rc rc;

	flags = (value->null ? F_NULL : 0U) | (value->has_raw ? F_RAW : 0U);
	flags |= time && value->time.has_utc ? F_UTC : 0U;
	flags |= time && value->time.has_alt ? F_ALT : 0U;
	rc = put_number(out, (uint64_t)value->column, 1, err);
	if (rc == EV_OK)
		rc = put_number(out, flags, 1, err);
	if (rc == EV_OK && time)
		rc = put_time(out, &value->time, err);
	else if (rc == EV_OK && !value->null &&
		 (type == EV_C_INT || type == EV_C_BOOL || type == EV_C_PORT))
		rc = put_number(out, (uint64_t)value->number, 8, err);
	else if (rc == EV_OK && !value->null)
		rc = put_bytes(out, value->text, value->text_len, err);
	if (rc == EV_OK && value->has_raw)
		rc = put_bytes(out, value->raw, value->raw_len, err);
	return rc;
}

static enum ev_rc
put_head(struct ev_buf *out, const struct ev_fact *fact, struct ev_err *err)
{
	enum ev_rc rc;

	rc = put_number(out, (uint64_t)fact->kind, 1, err);
	if (rc == EV_OK)
		rc = put_number(out, (uint64_t)fact->account_basis, 1, err);
	if (rc == EV_OK)
		rc = put_number(out, fact->count, 1, err);
	if (rc == EV_OK)
		rc = put_number(out, (uint64_t)fact->mapping, 2, err);
	if (rc == EV_OK)
		rc = put_number(out, (uint64_t)fact->offset, 8, err);
	if (rc == EV_OK)
		rc = put_number(out, (uint64_t)fact->length, 8, err);
	if (rc == EV_OK)
		rc = put_bytes(out, fact->platform, strlen(fact->platform) + 1,
		    err);
	if (rc == EV_OK)
		rc = put_bytes(out, fact->pointer, fact->pointer_len, err);
	if (rc == EV_OK)
		rc = put_bytes(out, fact->root, fact->root_len, err);
	if (rc == EV_OK)
		rc = put_bytes(out, fact->notes, fact->notes_len, err);
	return rc;
}

enum ev_rc
ev_fact_encode(struct ev_buf *out, const struct ev_fact *fact,
    struct ev_err *err)
{
	const struct ev_kind_info *info;
	enum ev_rc rc;
	size_t i;
	int column;

	if ((unsigned)fact->kind >= EV_KINDS || fact->mapping < 0 ||
	    fact->mapping > UINT16_MAX || fact->count > EV_FACT_VALUES)
		return ev_fail(err, EV_USE, "fact: no such kind or mapping");
	info = ev_kind_info(fact->kind);
	rc = put_head(out, fact, err);
	for (i = 0; i < fact->count && rc == EV_OK; i++) {
		column = fact->value[i].column;
		if (column < 0 || (size_t)column >= info->count)
			return ev_fail(err, EV_USE, "fact: no such column");
		rc = put_value(out, info->columns[column].type, &fact->value[i],
		    err);
	}
	return rc;
}

/* What is left to decode; the first thing that does not fit sets bad. */
struct rest {
	const unsigned char *data;
	size_t len;
	const char *bad;
};

static uint64_t
get_number(struct rest *rest, size_t bytes)
{
	uint64_t value = 0;
	size_t i;

	if (rest->bad != NULL || rest->len < bytes) {
		rest->bad = rest->bad != NULL ? rest->bad : "cut short";
		return 0;
	}
	for (i = 0; i < bytes; i++)
		value |= (uint64_t)rest->data[i] << (8 * i);
	rest->data += bytes;
	rest->len -= bytes;
	return value;
}

static int64_t
get_ranged(struct rest *rest, int64_t low, int64_t high, const char *what)
{
	int64_t value = (int64_t)get_number(rest, 8);

	if (rest->bad == NULL && (value < low || value > high))
		rest->bad = what;
	return value;
}

static const char *
get_bytes(struct rest *rest, size_t *len)
{
	const char *data;

	*len = (size_t)get_number(rest, 4);
	if (rest->bad == NULL && *len > rest->len)
		rest->bad = "a length past the end";
	if (rest->bad != NULL) {
		*len = 0;
		return "";
	}
	data = (const char *)rest->data;
	rest->data += *len;
	rest->len -= *len;
	return data;
}

static const char *
get_text(struct rest *rest, size_t *len)
{
	const char *text = get_bytes(rest, len);

	if (rest->bad == NULL &&
	    (memchr(text, '\0', *len) != NULL || !ev_text_is_utf8(text, *len)))
		rest->bad = "text that is not UTF-8, or holds a NUL";
	return text;
}

static bool
is_word(const struct ev_column *column, const char *text, size_t len)
{
	size_t i;

	for (i = 0; column->words[i] != NULL; i++)
		if (strlen(column->words[i]) == len &&
		    memcmp(column->words[i], text, len) == 0)
			return true;
	return false;
}

static void
get_time(struct rest *rest, struct ev_fact_time *time, unsigned flags)
{
	uint64_t basis = get_number(rest, 1), prec = get_number(rest, 1);

	if (basis > EV_BASIS_AMBIGUOUS || prec > EV_PREC_YEAR)
		rest->bad = "no such basis or precision";
	time->basis = (enum ev_basis)basis;
	time->prec = (enum ev_when_prec)prec;
	time->has_utc = (flags & F_UTC) != 0;
	time->has_alt = (flags & F_ALT) != 0;
	time->utc = get_ranged(rest, FIRST, LAST, "an instant out of range");
	time->lo = get_ranged(rest, FIRST, LAST, "an instant out of range");
	time->hi = get_ranged(rest, FIRST, LAST, "an instant out of range");
	time->alt = get_ranged(rest, FIRST, LAST, "an instant out of range");
	if (time->lo > time->hi)
		rest->bad = "bounds the wrong way round";
	if ((!time->has_utc && time->utc != 0) ||
	    (!time->has_alt && time->alt != 0))
		rest->bad = "an instant that is not there";
}

static void
get_typed(struct rest *rest, const struct ev_column *column,
    struct ev_fact_value *value, unsigned flags)
{
	int64_t high;

	switch (column->type) {
	case EV_C_TIME:
		get_time(rest, &value->time, flags);
		return;
	case EV_C_INT:
		value->number = get_ranged(rest, 1 - INT_LIMIT, INT_LIMIT - 1,
		    "an integer out of range");
		return;
	case EV_C_BOOL:
	case EV_C_PORT:
		high = column->type == EV_C_BOOL ? 1 : UINT16_MAX;
		value->number = get_ranged(rest, 0, high,
		    "a truth value or port out of range");
		return;
	case EV_C_TEXT:
	case EV_C_ID:
	case EV_C_IP:
	case EV_C_URL:
	case EV_C_COUNTRY:
	case EV_C_WORD:
		value->text = get_text(rest, &value->text_len);
		break;
	}
	if (rest->bad == NULL && column->words != NULL &&
	    !is_word(column, value->text, value->text_len))
		rest->bad = "a word outside its vocabulary";
}

static void
get_value(struct rest *rest, const struct ev_kind_info *info,
    struct ev_fact_value *value, int above)
{
	uint64_t column = get_number(rest, 1);
	unsigned flags = (unsigned)get_number(rest, 1);
	bool time;

	memset(value, 0, sizeof(*value));
	if (rest->bad == NULL && column >= info->count)
		rest->bad = "no such column";
	else if (rest->bad == NULL && (int)column <= above)
		rest->bad = "a column twice or out of order";
	if (rest->bad != NULL)
		return;
	value->column = (int)column;
	value->null = (flags & F_NULL) != 0;
	value->has_raw = (flags & F_RAW) != 0;
	time = info->columns[column].type == EV_C_TIME && !value->null;
	if ((flags & ~(unsigned)F_ALL) != 0 ||
	    (!time && (flags & (F_UTC | F_ALT)) != 0))
		rest->bad = "no such flag";
	else if (!value->null)
		get_typed(rest, &info->columns[column], value, flags);
	if (value->has_raw)
		value->raw = get_bytes(rest, &value->raw_len);
}

static void
get_platform(struct rest *rest, struct ev_fact *fact)
{
	size_t len, i;

	fact->platform = get_bytes(rest, &len);
	if (rest->bad != NULL)
		return;
	if (len < 2 || fact->platform[len - 1] != '\0') {
		rest->bad = "a platform without end";
		return;
	}
	for (i = 0; i + 1 < len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-",
			fact->platform[i]) == NULL ||
		    fact->platform[i] == 0)
			rest->bad = "a platform that is no name";
}

enum ev_rc
ev_fact_decode(struct ev_fact *fact, const void *data, size_t len,
    struct ev_err *err)
{
	struct rest rest = { data, len, NULL };
	uint64_t kind, basis;
	int above = -1;
	size_t i;

	memset(fact, 0, offsetof(struct ev_fact, value));
	kind = get_number(&rest, 1);
	basis = get_number(&rest, 1);
	fact->count = (size_t)get_number(&rest, 1);
	fact->mapping = (int)get_number(&rest, 2);
	fact->offset = get_ranged(&rest, 0, INT_LIMIT - 1, "a negative offset");
	fact->length = get_ranged(&rest, 0, INT_LIMIT - 1, "a negative length");
	if (rest.bad == NULL && (kind >= EV_KINDS || basis > EV_AB_NONE ||
				    fact->count > EV_FACT_VALUES))
		rest.bad = "no such kind or account basis";
	get_platform(&rest, fact);
	fact->pointer = get_text(&rest, &fact->pointer_len);
	fact->root = get_bytes(&rest, &fact->root_len);
	fact->notes = get_text(&rest, &fact->notes_len);
	for (i = 0; rest.bad == NULL && i < fact->count; i++) {
		fact->kind = (enum ev_kind)kind;
		get_value(&rest, ev_kind_info(fact->kind), &fact->value[i],
		    above);
		above = fact->value[i].column;
	}
	if (rest.bad == NULL && rest.len != 0)
		rest.bad = "bytes left over";
	if (rest.bad != NULL)
		return ev_fail(err, EV_INPUT, "fact at byte %zu: %s",
		    len - rest.len, rest.bad);
	fact->kind = (enum ev_kind)kind;
	fact->account_basis = (enum ev_account_basis)basis;
	return EV_OK;
}
