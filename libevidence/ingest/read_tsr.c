/* reader tsr: an RFC 3161 reply, or the token alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/nodes.h"
#include "ingest/textline.h"
#include "seal/foreign.h"

enum { NODES = 1 << 20, ALGORITHM = 20 };

static void
add(struct ev_nodes *nodes, const char *key, const char *text)
{
	if (text[0] != '\0')
		(void)ev_nodes_word(nodes, nodes->root, key, text);
}

/*
 * What the token is over: a neighbour in its archive of that name, whose
 * digest is the imprint.  auto-archiver puts its token beside hashes.txt.
 */
static enum ev_rc
add_cover(struct ev_nodes *nodes, const struct ev_pass *pass,
    const struct ev_foreign_token *t, struct ev_err *err)
{
	const struct ev_siblings *siblings = pass->in->siblings;
	char name[EV_SIBLING_NAME];
	enum ev_rc rc;

	if (siblings == NULL)
		return EV_OK;
	rc = siblings->with(siblings->ctx, t->algorithm, t->imprint, name, err);
	if (rc == EV_OK)
		add(nodes, "covers", name);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
show(struct ev_pass *pass, const struct ev_textlines *lines,
    const struct ev_foreign_token *t, struct ev_err *err)
{
	struct ev_record record = { NULL, lines->data, 0, 0,
		(int64_t)lines->len, true };
	char digest[EV_FOREIGN_HEX + ALGORITHM];
	struct ev_nodes nodes;
	enum ev_rc rc;

	ev_nodes_init(&nodes, NODES);
	ev_nodes_clear(&nodes);
	add(&nodes, "time", t->time);
	add(&nodes, "policy", t->policy);
	add(&nodes, "serial", t->serial);
	add(&nodes, "nonce", t->nonce);
	add(&nodes, "status", t->status);
	add(&nodes, "signer", t->signer);
	add(&nodes, "issuer", t->issuer);
	add(&nodes, "certificate", t->certificate);
	(void)snprintf(digest, sizeof(digest), "%s:%s", t->algorithm,
	    t->imprint);
	add(&nodes, "imprint", digest);
	add(&nodes, "signature-check", ev_foreign_word(t->signature));
	add(&nodes, "signature-why", t->why);
	if (t->signature != EV_FOREIGN_UNCHECKED)
		add(&nodes, "signature-ok",
		    t->signature == EV_FOREIGN_OK ? "true" : "false");
	rc = add_cover(&nodes, pass, t, err);
	nodes.root->length = lines->len;
	record.root = nodes.root;
	if (rc == EV_OK)
		rc = ev_nodes_end(&nodes, err);
	ev_buf_clear(&pass->pointer);
	if (rc == EV_OK)
		rc = ev_buf_puts(&pass->pointer, "rec:1", err);
	if (rc == EV_OK)
		rc = ev_pass_record(pass, &record, err);
	if (rc == EV_OK && t->signature == EV_FOREIGN_DIFFERS)
		rc = ev_pass_note(pass, "tsr-signature-differs", "", 0, err);
	ev_nodes_release(&nodes);
	return rc;
}

enum ev_rc
ev_read_tsr(struct ev_pass *pass, struct ev_err *err)
{
	struct ev_loss loss = { -1, 0, 0, "syntax", NULL };
	struct ev_foreign_token *token;
	struct ev_textlines lines;
	struct ev_err why;
	enum ev_rc rc = EV_OK;

	token = malloc(sizeof(*token));
	if (token == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	ev_textlines_init(&lines, &pass->view);
	while (rc == EV_OK && lines.len <= EV_FOREIGN_LIMIT)
		rc = ev_textlines_more(&lines, err);
	if (rc == EV_OK || rc == EV_EOF) {
		const struct ev_bytes der = { lines.data, lines.len };

		rc = ev_foreign_token(token, der, &why);
		loss.to = (int64_t)lines.len;
		loss.message = why.msg;
		rc = rc == EV_INPUT ? ev_pass_lose_record(pass, &loss, err)
				    : show(pass, &lines, token, err);
	}
	free(token);
	ev_textlines_release(&lines);
	return rc;
}
