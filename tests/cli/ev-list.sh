# Lists, in every form; nothing in them moves a terminal or starts a formula.
. "$SRC/tests/cli/lib/case.sh"
for list in accounts acquisitions actors artifacts authorities claims exhibits facts \
    identifiers ignored set-aside unread; do
	echo "= $list"
	say ev-list a.evcase $list
	{ ev-list a.evcase $list; ev-list -j a.evcase $list; ev-list --csv a.evcase $list; } >raw
	clean raw
done
echo '= csv'
ev-list a.evcase facts --csv --columns fact,account,name,t | tr -d '\r'
ev-list a.evcase exhibits --csv --columns name,size | tr -d '\r'
echo '= json'
ev-list -j a.evcase accounts --where platform=x
ev-list -j a.evcase unread
echo '= chosen'
say ev-list a.evcase facts --columns t,fact --where account=1600000000000000901
say ev-list a.evcase facts --where account=1600000000000000901 --where kind=post
say ev-list a.evcase facts --columns fact,nothing
say ev-list a.evcase facts --where nothing=1
say ev-list a.evcase nothing
say ev-list a.evcase
echo '= bytes that could not be had'
printf 'some text\n' | gzip -n | head -c 14 >cut.gz
ev-ingest -q a.evcase cut.gz >/dev/null || [ $? = 3 ]
ev-list -j a.evcase artifacts --where outcome=failed
echo '= nowhere to write'
for form in -q -j --csv; do full ev-list a.evcase facts $form; done
