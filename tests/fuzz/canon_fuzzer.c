/*
 * canon: identifiers in running text and their one form.  Beyond memory errors
 * it is wrong if what is found lies outside the text or does not advance, or
 * if what was taken as canonical is written otherwise the second time.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "weigh/canon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A platform's own numbers get its name in front each time; so not those. */
static const enum ev_type types[] = { EV_T_EMAIL, EV_T_PHONE, EV_T_DEVICE,
	EV_T_WALLET, EV_T_IBAN, EV_T_DOMAIN, EV_T_TRACKER, EV_T_CERTIFICATE,
	EV_T_INVITE, EV_T_IP, EV_T_URL, EV_T_USERNAME, EV_T_ACCOUNT };

static void
twice(enum ev_type type, const char *raw, size_t len)
{
	static const char params[] = "utm_*\nfbclid\n";
	static struct ev_listfile tracking;
	struct ev_canon in = { type, "x", raw, len, &tracking };
	struct ev_buf once, again;
	unsigned flags = 0, more = 0;
	struct ev_err err;

	if (tracking.rows == 0 && ev_listfile_parse(&tracking, "t", params,
				      sizeof(params) - 1, &err) != EV_OK)
		abort();
	ev_buf_init(&once, 1 << 20);
	ev_buf_init(&again, 1 << 20);
	if (ev_canon(&in, &once, &flags, &err) != EV_OK)
		abort();
	in.raw = ev_buf_text(&once);
	in.len = once.len;
	if ((flags & EV_CANON_RAW) == 0 && once.len <= 4096) {
		if (ev_canon(&in, &again, &more, &err) != EV_OK)
			abort();
		if ((more & EV_CANON_RAW) != 0 || again.len != once.len ||
		    memcmp(again.data, once.data, once.len) != 0)
			abort();
	}
	ev_buf_release(&once);
	ev_buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	struct ev_found found;
	size_t at = 0, before = 0;

	while (ev_canon_next(text, len, &at, &found)) {
		if (at <= before || at > len || found.text < text ||
		    found.len == 0 || found.text + found.len != text + at)
			abort();
		before = at;
		/* A handle alone names an account of its own platform. */
		if (found.type != EV_T_ACCOUNT)
			twice(found.type, found.text, found.len);
	}
	if (len > 1)
		twice(types[data[0] % (sizeof(types) / sizeof(types[0]))],
		    text + 1, len - 1);
	return 0;
}
