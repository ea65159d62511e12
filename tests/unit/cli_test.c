/* tools/cli: commands, options, the case, exit status, the bar. */
#define _XOPEN_SOURCE 700 /* posix_openpt */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli.h"

enum { OWN_NUMBER = CLI_OWN, WORDS = 12 };

static const struct option options[] = {
	/* clang-format off */
	CLI_LONG,
	CLI_LONG_LIST,
	CLI_LONG_WRITE,
	CLI_LONG_PASS,
	{ "number", required_argument, NULL, OWN_NUMBER },
	{ NULL, 0, NULL, 0 },
	/* clang-format on */
};

/* What the command that ran saw. */
struct seen {
	const char *command;
	char dir[64];
	int argc;
	char first[64];
	enum ev_rc rc;
	const char *msg;
};

static enum ev_rc
note(struct cli *cli, const char *command, struct ev_err *err)
{
	struct seen *seen = cli->own;

	seen->command = command;
	(void)snprintf(seen->dir, sizeof(seen->dir), "%s",
	    cli->dir != NULL ? cli->dir : "-");
	seen->argc = cli->argc;
	(void)snprintf(seen->first, sizeof(seen->first), "%s",
	    cli->argc > 0 ? cli->argv[0] : "-");
	if (seen->rc != EV_OK)
		return ev_fail(err, seen->rc, "%s", seen->msg);
	return EV_OK;
}

static enum ev_rc
run_init(struct cli *cli, struct ev_err *err)
{
	return note(cli, "init", err);
}

static enum ev_rc
run_lint(struct cli *cli, struct ev_err *err)
{
	return note(cli, "lint", err);
}

static enum ev_rc
run_plain(struct cli *cli, struct ev_err *err)
{
	return note(cli, "plain", err);
}

static const struct cli_command commands[] = {
	{ "init", CLI_TAKES_WRITE " number", CLI_CASE, 0, 0, run_init },
	{ "lint", "", CLI_NO_CASE, 1, -1, run_lint },
	{ NULL, CLI_TAKES_LIST " o", CLI_CASE_MAYBE, 0, 2, run_plain },
};

/* Run main's part over the words of line; standard error is put in said. */
static int
run(struct seen *seen, const char *line, char said[512])
{
	struct cli cli = {
		.tool = "ev-test",
		.usage = "usage: ev-test\n",
		.letters = CLI_SHORT "o:",
		.options = options,
		.commands = commands,
		.command_count = 3,
		.own = seen,
	};
	char words[256], *argv[WORDS], *at = words;
	int ch, keep, argc = 0, status = -1;
	FILE *file;
	size_t n;

	(void)snprintf(words, sizeof(words), "ev-test %s", line);
	while (at != NULL && argc < WORDS - 1) {
		argv[argc++] = at;
		at = strchr(at, ' ');
		if (at != NULL)
			*at++ = '\0';
	}
	argv[argc] = NULL;
	file = tmpfile();
	assert_non_null(file);
	keep = dup(STDERR_FILENO);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	optind = 0;
	while (status < 0 && (ch = cli_next(&cli, argc, argv)) != -1) {
		if (ch != OWN_NUMBER && ch != 'o' &&
		    cli_option(&cli, ch, &status))
			status = -1;
	}
	if (status < 0)
		status = cli_run(&cli, argc - optind, argv + optind);
	(void)fflush(stderr);
	assert_true(dup2(keep, STDERR_FILENO) >= 0);
	(void)close(keep);
	rewind(file);
	n = fread(said, 1, 511, file);
	said[n] = '\0';
	(void)fclose(file);
	return status;
}

