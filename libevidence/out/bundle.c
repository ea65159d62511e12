/* The case as one signed container that stands alone. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "case/custody.h"
#include "evidence/json.h"
#include "evidence/report.h"
#include "evidence/text.h"
#include "evidence/when.h"
#include "out/profile.h"
#include "out/volumes.h"
#include "out/withhold.h"
#include "seal/cert.h"

enum { LINE_LIMIT = 65536, REDACT_LIMIT = 1 << 20 };

extern const char *const ev_verify_recipe[];

enum ev_rc
bundle_line(void *ctx, const void *line, size_t len, struct ev_err *err)
{
	struct bundle *b = ctx;
	enum ev_rc rc;

	rc = ev_container_put(b->k, line, len, err);
	return rc == EV_OK ? ev_container_put(b->k, "\n", 1, err) : rc;
}

enum ev_rc
bundle_name(char name[BUNDLE_NAME], struct ev_err *err, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(name, BUNDLE_NAME, fmt, ap);
	va_end(ap);
	if (len < 0 || len >= BUNDLE_NAME)
		return ev_fail(err, EV_LIMIT, "the name of a part is too long");
	return EV_OK;
}

/* The newest head, or the one that was asked for. */
static enum ev_rc
find_head(struct bundle *b, struct ev_err *err)
{
	struct ev_db *db = ev_case_db(b->c);
	struct ev_stmt *st = NULL;
	const char *at = NULL;
	int64_t asked = b->how->checkpoint;
	enum ev_rc rc;

	rc = ev_db_int(db, &b->head, err,
	    asked == 0 ? "SELECT max(size) FROM head WHERE size >= ?"
		       : "SELECT size FROM head WHERE size = ?",
	    "i", asked);
	if (rc == EV_EOF)
		return ev_fail(err, EV_USE,
		    "there is no head of %" PRId64 " entries", asked);
	if (rc == EV_OK)
		rc = ev_db_prepare(db, &st, err,
		    "SELECT at FROM log WHERE seq = ?", "i", b->head);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "s", &at);
	if (rc == EV_OK &&
	    (at == NULL || !ev_when_parse(&b->when, NULL, at, strlen(at))))
		rc = ev_fail(err, EV_INPUT, "entry %" PRId64 " has no instant",
		    b->head);
	ev_db_finish(st);
	if (rc == EV_OK)
		ev_when_print(b->when_text, b->when, EV_PREC_S);
	return rc == EV_EOF ? ev_fail(err, EV_INPUT, "the log is empty") : rc;
}

/* bag-info.txt less its Payload-Oxum: all of it comes from the case. */
static enum ev_rc
bag_info(struct bundle *b, struct ev_buf *text, struct ev_err *err)
{
	const struct ev_case_info *info = ev_case_info(b->c);
	struct ev_buf title;
	enum ev_rc rc;

	ev_buf_init(&title, LINE_LIMIT);
	rc = ev_text_safe(&title, info->title, strlen(info->title),
	    EV_TEXT_NAME, err);
	if (rc == EV_OK)
		rc = ev_buf_puts(text,
		    "Bag-Software-Agent: evidence " EV_VERSION "\n", err);
	if (rc == EV_OK)
		rc = ev_buf_printf(text, err, "Bagging-Date: %.10s\n",
		    b->when_text);
	if (rc == EV_OK)
		rc = ev_buf_printf(text, err, "External-Description: %s\n",
		    ev_buf_text(&title));
	if (rc == EV_OK)
		rc = ev_buf_printf(text, err,
		    "External-Identifier: %s\nEvidence-Head: %" PRId64 "\n",
		    info->case_id, b->head);
	if (rc == EV_OK)
		rc = volumes_info(b, text, err);
	ev_buf_release(&title);
	return rc;
}

static enum ev_rc
to_part(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	struct bundle *b = ctx;

	return ev_container_put(b->k, data, len, err);
}

static enum ev_rc
report_part(struct bundle *b, struct ev_err *err)
{
	struct ev_report how = { .head = b->head,
		.draft = b->how->draft,
		.write = to_part,
		.ctx = b };
	enum ev_rc rc;

	if (b->withhold != NULL)
		how.withheld =
		    withhold_orders(b->withhold, &how.withheld_count);
	rc = ev_container_begin(b->k, "index.html", err);
	if (rc == EV_OK)
		rc = ev_report_html(b->c, &how, err);
	return rc == EV_OK ? ev_container_end(b->k, err) : rc;
}

