/// Why bytes could not be read.
public struct WireError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `truncated`: the input ends inside a value. `malformed`: it breaks its format. `tooDeep`: nested beyond the
  /// limit. `tooLarge`: it inflates or decodes into more than the cap allows.
  public enum Kind: String, Sendable { case truncated, malformed, tooDeep, tooLarge }

  public var kind: Kind
  /// For people; names the byte offset where there is one, never quotes the input.
  public var message: String

  public init(kind: Kind, message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { "\(kind.rawValue): \(message)" }

  static func truncated(_ what: String, at offset: Int) -> WireError {
    WireError(kind: .truncated, message: "\(what) is cut off at byte \(offset)")
  }

  static func malformed(_ what: String, at offset: Int) -> WireError {
    WireError(kind: .malformed, message: "\(what) at byte \(offset)")
  }

  static func tooDeep(_ limit: Int, at offset: Int) -> WireError {
    WireError(kind: .tooDeep, message: "nested deeper than \(limit) levels at byte \(offset)")
  }
}
