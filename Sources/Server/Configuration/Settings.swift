import Foundation
import Logging
import Pages

/// The service's settings, read once and passed down; nothing else reads the environment.
public struct Settings: Sendable {
  public var databaseURL: String?
  public var host: String
  public var port: Int
  public var baseURL: String?
  public var basePath: BasePath
  public var proxies: Int
  public var dataFolder: String
  public var shareFolder: String
  public var runAs: String?
  public var postgresBinaries: String?
  public var databaseConnections: Int
  public var requestMaxBytes: Int
  public var inFlightMaxBytes: Int
  public var payloadDays: Int16
  public var observationMonths: Int
  /// nil: no budget.
  public var diskBudgetBytes: Int64?
  public var timeZone: String
  public var logLevel: Logger.Level
  public var initEmail: String
  public var initPassword: String?
  public var initPublicKey: String?
  public var initSecretKey: String?
  public var smtpURL: String?
  public var mailFrom: String?
  public var oidcSecret: String?
  /// What QUIPU_CA_FILE holds, in PEM form.
  public var furtherAuthorities: [UInt8]?
  public var outboundProxy: String?

  /// - Throws: `SettingsError` for the first value that has not the accepted form.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    let read = SettingsReader(environment)
    databaseURL = try read.optional(.databaseURL) { $0.hasPrefix("postgres://") || $0.hasPrefix("postgresql://") || $0.contains("=") }
    host = try read.text(.host) { !$0.isEmpty }
    port = try read.number(.port, 1...65535)
    baseURL = try read.optional(.baseURL) { $0.hasPrefix("http://") || $0.hasPrefix("https://") }.map { $0.trimmingSuffix("/") }
    basePath = try read.basePath()
    proxies = try read.number(.proxies, 0...5)
    dataFolder = SettingsReader.absolute(try read.text(.dataFolder) { !$0.isEmpty })
    shareFolder = try read.shareFolder()
    runAs = try read.optional(.runAs) { !$0.contains("/") }
    postgresBinaries = try read.optional(.postgresBinaries) { FileManager.default.fileExists(atPath: $0 + "/postgres") }
    databaseConnections = try read.number(.databaseConnections, 4...100)
    requestMaxBytes = try read.number(.requestMaxMiB, 1...512) << 20
    inFlightMaxBytes = try read.number(.inFlightMaxMiB, 8...4096) << 20
    payloadDays = Int16(try read.text(.payloadDays) { ["7", "30", "90", "400"].contains($0) }) ?? 90
    diskBudgetBytes = try read.optional(.diskBudgetGiB) { Int64($0).map { (1...1_000_000).contains($0) } ?? false }.flatMap { Int64($0) }.map { $0 << 30 }
    observationMonths = try read.number(.observationMonths, 1...240)
    timeZone = try read.text(.timeZone) { TimeZone(identifier: $0) != nil }
    logLevel = Logger.Level(rawValue: try read.text(.logLevel) { Logger.Level(rawValue: $0) != nil }) ?? .info
    initEmail = try read.text(.initEmail) { $0.contains("@") && $0.count <= 254 }
    // Shorter than the rules of today ask where the installation was set up before them; the first start holds to the rules.
    initPassword = try read.optional(.initPassword) { $0.count >= 10 }
    initPublicKey = try read.optional(.initPublicKey) { $0.count >= 8 && $0.count <= 200 && !$0.contains(":") }
    initSecretKey = try read.optional(.initSecretKey) { $0.count >= 16 && $0.count <= 200 }
    if (initPublicKey == nil) != (initSecretKey == nil) {
      throw SettingsError(initPublicKey == nil ? .initPublicKey : .initSecretKey, "")
    }
    smtpURL = try read.optional(.smtpURL) { (try? OutboundAddress($0, schemes: ["smtp", "smtps"], isPlainAllowed: true)) != nil }
    mailFrom = try read.optional(.mailFrom, MailMessage.isAddress)
    oidcSecret = try read.optional(.oidcSecret) { $0.count <= 1000 }
    furtherAuthorities = try read.optional(.authorities) { OutboundRules.certificates(file: $0) != nil }.flatMap(OutboundRules.certificates)
    outboundProxy = try read.optional(.outboundProxy, OutboundAddress.isProxy)
    if (smtpURL == nil) != (mailFrom == nil) { throw SettingsError(smtpURL == nil ? .smtpURL : .mailFrom, "") }
  }

  public var migrationsFolder: String { shareFolder + "/Migrations" }
  public var publicFolder: String { shareFolder + "/Public" }
}

