/* Proof that heads and acquisitions existed at a time: RFC 3161, RFC 4998. */
#ifndef EVIDENCE_STAMP_H
#define EVIDENCE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "evidence/case.h"
#include "evidence/err.h"

/*
 * What is stamped: the newest head, if anything but stamps was entered since
 * the last stamped one (it covers the older ones), and the exhibits of every
 * finished acquisition that has no evidence record yet.
 */
struct ev_stamping {
	const char *const *tsa; /* addresses, NULL-terminated; or NULL */
	bool self;              /* the built-in authority: order, no date */
	const char *tsq_out;    /* write requests: a file, or a folder */
	const char *tsr_in;     /* read replies: a file, or a folder */
	/* Files with chains, lists and responses to keep; NULL-terminated. */
	const char *const *files;
	int seconds; /* for each attempt; 0: 10 */
	int tries;   /* 0: 3 */
};

/* One thing stamped, queued, or refused. */
struct ev_stamped {
	/*
	 * "head", "acquisition", "record", "archive"; or what was kept of an
	 * authority: "certificate", "crl", "ocsp", where tsa is its source
	 */
	const char *subject;
	int64_t number;     /* of an archive: the round */
	const char *tsa;    /* address, "self", "reply" */
	bool done;          /* false: queued or written out, see why */
	const char *at;     /* genTime, printed */
	const char *policy; /* OID */
	bool self_issued;
	int64_t skew_us; /* genTime minus the clock of this machine */
	const char *why; /* of what is not done */
};
typedef void ev_stamped_fn(void *ctx, const struct ev_stamped *what);

/*
 * Of each authority that stamped, the chain, and the lists of revoked
 * certificates and OCSP responses of the day, are fetched from the addresses
 * in its certificates (not with tsq_out, tsr_in or self alone) and kept in the
 * case, each an entry stamp.
 *
 * EV_PARTIAL: something was queued; what could not be fetched is told only.
 * Each token enters the log as an entry stamp; heads/NNNNNN.tst holds those
 * over heads.
 */
EV_CHECK
enum ev_rc ev_stamp_case(struct ev_case *c, const struct ev_stamping *how,
    ev_stamped_fn *told, void *ctx, struct ev_err *err);

/*
 * Before an authority or an algorithm ends: the evidence record of each
 * acquisition gets one more token by the first authority of how->tsa (or self)
 * that answers, and the newest head, which covers all entries with their
 * tokens, is stamped by each of them anew.  wide: the records are carried from
 * SHA-256 to SHA-512 (RFC 4998, hash-tree renewal).  told gets subject
 * "record" and the number of the acquisition.  EV_SYS, EV_MISMATCH: no
 * authority gave a fit answer; what was renewed before stays.
 */
EV_CHECK
enum ev_rc ev_stamp_renew(struct ev_case *c, const struct ev_stamping *how,
    bool wide, ev_stamped_fn *told, void *ctx, struct ev_err *err);

#endif
