/* Check digits of identifiers that carry them. */
#ifndef EV_WEIGH_CANON_SUM_H
#define EV_WEIGH_CANON_SUM_H

#include <stdbool.h>
#include <stddef.h>

/* ISO/IEC 7812-1 Annex B (Luhn), over digits alone. */
bool ev_sum_luhn(const char *digits, size_t len);

/* ISO/IEC 7064 mod 97-10 over an IBAN in capital letters, no spaces. */
bool ev_sum_iban(const char *iban, size_t len);

/* Base58check: 25 bytes, the last four a double SHA-256 of the rest. */
bool ev_sum_base58(const char *text, size_t len);

/* BIP 173 and BIP 350: the checksum of bech32 or bech32m. */
bool ev_sum_bech32(const char *text, size_t len);

#endif
