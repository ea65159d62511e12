window.YTD.account.part0 = [
  {
    "account" : {
      "email" : "student@mail.example.com",
      "createdVia" : "web",
      "username" : "daryacheh_15",
      "accountId" : "1600000000000000115",
      "createdAt" : "2025-09-01T15:00:00.000Z",
      "accountDisplayName" : "دریاچه"
    }
  }
]