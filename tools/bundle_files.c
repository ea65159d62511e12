/* ev-bundle: files that are named to it, and what it prints. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bundle_words.h"
#include "evidence/json.h"
#include "evidence/text.h"

enum { LINE_LIMIT = 65536 };

enum ev_rc
bundle_file(const char *path, const char *what, struct ev_buf *text,
    struct ev_err *err)
{
	char chunk[4096];
	enum ev_rc rc = EV_OK;
	size_t n;
	FILE *f;

	f = fopen(path, "re");
	if (f == NULL)
		return ev_fail_sys(err, "cannot open %s '%s'", what, path);
	while (rc == EV_OK && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		rc = ev_buf_put(text, chunk, n, err);
	if (rc == EV_OK && ferror(f))
		rc = ev_fail_sys(err, "cannot read %s '%s'", what, path);
	(void)fclose(f);
	return rc;
}

enum ev_rc
bundle_profile(const char *name, struct ev_buf *text, struct ev_err *err)
{
	struct ev_buf path;
	enum ev_rc rc;

	if (strchr(name, '/') != NULL)
		return bundle_file(name, "profile", text, err);
	ev_buf_init(&path, 8192);
	rc = cli_data(&path, err);
	if (rc == EV_OK)
		rc = ev_buf_printf(&path, err, "/profiles/%s.profile", name);
	if (rc == EV_OK)
		rc = bundle_file(ev_buf_text(&path), "profile", text, err);
	ev_buf_release(&path);
	return rc;
}

bool
bundle_size(int64_t *size, const char *text)
{
	static const char letters[] = "KMG";
	const size_t len = strlen(text);
	const char *letter = len == 0 ? NULL : strchr(letters, text[len - 1]);
	const int shift = letter == NULL ? 0 : 10 * (int)(letter - letters + 1);

	if (!ev_text_int(size, text, letter == NULL ? len : len - 1, 1,
		INT64_MAX >> shift))
		return false;
	*size <<= shift;
	return true;
}

static void
print_text(const struct ev_bundle_result *r)
{
	if (r->volumes > 0)
		(void)printf("volume          %" PRId64 " of %" PRId64 ": %s\n",
		    r->volume, r->volumes, r->path);
	(void)printf("content digest  %s\n"
		     "%s  %s\n"
		     "head            %" PRId64 " entries\n"
		     "files           %" PRId64 ", %" PRId64 " bytes\n",
	    r->content,
	    r->sealed[0] == '\0' ? "file SHA-256  " : "bundle SHA-256",
	    r->sha256, r->head, r->parts, r->bytes);
	if (r->sealed[0] != '\0')
		(void)printf("file SHA-256    %s, encrypted\n", r->sealed);
	if (r->withheld > 0)
		(void)printf("withheld        %" PRId64 " lines\n"
			     "leak check      not possible in %" PRId64
			     " exhibits\n",
		    r->withheld, r->unsearched);
	if (r->secrets > 0)
		(void)printf("credentials     in %" PRId64
			     " exhibits that are not withheld (har-secrets)\n",
		    r->secrets);
}

void
bundle_print(void *ctx, const struct ev_bundle_result *r)
{
	const struct bundle_printing *p = ctx;
	struct ev_buf out;
	struct ev_err err;
	struct ev_jw w;

	cli_bar_end(p->bar);
	if (!p->cli->json) {
		print_text(r);
		return;
	}
	ev_buf_init(&out, LINE_LIMIT);
	ev_jw_init(&w, &out);
	ev_jw_object(&w);
	ev_jw_key_int(&w, "bytes", r->bytes);
	ev_jw_key_text(&w, "content", r->content);
	ev_jw_key_int(&w, "files", r->parts);
	ev_jw_key_int(&w, "head", r->head);
	ev_jw_key_text(&w, "schema", "evidence/bundle/1");
	if (r->sealed[0] != '\0')
		ev_jw_key_text(&w, "sealed_sha256", r->sealed);
	if (r->secrets > 0)
		ev_jw_key_int(&w, "secrets", r->secrets);
	ev_jw_key_text(&w, "sha256", r->sha256);
	if (r->withheld > 0)
		ev_jw_key_int(&w, "unsearched", r->unsearched);
	if (r->volumes > 0) {
		ev_jw_key_int(&w, "volume", r->volume);
		ev_jw_key_int(&w, "volumes", r->volumes);
	}
	if (r->withheld > 0)
		ev_jw_key_int(&w, "withheld", r->withheld);
	ev_jw_close(&w);
	if (ev_jw_end(&w, &err) == EV_OK)
		(void)printf("%s\n", ev_buf_text(&out));
	ev_buf_release(&out);
}
