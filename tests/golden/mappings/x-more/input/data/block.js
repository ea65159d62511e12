window.YTD.block.part0 = [
  {
    "blocking" : {
      "accountId" : "1777777777000000002",
      "userLink" : "https://twitter.com/intent/user?user_id=1777777777000000002"
    }
  }
]