import Domain
import Pages
import Pricing
import Wire

/// An entry of the agreements as a form or a JSON object says it; the two use the same names.
struct PriceEntryInput {
  private var texts: [String: String] = [:]
  private(set) var prices: [String: String] = [:]
  private(set) var conditions: [String: String] = [:]
  /// IANA name; days begin in it.
  private let zone: String

  init(form: QueryParameters, zone: String) {
    self.zone = zone
    for name in form.names {
      guard let text = form.text(name) else { continue }
      if name.hasPrefix("price.") {
        prices[String(name.dropFirst(6))] = text
      } else if name.hasPrefix("when.") {
        conditions[String(name.dropFirst(5))] = text
      } else {
        texts[name] = text
      }
    }
  }

  /// - Throws: `Failure` 400 for a value that is neither text nor number.
  init(json: JSONObject, zone: String) throws {
    self.zone = zone
    for member in json.members {
      switch member.key {
      case "prices": prices = try Self.pairs(member)
      case "conditions": conditions = try Self.pairs(member)
      default: if let text = try Self.text(member) { texts[member.key] = text }
      }
    }
  }

  private static func pairs(_ member: JSONMember) throws -> [String: String] {
    guard let object = member.value.objectValue else {
      throw Failure.badRequest("\(member.key) is expected to be an object of names and texts")
    }
    return Dictionary(
      try object.members.compactMap { inner in try text(inner).map { (inner.key, $0) } }, uniquingKeysWith: { _, last in last })
  }

  private static func text(_ member: JSONMember) throws -> String? {
    if member.value.isNull { return nil }
    guard let text = member.value.stringValue ?? member.value.decimalText else {
      throw Failure.badRequest("\(member.key) is expected to be a text or a number")
    }
    return text.isEmpty ? nil : text
  }

  func text(_ name: String) -> String? { texts[name] }

  func with(_ name: String, _ text: String) -> PriceEntryInput {
    var copy = self
    copy.texts[name] = text
    return copy
  }

  /// - Throws: `Failure` 400 for a name that nothing reads: a misspelt field must not be lost.
  func allowOnly(_ names: [String]) throws {
    guard let unknown = texts.keys.filter({ !names.contains($0) }).min() else { return }
    throw Failure.badRequest("\(unknown) is no field here: expected \(names.sorted().joined(separator: ", "))")
  }

  private func required(_ name: String) throws -> String {
    guard let text = texts[name] else { throw Failure.badRequest("\(name) is missing") }
    return text
  }

  private func pattern() throws -> NamePattern? {
    guard let text = texts["pattern"] else { return nil }
    let name = texts["match"] ?? NamePattern.Kind.exact.rawValue
    guard let kind = NamePattern.Kind(rawValue: name) else {
      let known = NamePattern.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw Failure.badRequest("match is \"\(name)\": expected one of \(known)")
    }
    return NamePattern(kind, text)
  }

  private func dates() throws -> DatedRange { DatedRange(from: try time("from"), to: try time("to")) }

  private func time(_ name: String) throws -> Timestamp? {
    guard let text = texts[name] else { return nil }
    guard let time = ISOTime.parse(text, zone: zone) else {
      throw Failure.badRequest("\(name) is \"\(text)\": expected a date such as 2026-11-01, or an ISO 8601 time")
    }
    return time
  }

  /// - Throws: `Failure` 400 naming the field and what it accepts.
  func listing() throws -> PriceListing {
    guard let pattern = try pattern() else { throw Failure.badRequest("pattern is missing") }
    let listing = PriceListing(
      id: PriceEntryID(0), provider: texts["provider"], pattern: pattern, dates: try dates(), conditions: conditions, prices: prices,
      source: try required("source"), checkedAt: try time("checkedAt") ?? Timestamp.now)
    try Self.refuse(listing.problems)
    return listing.tidied
  }

  /// - Throws: `Failure` 400 naming the field and what it accepts.
  func term() throws -> PriceTerm {
    let term = PriceTerm(
      id: PriceEntryID(0), provider: texts["provider"], pattern: try pattern()?.tidied, dates: try dates(), factor: try required("factor"),
      source: try required("source"))
    try Self.refuse(term.problems)
    return term
  }

  /// - Throws: `Failure` 400 naming the field and what it accepts.
  func alias() throws -> ModelAlias {
    guard let pattern = try pattern() else { throw Failure.badRequest("pattern is missing") }
    let alias = ModelAlias(
      id: PriceEntryID(0), provider: texts["provider"], pattern: pattern.tidied, dates: try dates(), targetProvider: texts["targetProvider"],
      targetModel: try required("targetModel"))
    try Self.refuse(alias.problems)
    return alias
  }

  private static func refuse(_ problems: [AgreementProblem]) throws {
    guard let problem = problems.first else { return }
    let place = problem.offset.map { " (at byte \($0))" } ?? ""
    throw Failure.badRequest("\(problem.field): \(problem.message)\(place)")
  }

  /// As the form shows it again.
  var draft: PriceDraft {
    var draft = PriceDraft()
    draft.provider = texts["provider"] ?? ""
    draft.kind = texts["match"] ?? "exact"
    draft.pattern = texts["pattern"] ?? ""
    draft.prices = prices
    draft.from = texts["from"] ?? ""
    draft.to = texts["to"] ?? ""
    draft.conditions = conditions
    draft.source = texts["source"] ?? ""
    draft.since = texts["since"] ?? ""
    return draft
  }
}
