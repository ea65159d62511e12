window.YTD.deleted_tweets.part0 = [
  {
    "tweet" : {
      "id_str" : "1700436165129142558",
      "created_at" : "Sat Sep 09 09:09:09 +0000 2023",
      "deleted_at" : "Mon Sep 11 12:13:14 +0000 2023",
      "full_text" : "Gone by Monday",
      "lang" : "en",
      "entities" : {
        "hashtags" : [ ],
        "symbols" : [ ],
        "user_mentions" : [ ],
        "urls" : [ ]
      }
    }
  }
]