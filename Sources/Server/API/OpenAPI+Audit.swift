import HTTPTypes
import Wire

/// Who did what.
extension OpenAPI {
  private static let orText = Schema.orNull(Schema.text)
  private static let auditEntry = Schema.object([
    "number": Schema.count, "at": Schema.text, "actor": Schema.text, "action": Schema.text, "subject": Schema.text, "detail": Schema.object,
    "before": Schema.orNull(Schema.object), "after": Schema.orNull(Schema.object), "address": orText, "agent": orText,
    "previousSha256": Schema.text, "sha256": Schema.text,
  ])

  static let auditing: [APIOperation] = [
    APIOperation(
      method: .get, path: "api/v1/audit", id: "audit",
      about: "The audit log in the order of its chain, newest first; with order=asc and the last number that was read as cursor, what came since.",
      query: [
        .text("from", "First instant: ISO 8601, a day, or milliseconds since 1970."), .text("to", "First instant after it."),
        .text("timeZone", "IANA name in which days begin; the organisation's unless said."),
        .text("actor", "Part of who did it, in any case."), .text("action", "The whole action, such as signed in."),
        .text("subject", "Part of the subject, in any case."), .choice("order", ["asc", "desc"], "Oldest or newest first."),
        .whole("limit", 1...1000, "Entries of a page; 100 unless said."),
        .whole("cursor", 0...Int.max, "Number of the last entry that was read: nextCursor of the page before."),
      ],
      answers: [.json(200, "A page.", Schema.object(["entries": Schema.list(auditEntry), "nextCursor": orText]))]),
    APIOperation(
      method: .get, path: "api/v1/audit/head", id: "auditHead",
      about: "The end of the chain, to be kept elsewhere: quipu audit verify --since finds by it also a log that was written anew.",
      answers: [
        .json(200, "The last entry's number and hash.", Schema.object(["entries": Schema.count, "sha256": orText, "mark": orText, "at": Schema.text]))
      ]),
  ]
}
