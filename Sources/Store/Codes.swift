import Domain

// Enums as the smallints that the schema's comments list. Never renumbered: rows hold them.

/// An enum that is stored as a smallint; codes are places in `stored` plus `firstCode`.
protocol StoredCode: Sendable, Hashable {
  static var firstCode: Int16 { get }
  /// In the order of their codes; only ever appended to.
  static var stored: [Self] { get }
}

extension StoredCode {
  static var firstCode: Int16 { 1 }
  var code: Int16 { Int16(Self.stored.firstIndex(of: self) ?? 0) &+ Self.firstCode }
  /// nil for a code of a later version.
  init?(code: Int16) {
    let place = Int(code) - Int(Self.firstCode)
    guard Self.stored.indices.contains(place) else { return nil }
    self = Self.stored[place]
  }
}

extension ObservationKind: StoredCode {
  static let stored: [Self] = [
    .generation, .span, .embedding, .tool, .agent, .chain, .retriever, .evaluator, .guardrail, .event,
  ]
}

extension ObservationLevel: StoredCode {
  static let stored: [Self] = [.debug, .default, .warning, .error]
}

extension CostStatus: StoredCode {
  static let firstCode: Int16 = 0
  static let stored: [Self] = [.none, .priced, .partial, .unpriced, .reported, .shadowed, .free]
}

extension CostTrust: StoredCode {
  static let stored: [Self] = [.trust, .keepBeside, .ignore]
}

extension ShadowReason: StoredCode {
  static let stored: [Self] = [.responseID, .descendant, .sibling, .ancestor]
}

extension Score.DataType: StoredCode {
  static let stored: [Self] = [.numeric, .categorical, .boolean, .text, .correction]
}

extension Score.Source: StoredCode {
  static let stored: [Self] = [.api, .eval, .annotation]
}
