window.YTD.ip_audit.part0 = [
  {
    "ipAudit" : {
      "accountId" : "1600000000000000115",
      "createdAt" : "2026-03-28T16:00:00.000Z",
      "loginIp" : "198.51.100.170"
    }
  }
]