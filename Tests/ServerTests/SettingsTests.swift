import Foundation
import Server
import Testing

@testable import Server

@Suite struct SettingsTests {
  private let share = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
  private func settings(_ values: [String: String]) throws -> Settings {
    try Settings(environment: values.merging(["QUIPU_SHARE": share]) { a, _ in a })
  }

  @Test func everyStandardValueIsAccepted() throws {
    let read = try settings([:])
    #expect(read.port == 8080)
    #expect(read.databaseURL == nil)
    #expect(read.inFlightMaxBytes == 96 << 20)
  }

  @Test(arguments: [
    ("QUIPU_PORT", "eighty"), ("QUIPU_PORT", "70000"), ("QUIPU_PAYLOAD_DAYS", "31"), ("QUIPU_TIME_ZONE", "Mars/Olympus"),
    ("QUIPU_LOG_LEVEL", "loud"), ("QUIPU_BASE_URL", "ftp://x"), ("QUIPU_BASE_PATH", "x"), ("QUIPU_BASE_PATH", "/x/"), ("QUIPU_BASE_PATH", "/x/../y"), ("QUIPU_INIT_PASSWORD", "short"), ("DATABASE_URL", "mysql"),
    ("QUIPU_CA_FILE", "/nowhere/ca.pem"), ("QUIPU_CA_FILE", #filePath), ("QUIPU_SMTP_URL", "smtp://"), ("QUIPU_OUTBOUND_PROXY", "proxy.example.com:3128"),
  ])
  func aWrongValueStopsTheStartByName(name: String, value: String) {
    let error = #expect(throws: SettingsError.self) { _ = try settings([name: value]) }
    #expect(error?.name == name)
    #expect(error?.form.isEmpty == false)
  }

  @Test func aSecretIsNeverShownInAnError() {
    let error = #expect(throws: SettingsError.self) { _ = try settings(["QUIPU_INIT_PASSWORD": "pass"]) }
    #expect(error.map(String.init(describing:))?.contains("\"pass\"") == false)
  }

  @Test func halfAKeyPairIsRefused() {
    #expect(throws: SettingsError.self) { _ = try settings(["QUIPU_INIT_PUBLIC_KEY": "pk-lf-12345678"]) }
  }

  @Test func aSecretCanComeFromAFile() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("quipu-\(UUID().uuidString)")
    try "  a-long-password\n".write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(try settings(["QUIPU_INIT_PASSWORD_FILE": file.path]).initPassword == "a-long-password")
  }

  @Test func aMisspeltSettingIsNoticed() {
    let names = ["QUIPU_PORTT": "1", "QUIPU_PORT": "1", "DATABASE_URL": "x", "QUIPU_INIT_PASSWORD_FILE": "x", "HOME": "/"]
    #expect(Settings.unknown(environment: names) == ["QUIPU_PORTT"])
  }

  @Test func aProxyOfTheEnvironmentIsToldToHaveNoEffect() {
    #expect(Settings.ignoredProxies(environment: ["https_proxy": "http://p", "ALL_PROXY": "", "HOME": "/"]) == ["https_proxy"])
    #expect(Settings.ignoredProxies(environment: ["https_proxy": "http://p", "QUIPU_OUTBOUND_PROXY": "http://p:1"]).isEmpty)
  }

  @Test func shownSettingsMaskSecrets() throws {
    let shown = try Settings.shown(environment: ["DATABASE_URL": "postgres://a:b@c/d", "QUIPU_SHARE": share])
    #expect(shown.first { $0.0 == "DATABASE_URL" }?.1 == "********")
    #expect(shown.count == Setting.all.count)
  }

  @Test func theExampleFileListsEverySettingWithItsStandardValue() throws {
    let text = try String(contentsOfFile: share + "/deploy/config.example.env", encoding: .utf8)
    for setting in Setting.all {
      #expect(text.contains("# \(setting.name)=\(setting.standard)\n"), "\(setting.name) is missing or has another standard value")
      #expect(text.contains(setting.about), "\(setting.name) is explained otherwise")
    }
  }
}
