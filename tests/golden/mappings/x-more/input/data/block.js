window.YTD.block.part0 = [
  {
    "blocking" : {
      "accountId" : "1131515819780473692",
      "userLink" : "https://twitter.com/intent/user?user_id=1131515819780473692"
    }
  }
]