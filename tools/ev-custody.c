/* ev-custody: the custody log of a case, read and checked. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "evidence/custody.h"
#include "evidence/json.h"
#include "evidence/text.h"

enum { OPT_EXPORT = CLI_OWN, OPT_HEAD };
enum { NOTE_LIMIT = 16384, LINE_LIMIT = 1 << 20 };

struct own {
	const char *export;
	const char *head;
};

/* clang-format off */
static const struct option options[] = {
	CLI_LONG,
	{ "export", required_argument, NULL, OPT_EXPORT },
	{ "head", required_argument, NULL, OPT_HEAD },
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

static const char usage[] =
    "usage: ev-custody log [-hjqv] [case]\n"
    "       ev-custody verify [-hjqv] [case] [--head FILE]\n"
    "       ev-custody head [-hjqv] [case] [--export FILE]\n";

/* One entry on one line: number, instant, action, actor, subjects. */
static enum ev_rc
print_entry(const struct ev_custody_entry *e, struct ev_err *err)
{
	const struct ev_json_node *subject, *n;
	struct ev_json_doc *doc = NULL;
	struct ev_buf line;
	enum ev_rc rc;

	ev_buf_init(&line, LINE_LIMIT);
	rc = ev_json_parse(&doc, e->leaf, e->leaf_len, err);
	if (rc != EV_OK)
		return ev_fail_in(err, "the log");
	rc = ev_buf_printf(&line, err, "%6" PRId64 " %s %-12s ", e->seq, e->at,
	    e->action);
	if (rc == EV_OK)
		rc = ev_text_safe(&line, e->actor, strlen(e->actor),
		    EV_TEXT_NAME, err);
	subject = ev_json_get(ev_json_root(doc), "subject");
	n = subject == NULL ? NULL : subject->child;
	for (; rc == EV_OK && n != NULL; n = n->next) {
		rc = ev_buf_putc(&line, ' ', err);
		if (rc == EV_OK)
			rc = ev_text_safe(&line, n->text, n->text_len,
			    EV_TEXT_NAME, err);
	}
	if (rc == EV_OK)
		(void)printf("%s\n", ev_buf_text(&line));
	ev_buf_release(&line);
	ev_json_free(doc);
	return rc;
}

static enum ev_rc
run_log(struct cli *cli, struct ev_err *err)
{
	struct ev_custody_entry entry;
	struct ev_custody *log = NULL;
	struct ev_case *c = NULL;
	enum ev_rc rc;

	rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_custody_open(&log, c, err);
	while (rc == EV_OK) {
		rc = ev_custody_next(log, &entry, err);
		if (rc == EV_OK && cli->json) {
			(void)fwrite(entry.leaf, 1, entry.leaf_len, stdout);
			(void)fputc('\n', stdout);
		} else if (rc == EV_OK) {
			rc = print_entry(&entry, err);
		}
	}
	ev_custody_close(log);
	ev_case_close(c);
	return rc;
}

static void
show_finding(void *ctx, const struct ev_custody_finding *f)
{
	static const char *const words[] = { "ok", "FAILED", "not checked" };
	static const char *const keys[] = { "ok", "failed", "not-checked" };
	struct cli *cli = ctx;
	struct ev_buf out;
	struct ev_err err;
	struct ev_jw w;

	ev_buf_init(&out, LINE_LIMIT);
	if (cli->json) {
		ev_jw_init(&w, &out);
		ev_jw_object(&w);
		ev_jw_key_text(&w, "schema", "evidence/custody-verify/1");
		ev_jw_key_int(&w, "seq", f->seq);
		ev_jw_key_text(&w, "state", keys[f->state]);
		ev_jw_key_text(&w, "what", f->what);
		ev_jw_close(&w);
		if (ev_jw_end(&w, &err) == EV_OK)
			(void)printf("%s\n", ev_buf_text(&out));
	} else if (ev_text_safe(&out, f->what, strlen(f->what), EV_TEXT_NAME,
		       &err) == EV_OK) {
		(void)printf("%-11s %s\n", words[f->state], ev_buf_text(&out));
	}
	ev_buf_release(&out);
}

static enum ev_rc
read_file(struct ev_buf *buf, const char *path, struct ev_err *err)
{
	char chunk[4096];
	enum ev_rc rc = EV_OK;
	size_t n;
	FILE *f;

	f = fopen(path, "re");
	if (f == NULL)
		return ev_fail_sys(err, "cannot open '%s'", path);
	while (rc == EV_OK && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		rc = ev_buf_put(buf, chunk, n, err);
	if (rc == EV_OK && ferror(f))
		rc = ev_fail_sys(err, "cannot read '%s'", path);
	(void)fclose(f);
	return rc;
}

static enum ev_rc
run_verify(struct cli *cli, struct ev_err *err)
{
	const struct own *own = cli->own;
	struct ev_case *c = NULL;
	struct ev_buf head;
	enum ev_rc rc = EV_OK;

	ev_buf_init(&head, NOTE_LIMIT);
	if (own->head != NULL)
		rc = read_file(&head, own->head, err);
	if (rc == EV_OK)
		rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_custody_verify(c, own->head == NULL ? NULL : &head,
		    show_finding, cli, err);
	ev_case_close(c);
	ev_buf_release(&head);
	return rc;
}

/* A head leaves the house: a file of its own, never over another. */
static enum ev_rc
write_file(const char *path, const struct ev_buf *buf, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	ssize_t n;
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return ev_fail_sys(err, "cannot create '%s'", path);
	n = write(fd, buf->data, buf->len);
	if (n < 0 || (size_t)n != buf->len || fsync(fd) != 0)
		rc = ev_fail_sys(err, "cannot write '%s'", path);
	if (close(fd) != 0 && rc == EV_OK)
		rc = ev_fail_sys(err, "cannot write '%s'", path);
	if (rc != EV_OK)
		(void)unlink(path);
	return rc;
}

static enum ev_rc
print_head(const struct cli *cli, const struct ev_buf *note, int64_t size,
    struct ev_err *err)
{
	struct ev_buf out;
	struct ev_jw w;
	enum ev_rc rc;

	if (!cli->json) {
		(void)fputs(ev_buf_text(note), stdout);
		return EV_OK;
	}
	ev_buf_init(&out, LINE_LIMIT);
	ev_jw_init(&w, &out);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "note", ev_buf_text(note));
	ev_jw_key_text(&w, "schema", "evidence/head/1");
	ev_jw_key_int(&w, "size", size);
	ev_jw_close(&w);
	rc = ev_jw_end(&w, err);
	if (rc == EV_OK)
		(void)printf("%s\n", ev_buf_text(&out));
	ev_buf_release(&out);
	return rc;
}

static enum ev_rc
run_head(struct cli *cli, struct ev_err *err)
{
	const struct own *own = cli->own;
	struct ev_case *c = NULL;
	struct ev_buf note;
	int64_t size = 0;
	enum ev_rc rc;

	ev_buf_init(&note, NOTE_LIMIT);
	rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_custody_head(c, &note, &size, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_INPUT, "the log has no head");
	if (rc == EV_OK && own->export != NULL)
		rc = write_file(own->export, &note, err);
	else if (rc == EV_OK)
		rc = print_head(cli, &note, size, err);
	ev_case_close(c);
	ev_buf_release(&note);
	return rc;
}

static const struct cli_command commands[] = {
	{ "log", "", CLI_CASE, 0, 0, run_log },
	{ "verify", "head", CLI_CASE, 0, 0, run_verify },
	{ "head", "export", CLI_CASE, 0, 0, run_head },
};

int
main(int argc, char *argv[])
{
	struct own own = { .export = NULL };
	struct cli cli = {
		.tool = "ev-custody",
		.usage = usage,
		.letters = CLI_SHORT,
		.options = options,
		.commands = commands,
		.command_count = sizeof(commands) / sizeof(commands[0]),
		.own = &own,
	};
	int ch, status;

	while ((ch = cli_next(&cli, argc, argv)) != -1) {
		if (ch == OPT_EXPORT)
			own.export = optarg;
		else if (ch == OPT_HEAD)
			own.head = optarg;
		else if (!cli_option(&cli, ch, &status))
			return status;
	}
	return cli_run(&cli, argc - optind, argv + optind);
}
