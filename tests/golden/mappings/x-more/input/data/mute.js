window.YTD.mute.part0 = [
  {
    "muting" : {
      "accountId" : "1312064821625094311",
      "userLink" : "https://twitter.com/intent/user?user_id=1312064821625094311"
    }
  }
]