window.YTD.sso.part0 = [
  {
    "sso" : {
      "ssoId" : "004477.mill",
      "ssoEmail" : "mill@hidden.example",
      "associationMethodType" : "Apple",
      "createdAt" : "2022-12-09T00:01:02.000Z"
    }
  },
  {
    "sso" : {
      "ssoId" : "google-4477",
      "associationMethodType" : "Google",
      "createdAt" : "2023-03-04T05:06:07.000Z"
    }
  }
]