/* IP addresses as text: strict in, RFC 5952 out, and what kind they are. */
#ifndef EV_INGEST_IP_H
#define EV_INGEST_IP_H

#include <stdbool.h>
#include <stddef.h>

struct ev_ip {
	int version;             /* 4 or 6 */
	unsigned char bytes[16]; /* 4 or 16 of them */
	bool mapped;             /* written as ::ffff:a.b.c.d */
};

enum { EV_IP_TEXT = 48 };

/*
 * A whole address: no zone id, no mask, no leading zeros, nothing partial.
 * An IPv4-mapped one becomes IPv4.
 */
bool ev_ip_parse(struct ev_ip *ip, const char *text, size_t len);

void ev_ip_print(char text[EV_IP_TEXT], const struct ev_ip *ip);

/*
 * global, private, cgnat, loopback, link-local, ula, documentation,
 * multicast, reserved, 6to4, teredo, nat64 (evidence-facts(5)).
 */
const char *ev_ip_class(const struct ev_ip *ip);

#endif
