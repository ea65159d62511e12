window.YTD.device_token.part0 = [
  {
    "deviceToken" : {
      "clientApplicationId" : "258901",
      "token" : "exampleToken",
      "createdAt" : "2025-03-11T10:00:00.000Z",
      "lastSeenAt" : "2025-08-02T19:05:33.000Z",
      "clientApplicationName" : "Twitter for Android"
    }
  }
]