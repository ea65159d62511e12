window.YTD.account.part0 = [
  {
    "account" : {
      "email" : "mill@race.example",
      "createdVia" : "web",
      "username" : "mill_race",
      "accountId" : "1600946311123698078",
      "createdAt" : "2022-12-08T20:11:59.373Z",
      "accountDisplayName" : "Mill Race"
    }
  }
]