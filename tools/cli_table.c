/* How rows are printed: by the common options, as wide as the terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "evidence/json.h"
#include "evidence/text.h"

enum { FINDING = 1 << 20 };

enum { NARROW = 80, WIDEST = 4096 };

static enum ev_rc
to_stdout(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	(void)ctx;
	if (fwrite(data, 1, len, stdout) != len)
		return ev_fail_sys(err, "cannot write standard output");
	return EV_OK;
}

/* Of the terminal, else $COLUMNS, else 80; a pipe is not limited. */
static int
width(void)
{
	struct winsize w;
	const char *text;
	int64_t n;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		return w.ws_col;
	text = getenv("COLUMNS");
	if (text != NULL && ev_text_int(&n, text, strlen(text), 1, WIDEST))
		return (int)n;
	return NARROW;
}

struct ev_table_opts
cli_table(const struct cli *cli)
{
	return (struct ev_table_opts){
		.form = cli->json  ? EV_TABLE_JSON
			: cli->csv ? EV_TABLE_CSV
				   : EV_TABLE_TERMINAL,
		.columns = cli->columns,
		.where = cli->where,
		.where_count = cli->where_count,
		.width = width(),
		.write = to_stdout,
	};
}

void
cli_finding(void *ctx, const struct ev_case_finding *f)
{
	struct cli *cli = ctx;
	struct ev_buf out;
	struct ev_err err;
	struct ev_jw w;

	ev_buf_init(&out, FINDING);
	if (cli->json) {
		ev_jw_init(&w, &out);
		ev_jw_object(&w);
		ev_jw_key_text(&w, "area", f->area);
		ev_jw_key_int(&w, "bad", f->bad ? 1 : 0);
		ev_jw_key_text(&w, "schema", "evidence/check/1");
		ev_jw_key_text(&w, "what", f->what);
		ev_jw_close(&w);
		if (ev_jw_end(&w, &err) == EV_OK)
			(void)printf("%s\n", ev_buf_text(&out));
	} else if (ev_text_safe(&out, f->what, strlen(f->what), EV_TEXT_NAME,
		       &err) == EV_OK) {
		(void)printf("%-7s %-9s %s\n", f->bad ? "FAILED" : "note",
		    f->area, ev_buf_text(&out));
	}
	ev_buf_release(&out);
}
