/* The progress bar of long work. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"

enum {
	REDRAW_US = 100000,
	BAR_CELLS = 20,
	COLUMNS = 80,
	US_PER_S = 1000000,
	QUANTITY = 24, /* room for "1023.9 MiB" */
	DURATION = 72,
	LONGEST_S = 3600 * 24 * 99,
};

/* 1536 becomes "1.5 KiB"; tenths are cut, not rounded. */
static void
print_bytes(char text[QUANTITY], int64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	int64_t rest = bytes;
	size_t i;

	if (bytes < 1024) {
		(void)snprintf(text, QUANTITY, "%" PRId64 " B", bytes);
		return;
	}
	for (i = 0; i + 1 < sizeof(units) / sizeof(units[0]); i++) {
		if (rest < (int64_t)1024 * 1024)
			break;
		rest /= 1024;
	}
	(void)snprintf(text, QUANTITY, "%" PRId64 ".%" PRId64 " %s",
	    rest / 1024, rest % 1024 * 10 / 1024, units[i]);
}

static void
print_duration(char text[DURATION], int64_t seconds)
{
	(void)snprintf(text, DURATION, "%" PRId64 ":%02" PRId64 ":%02" PRId64,
	    seconds / 3600, seconds / 60 % 60, seconds % 60);
}

EV_PRINTF(2, 3)
static void
append(char line[CLI_BAR_LINE], const char *fmt, ...)
{
	va_list ap;
	size_t len;

	len = strlen(line);
	va_start(ap, fmt);
	(void)vsnprintf(line + len, CLI_BAR_LINE - len, fmt, ap);
	va_end(ap);
}

/* " [#####.....] 50 %" */
static void
append_cells(char line[CLI_BAR_LINE], double done)
{
	int i;

	append(line, " [");
	for (i = 0; i < BAR_CELLS; i++)
		append(line, "%c", i < (int)(done * BAR_CELLS) ? '#' : '.');
	append(line, "] %d %%", (int)(done * 100));
}

void
cli_bar_line(char line[CLI_BAR_LINE], const char *verb,
    const struct ev_progress *progress, int columns)
{
	char text[QUANTITY], duration[DURATION];
	double seconds, left, rate = 0, share = 0;
	int64_t total = progress->bytes_total, done = progress->bytes_done;

	line[0] = '\0';
	seconds = (double)progress->elapsed_us / US_PER_S;
	if (seconds > 0)
		rate = (double)done / seconds;
	append(line, "%s", verb);
	if (total > 0 && done <= total) {
		share = (double)done / (double)total;
		append_cells(line, share);
	}
	print_bytes(text, done);
	append(line, " %s", text);
	append(line, " %" PRId64 " members", progress->members);
	print_bytes(text, (int64_t)rate);
	append(line, " %s/s", text);
	if (share > 0 && rate > 0) {
		left = (double)(total - done) / rate;
		print_duration(duration,
		    left < LONGEST_S ? (int64_t)left : LONGEST_S);
		append(line, " %s left", duration);
	}
	if (columns >= 0 && columns < CLI_BAR_LINE)
		line[columns] = '\0';
}

static int
terminal_columns(void)
{
	struct winsize size = { .ws_col = 0 };

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return COLUMNS;
	return size.ws_col;
}

void
cli_bar_begin(struct cli_bar *bar, struct cli *cli, const char *verb)
{
	const char *term, *plain;

	term = getenv("TERM");
	plain = getenv("NO_COLOR");
	bar->cli = cli;
	bar->verb = verb;
	bar->drawn_us = -1;
	bar->on = !cli->quiet && !cli->no_progress &&
		  isatty(STDERR_FILENO) == 1 && term != NULL &&
		  strcmp(term, "dumb") != 0;
	bar->colour = plain == NULL || plain[0] == '\0';
}

void
cli_bar_show(void *ctx, const struct ev_progress *progress)
{
	struct cli_bar *bar = ctx;
	char line[CLI_BAR_LINE];

	if (!bar->on || (bar->drawn_us >= 0 &&
			    progress->elapsed_us - bar->drawn_us < REDRAW_US))
		return;
	bar->drawn_us = progress->elapsed_us;
	/* One column is left free: a full line would scroll. */
	cli_bar_line(line, bar->verb, progress, terminal_columns() - 1);
	(void)fprintf(stderr, "\r%s%s%s\033[K", bar->colour ? "\033[32m" : "",
	    line, bar->colour ? "\033[0m" : "");
	bar->cli->bar = true;
}

void
cli_bar_end(struct cli_bar *bar)
{
	if (bar->cli->bar)
		(void)fputs("\r\033[K", stderr);
	bar->cli->bar = false;
	bar->on = false;
}
