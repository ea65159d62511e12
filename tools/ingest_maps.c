/* Mapping files checked and tried out, without a case. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evidence/mapping.h"
#include "evidence/text.h"
#include "ingest_words.h"

enum { MAP_LIMIT = 256 << 10, SAMPLE_LIMIT = 1 << 30, CHUNK = 65536 };

static enum ev_rc
read_file(struct ev_buf *out, const char *path, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	ssize_t n = 1;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ev_fail_sys(err, "cannot open '%s'", path);
	while (rc == EV_OK && n > 0) {
		rc = ev_buf_reserve(out, CHUNK, err);
		if (rc == EV_LIMIT)
			rc = ev_buf_reserve(out, out->limit - out->len, err);
		if (rc != EV_OK)
			break;
		n = read(fd, out->data + out->len,
		    out->limit - out->len < CHUNK ? out->limit - out->len
						  : CHUNK);
		if (n < 0)
			rc = ev_fail_sys(err, "cannot read '%s'", path);
		else
			out->len += (size_t)n;
	}
	(void)close(fd);
	if (rc == EV_OK && out->len == out->limit)
		rc = ev_fail(err, EV_LIMIT, "'%s' is longer than %zu bytes",
		    path, out->limit - 1);
	return rc;
}

static enum ev_rc
print_line(void *ctx, const char *line, struct ev_err *err)
{
	(void)ctx;
	(void)err;
	(void)printf("%s\n", line);
	return EV_OK;
}

/* Read all files named, and hand them on. */
struct files {
	struct ev_buf *text;
	struct ev_mapping_file *file;
	size_t count;
};

static void
release(struct files *f)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		ev_buf_release(&f->text[i]);
	free(f->text);
	free(f->file);
}

static enum ev_rc
load(struct files *f, char **names, size_t count, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	memset(f, 0, sizeof(*f));
	f->text = calloc(count, sizeof(*f->text));
	f->file = calloc(count, sizeof(*f->file));
	if (f->text == NULL || f->file == NULL)
		return ev_fail_sys(err, "cannot read mappings");
	f->count = count;
	for (i = 0; i < count; i++)
		ev_buf_init(&f->text[i], MAP_LIMIT + 1);
	for (i = 0; rc == EV_OK && i < count; i++) {
		rc = read_file(&f->text[i], names[i], err);
		f->file[i].name = names[i];
		f->file[i].text = ev_buf_text(&f->text[i]);
		f->file[i].len = f->text[i].len;
	}
	return rc;
}

enum ev_rc
ingest_lint(struct cli *cli, struct ev_err *err)
{
	const struct ev_mapping_print print = { NULL, print_line };
	struct files f;
	enum ev_rc rc;

	rc = load(&f, cli->argv, (size_t)cli->argc, err);
	if (rc == EV_OK)
		rc = ev_mapping_lint(f.file, f.count, &print, err);
	/* A refused file is 2, not 1 (commands.md). */
	if (rc == EV_MISMATCH)
		rc = ev_fail(err, EV_INPUT, "a mapping file is refused");
	release(&f);
	return rc;
}

enum ev_rc
ingest_try(struct cli *cli, struct ev_err *err)
{
	const struct ev_mapping_print print = { NULL, print_line };
	struct ev_mapping_sample sample = { .path = cli->argv[1] };
	struct ev_buf data;
	struct files f;
	enum ev_rc rc;

	ev_buf_init(&data, SAMPLE_LIMIT);
	rc = load(&f, cli->argv, 1, err);
	if (rc == EV_OK)
		rc = read_file(&data, cli->argv[1], err);
	sample.path_len = strlen(cli->argv[1]);
	sample.data = ev_buf_text(&data);
	sample.len = data.len;
	sample.media = "";
	if (rc == EV_OK)
		rc = ev_mapping_try(f.file, f.count, &sample, &print, err);
	release(&f);
	ev_buf_release(&data);
	return rc;
}