static void
the_case_is_the_first_operand_behind_the_command(void **state)
{
	struct seen seen = { .rc = EV_OK };
	char said[512];

	(void)state;
	(void)unsetenv("EV_CASE");
	assert_int_equal(run(&seen, "init a.evcase/ --number 1", said), 0);
	assert_string_equal(seen.command, "init");
	assert_string_equal(seen.dir, "a.evcase");
	assert_int_equal(seen.argc, 0);
	assert_string_equal(said, "");
	assert_int_equal(run(&seen, "-o x a.evcase one", said), 0);
	assert_string_equal(seen.command, "plain");
	assert_string_equal(seen.first, "one");
	/* A source that ends so is no case when it comes second. */
	assert_int_equal(run(&seen, "one a.evcase", said), 0);
	assert_string_equal(seen.dir, "-");
	assert_int_equal(seen.argc, 2);
}

static void
the_environment_names_the_case_when_no_operand_does(void **state)
{
	struct seen seen = { .rc = EV_OK };
	char said[512];

	(void)state;
	(void)setenv("EV_CASE", "env.evcase", 1);
	assert_int_equal(run(&seen, "init", said), 0);
	assert_string_equal(seen.dir, "env.evcase");
	assert_int_equal(run(&seen, "init b.evcase", said), 0);
	assert_string_equal(seen.dir, "b.evcase");
	(void)setenv("EV_CASE", "", 1);
	assert_int_equal(run(&seen, "init", said), 2);
	assert_non_null(strstr(said, "no case"));
	assert_non_null(strstr(said, "usage: ev-test"));
	/* The suffix alone is no name. */
	assert_int_equal(run(&seen, "init .evcase", said), 2);
	(void)unsetenv("EV_CASE");
}

static void
an_option_of_another_command_is_refused(void **state)
{
	struct seen seen = { .rc = EV_OK };
	char said[512];

	(void)state;
	assert_int_equal(run(&seen, "lint --number 1 file", said), 2);
	assert_non_null(strstr(said, "--number does not belong here"));
	assert_int_equal(run(&seen, "init a.evcase -o x", said), 2);
	assert_non_null(strstr(said, "-o does not belong here"));
	assert_int_equal(run(&seen, "init a.evcase --columns A", said), 2);
	assert_int_equal(run(&seen, "init a.evcase --as @demo -j -q", said), 0);
	assert_int_equal(run(&seen, "a.evcase --where A=1", said), 0);
	assert_int_equal(run(&seen, "a.evcase --where A", said), 2);
	assert_non_null(strstr(said, "'A' is not KEY=VALUE"));
}

static void
operands_are_counted(void **state)
{
	struct seen seen = { .rc = EV_OK };
	char said[512];

	(void)state;
	assert_int_equal(run(&seen, "lint", said), 2);
	assert_int_equal(run(&seen, "lint a b c d", said), 0);
	assert_int_equal(seen.argc, 4);
	assert_int_equal(run(&seen, "a.evcase 1 2", said), 0);
	assert_int_equal(run(&seen, "a.evcase 1 2 3", said), 2);
	assert_int_equal(run(&seen, "-- a.evcase --where", said), 0);
	assert_string_equal(seen.first, "--where");
}

static void
every_answer_has_its_exit_status(void **state)
{
	static const struct {
		enum ev_rc rc;
		int status;
	} answers[] = {
		{ EV_OK, 0 },
		{ EV_EOF, 0 },
		{ EV_MISMATCH, 1 },
		{ EV_PARTIAL, 3 },
		{ EV_INPUT, 2 },
		{ EV_USE, 2 },
		{ EV_LIMIT, 2 },
		{ EV_SYS, 2 },
		{ EV_DB, 2 },
		{ EV_CRYPTO, 2 },
	};
	struct seen seen = { .msg = "it is so" };
	char said[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		seen.rc = answers[i].rc;
		assert_int_equal(run(&seen, "lint a", said), answers[i].status);
		assert_string_equal(said,
		    answers[i].status == 0 ? "" : "ev-test: it is so\n");
	}
	/* --quiet leaves failures audible only. */
	seen.rc = EV_PARTIAL;
	assert_int_equal(run(&seen, "lint -q a", said), 3);
	assert_string_equal(said, "");
	seen.rc = EV_SYS;
	assert_int_equal(run(&seen, "lint -q a", said), 2);
	assert_string_equal(said, "ev-test: it is so\n");
}

