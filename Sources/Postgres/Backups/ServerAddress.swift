import CLibpq

/// An address as libpq takes it, in its parts.
struct ServerAddress: Sendable {
  private var parts: [String: String]
  /// Never on a command line, where other users of the machine could read it.
  let password: String?

  /// Throws `BackupError.badAddress` with libpq's reason.
  init(url: String) throws {
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(url, &message) else {
      defer { PQfreemem(message) }
      throw BackupError.badAddress(message.map { String(cString: $0) } ?? "no reason")
    }
    defer { PQconninfoFree(options) }
    var parts: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { parts[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    password = parts.removeValue(forKey: "password")
    self.parts = parts
  }

  /// Another database of the same server.
  func database(_ name: String) -> ServerAddress {
    var other = self
    other.parts["dbname"] = name
    return other
  }

  /// For `ConnectionPool`: holds the password.
  var url: String { text(parts.merging(password.map { ["password": $0] } ?? [:]) { $1 }) }

  /// For a command line: without the password, which `environment` holds.
  var argument: String { text(parts) }

  var environment: [String: String] {
    ["PGAPPNAME": "quipu backup"].merging(password.map { ["PGPASSWORD": $0] } ?? [:]) { $1 }
  }

  private func text(_ parts: [String: String]) -> String {
    parts.sorted { $0.key < $1.key }.map { key, value in
      let quoted = value.flatMap { $0 == "'" || $0 == "\\" ? ["\\", $0] : [$0] }
      return "\(key)='\(String(quoted))'"
    }.joined(separator: " ")
  }
}
