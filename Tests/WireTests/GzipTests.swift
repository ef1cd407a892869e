import Testing
import Wire

@Suite struct GzipTests {
  private let text = Array(String(repeating: "threads that keep accounts ", count: 9_000).utf8)

  private func inflate(_ input: [UInt8], limitBytes: Int = 1 << 24) throws -> [UInt8] {
    try input.withUnsafeBytes { try Gzip.inflate($0, limitBytes: limitBytes) }
  }

  @Test func deflatedInflatesToTheSame() throws {
    for bytes in [[], [7], text] { #expect(try inflate(Gzip.deflate(bytes)) == bytes) }
    #expect(Gzip.deflate(text).count < text.count / 10)
  }

  @Test func zlibHeaderIsTaken() throws {
    // zlib.compress(b"quipu") of Python.
    let packed: [UInt8] = [0x78, 0x9C, 0x2B, 0x2C, 0xCD, 0x2C, 0x28, 0x05, 0x00, 0x06, 0x9E, 0x02, 0x35]
    #expect(try inflate(packed) == Array("quipu".utf8))
  }

  @Test func membersFollowEachOther() throws {
    let members = Gzip.deflate(Array("one ".utf8)) + Gzip.deflate([]) + Gzip.deflate(Array("two".utf8))
    #expect(try inflate(members) == Array("one two".utf8))
    #expect(try inflate(members + [0, 0, 0]) == Array("one two".utf8))
    #expect(wireErrorKind { _ = try inflate(members + [1, 2]) } == .malformed)
  }

  @Test func limitIsExact() throws {
    let packed = Gzip.deflate(text)
    #expect(try inflate(packed, limitBytes: text.count).count == text.count)
    #expect(wireErrorKind { _ = try inflate(packed, limitBytes: text.count - 1) } == .tooLarge)
    #expect(wireErrorKind { _ = try inflate(packed, limitBytes: 0) } == .tooLarge)
    #expect(wireErrorKind { _ = try inflate(packed, limitBytes: -1) } == .tooLarge)
  }

  @Test func limitHoldsAcrossMembers() {
    let bomb = (0..<50).flatMap { _ in Gzip.deflate([UInt8](repeating: 0, count: 100_000)) }
    #expect(wireErrorKind { _ = try inflate(bomb, limitBytes: 1_000_000) } == .tooLarge)
  }

  @Test func everyPrefixIsTruncated() {
    let packed = Gzip.deflate(Array(text.prefix(500)))
    for end in 0..<packed.count {
      #expect(wireErrorKind { _ = try inflate(Array(packed[..<end])) } == .truncated)
    }
  }

  @Test func otherDataIsMalformed() {
    #expect(wireErrorKind { _ = try inflate(Array("plain text".utf8)) } == .malformed)
    var packed = Gzip.deflate(text)
    packed[packed.count - 6] ^= 1
    #expect(wireErrorKind { _ = try inflate(packed) } == .malformed)
  }
}
