import Domain
import Hummingbird
import Pages
import Store

/// Tells the audit log who read inputs and outputs, where the organisation asks for it. What was read is named, never quoted.
struct PayloadReads {
  let backend: Backend

  init(_ backend: Backend) { self.backend = backend }

  func note(_ subject: String, by visit: Visit) async throws {
    try await backend.members.notePayloadRead(subject, organisation: visit.organisation.id, by: visit.member.email)
  }

  func note(_ subject: String, by grant: KeyGrant) async throws {
    try await backend.members.notePayloadRead(subject, organisation: grant.organisation.id, by: "key \(grant.key.publicKey)")
  }

  /// Nothing was read where nothing is shown.
  func note(_ subject: String, _ content: ContentState, by visit: Visit) async throws {
    if case .visible(let bodies) = content, bodies.isContent { try await note(subject, by: visit) }
  }
}

extension TraceDetail {
  /// Whether it tells what people or models wrote: error texts, words of scores.
  var tellsContent: Bool {
    observations.contains { $0.facts.statusMessage != nil } || scores.contains { $0.comment != nil || $0.metadata != nil || $0.text != nil }
  }
}

extension Bodies {
  var isContent: Bool { input != nil || output != nil || !metadata.isEmpty || !attributes.isEmpty }
}
