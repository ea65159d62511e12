window.YTD.account_suspension.part0 = [
  {
    "accountSuspension" : {
      "timeStamp" : "2023-07-03T01:02:03.000Z",
      "action" : "Suspend"
    }
  },
  {
    "accountSuspension" : {
      "timeStamp" : "2023-07-05T16:17:18.000Z",
      "action" : "Unsuspend"
    }
  },
  {
    "accountSuspension" : {
      "timeStamp" : "2023-07-06T19:20:21.000Z",
      "action" : "Held for review"
    }
  }
]