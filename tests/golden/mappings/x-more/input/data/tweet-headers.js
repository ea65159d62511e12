window.YTD.tweet_headers.part0 = [
  {
    "tweet" : {
      "tweet_id" : "1691499571311542593",
      "user_id" : "1600946311123698078",
      "created_at" : "Tue Aug 15 17:18:19 +0000 2023"
    }
  }
]