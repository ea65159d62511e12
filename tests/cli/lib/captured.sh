# captured.sh FOLDER: a small folder of captured data, with what tools must not
# pass on raw: control, bidi and escape characters, a NUL, formulas, markup.
set -eu
mkdir -p "$1/x/data" "$1/telegram" "$1/tables"
cd "$1"
cat >x/data/ip-audit.js <<'E'
window.YTD.ip_audit.part0 = [
  {
    "ipAudit" : {
      "accountId" : "1600000000000000901",
      "createdAt" : "2026-01-04T10:00:00.000Z",
      "loginIp" : "192.0.2.41"
    }
  },
  {
    "ipAudit" : {
      "accountId" : "1600000000000000901",
      "createdAt" : "2026-01-03T09:30:00.000Z",
      "loginIp" : "2001:db8::41"
    }
  },
  {
    "ipAudit" : {
      "accountId" : "1600000000000000901",
      "createdAt" : "yesterday",
      "loginIp" : "192.0.2.42"
    }
  }
]
E
cat >telegram/result.json <<'E'
{
 "name": "Front of Example | جبهة المثال",
 "type": "public_channel",
 "id": 1900000901,
 "messages": [
  {
   "id": 1,
   "type": "message",
   "date": "2026-01-05T08:00:00",
   "date_unixtime": "1767600000",
   "from": "Front of Example | جبهة المثال",
   "from_id": "channel1900000901",
   "text": "gate \u202egnp.exe \u001b[31mred\u0007 =HYPERLINK(1) <script>alert(1)</script>",
   "text_entities": [
    { "type": "plain", "text": "gate \u202egnp.exe \u001b[31mred\u0007 =HYPERLINK(1) <script>alert(1)</script>" }
   ]
  },
  {
   "id": 2,
   "type": "message",
   "date": "2026-01-05T08:01:00",
   "date_unixtime": "1767600060",
   "from": "<b onclick=x>Abu & \"Co\"</b>",
   "from_id": "user700000901",
   "text": "سلام گرگان بازار",
   "text_entities": [
    { "type": "plain", "text": "سلام گرگان بازار" }
   ]
  }
 ]
}
E
printf 'Platform,Account,Time (UTC),IP,Port,User Agent,Device\r\n' >tables/sign-ins.csv
printf 'X,=1+1,2026-01-06T00:00:00Z,198.51.100.7,443,"+cmd|/C calc",@dev\r\n' >>tables/sign-ins.csv
printf 'X,\330\271\331\204\333\214,2026-01-06T00:01:00Z,198.51.100.8,443,-ua\033]0;x\007,d\342\200\256cba\r\n' >>tables/sign-ins.csv
printf 'X,nul\000ed,2026-01-06T00:02:00Z,198.51.100.9,443,"two\nlines",dev3\r\n' >>tables/sign-ins.csv
printf 'nobody reads this\033[2J\342\200\256\n' >"$(printf 'tables/odd\033[1m\342\200\256txt.bin')"
find . -exec touch -d 2026-01-10T00:00:00Z {} +