static void
messages_cannot_move_the_terminal(void **state)
{
	struct seen seen = {
		.rc = EV_INPUT,
		.msg = "no '\033[2J\u202ea\xff' in '\\u{202E}'",
	};
	char said[512];

	(void)state;
	assert_int_equal(run(&seen, "lint a", said), 2);
	assert_string_equal(said, "ev-test: no '\\u{001B}[2J\\u{202E}a\\xFF' "
				  "in '\\u{202E}'\n");
}

static void
the_bar_tells_bytes_members_rate_and_time_left(void **state)
{
	struct ev_progress p = {
		.bytes_done = (int64_t)512 * 1024 * 1024,
		.bytes_total = (int64_t)1024 * 1024 * 1024,
		.members = 1234,
		.elapsed_us = 4000000,
	};
	char line[CLI_BAR_LINE];

	(void)state;
	cli_bar_line(line, "reading", &p, 200);
	assert_string_equal(line, "reading [##########..........] 50 % "
				  "512.0 MiB 1234 members 128.0 MiB/s "
				  "0:00:04 left");
	p.bytes_total = -1;
	cli_bar_line(line, "reading", &p, 200);
	assert_string_equal(line, "reading 512.0 MiB 1234 members 128.0 MiB/s");
	cli_bar_line(line, "reading", &p, 12);
	assert_string_equal(line, "reading 512.");
	/* More than was announced, and no time gone: no division by nothing. */
	p.bytes_total = 1;
	p.elapsed_us = 0;
	cli_bar_line(line, "reading", &p, 200);
	assert_string_equal(line, "reading 512.0 MiB 1234 members 0 B/s");
	p.bytes_done = INT64_MAX;
	p.bytes_total = INT64_MAX;
	p.elapsed_us = INT64_MAX;
	cli_bar_line(line, "reading", &p, 200);
	assert_non_null(strstr(line, "8388607.9 TiB"));
}

/* What reaches a terminal from a bar that is shown twice, and a warning. */
static void
on_terminal(struct cli *cli, char seen[1024])
{
	const struct ev_progress first = { 10, 100, 1, 0 };
	const struct ev_progress soon = { 20, 100, 2, 50000 };
	const struct ev_progress later = { 30, 100, 3, 150000 };
	struct cli_bar bar;
	int master, slave, keep;
	size_t len;
	ssize_t n;

	master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	keep = dup(STDERR_FILENO);
	assert_true(dup2(slave, STDERR_FILENO) >= 0);
	cli_bar_begin(&bar, cli, "reading");
	cli_bar_show(&bar, &first);
	cli_bar_show(&bar, &soon);
	cli_bar_show(&bar, &later);
	cli_warn(cli, "odd");
	cli_bar_end(&bar);
	/* Something to read even where nothing was shown. */
	(void)fputs("END", stderr);
	(void)fflush(stderr);
	assert_true(dup2(keep, STDERR_FILENO) >= 0);
	seen[0] = '\0';
	for (len = 0; strstr(seen, "END") == NULL; len += (size_t)n) {
		n = read(master, seen + len, 1023 - len);
		assert_true(n > 0);
		seen[len + (size_t)n] = '\0';
	}
	(void)close(keep);
	(void)close(slave);
	(void)close(master);
}

static void
the_bar_is_for_terminals_and_leaves_nothing_behind(void **state)
{
	struct cli cli = { .tool = "ev-test" };
	char seen[1024];

	(void)state;
	(void)setenv("TERM", "xterm", 1);
	(void)unsetenv("NO_COLOR");
	on_terminal(&cli, seen);
	assert_non_null(strstr(seen, "\r\033[32mreading [##.."));
	assert_non_null(strstr(seen, "10 B 1 members"));
	assert_null(strstr(seen, "20 B 2 members")); /* too soon */
	assert_non_null(strstr(seen, "30 B 3 members"));
	assert_non_null(strstr(seen, "\033[K\r\033[Kev-test: odd\r\nEND"));
	(void)setenv("NO_COLOR", "1", 1);
	on_terminal(&cli, seen);
	assert_null(strstr(seen, "\033[32m"));
	assert_non_null(strstr(seen, "\rreading [##.."));
	(void)unsetenv("NO_COLOR");
	(void)setenv("TERM", "dumb", 1);
	on_terminal(&cli, seen);
	assert_string_equal(seen, "ev-test: odd\r\nEND");
	(void)setenv("TERM", "xterm", 1);
	cli.no_progress = true;
	on_terminal(&cli, seen);
	assert_string_equal(seen, "ev-test: odd\r\nEND");
	cli.no_progress = false;
	cli.quiet = true;
	on_terminal(&cli, seen);
	assert_string_equal(seen, "ev-test: odd\r\nEND");
}

