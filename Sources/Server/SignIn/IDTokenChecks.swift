import Domain

/// What an ID token must say, once its signature holds. *Source:* OpenID Connect Core 1.0 §3.1.3.7.
struct IDTokenChecks: Sendable {
  var issuer: String
  var clientID: String
  /// Sent with the browser, so that a token made for another sign-in does not fit.
  var nonce: String
  var now: Timestamp
  /// Clocks differ.
  static let skewSeconds = 60.0
  /// It was made just now, for the code that was just exchanged.
  static let ageMaxSeconds = 600.0

  /// The subject. - Throws: `ProviderFailure` naming what does not fit.
  func check(_ claims: [String: ClaimValue]) throws -> String {
    try checkOrigin(claims)
    try checkTimes(claims)
    guard claims["nonce"]?.text == nonce else {
      throw ProviderFailure("nonce of the ID token is not the one of this sign-in")
    }
    guard let subject = claims["sub"]?.text, (1...255).contains(subject.utf8.count), !subject.utf8.contains(0) else {
      throw ProviderFailure("sub of the ID token is missing or longer than 255 bytes")
    }
    return subject
  }

  private func checkOrigin(_ claims: [String: ClaimValue]) throws {
    guard claims["iss"]?.text == issuer else {
      throw ProviderFailure("iss of the ID token is “\(claims["iss"]?.text ?? "nothing")”, not “\(issuer)”")
    }
    let audience = claims["aud"]?.texts ?? []
    guard audience.contains(clientID) else {
      throw ProviderFailure("aud of the ID token is “\(audience.joined(separator: ", "))”, not “\(clientID)”")
    }
    let party = claims["azp"]?.text
    if audience.count > 1, party == nil { throw ProviderFailure("the ID token has several aud and no azp") }
    if claims["azp"] != nil, party != clientID { throw ProviderFailure("azp of the ID token is “\(party ?? "no text")”, not “\(clientID)”") }
  }

  private func checkTimes(_ claims: [String: ClaimValue]) throws {
    let seconds = Double(now.microseconds) / 1_000_000
    guard let expires = claims["exp"]?.number, let issued = claims["iat"]?.number else {
      throw ProviderFailure("exp or iat of the ID token is missing")
    }
    guard expires > seconds - Self.skewSeconds else { throw ProviderFailure("the ID token has expired: \(Self.apart(expires, seconds))") }
    guard issued <= seconds + Self.skewSeconds else {
      throw ProviderFailure("the ID token is from the future: \(Self.apart(issued, seconds)); the clocks differ")
    }
    guard issued >= seconds - Self.ageMaxSeconds else { throw ProviderFailure("the ID token is old: \(Self.apart(issued, seconds))") }
    if let from = claims["nbf"]?.number, from > seconds + Self.skewSeconds {
      throw ProviderFailure("the ID token is not valid yet: \(Self.apart(from, seconds))")
    }
  }

  private static func apart(_ time: Double, _ now: Double) -> String {
    let difference = (time - now).rounded()
    guard difference.magnitude < 1e9 else { return "at an absurd time" }
    return difference < 0 ? "\(Int(-difference)) s ago" : "in \(Int(difference)) s"
  }
}
