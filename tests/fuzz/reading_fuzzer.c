/*
 * reading: the first byte chooses a member path, the second the portions, the
 * rest is the member, read by mappings of every reader and wrapping there is.
 * Beyond memory errors it is wrong if bytes or rows do not add up, a span lies
 * outside the member, a fact is not decoded as it was encoded, or the portions
 * change anything.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/reading.h"

/* clang-format off */
#define MAPPING(id, match, reader) \
	"mapping " id "\nversion 1\nplatform x\nmatch " match "\nreader " \
	reader "\n"
static const char maps[] =
	"alias al = a | \"\xd9\x83\"\n"
	MAPPING("j.a", "json", "json tolerate=bare-key,trailing-comma,"
	    "semicolon,hex-escape,single-quote")
	"unwrap pgp-clear? js-assign?\nrows [*]\nrows a[*].b.{*}\nkind login\n"
	"field account a.id id required\nfield ip ip ipport\n"
	"field t t time:iso\nfield ua ^.n text\nwhen a.x != y\n"
	MAPPING("j.b", "json", "json tolerate=bare-key,trailing-comma,"
	    "semicolon,hex-escape,single-quote")
	"unwrap pgp-clear? js-assign?\nrows a[*].b[*].c[*]\nkind message\n"
	"field message_id . id\nfield conversation ^^.id id\n"
	"field text $.t tg-text\nfield name %key text:meta\ndupkey last\n"
	MAPPING("j.c", "json", "json keys=meta")
	"kind post\nfield post_id @al id\nfield text a html\n"
	"field lat x deg\nfield t t time:mail\nnull \"N\"\n"
	MAPPING("l.a", "lines", "jsonl")
	"kind edge\nfield other a.b[1] tg-peer\nfield t t time:epoch-ms\n"
	MAPPING("c.a", "csv", "csv")
	"kind identifier\nfield value a|b email\nfield t t time:us\n"
	MAPPING("c.b", "ruled", "csv tables=ruled charset=utf-16le")
	"kind login\nfield ip IP ip\nfield country_said C country\n"
	MAPPING("c.c", "blank", "csv tables=blank header=none delim=tab")
	"kind login\nfield port 1 port\nfield t 2 time:dmy12\n"
	MAPPING("b.a", "blocks", "blocks mark=\"*\"")
	"unwrap pgp-clear?\nkind post\nfield post_id mark id\n"
	"field text t text\n"
	MAPPING("w.a", "warc", "warc")
	"kind capture\nfield t WARC-Date time:iso\n"
	"field url WARC-Target-URI url\nfield record_id WARC-Record-ID id\n"
	"field digest digest text\nfield digest_ok digest-ok bool\n"
	"field tool info-software text\nfield query http-type text\n"
	MAPPING("h.a", "page", "html-pairs skip=P empty=None start=@al"
	    " carry=c list=l")
	"rows a[*]\nrows {*}[0]\nkind login\nfield account $.r[0].S id\n"
	"field ip a|@al ipport required\nfield t t time:ymdhms\n"
	"field ua c text:meta\n"
	MAPPING("h.b", "page", "html-pairs skip=P empty=None start=@al"
	    " carry=c list=l")
	"rows a[*].l[*]\nkind edge\nfield other . id\n"
	MAPPING("h.c", "items", "html-pairs markup=list")
	"kind login\nfield ip a ip\nfield ua b text\n"
	MAPPING("t.a", "chat", "tg-html")
	"kind message\nfield message_id id id\nfield name from_name text\n"
	"field text text text\nfield t date time:tg-title\n"
	"field conv_name chat text\nfield media media text\n"
	MAPPING("wt.a", "talk", "wa-text")
	"kind message\nfield name sender text\nfield text text|system text\n"
	"field t time time:wa\n"
	MAPPING("m.a", "box", "mail")
	"kind message\nfield message_id message-id id\n"
	"field text text|html text\n"
	"field name from-name text\nfield recipient recipients text\n"
	"field ip originating-ip ip\nfield t header.~date time:mail\n"
	MAPPING("m.b", "box", "mail")
	"rows received[*]\nkind hop\nfield ordinal ordinal int\n"
	"field ip ip ip\n"
	"field from_host from text\nfield by_host by text\n"
	"field t date time:mail\n"
	MAPPING("m.c", "box", "mail")
	"rows attachments[*]\nkind media\nfield hash sha256 text\n"
	"field declared_path name text\nfield size size int\n"
	MAPPING("ha.a", "har", "har")
	"kind capture\nfield url url url\nfield t started time:iso\n"
	"field server_ip server-ip ip\nfield query summary text\n"
	"field digest body-digest text\n"
	MAPPING("wz.a", "wacz", "wacz")
	"kind capture\nfield identifier path text\nfield digest digest text\n"
	"field digest_ok digest-ok bool\nfield signed signature-ok bool\n"
	"field generated time time:iso\nfield service signer text\n"
	MAPPING("ts.a", "tsr", "tsr")
	"kind capture\nfield t time time:iso\nfield digest imprint text\n"
	"field signed signature-ok bool\nfield service signer text\n"
	"field record_id serial id\nfield target covers text\n"
	MAPPING("tp.a", "colon", "text-pairs skip=P empty=None start=@al"
	    " carry=c list=l charset=cp1252")
	"kind login\nfield ip @al ip\nfield ua b text\nfield t t time:ymdhms\n"
	MAPPING("tp.b", "under", "text-pairs style=next-line labels=@al skip=P"
	    " charset=utf-16be")
	"rows a[*]\nkind post\nfield text . text\n"
	MAPPING("tt.a", "columns", "text-table after=T")
	"kind login\nfield ip a ip\nfield ua b text\nfield account c id\n"
	MAPPING("tt.b", "columns16", "text-table charset=utf-16le")
	"kind login\nfield ip a ip\nfield ua b text\n"
	MAPPING("ht.a", "grid", "html-table")
	"kind login\nfield ip a ip\nfield ua b text\n"
	MAPPING("ht.b", "grid", "html-table after=T")
	"kind edge\nfield other a id\n"
	MAPPING("f.a", "**", "file")
	"kind media\nfield declared_path %member path\n";
