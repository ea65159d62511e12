# Words are found whatever their case and width; hits cite their facts.
. "$SRC/tests/cli/lib/case.sh"
say ev-find a.evcase GATE
say ev-find a.evcase گرگان
echo '= several words, and full width'
say ev-find a.evcase 'گرگان' 'سلام' --columns fact,text
say ev-find a.evcase ｇａｔｅ --columns fact
echo '= all of several words, phrases'
say ev-find a.evcase gate exe --columns fact
say ev-find a.evcase gate گرگان
say ev-find a.evcase 'گرگان بازار' --columns fact
say ev-find a.evcase 'بازار گرگان'
echo '= what is a query to the index is only words to us'
for word in 'gate" OR "red' 'gate*' 'NEAR(gate red)' '-gate' 'text:gate' '"' '' 'ga'; do
	say ev-find a.evcase --columns fact -- "$word"
done
say ev-find a.evcase gate --where kind=message
say ev-find -j a.evcase gate >raw
clean raw
cat raw
say ev-find --csv a.evcase gate | tr -d '\r'
full ev-find a.evcase gate
ev-case init b.evcase --number 1 --title T --actor A --role r --office o --self-signed 2>/dev/null
say ev-find b.evcase gate
