# Sourced by the tests whose judges are other people's libraries: fetches
# them, pinned by version, and makes a demo case that a test authority signs.
set -eu
peers=$EV_SRC/tests/interop/peers
cache=${XDG_CACHE_HOME:+$XDG_CACHE_HOME/evidence-tests}
cache=${cache:-$EV_BUILD/peers}
tsa_pid=

skip() { echo "$1: skipped"; exit 77; }
fail() { echo "FAILED: $1"; exit 1; }
have() { # PROGRAM...
	for program in "$@"; do
		command -v "$program" >/dev/null || skip "no $program"
	done
}

# A folder of its own, which is left when the test ends.
workplace() {
	[ -x "$EV_BUILD/bin/ev-bundle" ] || skip "no ev-bundle"
	tmp=$(mktemp -d)
	trap 'stop_tsa; chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
	trap 'exit 1' HUP INT TERM
	PATH=$EV_BUILD/bin:$PATH
	unset EV_CASE EV_ACTOR EV_DATA
	cd "$tmp"
}

# A test authority in pki; its RFC 3161 responder answers at $tsa.
start_tsa() {
	have python3 openssl
	sh "$EV_SRC/tests/interop/pki.sh" "$tmp/pki"
	mkfifo hold
	python3 "$EV_SRC/tests/interop/tsa.py" "$tmp/pki" "$tmp/port" <hold &
	tsa_pid=$!
	exec 9>hold
	n=0
	while [ ! -s port ]; do
		n=$((n + 1))
		[ $n -lt 100 ] || fail "no responder"
		sleep 0.1
	done
	tsa=http://127.0.0.1:$(cat port)/tsa
}
stop_tsa() {
	[ -n "$tsa_pid" ] || return 0
	exec 9>&-
	wait "$tsa_pid" || :
	tsa_pid=
}

# demo/demo.asice, signed and stamped under pki/ca.pem; opened in u.
demo() {
	have unzip
	start_tsa
	sh "$EV_SRC/tests/demo.sh" "$EV_BUILD" demo pki "$tsa" >demo.log 2>&1 ||
		{ cat demo.log; fail "the demo"; }
	mkdir u
	unzip -q demo/demo.asice -d u
}

# Run COMMAND in FOLDER.new and keep the folder as FOLDER; once, whoever asks.
# A registry that is not reached skips the test, anything else fails it.
once() { # FOLDER COMMAND...
	once_folder=$1
	shift
	mkdir -p "$cache"
	exec 8>"$cache/lock"
	flock 8
	if [ ! -d "$once_folder" ]; then
		rm -rf "$once_folder.new"
		mkdir "$once_folder.new"
		if ! (cd "$once_folder.new" && "$@") >"$once_folder.log" 2>&1; then
			tail -n 20 "$once_folder.log"
			rm -rf "$once_folder.new"
			if grep -qE "$unreached" "$once_folder.log"; then
				skip "the registry was not reached"
			fi
			fail "$1 could not fetch what is pinned"
		fi
		mv "$once_folder.new" "$once_folder"
	fi
	exec 8>&-
}
unreached='Could not transfer|failed to transfer|Unknown host|[Cc]onnection refused'
unreached="$unreached|timed? ?out|[Uu]nreachable|no such host|name resolution"
unreached="$unreached|NewConnectionError|from versions: none|ProxyError"
unreached="$unreached|[Nn]etwork is"

pinned() { # FILE...: a word that changes with the files
	cat "$@" | sha256sum | cut -c1-12
}

# java CLASS ARGUMENT... runs peers/CLASS.java beside the pinned libraries.
java_peers() {
	have java javac mvn flock
	jars=$cache/java-$(pinned "$peers/pom.xml")
	once "$jars" mvn -q -B -C -U -f "$peers/pom.xml" \
	    "-Dmaven.repo.local=$cache/m2" \
	    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
	    "-DoutputDirectory=$jars.new"
	mkdir -p classes
}
compile() { # CLASS
	javac -proc:none -d classes -cp "$jars/*" "$peers/$1.java" 2>javac.log ||
		{ cat javac.log; fail "javac $1.java"; }
}
peer() { # CLASS ARGUMENT...
	java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "classes:$jars/*" "$@"
}

# $python sees the pinned packages.
python_peers() {
	have python3 flock
	python3 -c 'import venv, ensurepip' 2>/dev/null || skip "no python3-venv"
	python3 -c 'import sys; print(sys.executable, sys.version)' >"$tmp/python"
	venv=$cache/python-$(pinned "$peers/requirements.txt" "$tmp/python")
	once "$venv" sh -euc 'python3 -m venv .
	bin/python -m pip install -q --retries 1 -r "$1"' \
	    sh "$peers/requirements.txt"
	python=$venv/bin/python
}

# $tlog is peers/tlog.go and proof.go, built.
go_peers() {
	have go flock
	built=$cache/go-$(pinned "$peers/go.mod" "$peers/go.sum" "$peers"/*.go)
	once "$built" env GOFLAGS=-modcacherw GOTOOLCHAIN=local \
	    "GOMODCACHE=$cache/gomod" "GOCACHE=$cache/gocache" GOWORK=off \
	    sh -euc 'out=$PWD/tlog; cd "$1"; go build -o "$out" .' sh "$peers"
	tlog=$built/tlog
}
