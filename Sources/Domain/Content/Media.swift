/// A picture, sound or document that was taken out of a body. Stored once a project, by its hash.
public struct MediaFile: Sendable, Hashable {
  /// 32 bytes.
  public var sha256: [UInt8]
  /// As its first bytes tell, else as declared: "image/png".
  public var type: String
  public var bytes: [UInt8]
  /// In whose bodies it was.
  public var trace: TraceID

  public init(type: String, bytes: [UInt8], trace: TraceID) {
    sha256 = SHA256Digest.of(bytes)
    self.type = type
    self.bytes = bytes
    self.trace = trace
  }
}

/// What stands in a body in place of a file: `@@@quipuMedia:type=image/png|bytes=12345|id=<SHA-256 in hex>@@@`; without an id when the
/// file was not kept.
public struct MediaMark: Sendable, Hashable {
  public var type: String
  public var byteCount: Int
  /// 64 hex digits; nil: not kept.
  public var id: String?

  static let opening = "@@@quipuMedia:"
  static let closing = "@@@"

  public init(type: String, byteCount: Int, id: String?) {
    self.type = type
    self.byteCount = byteCount
    self.id = id
  }

  public init(_ file: MediaFile) { self.init(type: file.type, byteCount: file.bytes.count, id: MediaID.hex(file.sha256)) }

  public var text: String {
    "\(Self.opening)type=\(type)|bytes=\(byteCount)\(id.map { "|id=\($0)" } ?? "")\(Self.closing)"
  }

  /// nil unless `text` is one mark and nothing else.
  public init?(_ text: some StringProtocol) {
    guard text.hasPrefix(Self.opening), text.hasSuffix(Self.closing), text.utf8.count < 300 else { return nil }
    var fields: [Substring: Substring] = [:]
    for pair in text.dropFirst(Self.opening.count).dropLast(Self.closing.count).split(separator: "|") {
      guard let equals = pair.firstIndex(of: "=") else { return nil }
      fields[Substring(pair[..<equals])] = Substring(pair[pair.index(after: equals)...])
    }
    guard let type = fields["type"], MediaType.isWellFormed(type), let count = fields["bytes"].flatMap({ Int($0) }) else { return nil }
    if let id = fields["id"], MediaID.bytes(String(id)) == nil { return nil }
    self.init(type: String(type), byteCount: count, id: fields["id"].map(String.init))
  }

  /// `text` in pieces: what is no mark as it is.
  public static func pieces(of text: String) -> [Piece] {
    guard text.utf8.count >= opening.utf8.count, text.contains(opening) else { return [.text(text[...])] }
    var pieces: [Piece] = [], rest = text[...]
    while let start = rest.firstRange(of: opening), let end = rest[start.upperBound...].firstRange(of: closing) {
      guard let mark = MediaMark(rest[start.lowerBound..<end.upperBound]) else {
        pieces.append(.text(rest[..<start.upperBound]))
        rest = rest[start.upperBound...]
        continue
      }
      if start.lowerBound > rest.startIndex { pieces.append(.text(rest[..<start.lowerBound])) }
      pieces.append(.mark(mark))
      rest = rest[end.upperBound...]
    }
    if !rest.isEmpty { pieces.append(.text(rest)) }
    return pieces
  }

  public enum Piece: Sendable, Hashable {
    case text(Substring)
    case mark(MediaMark)
  }
}

extension StringProtocol {
  /// The first place of a text, byte for byte.
  fileprivate func firstRange(of text: String) -> Range<Index>? {
    guard let first = text.utf8.first else { return nil }
    let wanted = Array(text.utf8)
    var from = utf8.startIndex
    while let found = utf8[from...].firstIndex(of: first) {
      if utf8[found...].starts(with: wanted) { return found..<utf8.index(found, offsetBy: wanted.count) }
      from = utf8.index(after: found)
    }
    return nil
  }
}

public enum MediaID {
  /// Lower-case hex of a SHA-256.
  public static func hex(_ sha256: [UInt8]) -> String {
    sha256.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The 32 bytes; nil for another form.
  public static func bytes(_ hex: String) -> [UInt8]? { hexBytes(hex, count: 32) }
}

/// Types of files, as HTTP names them.
public enum MediaType {
  /// What a browser may show in the page that has it; all else is given as a download. No SVG: it is a document that can hold script.
  public static let shown: Set<String> = [
    "image/png", "image/jpeg", "image/gif", "image/webp", "audio/wav", "audio/mpeg", "audio/ogg", "audio/flac", "video/mp4", "video/webm",
  ]

  /// "type/subtype" of lower-case letters, digits and ".+-", at most 100 bytes.
  public static func isWellFormed(_ type: some StringProtocol) -> Bool {
    let halves = type.utf8.split(separator: 47, omittingEmptySubsequences: false)
    return type.utf8.count <= 100 && halves.count == 2
      && halves.allSatisfy { half in
        !half.isEmpty && half.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || [43, 45, 46].contains($0) }
      }
  }

  /// By the first bytes; nil for what is not known here.
  public static func sniffed(_ bytes: [UInt8]) -> String? {
    func starts(_ prefix: [UInt8], at offset: Int = 0) -> Bool {
      bytes.count >= offset + prefix.count && bytes[offset..<offset + prefix.count].elementsEqual(prefix)
    }
    func starts(_ prefix: String, at offset: Int = 0) -> Bool { starts(Array(prefix.utf8), at: offset) }
    if starts([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10]) { return "image/png" }
    if starts([0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
    if starts("GIF87a") || starts("GIF89a") { return "image/gif" }
    if starts("RIFF") { return starts("WEBP", at: 8) ? "image/webp" : starts("WAVE", at: 8) ? "audio/wav" : nil }
    if starts("%PDF-") { return "application/pdf" }
    if starts("ID3") || starts([0xFF, 0xFB]) || starts([0xFF, 0xF3]) { return "audio/mpeg" }
    if starts("OggS") { return "audio/ogg" }
    if starts("fLaC") { return "audio/flac" }
    if starts("ftyp", at: 4) { return "video/mp4" }
    if starts([0x1A, 0x45, 0xDF, 0xA3]) { return "video/webm" }
    if starts([0x50, 0x4B, 3, 4]) { return "application/zip" }
    return nil
  }
}
