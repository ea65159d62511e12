window.YTD.follower.part0 = [
  {
    "follower" : {
      "accountId" : "1372816239734293201",
      "userLink" : "https://twitter.com/intent/user?user_id=1372816239734293201"
    }
  }
]