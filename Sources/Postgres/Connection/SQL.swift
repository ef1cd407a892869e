/// A piece of SQL with its parameters. Values reach the server only as parameters.
///
/// `"select … where project_id = \(id) and \(filter)"`: a value becomes `$n`, another `SQL` is embedded and its
/// parameters are numbered anew. Raw text only by `\(unescaped: …)`, which a reader can search for. Equal values get
/// parameters of their own, so group and order by ordinals (`group by 1`) where an expression holds a parameter.
public struct SQL: Sendable, Hashable, ExpressibleByStringInterpolation {
  /// One more text than binds.
  private var texts: [String]
  /// The parameters in the order of their numbers.
  public private(set) var binds: [PostgresValue]
  /// What error reports call the statement.
  public private(set) var name: String?
  /// Whether the text is prepared once per connection and kept.
  public private(set) var isCached = true

  /// Text without parameters, trusted as it is.
  public init(_ text: String) {
    texts = [text]
    binds = []
  }

  /// A literal, trusted as it is.
  public init(stringLiteral value: String) { self.init(value) }

  /// Made by the compiler from an interpolated literal.
  public init(stringInterpolation: Interpolation) { self = stringInterpolation.sql }

  /// Nothing.
  public static let empty = SQL("")

  /// Whether there is neither text nor parameter.
  public var isEmpty: Bool { binds.isEmpty && texts.allSatisfy(\.isEmpty) }

  /// The text as the server gets it, with `$1`, `$2` ….
  public var text: String {
    var result = texts[0]
    for index in 1..<max(1, texts.count) {
      result += "$" + String(index)
      result += texts[index]
    }
    return result
  }

  /// The same under a name for error reports.
  public func named(_ name: String) -> SQL {
    var copy = self
    copy.name = name
    return copy
  }

  /// The same, sent without preparing: for texts that vary without bound.
  public func uncached() -> SQL {
    var copy = self
    copy.isCached = false
    return copy
  }

  /// What error reports show: the name, else the beginning of the text (parameters are not in it).
  var label: String {
    name ?? String(text.prefix(100)).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  mutating func append(text: String) { texts[texts.count - 1] += text }

  mutating func append(bind: PostgresValue) {
    binds.append(bind)
    texts.append("")
  }

  /// Adds another piece; its parameters follow those here.
  public mutating func append(_ other: SQL) {
    append(text: other.texts[0])
    binds += other.binds
    texts += other.texts.dropFirst()
    isCached = isCached && other.isCached
  }

  /// Both, one after the other.
  public static func + (left: SQL, right: SQL) -> SQL {
    var sum = left
    sum.append(right)
    return sum
  }

  /// Adds another piece.
  public static func += (left: inout SQL, right: SQL) { left.append(right) }

  /// Collects literal text and parameters.
  public struct Interpolation: StringInterpolationProtocol {
    fileprivate var sql = SQL.empty

    /// Starts empty.
    public init(literalCapacity: Int, interpolationCount: Int) {
      sql.binds.reserveCapacity(interpolationCount)
      sql.texts.reserveCapacity(interpolationCount + 1)
    }

    /// Trusted text.
    public mutating func appendLiteral(_ literal: String) { sql.append(text: literal) }
    /// A parameter.
    public mutating func appendInterpolation(_ value: some PostgresEncodable) { sql.append(bind: value.postgresValue) }
    /// A parameter; nil is NULL of the value's type.
    public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
      sql.append(bind: value.postgresValue)
    }
    /// Another piece of SQL.
    public mutating func appendInterpolation(_ fragment: SQL) { sql.append(fragment) }
    /// Raw text: must never come from a request.
    public mutating func appendInterpolation(unescaped text: String) { sql.append(text: text) }
    /// A name, quoted.
    public mutating func appendInterpolation(identifier name: String) { sql.append(text: SQL.quoted(identifier: name)) }
  }

  /// A name in double quotes; `schema.table` is quoted part by part.
  public static func quoted(identifier name: String) -> String {
    name.split(separator: ".", omittingEmptySubsequences: false)
      .map { "\"" + $0.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" }
      .joined(separator: ".")
  }
}

extension Sequence where Element == SQL {
  /// The pieces with a separator between them; empty when there are none.
  public func joined(by separator: SQL) -> SQL {
    var result = SQL.empty
    for (index, piece) in enumerated() {
      if index > 0 { result.append(separator) }
      result.append(piece)
    }
    return result
  }
}
