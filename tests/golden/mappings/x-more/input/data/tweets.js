window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id_str" : "1920000000111111111",
      "created_at" : "Wed May 07 10:22:25 +0000 2025",
      "full_text" : "Join https://t.co/a",
      "lang" : "en",
      "geo" : {
        "type" : "Point",
        "coordinates" : [
          "34.5281000",
          "69.1723"
        ]
      },
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : [
          {
            "url" : "https://t.co/a",
            "expanded_url" : "https://t.me/+ExampleInvite",
            "display_url" : "t.me/+ExampleInvite",
            "indices" : [
              "5",
              "20"
            ]
          },
          {
            "url" : "https://t.co/b",
            "expanded_url" : "https://example.org/",
            "display_url" : "example.org",
            "indices" : [
              "5",
              "20"
            ]
          }
        ]
      }
    }
  },
  {
    "tweet" : {
      "id_str" : "1920000000111111112",
      "created_at" : "Wed May 07 10:22:26 +0000 2025",
      "full_text" : "RT @example_three: Join https://t.co/a",
      "lang" : "en",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [
          {
            "name" : "Example Three",
            "screen_name" : "example_three",
            "indices" : [
              "3",
              "16"
            ],
            "id_str" : "1777777777000000003",
            "id" : "1777777777000000003"
          }
        ],
        "urls" : [
          {
            "url" : "https://t.co/a",
            "expanded_url" : "https://t.me/+ExampleInvite",
            "display_url" : "t.me/+ExampleInvite",
            "indices" : [
              "24",
              "39"
            ]
          }
        ]
      }
    }
  },
  {
    "tweet" : {
      "id_str" : "1920000000111111113",
      "created_at" : "yesterday",
      "full_text" : "A time that is no time",
      "lang" : "en"
    }
  }
]