/// A piece of HTML as UTF-8. Made only by string interpolation: what stands in the source is trusted, every interpolated text is
/// escaped, so forgetting to escape is not possible. Attribute values are always written in double quotes.
public struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation {
  public private(set) var bytes: [UInt8]

  public init() { bytes = [] }
  public init(stringLiteral value: String) { bytes = Array(value.utf8) }
  public init(stringInterpolation: StringInterpolation) { bytes = stringInterpolation.bytes }
  /// `text` escaped, with nothing around it.
  public init(text: some StringProtocol) {
    bytes = []
    Escaping.append(text, to: &bytes)
  }

  public var isEmpty: Bool { bytes.isEmpty }
  public var string: String { String(decoding: bytes, as: UTF8.self) }
  public mutating func reserveCapacity(_ count: Int) { bytes.reserveCapacity(count) }
  public static func += (a: inout HTML, b: HTML) { a.bytes.append(contentsOf: b.bytes) }
  public static func + (a: HTML, b: HTML) -> HTML {
    var sum = a
    sum += b
    return sum
  }
}

/// A value that knows how it is shown.
public protocol HTMLConvertible {
  var html: HTML { get }
}

extension HTML {
  /// Collects the parts of a literal.
  public struct StringInterpolation: StringInterpolationProtocol {
    var bytes: [UInt8] = []

    public init(literalCapacity: Int, interpolationCount: Int) {
      bytes.reserveCapacity(literalCapacity + interpolationCount * 16)
    }
    public mutating func appendLiteral(_ literal: String) { bytes.append(contentsOf: literal.utf8) }

    /// Text, escaped.
    public mutating func appendInterpolation(_ text: String) { Escaping.append(text, to: &bytes) }
    public mutating func appendInterpolation(_ text: Substring) { Escaping.append(text, to: &bytes) }
    /// Nothing for nil.
    public mutating func appendInterpolation(_ text: String?) {
      if let text { Escaping.append(text, to: &bytes) }
    }
    public mutating func appendInterpolation(_ number: some BinaryInteger) {
      bytes.append(contentsOf: String(number).utf8)
    }
    public mutating func appendInterpolation(_ html: HTML) { bytes.append(contentsOf: html.bytes) }
    public mutating func appendInterpolation(_ html: HTML?) {
      if let html { bytes.append(contentsOf: html.bytes) }
    }
    public mutating func appendInterpolation(_ value: some HTMLConvertible) {
      bytes.append(contentsOf: value.html.bytes)
    }
    /// Every element by `row`, one after the other.
    public mutating func appendInterpolation<S: Sequence>(_ elements: S, _ row: (S.Element) -> HTML) {
      for element in elements { bytes.append(contentsOf: row(element).bytes) }
    }
    /// The piece when there is a value.
    public mutating func appendInterpolation<T>(_ value: T?, some row: (T) -> HTML) {
      if let value { bytes.append(contentsOf: row(value).bytes) }
    }
    /// The piece when the condition holds.
    public mutating func appendInterpolation(if condition: Bool, _ html: @autoclosure () -> HTML) {
      if condition { bytes.append(contentsOf: html().bytes) }
    }
    /// An address for `href`, `src` or `action`; one that could run script becomes "#".
    public mutating func appendInterpolation(url: String) { Escaping.append(SafeURL.checked(url), to: &bytes) }
  }
}