static enum ev_rc
add_parts(struct bundle *b, struct ev_err *err)
{
	static enum ev_rc (*const parts[])(struct bundle *,
	    struct ev_err *) = { bundle_exhibits, bundle_index, bundle_custody,
		bundle_case, bundle_time, report_part, volumes_part };
	enum ev_rc rc;
	size_t i;

	rc = ev_container_add(b->k, "VERIFY.txt",
	    EV_BYTES(ev_verify_recipe[0], strlen(ev_verify_recipe[0])), err);
	for (i = 0; rc == EV_OK && i < sizeof(parts) / sizeof(parts[0]); i++)
		rc = parts[i](b, err);
	if (rc == EV_OK && b->withhold != NULL && !b->planning)
		rc = withhold_check(b, &b->unsearched, err);
	if (rc == EV_OK && !b->planning)
		rc = withhold_secrets(b, &b->secrets, err);
	return rc;
}

struct telling {
	const struct ev_bundle *how;
	int64_t began_us;
};

static void
told(void *ctx, int64_t done, int64_t total)
{
	const struct telling *t = ctx;
	struct ev_progress p = { .bytes_done = done, .bytes_total = total };
	struct ev_clock now;
	struct ev_err err;

	if (ev_when_now(&now, &err) == EV_OK)
		p.elapsed_us = now.boot_us - t->began_us;
	t->how->progress(t->how->progress_ctx, &p);
}

static enum ev_rc
write_out(struct bundle *b, struct ev_bundle_result *result, struct ev_err *err)
{
	struct telling telling = { .how = b->how };
	struct ev_container_out out = {
		.path = result->path,
		.when = b->when,
		.told = b->how->progress == NULL ? NULL : told,
		.ctx = &telling,
		.recipients = b->how->recipients,
	};
	struct ev_container_written written;
	struct ev_bytes *cert;
	struct ev_clock now;
	enum ev_rc rc;
	size_t i;

	cert = calloc(out.recipients + 1, sizeof(*cert));
	if (cert == NULL)
		return ev_fail_sys(err, "cannot write the bundle");
	for (i = 0; i < out.recipients; i++)
		cert[i] = EV_BYTES_BUF(&b->how->recipient[i]);
	out.recipient = cert;
	rc = ev_when_now(&now, err);
	telling.began_us = now.boot_us;
	if (rc == EV_OK)
		rc = ev_container_write(b->k, &out, &written, err);
	free(cert);
	if (rc != EV_OK)
		return rc;
	ev_text_hex(result->sha256, written.zip.sha256, EV_SHA256);
	if (out.recipients > 0)
		ev_text_hex(result->sealed, written.sealed, EV_SHA256);
	result->bytes = written.zip.size;
	return EV_OK;
}

/* Who can open it, by the SHA-256 of their certificates. */
static enum ev_rc
put_recipients(const struct bundle *b, struct ev_jw *w, struct ev_err *err)
{
	char hex[2 * EV_SHA256 + 1];
	struct ev_cert cert;
	enum ev_rc rc = EV_OK;
	size_t i;

	ev_jw_key(w, "encrypted_to");
	ev_jw_array(w);
	for (i = 0; rc == EV_OK && i < b->how->recipients; i++) {
		rc = ev_cert_read(&cert, EV_BYTES_BUF(&b->how->recipient[i]),
		    err);
		ev_text_hex(hex, cert.sha256, EV_SHA256);
		ev_jw_text(w, hex);
	}
	ev_jw_close(w);
	return rc;
}

static enum ev_rc
export_line(const struct bundle *b, const struct ev_bundle_result *result,
    struct ev_buf *after, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	struct ev_jw w;

	ev_jw_init(&w, after);
	ev_jw_object(&w);
	ev_jw_key_int(&w, "bytes", result->bytes);
	ev_jw_key_text(&w, "content", result->content);
	ev_jw_key_int(&w, "draft", b->how->draft ? 1 : 0);
	if (b->how->recipients > 0)
		rc = put_recipients(b, &w, err);
	ev_jw_key_int(&w, "head", b->head);
	ev_jw_key_int(&w, "parts", result->parts);
	ev_jw_key_text(&w, "profile", b->how->profile_name);
	if (result->sealed[0] != '\0')
		ev_jw_key_text(&w, "sealed_sha256", result->sealed);
	ev_jw_key_text(&w, "sha256", result->sha256);
	if (result->volumes > 0) {
		ev_jw_key_int(&w, "volume", result->volume);
		ev_jw_key_int(&w, "volumes", result->volumes);
	}
	ev_jw_close(&w);
	return rc == EV_OK ? ev_jw_end(&w, err) : rc;
}

static enum ev_rc
append_export(struct bundle *b, const struct ev_bundle_result *result,
    struct ev_err *err)
{
	struct ev_entry entry = { .action = "export" };
	struct ev_buf after;
	int64_t seq = 0;
	enum ev_rc rc;

