window.YTD.ip_audit.part0 = [
  {
    "ipAudit" : {
      "accountId" : "1600000000000000106",
      "createdAt" : "2026-04-17T13:20:00.000Z",
      "loginIp" : "198.51.100.200"
    }
  },
  {
    "ipAudit" : {
      "accountId" : "1600000000000000106",
      "createdAt" : "2026-04-16T13:00:00.000Z",
      "loginIp" : "198.51.100.200"
    }
  }
]