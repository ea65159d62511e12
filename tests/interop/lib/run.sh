# To be sourced: what the interop scripts share.
fail() { echo "FAILED: $1"; exit 1; }

# A command and its exit status; what it printed stands in out and err.
run() { # STATUS COMMAND...
	want=$1
	shift
	rc=0
	"$@" >out 2>err || rc=$?
	[ $rc = "$want" ] || { cat out err; fail "$* ended with $rc, not $want"; }
}

# A command, its exit status and a piece of what it printed, which stands in
# the file said.
gives() { # STATUS TEXT COMMAND...
	want=$1 text=$2
	shift 2
	got=0
	"$@" >said 2>&1 || got=$?
	if [ "$got" -ne "$want" ] ||
	    { [ -n "$text" ] && ! grep -qF -- "$text" said; }; then
		echo "expected $want, '$text': $*"
		echo "got $got:"
		cat said
		exit 1
	fi
}

# The port that a responder wrote into FILE once it listened.
port() { # FILE
	i=0
	while [ ! -s "$1" ] && [ $i -lt 100 ]; do
		sleep 0.1
		i=$((i + 1))
	done
	cat "$1"
}
