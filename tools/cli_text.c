/* What tools say on standard error, and what they are told by hand. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"
#include "evidence/text.h"
#include "evidence/when.h"

enum { LINE = 2048 };

/*
 * A message may hold names that the library made safe already: its
 * backslashes are left single, all else is escaped.
 */
static enum ev_rc
escape(struct ev_buf *out, const char *text, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t n;

	while (rc == EV_OK && *text != '\0') {
		n = strcspn(text, "\\");
		rc = ev_text_safe(out, text, n, EV_TEXT_NAME, err);
		text += n;
		if (rc == EV_OK && *text == '\\') {
			rc = ev_buf_putc(out, '\\', err);
			text++;
		}
	}
	return rc;
}

static void
say(struct cli *cli, const char *text)
{
	struct ev_buf safe;
	struct ev_err err;
	const char *p;

	ev_buf_init(&safe, (size_t)LINE * 16);
	if (cli->bar)
		(void)fputs("\r\033[K", stderr);
	cli->bar = false;
	(void)fprintf(stderr, "%s: ", cli->tool);
	if (escape(&safe, text, &err) == EV_OK) {
		(void)fputs(ev_buf_text(&safe), stderr);
	} else {
		/* No memory: plain ASCII needs none. */
		for (p = text; *p != '\0'; p++)
			(void)fputc(*p >= ' ' && *p <= '~' ? *p : '?', stderr);
	}
	(void)fputc('\n', stderr);
	ev_buf_release(&safe);
}

void
cli_warn(struct cli *cli, const char *fmt, ...)
{
	char text[LINE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(cli, text);
}

void
cli_tell(struct cli *cli, const char *fmt, ...)
{
	char text[LINE];
	va_list ap;

	if (!cli->verbose || cli->quiet)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(cli, text);
}

enum ev_rc
cli_data(struct ev_buf *dir, struct ev_err *err)
{
	char self[LINE];
	const char *data;
	ssize_t len;
	int up;

	data = getenv("EV_DATA");
	if (data != NULL && data[0] != '\0')
		return ev_buf_puts(dir, data, err);
	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len < 0)
		return ev_fail_sys(err, "cannot read '/proc/self/exe'");
	self[len] = '\0';
	for (up = 0; up < 2 && strrchr(self, '/') != NULL; up++)
		*strrchr(self, '/') = '\0';
	return ev_buf_printf(dir, err, "%s/share/evidence", self);
}

enum ev_rc
cli_range(int64_t *from, int64_t *to, const char *text, struct ev_err *err)
{
	const char *dots;

	dots = strstr(text, "..");
	if (dots == NULL)
		return ev_fail(err, EV_USE, "'%s' is not A..B", text);
	if (!ev_when_parse(from, NULL, text, (size_t)(dots - text)) ||
	    !ev_when_parse(to, NULL, dots + 2, strlen(dots + 2)))
		return ev_fail(err, EV_USE,
		    "'%s' is not A..B of two instants such as "
		    "2025-01-01T00:00:00Z",
		    text);
	if (*from >= *to)
		return ev_fail(err, EV_USE, "'%s' ends before it begins", text);
	return EV_OK;
}

/* Bytes up to a newline or the end, one by one: what follows is not ours. */
static enum ev_rc
read_line(struct ev_buf *line, int fd, const char *what, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	bool any = false;
	ssize_t n;
	char c;

	while (rc == EV_OK) {
		n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ev_fail_sys(err,
			    "cannot read the passphrase of %s", what);
		if (n == 0 && !any)
			return ev_fail(err, EV_USE,
			    "there is no passphrase for %s: a line for each"
			    " key",
			    what);
		any = true;
		if (n == 0 || c == '\n')
			break;
		rc = ev_buf_putc(line, c, err);
	}
	return rc;
}

static enum ev_rc
ask(struct ev_buf *pass, const char *what, struct ev_err *err)
{
	struct termios before, mute;
	enum ev_rc rc;
	int tty;

	tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tty < 0 || tcgetattr(tty, &before) != 0) {
		rc = ev_fail_sys(err,
		    "no terminal to ask for the passphrase of %s "
		    "(--pass fd:N or file:F tells it)",
		    what);
		goto out;
	}
	mute = before;
	mute.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(tty, TCSAFLUSH, &mute) != 0) {
		rc = ev_fail_sys(err, "cannot turn the terminal's echo off");
		goto out;
	}
	(void)dprintf(tty, "passphrase of %s: ", what);
	rc = read_line(pass, tty, what, err);
	(void)tcsetattr(tty, TCSAFLUSH, &before);
	(void)dprintf(tty, "\n");
out:
	if (tty >= 0)
		(void)close(tty);
	return rc;
}

struct ev_act
cli_act(const struct cli *cli)
{
	return (struct ev_act){
		.tool = cli->tool,
		.actor = cli->actor,
		.purpose = cli->purpose,
		.place = cli->place,
		.authoriser = cli->authoriser,
	};
}

/* The next line that is meant for a key; file:F is opened anew each time. */
static enum ev_rc
answer(void *ctx, const char *what, struct ev_buf *secret, struct ev_err *err)
{
	struct cli *cli = ctx;
	int skip = cli->passes++;
	enum ev_rc rc = EV_OK;
	int64_t fd;
	int file;

	if (cli->pass == NULL)
		return ask(secret, what, err);
	if (strncmp(cli->pass, "fd:", 3) == 0 &&
	    ev_text_int(&fd, cli->pass + 3, strlen(cli->pass + 3), 0, 65535))
		return read_line(secret, (int)fd, what, err);
	if (strncmp(cli->pass, "file:", 5) != 0)
		return ev_fail(err, EV_USE, "'%s' is not fd:N or file:F",
		    cli->pass);
	file = open(cli->pass + 5, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return ev_fail_sys(err, "cannot open '%s'", cli->pass + 5);
	for (; rc == EV_OK && skip > 0; skip--) {
		rc = read_line(secret, file, what, err);
		ev_buf_clear(secret);
	}
	if (rc == EV_OK)
		rc = read_line(secret, file, what, err);
	(void)close(file);
	return rc;
}

struct ev_pass
cli_asker(struct cli *cli)
{
	return (struct ev_pass){ cli, answer };
}
