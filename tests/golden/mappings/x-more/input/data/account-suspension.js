window.YTD.account_suspension.part0 = [
  {
    "accountSuspension" : {
      "timeStamp" : "2024-05-06T07:08:09.000Z",
      "action" : "Suspend"
    }
  },
  {
    "accountSuspension" : {
      "timeStamp" : "2024-05-08T07:08:09.000Z",
      "action" : "Unsuspend"
    }
  },
  {
    "accountSuspension" : {
      "timeStamp" : "2024-05-09T07:08:09.000Z",
      "action" : "Something new"
    }
  }
]