import Domain
import Foundation
import Hummingbird

/// A query string or form body: percent-decoded, `+` as blank, repeated names kept in order.
struct QueryParameters: Sendable {
  private var values: [String: [String]] = [:]

  init(_ text: String) {
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = Self.decoded(parts[0])
      values[name, default: []].append(parts.count > 1 ? Self.decoded(parts[1]) : "")
    }
  }

  /// What an address of a page says.
  init(_ fields: [(name: String, value: String)]) {
    for field in fields { values[field.name, default: []].append(field.value) }
  }

  init(_ request: Request) { self.init(request.uri.query ?? "") }

  private static func decoded(_ text: Substring) -> String {
    let spaced = text.replacingOccurrences(of: "+", with: " ")
    return spaced.removingPercentEncoding ?? spaced
  }

  /// The same with other names; values of names that become one follow each other.
  func renamed(_ name: (String) -> String) -> QueryParameters {
    var copy = self
    copy.values = values.sorted { $0.key < $1.key }.reduce(into: [:]) { $0[name($1.key), default: []] += $1.value }
    return copy
  }

  /// Of all values, in order of the alphabet.
  var names: [String] { values.keys.sorted() }
  /// First value that is not empty.
  func text(_ name: String) -> String? { values[name]?.first { !$0.isEmpty } }
  /// All values, empty ones included: an empty dimension value means "none".
  func all(_ name: String) -> [String] { values[name] ?? [] }
  func has(_ name: String) -> Bool { values[name] != nil }

  /// Every dimension that is asked for; names other than `CostDimension` cases are left to the caller.
  var costFilter: CostFilter {
    CostFilter(uniqueKeysWithValues: CostDimension.allCases.compactMap { has($0.rawValue) ? ($0, all($0.rawValue)) : nil })
  }
}

extension QueryParameters {
  /// - Throws: `Failure` 400 naming the parameter, its value and the accepted form.
  func time(_ name: String, zone: String) throws -> Timestamp? {
    guard let text = text(name) else { return nil }
    guard let time = ISOTime.parse(text, zone: zone) else {
      throw Failure.badRequest("\(name) is \"\(text)\": expected an ISO 8601 time such as 2026-11-01T00:00:00Z, or a date")
    }
    return time
  }

  func zone(_ name: String, standard: String) throws -> String {
    let text = text(name) ?? standard
    guard TimeZone(identifier: text) != nil, Self.isZoneName(text) else {
      throw Failure.badRequest("\(name) is \"\(text)\": expected an IANA name such as Europe/Berlin, UTC or Etc/GMT-3")
    }
    return text
  }

  /// Offsets ("UTC+3") are no names: Foundation takes them to the east, PostgreSQL to the west.
  private static func isZoneName(_ text: String) -> Bool {
    text.contains("/") || text.utf8.allSatisfy { (65...90).contains($0 & 0xDF) } || zonesWithDigits.contains(text)
  }
  private static let zonesWithDigits: Set<String> = ["EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT", "GMT0", "GMT+0", "GMT-0", "W-SU", "GB-Eire", "NZ-CHAT"]

  func choice<T: RawRepresentable & CaseIterable>(_ name: String, _ type: T.Type) throws -> T? where T.RawValue == String {
    guard let text = text(name) else { return nil }
    guard let value = T(rawValue: text) else {
      throw Failure.badRequest("\(name) is \"\(text)\": expected one of \(T.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return value
  }

  /// - Throws: `Failure` 400 for a name that nothing reads: a misspelt filter must not give the total of everything.
  func allowOnly(_ names: [String], dimensions: [String] = CostDimension.allCases.map(\.rawValue)) throws {
    let known = Set(names + dimensions + CostDimension.allCases.map(\.rawValue))
    guard let unknown = values.keys.filter({ !known.contains($0) }).min() else { return }
    throw Failure.badRequest("\(unknown) is no parameter here: expected \((names + dimensions).sorted().joined(separator: ", "))")
  }

  func flag(_ name: String) throws -> Bool {
    guard let text = text(name) else { return false }
    guard let value = ["1": true, "true": true, "0": false, "false": false][text.lowercased()] else {
      throw Failure.badRequest("\(name) is \"\(text)\": expected 1 or 0")
    }
    return value
  }

  /// The dimensions asked for, checked where the values are a fixed list.
  func checkedFilter() throws -> CostFilter {
    for kind in all("kind") where !kind.isEmpty && ObservationKind(rawValue: kind) == nil {
      let known = ObservationKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw Failure.badRequest("kind is \"\(kind)\": expected one of \(known)")
    }
    return costFilter
  }

  /// Names with commas between them, also in several parameters of the name; none given asks nothing.
  func doubts(_ name: String) throws -> UsageFlags {
    do throws(UnknownUsageDoubt) {
      var flags: UsageFlags = []
      for text in all(name) where !text.isEmpty { flags.formUnion(try UsageFlags(names: text)) }
      return flags
    } catch {
      let known = UsageDoubt.allCases.map(\.rawValue).joined(separator: ", ")
      throw Failure.badRequest("\(name) is \"\(error.name)\": expected \(known), or several with commas between them")
    }
  }

  func number(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
    guard let text = text(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw Failure.badRequest("\(name) is \"\(text)\": expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// `from` and `to`, by default the last `days` days up to now.
  func range(zone: String, defaultDays days: Int64) throws -> TimeRange {
    let to = try time("to", zone: zone) ?? Timestamp.now
    let from = try time("from", zone: zone) ?? to.adding(seconds: -days * 86_400)
    guard let range = TimeRange(from: from, to: to) else { throw Failure.badRequest("from is after to") }
    return range
  }
}
