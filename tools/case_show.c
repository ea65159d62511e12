/* What ev-case prints of a case. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "case_words.h"
#include "evidence/custody.h"
#include "evidence/handover.h"
#include "evidence/json.h"
#include "evidence/text.h"

enum { LINE_LIMIT = 1 << 20, NOTE_LIMIT = 16384 };

/* Evidence never reaches the terminal but through here. */
static void
print_safe(const char *label, const char *text)
{
	struct ev_buf out;
	struct ev_err err;

	ev_buf_init(&out, LINE_LIMIT);
	if (ev_text_safe(&out, text, strlen(text), EV_TEXT_NAME, &err) == EV_OK)
		(void)printf("%-16s%s\n", label, ev_buf_text(&out));
	ev_buf_release(&out);
}

static void
print_count(const char *label, int64_t n, const char *more)
{
	(void)printf("%-16s%12" PRId64 "%s%s\n", label, n,
	    more[0] == '\0' ? "" : "  ", more);
}

/* The one thing to do next, most pressing first. */
static const char *
next_command(const struct ev_case_counts *n)
{
	if (n->unfinished > 0)
		return "repeat the ev-ingest that was broken off";
	if (n->offer > 0)
		return "ev-custody accept CASE --as @receiver --sign KEY";
	if (n->closed > 0)
		return n->unstamped > 0 ? "ev-stamp CASE --tsa URL"
					: "ev-bundle CASE -o FILE.asice";
	if (n->acquisitions == 0)
		return "ev-ingest CASE SOURCE";
	if (n->unread > 0)
		return "ev-list CASE unread";
	if (n->organisations == 0)
		return "ev-org import CASE REGISTER.csv";
	if (n->claims == 0)
		return "ev-attrib run CASE";
	if (n->unstamped > 0)
		return "ev-stamp CASE --tsa URL";
	return "ev-bundle CASE -o FILE.asice";
}

static void
print_status(struct cli *cli, const struct ev_case_info *info,
    const struct ev_case_counts *n, const struct ev_buf *note, const char *to)
{
	char code[EV_CUSTODY_CODE], more[96];

	print_safe("case", info->number);
	print_safe("title", info->title);
	print_safe("id", info->case_id);
	print_safe("created", info->created);
	print_count("people", n->actors, "");
	print_count("authorities", n->authorities, "");
	(void)snprintf(more, sizeof(more), "%" PRId64 " not finished",
	    n->unfinished);
	print_count("acquisitions", n->acquisitions,
	    n->unfinished > 0 ? more : "");
	(void)snprintf(more, sizeof(more), "%" PRId64 " bytes",
	    n->exhibit_bytes);
	print_count("exhibits", n->exhibits, more);
	(void)snprintf(more, sizeof(more), "%" PRId64 " that no mapping read",
	    n->unread);
	print_count("artifacts", n->artifacts, n->unread > 0 ? more : "");
	print_count("facts", n->facts, "");
	print_count("set aside", n->set_aside, "");
	print_count("accounts", n->accounts, "");
	print_count("organisations", n->organisations, "");
	print_count("claims", n->claims, "");
	(void)snprintf(more, sizeof(more), "%" PRId64 " not time-stamped",
	    n->unstamped);
	print_count("log entries", n->entries, n->unstamped > 0 ? more : "");
	(void)snprintf(more, sizeof(more), "%" PRId64 " stamps queued",
	    n->queued);
	print_count("heads", n->heads, n->queued > 0 ? more : "");
	ev_custody_code(code, note);
	(void)printf("%-16s%s\n", "newest head", code);
	if (n->closed > 0)
		(void)printf("%-16sby entry %" PRId64 "\n", "closed",
		    n->closed);
	if (n->offer > 0) {
		(void)snprintf(more, sizeof(more),
		    "offered to %.40s by entry %" PRId64, to, n->offer);
		print_safe("handover", more);
	}
	if (!cli->quiet)
		(void)printf("next: %s\n", next_command(n));
}

static enum ev_rc
json_status(const struct ev_case_info *info, const struct ev_case_counts *n,
    const char *note, struct ev_err *err)
{
	struct ev_buf out;
	struct ev_jw w;
	enum ev_rc rc;

	ev_buf_init(&out, LINE_LIMIT);
	ev_jw_init(&w, &out);
	ev_jw_object(&w);
	ev_jw_key_int(&w, "accounts", n->accounts);
	ev_jw_key_int(&w, "acquisitions", n->acquisitions);
	ev_jw_key_int(&w, "actors", n->actors);
	ev_jw_key_int(&w, "artifacts", n->artifacts);
	ev_jw_key_int(&w, "authorities", n->authorities);
	ev_jw_key_int(&w, "bytes", n->exhibit_bytes);
	ev_jw_key_text(&w, "case", info->case_id);
	ev_jw_key_int(&w, "claims", n->claims);
	ev_jw_key_int(&w, "closed", n->closed);
	ev_jw_key_text(&w, "created", info->created);
	ev_jw_key_int(&w, "entries", n->entries);
	ev_jw_key_int(&w, "exhibits", n->exhibits);
	ev_jw_key_int(&w, "facts", n->facts);
	ev_jw_key_text(&w, "head", note);
	ev_jw_key_int(&w, "heads", n->heads);
	ev_jw_key_text(&w, "next", next_command(n));
	ev_jw_key_text(&w, "number", info->number);
	ev_jw_key_int(&w, "offer", n->offer);
	ev_jw_key_int(&w, "organisations", n->organisations);
	ev_jw_key_int(&w, "queued", n->queued);
	ev_jw_key_text(&w, "schema", "evidence/status/1");
	ev_jw_key_int(&w, "set_aside", n->set_aside);
	ev_jw_key_text(&w, "title", info->title);
	ev_jw_key_int(&w, "unfinished", n->unfinished);
	ev_jw_key_int(&w, "unread", n->unread);
	ev_jw_key_int(&w, "unstamped", n->unstamped);
	ev_jw_close(&w);
	rc = ev_jw_end(&w, err);
	if (rc == EV_OK)
		(void)printf("%s\n", ev_buf_text(&out));
	ev_buf_release(&out);
	return rc;
}

enum ev_rc
case_status(struct cli *cli, struct ev_err *err)
{
	struct ev_case_counts n = { 0 };
	struct ev_case *c = NULL;
	char to[EV_HANDOVER_NAME];
	struct ev_buf note;
	int64_t size;
	enum ev_rc rc;

	ev_buf_init(&note, NOTE_LIMIT);
	rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_case_count(c, &n, err);
	if (rc == EV_OK)
		rc = ev_custody_head(c, &note, &size, err);
	if (rc == EV_EOF)
		rc = EV_OK;
	if (rc == EV_OK)
		rc = ev_handover_open(c, &n.offer, to, err);
	if (rc == EV_OK && cli->json)
		rc = json_status(ev_case_info(c), &n, ev_buf_text(&note), err);
	else if (rc == EV_OK)
		print_status(cli, ev_case_info(c), &n, &note, to);
	ev_case_close(c);
	ev_buf_release(&note);
	return rc;
}

enum ev_rc
case_check(struct cli *cli, struct ev_err *err)
{
	const struct case_own *own = cli->own;
	struct ev_case *c = NULL;
	enum ev_rc rc;

	rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_case_check(c, own->quick, NULL, cli_finding, cli, err);
	ev_case_close(c);
	if (rc == EV_OK && !cli->json && !cli->quiet)
		(void)printf("ok      the case is as its log says\n");
	return rc;
}
