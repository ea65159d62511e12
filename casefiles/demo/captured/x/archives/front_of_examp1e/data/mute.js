window.YTD.mute.part0 = [
  {
    "muting" : {
      "accountId" : "1600000000000000105",
      "userLink" : "https://twitter.com/intent/user?user_id=1600000000000000105"
    }
  }
]