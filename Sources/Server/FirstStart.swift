import Domain
import Store

/// The first start of an installation: organisation, team, project, key pair and owner, printed once.
enum FirstStart {
  /// What was made, with the secrets that nobody can read again; nil when the installation exists already.
  static func run(_ accounts: AccountStore, _ settings: Settings) async throws -> FirstStartReport? {
    guard try await accounts.isEmpty() else { return nil }
    if let given = settings.initPassword, PasswordRules.problem(given, email: settings.initEmail) != nil {
      throw SettingsError(.initPassword, given)
    }
    let password = settings.initPassword ?? Secrets.password()
    guard let hash = await Passwords.hash(password) else { throw FirstStartError() }
    let pair = settings.initPublicKey.flatMap { publicKey in
      settings.initSecretKey.map { KeyPair(publicKey: publicKey, secretKey: $0) }
    }
    let plan = BootstrapPlan(
      organisationName: "My organisation", timeZone: settings.timeZone, teamName: "My team", projectName: "Default", projectSlug: "default",
      keyName: "First key", keyPair: pair, ownerEmail: settings.initEmail, ownerPasswordHash: hash)
    guard let made = try await accounts.bootstrap(plan) else { return nil }
    return FirstStartReport(made: made, password: password)
  }
}

struct FirstStartError: Error, CustomStringConvertible {
  var description: String { "the owner's password could not be hashed" }
}

struct FirstStartReport: Sendable {
  let made: Bootstrap
  let password: String

  /// For the terminal; shown once.
  func text(baseURL: String) -> String {
    let pair = made.key.pair
    return """

      ────────────────────────────────────────────────────────────────────────────
       Quipu is set up. These secrets are shown once; keep them.

         open        \(baseURL)
         e-mail      \(made.owner.email)
         password    \(password)

         public key  \(pair.publicKey)
         secret key  \(pair.secretKey)

       Langfuse SDK (Python, JavaScript), paste into the shell of your application:

         export LANGFUSE_HOST=\(baseURL) LANGFUSE_BASE_URL=\(baseURL) LANGFUSE_PUBLIC_KEY=\(pair.publicKey) LANGFUSE_SECRET_KEY=\(pair.secretKey)

       OpenTelemetry, OpenLIT, OpenInference, OpenLLMetry:

         export OTEL_EXPORTER_OTLP_ENDPOINT=\(baseURL) OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20\(pair.secretKey)"
      ────────────────────────────────────────────────────────────────────────────

      """
  }
}
