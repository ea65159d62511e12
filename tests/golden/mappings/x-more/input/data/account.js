window.YTD.account.part0 = [
  {
    "account" : {
      "email" : "person.two@example.com",
      "createdVia" : "web",
      "username" : "example_two",
      "accountId" : "2298765432109876543",
      "createdAt" : "2022-08-01T00:00:24.567Z",
      "accountDisplayName" : "Example Two"
    }
  }
]