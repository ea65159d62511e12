window.YTD.account.part0 = [
  {
    "account" : {
      "email" : "win@prize.example.com",
      "createdVia" : "web",
      "username" : "front_of_examp1e",
      "accountId" : "1600000000000000106",
      "createdAt" : "2026-01-10T07:00:00.000Z",
      "accountDisplayName" : "Front of Example"
    }
  }
]