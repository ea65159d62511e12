/* IP addresses: parsed strictly, printed one way, and what they are for. */
#ifndef EV_WEIGH_ADDRESS_H
#define EV_WEIGH_ADDRESS_H

#include <stdbool.h>

/* IPv4 stands in the first four bytes.  IPv4-mapped IPv6 becomes IPv4. */
struct ev_addr {
	bool v6;
	unsigned char b[16];
};

enum { EV_ADDR_TEXT = 48 };

/* No leading zeros, no zone, no mask, nothing before or behind. */
bool ev_addr_parse(struct ev_addr *addr, const char *text);
void ev_addr_print(char text[EV_ADDR_TEXT], const struct ev_addr *addr);
/* IPv6: the first 64 bits and "/64"; IPv4: the address. */
void ev_addr_link(char text[EV_ADDR_TEXT], const struct ev_addr *addr);
/* By family, then by number. */
int ev_addr_compare(const struct ev_addr *a, const struct ev_addr *b);

/* captures.md, Converters: ip_class. */
const char *ev_addr_class(const struct ev_addr *addr);
/* Global, or documentation: the only ones that a database may place. */
bool ev_addr_located(const struct ev_addr *addr);

#endif
