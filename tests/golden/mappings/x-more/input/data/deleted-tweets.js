window.YTD.deleted_tweets.part0 = [
  {
    "tweet" : {
      "id_str" : "1911111111333333344",
      "created_at" : "Sun Apr 13 01:35:10 +0000 2025",
      "deleted_at" : "Sun Apr 13 02:00:00 +0000 2025",
      "full_text" : "Taken back",
      "lang" : "en",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      }
    }
  }
]