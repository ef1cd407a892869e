/// End users who were erased: what still arrives of them takes a pseudonym before anything is stored. Pure.
public struct ErasedUsers: Sendable {
  private let keyed: KeyedHash
  private let pseudonyms: [[UInt8]: String]
  private static let purpose = "erased user"

  public init() { self.init(secret: [], pseudonyms: [:]) }

  /// - Parameters:
  ///   - secret: of the organisation.
  ///   - pseudonyms: by `hash(of:secret:)`.
  public init(secret: [UInt8], pseudonyms: [[UInt8]: String]) {
    keyed = KeyedHash(secret: secret)
    self.pseudonyms = pseudonyms
  }

  public var isEmpty: Bool { pseudonyms.isEmpty }

  /// 32 bytes that tell nobody the user without the secret.
  public static func hash(of user: String, secret: [UInt8]) -> [UInt8] {
    KeyedHash(secret: secret).bytes(purpose, user.utf8)
  }

  /// "erased-" and 12 hex digits; the same each time.
  public static func pseudonym(of user: String, secret: [UInt8]) -> String {
    "erased-" + KeyedHash(secret: secret).hex("erased pseudonym", user, digits: 12)
  }

  /// nil for a user who was not erased.
  public func pseudonym(of user: String) -> String? {
    pseudonyms.isEmpty ? nil : pseudonyms[keyed.bytes(Self.purpose, user.utf8)]
  }

  /// Puts pseudonyms in place of erased users; what came in the same message about them loses its content. Usage and cost stay.
  public func apply(to batch: inout IngestBatch) {
    if isEmpty { return }
    var erased: [TraceID: ErasedName] = [:]
    for i in batch.traces.indices {
      guard let user = batch.traces[i].user, let pseudonym = pseudonym(of: user) else { continue }
      let name = ErasedName(user: user, pseudonym: pseudonym)
      erased[batch.traces[i].id] = name
      batch.traces[i].erase(name)
    }
    for i in batch.observations.indices {
      let own = batch.observations[i].user.flatMap { user in pseudonym(of: user).map { ErasedName(user: user, pseudonym: $0) } }
      guard let name = own ?? erased[batch.observations[i].trace] else { continue }
      batch.observations[i].erase(name)
    }
    for i in batch.scores.indices where batch.scores[i].trace.map({ erased[$0] != nil }) ?? false { batch.scores[i].eraseContent() }
  }
}

/// A user and what stands in their place.
public struct ErasedName: Sendable, Hashable {
  public let user: String
  public let pseudonym: String

  public init(user: String, pseudonym: String) {
    self.user = user
    self.pseudonym = pseudonym
  }

  /// The text with the pseudonym where it held the user. A short name stands in many a word: letters and digits (ASCII) may not go on
  /// before or after it.
  public func replaced(in text: String) -> String {
    let wanted = Array(user.utf8)
    guard let first = wanted.first, let last = wanted.last, text.utf8.count >= wanted.count else { return text }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var i = 0
    while i < bytes.count {
      let end = i + wanted.count
      if end <= bytes.count, bytes[i..<end].elementsEqual(wanted), !(Self.isOfWord(first) && i > 0 && Self.isOfWord(bytes[i - 1])),
        !(Self.isOfWord(last) && end < bytes.count && Self.isOfWord(bytes[end]))
      {
        result += pseudonym.utf8
        i = end
      } else {
        result.append(bytes[i])
        i += 1
      }
    }
    return result.elementsEqual(bytes) ? text : String(decoding: result, as: UTF8.self)
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte & 0xDF)
  }

  func replace(in text: inout String?) { text = text.map(replaced(in:)) }
}

extension TraceFacts {
  /// Content goes, and the user's name wherever it stood; what calls are owned and counted by stays.
  public mutating func erase(_ name: ErasedName) {
    if user == name.user { user = name.pseudonym }
    name.replace(in: &self.name)
    name.replace(in: &session)
    name.replace(in: &serverRoute)
    name.replace(in: &endpointHint)
    tags = Set(tags.map(name.replaced(in:))).sorted()
    declared = declared.replacing(name)
    bodies = []
    parts = []
    notes = notes.ofLeftOut
  }
}

extension ObservationFacts {
  /// As for a trace; an error's text is content.
  public mutating func erase(_ name: ErasedName) {
    if user == name.user { user = name.pseudonym }
    name.replace(in: &self.name)
    name.replace(in: &session)
    name.replace(in: &serverRoute)
    name.replace(in: &endpointHint)
    statusMessage = nil
    if let raw = usage?.raw { usage?.raw = name.replaced(in: raw) }
    declared = declared.replacing(name)
    bodies = []
    parts = []
    notes = notes.ofLeftOut
  }
}

extension Decision {
  /// The user's name wherever it was derived to; owner, counting and money stay.
  public mutating func erase(_ name: ErasedName) {
    name.replace(in: &user)
    name.replace(in: &session)
    name.replace(in: &endpoint)
    extras = extras.map(name.replaced(in:))
  }
}

extension Score {
  public mutating func eraseContent() {
    comment = nil
    metadata = nil
    if dataType == .text || dataType == .correction { text = nil }
  }
}

extension DeclaredValues {
  func replacing(_ name: ErasedName) -> DeclaredValues {
    if isEmpty { return self }
    var values = DeclaredValues()
    for entry in entries { values.say(entry.key, name.replaced(in: entry.value), entry.stamp) }
    return values
  }
}
