window.YTD.device_token.part0 = [
  {
    "deviceToken" : {
      "clientApplicationId" : "3033300",
      "token" : "raceToken",
      "createdAt" : "2023-01-30T04:05:06.000Z",
      "lastSeenAt" : "2023-10-10T22:23:24.000Z",
      "clientApplicationName" : "Twitter for iPad"
    }
  }
]