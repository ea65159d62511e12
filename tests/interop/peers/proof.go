// A C2SP tlog-proof that ev-custody made, checked without the case: that the
// entry is under the head, and the line in the list that the entry counts.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// What stands under "extra", as evidence-case(5) has it.
type extra struct {
	Entry, Line, List, Salt, What string
	Number                        int64
	Path                          []string
}

type entry struct {
	After struct {
		Lists []struct {
			List, Root string
			Count      int64
		}
	}
}

type logProof struct {
	index int64
	path  tlog.RecordProof
	extra extra
	note  string
}

func toHash(raw []byte, err error) (h tlog.Hash, _ error) {
	if err == nil && len(raw) != len(h) {
		err = fmt.Errorf("%d bytes are no hash", len(raw))
	}
	copy(h[:], raw)
	return h, err
}

func parseProof(text string) (p logProof, err error) {
	top, rest, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(top, "\n")
	if !ok || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return p, errors.New("no tlog-proof")
	}
	raw, err := base64.StdEncoding.DecodeString(
		strings.TrimPrefix(lines[1], "extra "))
	if err == nil {
		err = json.Unmarshal(raw, &p.extra)
	}
	if err != nil {
		return p, err
	}
	if _, err = fmt.Sscanf(lines[2], "index %d", &p.index); err != nil {
		return p, err
	}
	for _, line := range lines[3:] {
		h, err := toHash(base64.StdEncoding.DecodeString(line))
		if err != nil {
			return p, err
		}
		p.path = append(p.path, h)
	}
	p.note = rest
	return p, nil
}

// inList walks from the salted line to the root in the entry (RFC 9162).
func inList(x extra) error {
	var e entry
	if err := json.Unmarshal([]byte(x.Entry), &e); err != nil {
		return err
	}
	salt, err := hex.DecodeString(x.Salt)
	if err != nil {
		return err
	}
	leaf := sha256.Sum256([]byte("\x00" + string(salt) + x.Line))
	var path tlog.RecordProof
	for _, word := range x.Path {
		h, err := toHash(hex.DecodeString(word))
		if err != nil {
			return err
		}
		path = append(path, h)
	}
	for _, l := range e.After.Lists {
		if l.List != x.List {
			continue
		}
		root, err := toHash(hex.DecodeString(l.Root))
		if err != nil {
			return err
		}
		return tlog.CheckRecord(path, l.Count, root, x.Number-1,
			tlog.Hash(leaf))
	}
	return errors.New("the entry counts no " + x.List)
}

func checkProof(path string, key ed25519.PublicKey) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	p, err := parseProof(string(text))
	if err != nil {
		return err
	}
	h, err := openHead(p.note, key)
	if err != nil {
		return err
	}
	err = tlog.CheckRecord(p.path, h.size, h.root, p.index,
		tlog.RecordHash([]byte(p.extra.Entry)))
	if err != nil {
		return fmt.Errorf("entry %d: %v", p.index+1, err)
	}
	if p.extra.Line == "" {
		return nil
	}
	if err = inList(p.extra); err != nil {
		return fmt.Errorf("%s: %v", p.extra.List, err)
	}
	return nil
}

// prove is "tlog prove KEY.pem PROOF...".
func prove(args []string) (bad int) {
	key, err := readKey(args[0])
	if err != nil {
		fmt.Printf("BAD key: %v\n", err)
		return 1
	}
	for _, path := range args[1:] {
		if err = checkProof(path, key); err != nil {
			fmt.Printf("BAD %s: %v\n", path, err)
			bad++
		} else {
			fmt.Printf("ok %s\n", path)
		}
	}
	return bad
}
