/* The words of ev-ingest and what they share. */
#ifndef EV_TOOLS_INGEST_WORDS_H
#define EV_TOOLS_INGEST_WORDS_H

#include "cli.h"
#include "evidence/ingest.h"

enum { INGEST_LIST_MAX = 64 };

struct ingest_own {
	struct cli *cli;
	struct ev_ingest_opts opts;
	const char *maps[INGEST_LIST_MAX + 1];
	const char *limits[INGEST_LIST_MAX + 1];
	size_t map_count, limit_count;
	bool again;
	const char *authority, *typed_from;
	struct cli_bar bar;

	/* While an account is printed: the list in hand. */
	int about; /* -1: none */
	int64_t shown;
};

/* ingest_account.c: the byte account, as text or JSON lines. */
void ingest_report(struct ingest_own *own, struct ev_ingest_report *report);
void ingest_report_end(struct ingest_own *own);

/* ingest_json.c */
void ingest_json_totals(const struct ev_ingest_totals *totals);
void ingest_json_item(const struct ev_ingest_item *item);

/* ingest_maps.c: no case. */
EV_CHECK
enum ev_rc ingest_lint(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc ingest_try(struct cli *cli, struct ev_err *err);

#endif
