window.YTD.direct_messages_group.part0 = [
  {
    "dmConversation" : {
      "conversationId" : "1627765112959926575",
      "messages" : [
        {
          "joinConversation" : {
            "initiatingUserId" : "1312064821625094311",
            "participantsSnapshot" : [
              "1600946311123698078"
            ],
            "createdAt" : "2023-02-20T20:20:20.000Z"
          }
        },
        {
          "participantsJoin" : {
            "initiatingUserId" : "1600946311123698078",
            "userIds" : [
              "1372816239734293201",
              "1131515819780473692"
            ],
            "createdAt" : "2023-02-21T21:21:21.000Z"
          }
        },
        {
          "messageCreate" : {
            "reactions" : [ ],
            "urls" : [ ],
            "text" : "اوبه راغلې",
            "mediaUrls" : [
              "https://ton.example/race.png"
            ],
            "senderId" : "1600946311123698078",
            "id" : "1628745049850249520",
            "createdAt" : "2023-02-23T13:14:15.161Z"
          }
        }
      ]
    }
  }
]