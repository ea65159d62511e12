# bundle.sh BUILD FOLDER: a small case, small.evcase, and small.asice of it.
set -eu
PATH=$1/bin:$PATH
cd "$2"
unset EV_CASE EV_ACTOR EV_DATA
ev-case init -q small.evcase --number T-1 --title "Small" --actor "A. Example" \
    --role examiner --office "Demo Lab" --self-signed
ev-case authority add small.evcase --type consent --issuer "Office of Example" --ref 1 >/dev/null
ev-stamp -q small.evcase --self >/dev/null
ev-bundle -q small.evcase -o small.asice >/dev/null
