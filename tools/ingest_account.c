/* The byte account of ev-ingest, as text or JSON lines. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest_words.h"

enum {
	LINE_LIMIT = 64 << 20,
	SHOWN = 20, /* lines of a list, unless --verbose */
	NAME_SHOWN = 60,
	WIDTH = 12,
};

/* In the order of enum ev_ingest_about. */
static const struct {
	const char *heading;
	const char *more; /* where to see the rest */
} lists[] = {
	{ "losses by reason", "" },
	{ "set aside", "ev-list CASE set-aside" },
	{ "left out of the source", "-v" },
	{ "not read", "ev-list CASE unread" },
	{ "declared by the source, and found", "-v" },
	{ "declared by the source, and not there", "-v" },
	{ "this shape was never seen: keys that no mapping names", "-v" },
	{ "notes, and how many artifacts have them", "-v" },
	{ "what these readings cannot say", "-v" },
};

/* Foreign bytes, made printable, at most so many columns of them. */
static void
put_safe(const void *data, size_t len, size_t most)
{
	struct ev_buf out;
	struct ev_err err;
	const char *text;
	size_t n;

	ev_buf_init(&out, LINE_LIMIT);
	if (ev_text_safe(&out, data, len, EV_TEXT_NAME, &err) == EV_OK) {
		text = ev_buf_text(&out);
		n = out.len;
		if (most > 0 && n > most) {
			/* The end of a path tells more than its beginning. */
			text += n - most;
			while ((*text & 0xc0) == 0x80)
				text++;
			(void)fputs("...", stdout);
		}
		(void)fputs(text, stdout);
	}
	ev_buf_release(&out);
}

static void
put_count(const char *label, int64_t n)
{
	(void)printf("  %-*s%12" PRId64 "  ", WIDTH, label, n);
}

static void
text_totals(const struct ingest_own *own, const struct ev_ingest_totals *t)
{
	const char *comma = "";
	char id[EV_ID_TEXT];
	int i;

	ev_id_print(id, 'I', t->acquisition);
	if (own->opts.dry_run)
		(void)fputs("dry run  ", stdout);
	else if (t->acquisition == 0)
		(void)fputs("read again", stdout);
	else
		(void)printf("%s  ", id);
	put_safe(t->source, t->source_len, 0);
	(void)putchar('\n');
	put_count("exhibits", t->exhibits);
	(void)printf("%" PRId64 " bytes, %" PRId64 " new to the vault\n",
	    t->exhibit_bytes, t->stored_bytes);
	put_count("artifacts", t->artifacts);
	for (i = 0; i < EV_INGEST_OUTCOMES; i++) {
		if (t->outcome[i] == 0)
			continue;
		(void)printf("%s%" PRId64 " %s", comma, t->outcome[i],
		    ev_ingest_outcome(i));
		comma = ", ";
	}
	(void)putchar('\n');
	put_count("bytes read", t->bytes_read);
	(void)printf("set aside %" PRId64 ", ignored %" PRId64
		     ", frame %" PRId64 "\n",
	    t->bytes_set_aside, t->bytes_ignored, t->bytes_frame);
	put_count("rows found", t->found);
	(void)printf("read %" PRId64 ", duplicated %" PRId64
		     ", set aside %" PRId64 ", ignored %" PRId64 "\n",
	    t->read, t->duplicated, t->set_aside, t->ignored);
	put_count("facts", t->facts);
	(void)printf("%" PRId64 " values empty\n", t->nulls);
	if (t->landlock_abi == 0 || !t->seccomp)
		(void)printf("  sandbox: %s\n",
		    t->landlock_abi == 0 && !t->seccomp
			? "none"
			: (t->seccomp ? "no Landlock" : "no seccomp"));
}

static void
put_text(const struct ev_ingest_item *item)
{
	if (item->text == NULL || item->text[0] == '\0')
		return;
	(void)fputs(": ", stdout);
	put_safe(item->text, strlen(item->text), 0);
}

static void
text_item(const struct ev_ingest_item *item)
{
	(void)printf("  %s%s", item->id, item->id[0] == '\0' ? "" : "  ");
	switch (item->about) {
	case EV_INGEST_LOSS:
		(void)printf("%s: %" PRId64 ", %" PRId64 " bytes", item->word,
		    item->count, item->bytes);
		break;
	case EV_INGEST_NOTE:
		(void)printf("%s: %" PRId64, item->word, item->count);
		break;
	case EV_INGEST_UNKNOWN_KEY:
		put_safe(item->name, item->name_len, NAME_SHOWN);
		(void)printf(": %" PRId64, item->count);
		break;
	case EV_INGEST_LIMIT:
		(void)fputs(item->word, stdout);
		put_text(item);
		break;
	case EV_INGEST_DECLARED:
		put_safe(item->name, item->name_len, NAME_SHOWN);
		(void)printf(" (%s): %" PRId64 " declared, %" PRId64 " found",
		    item->word, item->bytes, item->count);
		break;
	case EV_INGEST_MISSING:
		put_safe(item->name, item->name_len, NAME_SHOWN);
		(void)fputs(" names ", stdout);
		put_safe(item->word, strlen(item->word), NAME_SHOWN);
		break;
	case EV_INGEST_SET_ASIDE:
	case EV_INGEST_LEFT_OUT:
	case EV_INGEST_UNREAD:
		(void)printf("%s  ", item->word);
		put_safe(item->name, item->name_len, NAME_SHOWN);
		if (item->about == EV_INGEST_SET_ASIDE)
			(void)printf(" bytes %" PRId64 "+%" PRId64,
			    item->offset, item->bytes);
		put_text(item);
		break;
	}
	(void)putchar('\n');
}

static void
on_begin(void *ctx, const struct ev_ingest_totals *totals)
{
	struct ingest_own *own = ctx;

	cli_bar_end(&own->bar);
	ingest_report_end(own);
	if (own->cli->quiet)
		return;
	if (own->cli->json)
		ingest_json_totals(totals);
	else
		text_totals(own, totals);
}

static void
on_item(void *ctx, const struct ev_ingest_item *item)
{
	struct ingest_own *own = ctx;

	if (own->cli->quiet)
		return;
	if (own->cli->json) {
		ingest_json_item(item);
		return;
	}
	if (own->about != (int)item->about) {
		ingest_report_end(own);
		own->about = (int)item->about;
		(void)printf("%s\n", lists[item->about].heading);
	}
	own->shown++;
	if (own->shown <= SHOWN || own->cli->verbose)
		text_item(item);
}

void
ingest_report(struct ingest_own *own, struct ev_ingest_report *report)
{
	own->about = -1;
	own->shown = 0;
	report->ctx = own;
	report->begin = on_begin;
	report->item = on_item;
}

/* The end of a list: what of it was not shown. */
void
ingest_report_end(struct ingest_own *own)
{
	if (own->about >= 0 && own->shown > SHOWN && !own->cli->verbose)
		(void)printf("  and %" PRId64 " more: %s\n", own->shown - SHOWN,
		    lists[own->about].more);
	own->about = -1;
	own->shown = 0;
}
