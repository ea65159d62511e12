window.__THAR_CONFIG = {
  "userInfo" : {
    "accountId" : "1600000000000000115",
    "userName" : "daryacheh_15",
    "displayName" : "دریاچه"
  },
  "archiveInfo" : {
    "sizeBytes" : "4096",
    "generationDate" : "2026-06-01T10:00:00.000Z",
    "isPartialArchive" : false,
    "maxPartSizeBytes" : "53687091200"
  },
  "dataTypes" : {
    "account" : {
      "files" : [
        {
          "fileName" : "data/account.js",
          "globalName" : "YTD.account.part0",
          "count" : "1"
        }
      ]
    },
    "phoneNumber" : {
      "files" : [
        {
          "fileName" : "data/phone-number.js",
          "globalName" : "YTD.phone_number.part0",
          "count" : "1"
        }
      ]
    },
    "niDevices" : {
      "files" : [
        {
          "fileName" : "data/ni-devices.js",
          "globalName" : "YTD.ni_devices.part0",
          "count" : "1"
        }
      ]
    },
    "ipAudit" : {
      "files" : [
        {
          "fileName" : "data/ip-audit.js",
          "globalName" : "YTD.ip_audit.part0",
          "count" : "1"
        }
      ]
    },
    "deviceToken" : {
      "files" : [
        {
          "fileName" : "data/device-token.js",
          "globalName" : "YTD.device_token.part0",
          "count" : "0"
        }
      ]
    }
  }
}