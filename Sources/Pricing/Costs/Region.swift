/// Names of places: a provider's region is also in a geography.
enum Region {
  /// The region itself and the geographies that it lies in, lower case: "eu-west-1" is "eu" too.
  static func names(of region: String) -> Set<String> {
    var names: Set<String> = [region]
    for (prefix, geographies) in prefixes where region.hasPrefix(prefix) {
      names.formUnion(geographies)
      return names
    }
    if let geographies = azure[region] ?? azure.first(where: { region.hasPrefix($0.key) })?.value { names.formUnion(geographies) }
    return names
  }

  /// AWS and Google Cloud; the longer prefix first.
  private static let prefixes: [(String, [String])] = [
    ("us-gov-", ["us-gov"]), ("us-", ["us"]), ("eu-", ["eu"]), ("europe-", ["eu"]), ("europe", ["eu"]),
    ("ap-northeast-1", ["apac", "ap", "jp"]), ("ap-northeast-3", ["apac", "ap", "jp"]),
    ("ap-southeast-2", ["apac", "ap", "au"]), ("ap-southeast-4", ["apac", "ap", "au"]), ("ap-", ["apac", "ap"]),
    ("asia-northeast1", ["apac", "ap", "jp"]), ("asia-northeast2", ["apac", "ap", "jp"]), ("asia-", ["apac", "ap"]),
    ("australia-", ["apac", "ap", "au"]), ("apac", ["apac", "ap"]), ("jp", ["jp", "apac", "ap"]), ("au-", ["au", "apac", "ap"]),
    ("ca-", ["ca"]), ("northamerica-northeast", ["ca"]), ("northamerica-", ["us"]), ("sa-", ["sa"]), ("southamerica-", ["sa"]),
    ("me-", ["me"]), ("af-", ["af"]), ("africa-", ["af"]), ("il-", ["il"]), ("mx-", ["mx"]),
  ]

  /// Azure writes a region in one word.
  private static let azure: [String: [String]] = [
    "eastus": ["us"], "westus": ["us"], "centralus": ["us"], "northcentralus": ["us"], "southcentralus": ["us"],
    "westcentralus": ["us"], "usgov": ["us-gov"], "westeurope": ["eu"], "northeurope": ["eu"], "swedencentral": ["eu"],
    "francecentral": ["eu"], "francesouth": ["eu"], "germanywestcentral": ["eu"], "germanynorth": ["eu"],
    "italynorth": ["eu"], "polandcentral": ["eu"], "spaincentral": ["eu"], "norwayeast": ["eu"], "switzerlandnorth": ["eu"],
    "switzerlandwest": ["eu"], "uksouth": ["uk"], "ukwest": ["uk"], "canadaeast": ["ca"], "canadacentral": ["ca"],
    "japaneast": ["apac", "ap", "jp"], "japanwest": ["apac", "ap", "jp"], "australiaeast": ["apac", "ap", "au"],
    "koreacentral": ["apac", "ap"], "southeastasia": ["apac", "ap"], "eastasia": ["apac", "ap"],
    "centralindia": ["apac", "ap", "in"], "southindia": ["apac", "ap", "in"], "brazilsouth": ["sa"],
    "southafricanorth": ["af"], "uaenorth": ["me"],
  ]
}
