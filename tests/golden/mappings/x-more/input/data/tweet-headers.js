window.YTD.tweet_headers.part0 = [
  {
    "tweet" : {
      "tweet_id" : "1920000000111111111",
      "user_id" : "2298765432109876543",
      "created_at" : "Wed May 07 10:22:25 +0000 2025"
    }
  }
]