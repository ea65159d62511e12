/* ev-custody: the custody log of a case: read, checked, handed over. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "custody_words.h"
#include "evidence/custody.h"
#include "evidence/json.h"
#include "evidence/text.h"
#include "evidence/when.h"

/* clang-format off */
static const struct option options[] = {
	CLI_LONG,
	CLI_LONG_WRITE,
	CLI_LONG_PASS,
	{ "action", required_argument, NULL, OPT_ACTION },
	{ "countersign", required_argument, NULL, OPT_COUNTERSIGN },
	{ "export", required_argument, NULL, OPT_EXPORT },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "head", required_argument, NULL, OPT_HEAD },
	{ "log-key", required_argument, NULL, OPT_LOG_KEY },
	{ "proof", required_argument, NULL, OPT_PROOF },
	{ "reason", required_argument, NULL, OPT_REASON },
	{ "sign", required_argument, NULL, OPT_SIGN },
	{ "text", required_argument, NULL, OPT_TEXT },
	{ "to", required_argument, NULL, OPT_TO },
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

static const char usage[] =
    "usage: ev-custody log [-hjqv] [case]\n"
    "       ev-custody verify [-hjqv] [case] [--head FILE|CODE]\n"
    "       ev-custody verify [-hjqv] [case] --proof FILE [--log-key PEM]\n"
    "       ev-custody prove [-hjqv] [case] id [-o FILE]\n"
    "       ev-custody head [-hjqv] [case] [--export FILE]\n"
    "           [--countersign KEY] [--pass P]\n"
    "       ev-custody transfer [-hjqv] [case] --to @name [--sign KEY]\n"
    "           [--pass P]\n"
    "       ev-custody accept [-hjqv] [case] [--sign KEY] [--pass P]\n"
    "       ev-custody refuse [-hjqv] [case] --reason R [--sign KEY]\n"
    "           [--pass P]\n"
    "       ev-custody receipt [-hjqv] [case] [--format text|html]\n"
    "           [-o FILE]\n"
    "       ev-custody note [-hjqv] [case] [id ...] --text T\n"
    "           [--action examine|return|dispose|correct]\n"
    "       ev-custody quarantine [-hjqv] [case] id ... --reason CODE\n"
    "           [--text T]\n";

const char *
custody_given(const struct cli *cli, int option)
{
	const struct custody_own *own = cli->own;

	return own->text[option - CLI_OWN];
}

struct ev_act
custody_act(const struct cli *cli)
{
	struct ev_act act = cli_act(cli);

	act.after_close = true;
	return act;
}

void
custody_say(const char *before, const char *text, const char *after)
{
	struct ev_buf out;
	struct ev_err err;

	ev_buf_init(&out, CUSTODY_LINE);
	if (ev_text_safe(&out, text, strlen(text), EV_TEXT_NAME, &err) == EV_OK)
		(void)printf("%s%s%s", before, ev_buf_text(&out), after);
	ev_buf_release(&out);
}

enum ev_rc
custody_write(const char *path, const struct ev_buf *buf, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	ssize_t n;
	int fd;

	if (path == NULL) {
		(void)fwrite(buf->data, 1, buf->len, stdout);
		return EV_OK;
	}
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

static double
seconds(int64_t us)
{
	return (double)us / 1e6;
}

/* By which clock, and how far it was from an authority's; the rest. */
static void
print_more(const struct ev_json_node *root, const char *at)
{
	static const char *const keys[] = { "role", "authority", "authoriser",
		"purpose", "place", "note", "tool" };
	const struct ev_json_node *clock = ev_json_get(root, "clock");
	const struct ev_json_node *after = ev_json_get(root, "after");
	const char *token = ev_json_get_text(after, "at"), *value;
	int64_t boot = 0, synced = 0, back = 0, gen, us;
	size_t i;

	(void)ev_json_get_int(clock, "boot_us", &boot);
	(void)ev_json_get_int(clock, "synced", &synced);
	(void)printf("%19s%s, %.3f s after the machine started\n", "clock  ",
	    synced == 1 ? "synchronised" : "not known to be synchronised",
	    seconds(boot));
	if (ev_json_get_int(clock, "backwards_us", &back))
		(void)printf("%19s%.3f s behind the entry before\n", "clock  ",
		    seconds(back));
	value = ev_json_get_text(root, "action");
	if (value != NULL && strcmp(value, "stamp") == 0 && token != NULL &&
	    ev_when_parse(&gen, NULL, token, strlen(token)) &&
	    ev_when_parse(&us, NULL, at, strlen(at)))
		(void)printf("%19s%s, %+.3f s from this clock\n", "stamp  ",
		    token, seconds(gen - us));
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		value = ev_json_get_text(root, keys[i]);
		if (value == NULL)
			continue;
		(void)printf("%17s  ", keys[i]);
		custody_say("", value, "\n");
	}
}

/* One entry on one line: number, instant, action, actor, subjects. */
static enum ev_rc
print_entry(const struct ev_custody_entry *e, bool verbose, struct ev_err *err)
{
	const struct ev_json_node *subject, *n;
	struct ev_json_doc *doc = NULL;
	struct ev_buf line;
	enum ev_rc rc;

	ev_buf_init(&line, CUSTODY_LINE);
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
	if (rc == EV_OK && verbose)
		print_more(ev_json_root(doc), e->at);
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
			rc = print_entry(&entry, cli->verbose, err);
		}
	}
	ev_custody_close(log);
	ev_case_close(c);
	return rc;
}

static const struct cli_command commands[] = {
	{ "log", "", CLI_CASE, 0, 0, run_log },
	{ "verify", "head log-key proof", CLI_CASE_MAYBE, 0, 0,
	    custody_verify },
	{ "prove", "o", CLI_CASE, 1, 1, custody_prove },
	{ "head", CLI_TAKES_WRITE " countersign export pass", CLI_CASE, 0, 0,
	    custody_head },
	{ "transfer", CLI_TAKES_WRITE " pass sign to", CLI_CASE, 0, 0,
	    custody_transfer },
	{ "accept", CLI_TAKES_WRITE " pass sign", CLI_CASE, 0, 0,
	    custody_accept },
	{ "refuse", CLI_TAKES_WRITE " pass reason sign", CLI_CASE, 0, 0,
	    custody_refuse },
	{ "receipt", "format o", CLI_CASE, 0, 0, custody_receipt },
	{ "note", CLI_TAKES_WRITE " action text", CLI_CASE, 0, -1,
	    custody_note },
	{ "quarantine", CLI_TAKES_WRITE " reason text", CLI_CASE, 1, -1,
	    custody_quarantine },
};

int
main(int argc, char *argv[])
{
	struct custody_own own = { .text = { NULL } };
	struct cli cli = {
		.tool = "ev-custody",
		.usage = usage,
		.letters = CLI_SHORT "o:",
		.options = options,
		.commands = commands,
		.command_count = sizeof(commands) / sizeof(commands[0]),
		.own = &own,
	};
	int ch, status;

	while ((ch = cli_next(&cli, argc, argv)) != -1) {
		if (ch == 'o')
			own.text[OPT_OUT - CLI_OWN] = optarg;
		else if (ch >= CLI_OWN && ch < OPT_END)
			own.text[ch - CLI_OWN] = optarg;
		else if (!cli_option(&cli, ch, &status))
			return status;
	}
	return cli_run(&cli, argc - optind, argv + optind);
}
