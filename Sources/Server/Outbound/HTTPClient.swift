import CCurl

/// An address of another service. https anywhere; http on this machine only, where nobody listens in between.
struct OutboundAddress: Sendable, Hashable {
  let text: String
  let host: String

  /// - Throws: `OutboundError.address`.
  init(_ text: String, schemes: Set<String> = ["https", "http"], isPlainAllowed: Bool = false) throws {
    let isPlain = text.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "\\") }
    guard isPlain, text.utf8.count <= 2000, let colon = text.firstRange(of: "://") else { throw OutboundError.address(text) }
    let scheme = text[..<colon.lowerBound].lowercased()
    let authority = text[colon.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
    guard let host = Self.host(place), authority.filter({ $0 == "@" }).count <= 1 else { throw OutboundError.address(text) }
    self.text = text
    self.host = host
    let isSecret = scheme == "https" || scheme == "smtps" || isPlainAllowed
    // Name and password of a mail server or proxy stand in its address; those of anything else would end in a log.
    let mayNameUser = isPlainAllowed || place.count == authority.count
    guard schemes.contains(scheme), !host.isEmpty, mayNameUser, isSecret || isLoopback else { throw OutboundError.address(text) }
  }

  /// Of "host", "host:port" or "[::1]:port", in small letters; nil for what libcurl might read otherwise.
  private static func host(_ place: Substring) -> String? {
    let end = place.hasPrefix("[") ? place.firstIndex(of: "]").map(place.index(after:)) : place.firstIndex(of: ":") ?? place.endIndex
    guard let end else { return nil }
    let port = place[end...]
    guard port.isEmpty || (port.first == ":" && UInt16(port.dropFirst()) != nil) else { return nil }
    return place[..<end].filter { $0 != "[" && $0 != "]" }.lowercased()
  }

  /// A proxy to ask through: a scheme, a host, perhaps name, password and port.
  static func isProxy(_ text: String) -> Bool {
    guard let start = text.firstRange(of: "://")?.upperBound else { return false }
    return !text[start...].contains { "/?#".contains($0) } && (try? OutboundAddress(text, isPlainAllowed: true)) != nil
  }

  /// This machine by a name that libcurl answers itself (localhost, since 7.77) or by number, so that no DNS decides it.
  var isLoopback: Bool { ["localhost", "127.0.0.1", "::1"].contains(host) }
}

/// What another service answered.
struct HTTPReply: Sendable {
  var status: Int
  /// Names in lower case; of repeated ones the last.
  var headers: [String: String]
  var body: [UInt8]
}

/// Asks other services over HTTP: certificates checked, redirects not followed, time and size limited, off the event loops.
struct HTTPClient: Sendable {
  var rules = OutboundRules()
  /// From name lookup to the last byte.
  var timeoutSeconds = 10
  var bytesMax = 1 << 20

  /// - Parameter bearer: sent as `Authorization: Bearer`.
  /// - Throws: `OutboundError`. An answer of any status is an answer.
  func get(_ url: String, accept: String = "application/json", bearer: String? = nil) async throws -> HTTPReply {
    try await send(url, headers: ["Accept: \(accept)"] + (bearer.map { ["Authorization: Bearer \($0)"] } ?? []), form: nil)
  }

  /// - Parameter basic: name and password, sent as `Authorization: Basic`, each percent-encoded first (RFC 6749 §2.3.1).
  /// - Throws: `OutboundError`. An answer of any status is an answer.
  func post(_ url: String, form: [(String, String)], basic: (name: String, password: String)? = nil) async throws -> HTTPReply {
    let body = form.map { FormText.encoded($0.0) + "=" + FormText.encoded($0.1) }.joined(separator: "&")
    return try await send(
      url, headers: ["Accept: application/json", "Content-Type: application/x-www-form-urlencoded"], form: body,
      basic: basic.map { FormText.encoded($0.name) + ":" + FormText.encoded($0.password) })
  }

  private func send(_ url: String, headers: [String], form: String?, basic: String? = nil) async throws -> HTTPReply {
    let address = try OutboundAddress(url), rules = rules, timeoutSeconds = timeoutSeconds, bytesMax = bytesMax
    return try await OutboundThreads.run {
      let transfer = try CurlTransfer(address, rules, protocols: "http,https", timeoutSeconds: timeoutSeconds, bytesMax: bytesMax)
      transfer.set(CURLOPT_HTTPHEADER, headers)
      transfer.set(CURLOPT_USERAGENT, "quipu")
      if let basic { transfer.set(CURLOPT_USERPWD, basic) }
      if let form { transfer.set(CURLOPT_COPYPOSTFIELDS, form) }
      let (status, headers, body) = try transfer.perform()
      return HTTPReply(status: status, headers: headers, body: body)
    }
  }
}
