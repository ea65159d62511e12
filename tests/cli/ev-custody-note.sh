# Entries by hand name what is there; what is set apart is neither read nor shown.
say() { rc=0; "$@" 2>&1 || rc=$?; echo "-> $rc"; }
ev-case init a.evcase --number T-1 --title 'Grey River' --actor 'A. Example' --id a --role examiner --office Lab --self-signed 2>/dev/null
export EV_CASE=a.evcase
mkdir one two
printf '{"a":1}\n' >one/x.json
printf 'y\n' >one/y.txt
printf 'z\n' >two/z.txt
ev-ingest -q one 2>/dev/null || [ $? = 3 ]
ev-case authority add --type court-order --issuer 'Court of Example' --ref 7
say ev-custody note E000001 --text 'seal intact' --place 'Evidence room'
say ev-custody note --text 'two persons were present: A, B'
say ev-custody note E000009 --text x
say ev-custody note A000001 --text x --action dispose
say ev-custody note I000001 --text 'given back' --action return
say ev-custody note E000001 --text 'wrong place' --action correct
say ev-custody note 7 --text 'wrong place' --action correct
say ev-custody note --text x --action close
say ev-custody quarantine A000001 --reason secret
say ev-custody quarantine F000001 --reason PRIVILEGE
say ev-custody quarantine A000001 --reason PRIVILEGE --text 'counsel writes'
say ev-show --raw E000001
say ev-show --raw E000002
say ev-ingest -q --again A000001
say ev-ingest -q --again A000001 --authority W000001
say ev-show --raw E000001
ev-ingest -q two --quarantine MEDICAL --authority W000001 2>/dev/null || [ $? = 3 ]
say ev-show --raw E000003
say ev-ingest -q --again A000003 --authority W000001
say ev-show --raw E000003
ev-custody log
ev-custody log -j | sed -n 's/"clock".*"note"/"note"/; s/,"role".*"subject"/,"subject"/; s/,"tool".*//; /"quarantine"\|"correct"\|"return"/p'
ev-custody verify | grep recomputed
