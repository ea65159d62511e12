/* How much reading one exhibit may cost, and the names of those limits. */
#include <stddef.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/limits.h"

static const struct {
	const char *name;
	size_t field;
	int64_t standard;
	int64_t low, high;
} known[] = {
	{ "limit-ratio", offsetof(struct ev_limits, ratio), 1000, 1,
	    1000000000 },
	{ "limit-output", offsetof(struct ev_limits, output),
	    (int64_t)256 << 30, 1, (int64_t)1 << 60 },
	{ "limit-members", offsetof(struct ev_limits, members), 1000000, 1,
	    100000000 },
	{ "limit-depth", offsetof(struct ev_limits, depth), 8, 0, 8 },
	{ "limit-memory", offsetof(struct ev_limits, memory),
	    (int64_t)512 << 20, (int64_t)64 << 20, (int64_t)1 << 40 },
	{ "limit-cpu", offsetof(struct ev_limits, cpu), 60, 1, 1000000 },
	{ "limit-stall", offsetof(struct ev_limits, stall), 60, 1, 1000000 },
};
enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static int64_t *
field(struct ev_limits *limits, size_t n)
{
	return (int64_t *)(void *)((char *)limits + known[n].field);
}

/* One NAME=VALUE of len bytes. */
static enum ev_rc
set(struct ev_limits *limits, const char *text, size_t len, struct ev_err *err)
{
	const char *equals = memchr(text, '=', len);
	size_t name, n;

	if (equals == NULL)
		return ev_fail(err, EV_INPUT, "limit '%.*s': no value",
		    (int)len, text);
	name = (size_t)(equals - text);
	for (n = 0; n < KNOWN; n++) {
		if (strlen(known[n].name) == name &&
		    memcmp(known[n].name, text, name) == 0)
			break;
	}
	if (n == KNOWN)
		return ev_fail(err, EV_INPUT, "there is no limit '%.*s'",
		    (int)name, text);
	if (!ev_text_int(field(limits, n), equals + 1, len - name - 1,
		known[n].low, known[n].high))
		return ev_fail(err, EV_INPUT,
		    "%s: '%.*s' is not a number from %jd to %jd", known[n].name,
		    (int)(len - name - 1), equals + 1, (intmax_t)known[n].low,
		    (intmax_t)known[n].high);
	return EV_OK;
}

enum ev_rc
ev_limits_parse(struct ev_limits *limits, const char *text, bool halved,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t n, len;

	for (n = 0; n < KNOWN; n++)
		*field(limits, n) = known[n].standard;
	if (halved) {
		limits->ratio /= 2;
		limits->output /= 2;
		limits->members /= 2;
		limits->memory /= 2;
		limits->cpu /= 2;
	}
	for (; text != NULL && *text != '\0' && rc == EV_OK; text += len) {
		text += strspn(text, " ");
		len = strcspn(text, " ");
		if (len > 0)
			rc = set(limits, text, len, err);
	}
	return rc;
}
