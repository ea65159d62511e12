window.YTD.follower.part0 = [
  {
    "follower" : {
      "accountId" : "1777777777000000004",
      "userLink" : "https://twitter.com/intent/user?user_id=1777777777000000004"
    }
  }
]