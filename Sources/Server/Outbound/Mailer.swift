import CCurl
import Domain

/// A mail of plain text to one person.
struct Mail: Sendable, Hashable {
  var to: String
  var subject: String
  /// Lines end in "\n".
  var text: String
}

/// Sends mail through the SMTP server of the settings.
struct Mailer: Sendable {
  /// smtp:// (STARTTLS demanded, but for a server on this machine) or smtps://, with user and password in it.
  let server: String
  /// "quipu@example.com".
  let from: String
  private(set) var rules: OutboundRules
  var timeoutSeconds = 20

  /// nil when no mail server is set.
  init?(_ settings: Settings) {
    guard let server = settings.smtpURL, let from = settings.mailFrom else { return nil }
    self.init(server: server, from: from, rules: OutboundRules(settings))
  }

  init(server: String, from: String, rules: OutboundRules = OutboundRules()) {
    self.server = server
    self.from = from
    self.rules = rules
    // Made for HTTP: few pass mail on.
    self.rules.proxy = nil
  }

  /// Returns when the server has taken the mail.
  /// - Throws: `OutboundError`, saying why the server did not take it.
  func send(_ mail: Mail) async throws {
    let address = try OutboundAddress(server, schemes: ["smtp", "smtps"], isPlainAllowed: true)
    let message = try MailMessage(mail, from: from, at: Timestamp.now).bytes()
    let from = from, timeoutSeconds = timeoutSeconds, rules = rules
    try await OutboundThreads.run {
      let transfer = try CurlTransfer(
        address, rules, protocols: "smtp,smtps", timeoutSeconds: timeoutSeconds, bytesMax: 64 << 10, upload: message)
      if !address.isLoopback { transfer.set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue)) }
      transfer.set(CURLOPT_MAIL_FROM, "<\(from)>")
      transfer.set(CURLOPT_MAIL_RCPT, ["<\(mail.to)>"])
      transfer.set(CURLOPT_UPLOAD, 1)
      _ = try transfer.perform()
    }
  }
}
