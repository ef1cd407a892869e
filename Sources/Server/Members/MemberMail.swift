import Domain
import Logging
import Store

/// Links to set a password, by mail where a mail server is set.
struct MemberMail {
  let backend: Backend

  static let invitationSeconds: Int64 = 7 * 86_400
  static let resetSeconds: Int64 = 86_400

  /// What became of it, for whoever asked; nil: no mail server is set.
  func send(_ link: String, to member: Member, organisation: String, purpose: MemberLink.Purpose, by inviter: String) async -> String? {
    guard let mailer = backend.mailer else { return nil }
    do {
      try await mailer.send(Mail(to: member.email, subject: Self.subject(purpose, organisation), text: Self.text(link, purpose, organisation, inviter)))
      return "It was sent to \(member.email)."
    } catch {
      backend.logger.warning("mail not sent", metadata: ["reason": "\(error)"])
      return "It could not be sent by mail (\(error)): pass it on yourself."
    }
  }

  private static func subject(_ purpose: MemberLink.Purpose, _ organisation: String) -> String {
    switch purpose {
    case .invitation: "Invitation to Quipu of \(organisation)"
    case .reset: "New password for Quipu of \(organisation)"
    }
  }

  private static func text(_ link: String, _ purpose: MemberLink.Purpose, _ organisation: String, _ inviter: String) -> String {
    let what =
      switch purpose {
      case .invitation: "\(inviter) invites you to Quipu of \(organisation), where traces and costs of LLM calls are kept."
      case .reset: "\(inviter) lets you set a new password for Quipu of \(organisation)."
      }
    let time = purpose == .invitation ? "seven days" : "24 hours"
    return "\(what)\n\nSet your password here, within \(time):\n\n\(link)\n\nThe link works once. If you did not expect it, leave it.\n"
  }
}
