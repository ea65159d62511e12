window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id_str" : "1691499571311542593",
      "created_at" : "Tue Aug 15 17:18:19 +0000 2023",
      "full_text" : "Come in: https://t.co/raceA1",
      "lang" : "en",
      "geo" : {
        "type" : "Point",
        "coordinates" : [
          "-12.0450000",
          "30.5"
        ]
      },
      "entities" : {
        "hashtags" : [ ],
        "symbols" : [ ],
        "user_mentions" : [ ],
        "urls" : [
          {
            "url" : "https://t.co/raceA1",
            "expanded_url" : "https://t.me/+MillRaceInvite1",
            "display_url" : "t.me/+MillRaceInvite1",
            "indices" : [
              "9",
              "28"
            ]
          },
          {
            "url" : "https://t.co/raceB2",
            "expanded_url" : "https://race.example/",
            "display_url" : "race.example",
            "indices" : [
              "9",
              "28"
            ]
          }
        ]
      }
    }
  },
  {
    "tweet" : {
      "id_str" : "1691499827164086610",
      "created_at" : "Tue Aug 15 17:19:20 +0000 2023",
      "full_text" : "RT @north_stair: Come in: https://t.co/raceA1",
      "lang" : "en",
      "entities" : {
        "hashtags" : [ ],
        "symbols" : [ ],
        "user_mentions" : [
          {
            "name" : "North Stair",
            "screen_name" : "north_stair",
            "indices" : [
              "3",
              "15"
            ],
            "id_str" : "1131515819780473692",
            "id" : "1131515819780473692"
          }
        ],
        "urls" : [
          {
            "url" : "https://t.co/raceA1",
            "expanded_url" : "https://t.me/+MillRaceInvite1",
            "display_url" : "t.me/+MillRaceInvite1",
            "indices" : [
              "26",
              "45"
            ]
          }
        ]
      }
    }
  },
  {
    "tweet" : {
      "id_str" : "1691499827164086611",
      "created_at" : "last Tuesday",
      "full_text" : "When was this?",
      "lang" : "en"
    }
  }
]