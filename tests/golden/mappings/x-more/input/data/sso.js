window.YTD.sso.part0 = [
  {
    "sso" : {
      "ssoId" : "000123.example",
      "ssoEmail" : "two@relay.example.com",
      "associationMethodType" : "Apple",
      "createdAt" : "2023-01-02T03:04:05.000Z"
    }
  },
  {
    "sso" : {
      "ssoId" : "google-77",
      "associationMethodType" : "Google",
      "createdAt" : "2023-02-02T03:04:05.000Z"
    }
  }
]