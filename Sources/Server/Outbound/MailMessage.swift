import Domain
import Foundation

/// A mail as SMTP carries it (RFC 5322 and 2045): headers, an empty line, the text in base64, so that no line is too long or starts with a
/// dot whatever it says.
struct MailMessage {
  private let mail: Mail
  private let from: String
  private let at: Timestamp

  /// - Throws: `OutboundError.unfit` for an address or subject that would write headers of its own.
  init(_ mail: Mail, from: String, at: Timestamp) throws {
    guard Self.isAddress(mail.to), Self.isAddress(from) else { throw OutboundError.unfit("the mail address is not of the form name@host") }
    guard mail.subject.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
      throw OutboundError.unfit("the subject of the mail holds a line break")
    }
    self.mail = mail
    self.from = from
    self.at = at
  }

  func bytes() -> [UInt8] {
    let host = from.split(separator: "@").last.map(String.init) ?? "localhost"
    let head = [
      "Date: \(date)", "From: Quipu <\(from)>", "To: <\(mail.to)>", "Subject: \(Self.word(mail.subject))",
      "Message-ID: <\(Secrets.token(bytes: 16))@\(host)>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: base64", "Auto-Submitted: auto-generated",
    ]
    let text = mail.text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    let body = Data(text.utf8).base64EncodedString(options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
    return Array((head + ["", body, ""]).joined(separator: "\r\n").utf8)
  }

  private var date: String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(secondsFromGMT: 0)
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss Z"
    return format.string(from: Date(timeIntervalSince1970: Double(at.microseconds) / 1_000_000))
  }

  /// Encoded words of at most 75 characters (RFC 2047); plain ASCII as it is.
  private static func word(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 128 }), text.utf8.count <= 60 { return text }
    var words: [String] = [], part = ""
    for character in text {
      if part.utf8.count + character.utf8.count > 42 {
        words.append(part)
        part = ""
      }
      part.append(character)
    }
    return (words + [part]).map { "=?UTF-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
  }

  static func isAddress(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 254
      && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"<>()[],;:\\\"".utf8.contains($0) }
  }
}