	ev_buf_init(&after, LINE_LIMIT);
	rc = export_line(b, result, &after, err);
	entry.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_custody_append(b->c, &entry, &seq, err);
	if (rc == EV_OK)
		rc = ev_db_run(ev_case_db(b->c), err,
		    "INSERT INTO export(head, content, entry) VALUES(?, ?, ?)",
		    "isi", b->head, result->content, seq);
	ev_buf_release(&after);
	return rc;
}

/* What was withheld from that export, and why; the act says who authorised. */
static enum ev_rc
append_redact(struct bundle *b, const struct ev_bundle_result *result,
    struct ev_err *err)
{
	struct ev_entry entry = { .action = "redact" };
	const struct ev_withheld *order;
	const char **subject;
	struct ev_buf after;
	size_t count, i;
	struct ev_jw w;
	int64_t seq;
	enum ev_rc rc;

	order = withhold_orders(b->withhold, &count);
	subject = calloc(count + 1, sizeof(*subject));
	if (subject == NULL)
		return ev_fail_sys(err, "cannot enter what was withheld");
	ev_buf_init(&after, REDACT_LIMIT);
	ev_jw_init(&w, &after);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "content", result->content);
	ev_jw_key_int(&w, "lines", b->withheld);
	ev_jw_key(&w, "reasons");
	ev_jw_array(&w);
	for (i = 0; i < count; i++) {
		subject[i] = order[i].id;
		ev_jw_text(&w, order[i].reason);
	}
	ev_jw_close(&w);
	ev_jw_key_int(&w, "unsearched", b->unsearched);
	ev_jw_close(&w);
	rc = ev_jw_end(&w, err);
	entry.subject = subject;
	entry.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_custody_append(b->c, &entry, &seq, err);
	ev_buf_release(&after);
	free(subject);
	return rc;
}

/* The export enters the log of the case that it left: each volume. */
static enum ev_rc
log_export(struct bundle *b, const struct ev_bundle_result *result,
    size_t count, struct ev_err *err)
{
	struct ev_db *db = ev_case_db(b->c);
	enum ev_rc rc;
	size_t i;

	rc = ev_db_begin(db, err);
	if (rc != EV_OK)
		return rc;
	if (b->withhold != NULL)
		rc = append_redact(b, result, err);
	for (i = 0; rc == EV_OK && i < count; i++)
		rc = append_export(b, &result[i], err);
	if (rc == EV_OK)
		rc = ev_db_commit(db, err);
	else
		ev_db_rollback(db);
	return rc == EV_OK ? ev_custody_seal(b->c, err) : rc;
}

static enum ev_rc
check_profile(struct bundle *b, struct ev_err *err)
{
	struct ev_profile profile;
	enum ev_rc rc;

	if (b->how->profile == NULL)
		return EV_OK;
	rc = ev_profile_read(&profile, b->how->profile_name, b->how->profile,
	    strlen(b->how->profile), err);
	if (rc != EV_OK)
		return rc;
	if (profile.external_stamp && !b->external &&
	    !b->how->allow_self_stamped)
		return ev_fail(err, EV_USE,
		    "profile '%.64s' wants a time stamp by an authority: name "
		    "one with --tsa",
		    profile.name);
	return EV_OK;
}

void
bundle_folder(char folder[BUNDLE_PATH], const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		(void)snprintf(folder, BUNDLE_PATH, ".");
	else
		(void)snprintf(folder, BUNDLE_PATH, "%.*s",
		    slash == path ? 1 : (int)(slash - path), path);
}

static enum ev_rc
new_container(struct bundle *b, struct ev_err *err)
{
	char folder[BUNDLE_PATH];

	bundle_folder(folder, b->how->out);
	ev_container_free(b->k);
	b->withheld = 0;
	/* What is to be encrypted is not left in the clear on that medium. */
	return ev_container_new(&b->k,
	    b->how->recipients > 0 ? ev_case_info(b->c)->dir : folder, err);
}

/* One file: all of it, or the volume b->volume. */
static enum ev_rc
make(struct bundle *b, struct ev_bundle_result *result, struct ev_err *err)
{
	unsigned char content[EV_SHA256];
	const struct ev_part *part;
	struct ev_buf info;
	size_t count = 0;
	enum ev_rc rc;

	ev_buf_init(&info, LINE_LIMIT);
	rc = new_container(b, err);
	if (rc == EV_OK)
		rc = add_parts(b, err);
	if (rc == EV_OK)
		rc = bag_info(b, &info, err);
	if (rc == EV_OK)
		rc = ev_container_bag(b->k, ev_buf_text(&info), content, err);
	if (rc == EV_OK)
		rc = bundle_seal(b, err);
	if (rc == EV_OK)
		rc = ev_container_parts(b->k, &part, &count, err);
	if (rc == EV_OK)
		rc = write_out(b, result, err);
	if (rc == EV_OK) {
		ev_text_hex(result->content, content, EV_SHA256);
		result->head = b->head;
		result->parts = (int64_t)count;
		result->withheld = b->withheld;
		result->unsearched = b->unsearched;
		result->secrets = b->secrets;
	}
	ev_buf_release(&info);
	return rc;
}

