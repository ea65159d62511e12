window.YTD.mute.part0 = [
  {
    "muting" : {
      "accountId" : "1777777777000000003",
      "userLink" : "https://twitter.com/intent/user?user_id=1777777777000000003"
    }
  }
]