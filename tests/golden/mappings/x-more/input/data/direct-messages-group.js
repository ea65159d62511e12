window.YTD.direct_messages_group.part0 = [
  {
    "dmConversation" : {
      "conversationId" : "1900000000000000777",
      "messages" : [
        {
          "joinConversation" : {
            "initiatingUserId" : "1412345678901234567",
            "participantsSnapshot" : [
              "2298765432109876543"
            ],
            "createdAt" : "2025-01-01T00:00:00.000Z"
          }
        },
        {
          "participantsJoin" : {
            "initiatingUserId" : "2298765432109876543",
            "userIds" : [
              "1777777777000000002",
              "1777777777000000003"
            ],
            "createdAt" : "2025-01-02T00:00:00.000Z"
          }
        },
        {
          "messageCreate" : {
            "reactions" : [],
            "urls" : [],
            "text" : "سلام",
            "mediaUrls" : [
              "https://ton.example/x.png"
            ],
            "senderId" : "2298765432109876543",
            "id" : "1874400000000000123",
            "createdAt" : "2025-01-01T10:00:00.000Z"
          }
        }
      ]
    }
  }
]