/* NAME.asice becomes NAME.001.asice. */
static enum ev_rc
name_file(struct bundle *b, struct ev_bundle_result *result, struct ev_err *err)
{
	const char *out = b->how->out, *end = strrchr(out, '.');
	int n;

	if (end == NULL || strchr(end, '/') != NULL || end == out)
		end = out + strlen(out);
	n = b->volumes == NULL
		? snprintf(result->path, sizeof(result->path), "%s", out)
		: snprintf(result->path, sizeof(result->path),
		      "%.*s.%03" PRId64 "%s", (int)(end - out), out, b->volume,
		      end);
	if (n < 0 || n >= (int)sizeof(result->path))
		return ev_fail(err, EV_LIMIT, "path is too long");
	if (access(result->path, F_OK) == 0)
		return ev_fail(err, EV_USE, "'%.128s' exists already",
		    result->path);
	return EV_OK;
}

/* What is common to all volumes is made once before, to see how long it is. */
static enum ev_rc
plan(struct bundle *b, struct ev_err *err)
{
	struct volumes *p = NULL;
	enum ev_rc rc;

	b->planning = true;
	rc = new_container(b, err);
	if (rc == EV_OK)
		rc = add_parts(b, err);
	if (rc == EV_OK)
		rc = volumes_plan(&p, b, b->how->volume_size, err);
	b->planning = false;
	b->volumes = p;
	return rc;
}

/* All files, or none. */
static enum ev_rc
make_all(struct bundle *b, struct ev_bundle_result *last, struct ev_err *err)
{
	const size_t count =
	    b->volumes == NULL ? 1 : (size_t)volumes_count(b->volumes);
	struct ev_bundle_result *result;
	size_t made = 0, i;
	enum ev_rc rc = EV_OK;

	result = calloc(count, sizeof(*result));
	if (result == NULL)
		return ev_fail_sys(err, "cannot write the bundle");
	while (rc == EV_OK && made < count) {
		b->volume = (int64_t)made + 1;
		result[made].volume = b->volumes == NULL ? 0 : b->volume;
		result[made].volumes = b->volumes == NULL ? 0 : (int64_t)count;
		rc = name_file(b, &result[made], err);
		if (rc == EV_OK)
			rc = make(b, &result[made], err);
		if (rc == EV_OK)
			made++;
	}
	if (rc == EV_OK)
		rc = log_export(b, result, count, err);
	for (i = 0; i < made; i++) {
		if (rc != EV_OK)
			(void)unlink(result[i].path);
		else if (b->how->wrote != NULL)
			b->how->wrote(b->how->wrote_ctx, &result[i]);
	}
	if (rc == EV_OK)
		*last = result[count - 1];
	free(result);
	return rc;
}

enum ev_rc
ev_bundle_write(struct ev_case *c, const struct ev_bundle *how,
    struct ev_bundle_result *result, struct ev_err *err)
{
	struct bundle b = { .c = c,
		.how = how,
		.vault = -1,
		.external = how->tsa != NULL && how->tsa[0] != NULL };
	enum ev_rc rc;

	memset(result, 0, sizeof(*result));
	if (how->volume_size == 0 && access(how->out, F_OK) == 0)
		return ev_fail(err, EV_USE, "'%.128s' exists already",
		    how->out);
	rc = check_profile(&b, err);
	if (rc == EV_OK) {
		b.vault = openat(ev_case_dir_fd(c), "vault",
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (b.vault < 0)
			rc = ev_fail_sys(err, "cannot open 'vault'");
	}
	if (rc == EV_OK)
		rc = ev_custody_seal(c, err);
	if (rc == EV_OK)
		rc = find_head(&b, err);
	if (rc == EV_OK)
		rc = withhold_new(&b.withhold, &b, err);
	if (rc == EV_OK)
		rc = bundle_signers(&b, err);
	if (rc == EV_OK && how->volume_size > 0)
		rc = plan(&b, err);
	if (rc == EV_OK)
		rc = make_all(&b, result, err);
	bundle_signers_free(&b);
	ev_container_free(b.k);
	withhold_free(b.withhold);
	volumes_free(b.volumes);
	if (b.vault >= 0)
		(void)close(b.vault);
	return rc;
}
