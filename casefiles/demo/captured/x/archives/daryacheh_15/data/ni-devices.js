window.YTD.ni_devices.part0 = [
  {
    "niDeviceResponse" : {
      "messagingDevice" : {
        "phoneNumber" : "+920005550199",
        "carrier" : "xx.democarrier",
        "deviceType" : "Auth",
        "updatedDate" : "2026.03.28",
        "createdDate" : "2025.09.01"
      }
    }
  }
]