/* How rows are printed: by the common options, as wide as the terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "evidence/text.h"

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