static void
asked(struct cli *cli, enum ev_rc want, const char *secret)
{
	const struct ev_pass pass = cli_asker(cli);
	struct ev_buf buf;
	struct ev_err err;

	ev_buf_init(&buf, 64);
	assert_int_equal(pass.get(pass.ctx, "'k.pem'", &buf, &err), want);
	if (want == EV_OK)
		assert_string_equal(ev_buf_text(&buf), secret);
	else
		assert_true(err.msg[0] != '\0');
	ev_buf_release(&buf);
}

static void
a_passphrase_comes_from_a_file_or_a_descriptor(void **state)
{
	struct cli cli = { .tool = "ev-test" };
	char name[] = "cli_test.XXXXXX", option[64];
	int fd;

	(void)state;
	fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "so secret\n\nlast", 15), 15);
	(void)snprintf(option, sizeof(option), "file:%s", name);
	cli.pass = option;
	/* A line for each key, and an empty line is an empty passphrase. */
	asked(&cli, EV_OK, "so secret");
	asked(&cli, EV_OK, "");
	asked(&cli, EV_OK, "last");
	asked(&cli, EV_USE, NULL);
	assert_int_equal(lseek(fd, 3, SEEK_SET), 3);
	(void)snprintf(option, sizeof(option), "fd:%d", fd);
	asked(&cli, EV_OK, "secret");
	asked(&cli, EV_OK, "");
	asked(&cli, EV_OK, "last");
	asked(&cli, EV_USE, NULL);
	cli.pass = "secret";
	asked(&cli, EV_USE, NULL);
	cli.pass = "fd:-1";
	asked(&cli, EV_USE, NULL);
	(void)close(fd);
	(void)unlink(name);
	cli.passes = 0;
	cli.pass = option;
	(void)snprintf(option, sizeof(option), "file:%s", name);
	asked(&cli, EV_SYS, NULL);
}

static void
a_range_is_two_instants_in_order(void **state)
{
	struct ev_err err;
	int64_t from, to;

	(void)state;
	assert_int_equal(cli_range(&from, &to,
			     "2025-01-01T00:00:00Z..2025-01-01T00:00:01Z",
			     &err),
	    EV_OK);
	assert_int_equal(to - from, 1000000);
	assert_int_equal(cli_range(&from, &to,
			     "2025-01-01T00:00:00Z..2025-01-01T00:00:00Z",
			     &err),
	    EV_USE);
	assert_int_equal(cli_range(&from, &to, "2025-01-01T00:00:00Z", &err),
	    EV_USE);
	assert_int_equal(cli_range(&from, &to, "a..b", &err), EV_USE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_case_is_the_first_operand_behind_the_command),
		cmocka_unit_test(
		    the_environment_names_the_case_when_no_operand_does),
		cmocka_unit_test(an_option_of_another_command_is_refused),
		cmocka_unit_test(operands_are_counted),
		cmocka_unit_test(every_answer_has_its_exit_status),
		cmocka_unit_test(messages_cannot_move_the_terminal),
		cmocka_unit_test(
		    the_bar_tells_bytes_members_rate_and_time_left),
		cmocka_unit_test(
		    the_bar_is_for_terminals_and_leaves_nothing_behind),
		cmocka_unit_test(
		    a_passphrase_comes_from_a_file_or_a_descriptor),
		cmocka_unit_test(a_range_is_two_instants_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