static const char *const paths[] = { "json", "lines", "csv", "ruled", "blank",
	"blocks", "warc", "page", "items", "chat", "talk",
	"box", "har", "wacz", "tsr", "colon", "under", "columns",
	"columns16", "grid" };
/* clang-format on */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct given {
	const uint8_t *data;
	size_t len, at, chunk;
	uint64_t sum;
	bool told;
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
add(struct given *g, const void *data, size_t len)
{
	const unsigned char *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		g->sum = (g->sum ^ p[i]) * 1099511628211U;
}

static void
in_member(const struct given *g, int64_t offset, int64_t length)
{
	must(offset >= 0 && length >= 0 && offset + length <= (int64_t)g->len);
}

static enum ev_rc
on_fact(void *ctx, const struct ev_fact *fact, struct ev_err *err)
{
	static struct ev_fact back;
	const struct ev_fact_origin origin = { .sha256 = "",
		.member = "",
		.mapping = "",
		.mapping_sha256 = "" };
	struct given *g = ctx;
	struct ev_buf wire, line;

	in_member(g, fact->offset, fact->length);
	ev_buf_init(&wire, 64 << 20);
	ev_buf_init(&line, 64 << 20);
	must(ev_fact_encode(&wire, fact, err) == EV_OK);
	must(ev_fact_decode(&back, wire.data, wire.len, err) == EV_OK);
	must(ev_fact_equal(fact, &back));
	must(ev_fact_line(&line, fact, &origin, err) == EV_OK);
	add(g, wire.data, wire.len);
	ev_buf_release(&wire);
	ev_buf_release(&line);
	return EV_OK;
}

static enum ev_rc
on_duplicate(void *ctx, const struct ev_duplicate *row, struct ev_err *err)
{
	(void)err;
	in_member(ctx, row->offset, row->length);
	add(ctx, &row->offset, sizeof(row->offset));
	add(ctx, &row->length, sizeof(row->length));
	add(ctx, &row->first_offset, sizeof(row->first_offset));
	return EV_OK;
}

static enum ev_rc
on_set_aside(void *ctx, const struct ev_set_aside *what, struct ev_err *err)
{
	(void)err;
	in_member(ctx, what->offset, what->length);
	add(ctx, &what->offset, sizeof(what->offset));
	add(ctx, &what->length, sizeof(what->length));
	add(ctx, what->reason, strlen(what->reason));
	return EV_OK;
}

static enum ev_rc
on_ignored(void *ctx, int64_t offset, int64_t length, struct ev_err *err)
{
	(void)err;
	must(length > 0);
	in_member(ctx, offset, length);
	add(ctx, &offset, sizeof(offset));
	add(ctx, &length, sizeof(length));
	return EV_OK;
}

static enum ev_rc
on_note(void *ctx, const char *word, const char *detail, int64_t offset,
    struct ev_err *err)
{
	(void)err;
	in_member(ctx, offset, 0);
	add(ctx, word, strlen(word));
	add(ctx, detail, strlen(detail));
	return EV_OK;
}

static enum ev_rc
on_unknown(void *ctx, const char *path, size_t len, int64_t times,
    struct ev_err *err)
{
	(void)err;
	must(times > 0);
	add(ctx, path, len);
	return EV_OK;
}

static enum ev_rc
on_rows(void *ctx, int mapping, const struct ev_row_count *rows,
    struct ev_err *err)
{
	(void)mapping;
	(void)err;
	must(rows->found ==
	     rows->read + rows->duplicated + rows->set_aside + rows->ignored);
	add(ctx, rows, sizeof(*rows));
	return EV_OK;
}

static enum ev_rc
on_total(void *ctx, enum ev_outcome outcome, const struct ev_byte_count *bytes,
    const char *fingerprint, struct ev_err *err)
{
	struct given *g = ctx;

	(void)err;
	must(bytes->read + bytes->set_aside + bytes->ignored + bytes->frame ==
	     (int64_t)g->len);
	must(!g->told);
	g->told = true;
	add(g, &outcome, sizeof(outcome));
	add(g, bytes, sizeof(*bytes));
	add(g, fingerprint, strlen(fingerprint));
	return EV_OK;
}

static enum ev_rc
give(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct given *g = ctx;
	size_t n = g->len - g->at;

	(void)err;
	if (n > cap)
		n = cap;
	if (n > g->chunk)
		n = g->chunk;
	if (n > 0)
		memcpy(data, g->data + g->at, n);
	g->at += n;
	*got = n;
	return n == 0 ? EV_EOF : EV_OK;
}

static enum ev_rc
again(void *ctx, struct ev_err *err)
{
	struct given *g = ctx;

	(void)err;
	g->at = 0;
	return EV_OK;
}

static uint64_t
run(const struct ev_mapset *set, struct given *g, const char *path)
{
	const struct ev_sink sink = { g, on_fact, on_duplicate, on_set_aside,
		on_ignored, on_note, on_unknown, on_rows, on_total };
	struct ev_reading_in in = { .path = path,
		.path_len = strlen(path),
		.head = g->data,
		.head_len = g->len < 65536 ? g->len : 65536,
		.size = -1,
		.media = "",
		.stream = { g, give, again } };
	struct ev_err err = { 0 };

	must(ev_reading_run(set, &in, &sink, &err) == EV_OK);
	must(g->told && g->at == g->len);
	return g->sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct ev_mapset *set;
	struct given whole, parts;
	struct ev_err err = { 0 };
	const char *path;

	if (set == NULL) {
		must(ev_mapset_new(&set, &err) == EV_OK);
		must(ev_mapset_add(set, "m", maps, sizeof(maps) - 1, &err) ==
		     EV_OK);
	}
	if (len < 2)
		return 0;
	path = paths[data[0] % (sizeof(paths) / sizeof(paths[0]))];
	memset(&whole, 0, sizeof(whole));
	whole.data = data + 2;
	whole.len = len - 2;
	whole.chunk = len;
	parts = whole;
	parts.chunk = data[1] % 64 + 1U;
	must(run(set, &whole, path) == run(set, &parts, path));
	return 0;
}
