window.YTD.profile.part0 = [
  {
    "profile" : {
      "description" : {
        "bio" : "Official second account, write for prizes",
        "website" : "https://x.com/front_of_example",
        "location" : ""
      }
    }
  }
]