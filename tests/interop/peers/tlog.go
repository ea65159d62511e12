// tlog KEY.pem LOG.jsonl PROOFS NOTE...: what Go's sumdb/note and sumdb/tlog
// make of a custody log, of heads over it, oldest first, and of the proofs that
// proof_driver printed for it; tlog prove KEY.pem PROOF... of proofs that left
// the house.  Status 1, and a line for each thing that is wrong.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type head struct {
	path string
	size int64
	root tlog.Hash
}

// stored holds the hashes of a tree in the order that tlog numbers them.
type stored []tlog.Hash

func (s stored) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		if n < 0 || n >= int64(len(s)) {
			return nil, fmt.Errorf("no hash %d", n)
		}
		out[i] = s[n]
	}
	return out, nil
}

func readKey(path string) (ed25519.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New(path + ": no PEM")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(ed25519.PublicKey)
	if !ok {
		return nil, errors.New(path + ": no Ed25519 key")
	}
	return key, nil
}

func readHead(path string, key ed25519.PublicKey) (head, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return head{}, err
	}
	h, err := openHead(string(text), key)
	h.path = path
	return h, err
}

// openHead opens a note signed by the key under the name of its first line.
func openHead(text string, key ed25519.PublicKey) (h head, err error) {
	name, _, _ := strings.Cut(text, "\n")
	vkey, err := note.NewEd25519VerifierKey(name, key)
	if err != nil {
		return h, err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return h, err
	}
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return h, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[len(lines)-1] != "" {
		return h, errors.New("no checkpoint")
	}
	h.size, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(h.size, 10) != lines[1] {
		return h, errors.New("no size in line 2")
	}
	h.root, err = toHash(base64.StdEncoding.DecodeString(lines[2]))
	if err != nil {
		return h, errors.New("no root in line 3")
	}
	return h, nil
}

func readTree(path string) (leaves [][]byte, tree stored, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	if len(text) == 0 || text[len(text)-1] != '\n' {
		return nil, nil, errors.New(path + ": the last line has no end")
	}
	leaves = bytes.Split(text[:len(text)-1], []byte("\n"))
	for i, leaf := range leaves {
		more, err := tlog.StoredHashes(int64(i), leaf, tree)
		if err != nil {
			return nil, nil, err
		}
		tree = append(tree, more...)
	}
	return leaves, tree, nil
}

// check compares a head with the log: root, and that each entry is in it.
func check(h head, leaves [][]byte, tree stored) error {
	if h.size > int64(len(leaves)) {
		return fmt.Errorf("covers %d entries, the log has %d", h.size,
			len(leaves))
	}
	root, err := tlog.TreeHash(h.size, tree)
	if err != nil {
		return err
	}
	if root != h.root {
		return fmt.Errorf("root %v, the log's is %v", h.root, root)
	}
	for i := int64(0); i < h.size; i++ {
		proof, err := tlog.ProveRecord(h.size, i, tree)
		if err != nil {
			return err
		}
		leaf := tlog.RecordHash(leaves[i])
		if err = tlog.CheckRecord(proof, h.size, h.root, i, leaf); err != nil {
			return fmt.Errorf("entry %d: %v", i+1, err)
		}
		if leaf[0] ^= 1; tlog.CheckRecord(proof, h.size, h.root, i,
			leaf) == nil {
			return fmt.Errorf("entry %d: another is taken for it", i+1)
		}
	}
	return nil
}

// extends says whether the newer head is over the same entries and more.
func extends(newer, older head, tree stored) error {
	proof, err := tlog.ProveTree(newer.size, older.size, tree)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, newer.size, newer.root, older.size,
		older.root)
}

// proof checks a line of PROOFS: "record SIZE INDEX HASH..." is the way of an
// entry to the root, "tree SIZE OLD HASH..." that of an older root to it.
func proof(line string, leaves [][]byte, tree stored) error {
	var kind string
	var size, n int64
	words := strings.Fields(line)
	if len(words) < 3 {
		return errors.New("no proof")
	}
	if _, err := fmt.Sscan(strings.Join(words[:3], " "), &kind, &size,
		&n); err != nil {
		return err
	}
	hashes := make([]tlog.Hash, len(words)-3)
	for i, word := range words[3:] {
		var err error
		if hashes[i], err = toHash(hex.DecodeString(word)); err != nil {
			return errors.New("no hash: " + word)
		}
	}
	root, err := tlog.TreeHash(size, tree)
	if err != nil || kind == "record" {
		if err == nil && (n < 0 || n >= int64(len(leaves))) {
			err = errors.New("no such entry")
		}
		if err == nil {
			err = tlog.CheckRecord(hashes, size, root, n,
				tlog.RecordHash(leaves[n]))
		}
		return err
	}
	older, err := tlog.TreeHash(n, tree)
	if err != nil {
		return err
	}
	return tlog.CheckTree(hashes, size, root, n, older)
}

func run(args []string) (bad int) {
	say := func(what string, err error) {
		if err != nil {
			fmt.Printf("BAD %s: %v\n", what, err)
			bad++
		}
	}
	key, err := readKey(args[0])
	say("key", err)
	leaves, tree, err := readTree(args[1])
	say("log", err)
	if bad != 0 {
		return bad
	}
	text, err := os.ReadFile(args[2])
	say("proofs", err)
	proofs := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for _, line := range proofs {
		say(line, proof(line, leaves, tree))
	}
	var heads []head
	for _, path := range args[3:] {
		h, err := readHead(path, key)
		if err == nil {
			err = check(h, leaves, tree)
		}
		if say(path, err); err != nil {
			continue
		}
		if n := len(heads); n > 0 {
			say(path+" after "+heads[n-1].path,
				extends(h, heads[n-1], tree))
		}
		heads = append(heads, h)
	}
	if bad == 0 {
		fmt.Printf("ok %d heads opened, each extends the one before; "+
			"%d entries included; %d proofs of ours\n",
			len(heads), len(leaves), len(proofs))
	}
	return bad
}

func main() {
	check := run
	if len(os.Args) > 3 && os.Args[1] == "prove" {
		check = prove
		os.Args = os.Args[1:]
	} else if len(os.Args) < 5 {
		fmt.Fprintln(os.Stderr,
			"usage: tlog KEY.pem LOG.jsonl PROOFS NOTE...")
		os.Exit(2)
	}
	if check(os.Args[1:]) != 0 {
		os.Exit(1)
	}
}
