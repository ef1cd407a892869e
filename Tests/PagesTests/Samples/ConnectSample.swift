import Domain

@testable import Pages

extension ConnectPage {
  static let sample = ConnectPage(
    frame: Sample.frame, address: PageAddress(path: "/connect"), baseURL: "https://quipu.meridian.example/",
    projects: [Project(id: ProjectID(1), slug: "support", name: "Support desk", team: TeamID(1))],
    keys: [
      APIKey(
        id: KeyID(1), project: ProjectID(1), name: "production",
        publicKey: "pk-lf-5a1c9d0e-77b2-4f0e-9b1f-2f6f1b8f0c11", secretHint: "sk-lf-…9c4e",
        environment: "production", scopes: [.ingest], team: .fixed(TeamID(1)), createdAt: Sample.ago(864_000),
        revokedAt: nil)
    ],
    requests: [
      record(4, "langfuse-python 4.18.0", "/api/public/otel/v1/traces", 200, 512, 0, [:], 148_212),
      record(9, "OTel-OTLP-Exporter-Python/1.45.0", "/v1/traces", 200, 37, 0, [:], 18_440),
      record(31, "langfuse-js 3.38.4", "/api/public/ingestion", 207, 12, 3, ["invalidField": 2, "tooOld": 1], 9_812),
      record(66, "curl/8.14.1", "/v1/traces", 401, 0, 0, [:], 412),
      record(93, "", "/otlp/v1/traces", 400, 0, 1, ["malformed": 1], 88),
    ])
  static let emptySample = ConnectPage(
    frame: Sample.frame, address: PageAddress(path: "/connect"), baseURL: "https://quipu.meridian.example",
    projects: [], keys: [], requests: [])

  private static func record(
    _ ago: Int64, _ sender: String, _ path: String, _ status: Int16, _ accepted: Int32, _ refused: Int32,
    _ reasons: [String: Int32], _ bytes: Int32
  ) -> RequestRecord {
    RequestRecord(
      receivedAt: Sample.ago(ago), project: status == 401 ? nil : ProjectID(1),
      publicKey: status == 401 ? nil : "pk-lf-5a1c9d0e-77b2-4f0e-9b1f-2f6f1b8f0c11", path: path, sender: sender,
      status: status, accepted: accepted,
      refused: refused, reasons: reasons, bytes: bytes)
  }
}

extension SignInPage {
  static let sample = SignInPage(assets: Sample.assets, csrf: "csrf-1")
  static let limitedSample = SignInPage(
    assets: Sample.assets, csrf: "csrf-1", email: "ada@meridian.example", next: "/traces?model=a",
    problem: .limited(seconds: 240))
}

extension ErrorPage {
  static let sample = ErrorPage.notFound(assets: Sample.assets, requestID: "01JD8Q6W3K2Z")
}