struct SettingsReader {
  let environment: [String: String]

  init(_ environment: [String: String]) { self.environment = environment }

  /// The variable, else the content of the file that NAME_FILE points to (secrets only), else nil. Empty counts as absent.
  func raw(_ setting: Setting) throws -> String? {
    if let value = environment[setting.name], !value.isEmpty { return value }
    guard setting.isSecret, let path = environment[setting.name + "_FILE"], !path.isEmpty else { return nil }
    guard let content = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw SettingsError(Setting(setting.name + "_FILE", "", form: "a readable file", ""), path)
    }
    return content.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  func optional(_ setting: Setting, _ accepts: (String) -> Bool) throws -> String? {
    guard let value = try raw(setting) else { return nil }
    guard accepts(value) else { throw SettingsError(setting, value) }
    return value
  }

  func text(_ setting: Setting, _ accepts: (String) -> Bool) throws -> String {
    try optional(setting, accepts) ?? setting.standard
  }

  func number(_ setting: Setting, _ range: ClosedRange<Int>) throws -> Int {
    let value = try raw(setting) ?? setting.standard
    guard let number = Int(value), range.contains(number) else { throw SettingsError(setting, value) }
    return number
  }

  func basePath() throws -> BasePath {
    let text = try raw(.basePath) ?? Setting.basePath.standard
    guard let path = BasePath(text == "/" ? "" : text) else { throw SettingsError(.basePath, text) }
    return path
  }

  /// The folder that holds Migrations: as set, else beside the program (also ../share/quipu), else the current folder.
  func shareFolder() throws -> String {
    let holds = { (folder: String) in FileManager.default.fileExists(atPath: folder + "/Migrations") }
    if let set = try optional(.shareFolder, holds) { return Self.absolute(set) }
    let program = URL(fileURLWithPath: CommandLine.arguments.first ?? "").deletingLastPathComponent().path
    let places = [program, program + "/../share/quipu", FileManager.default.currentDirectoryPath]
    guard let found = places.first(where: holds) else { throw SettingsError(.shareFolder, "") }
    return Self.absolute(found)
  }

  static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}

extension Settings {
  /// Variables that look like settings and are none: misspelt ones, most likely.
  static func unknown(environment: [String: String] = ProcessInfo.processInfo.environment) -> [String] {
    // Read by deploy/, the end-to-end tests, and the snippets of the Connect page.
    let others: Set = ["QUIPU_BUILD_DIR", "QUIPU_BINARY", "QUIPU_TEST_PYTHON", "QUIPU_TEST_BASE_PATH", "QUIPU_SCREENSHOTS", "QUIPU_SECRET_KEY", "QUIPU_MEMBER_PASSWORD"]
    let known = others.union(Setting.all.flatMap { [$0.name, $0.name + "_FILE"] })
    return environment.keys.filter { $0.hasPrefix("QUIPU_") && !known.contains($0) }.sorted()
  }

  /// Variables that other programs take a proxy from, where no setting says whether to ask through one.
  static func ignoredProxies(environment: [String: String] = ProcessInfo.processInfo.environment) -> [String] {
    guard environment[Setting.outboundProxy.name] ?? "" == "" else { return [] }
    return ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].filter { environment[$0] ?? "" != "" }
  }

  /// Name and value of every setting as it takes effect, secrets masked.
  public static func shown(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> [(String, String)] {
    _ = try Settings(environment: environment)
    let read = SettingsReader(environment)
    return try Setting.all.map { setting in
      let value = try read.raw(setting)
      if setting.isSecret { return (setting.name, value == nil ? "" : "********") }
      return (setting.name, value ?? setting.standard)
    }
  }
}

extension String {
  func trimmingSuffix(_ suffix: String) -> String { hasSuffix(suffix) ? String(dropLast(suffix.count)) : self }
}
