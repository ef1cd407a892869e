import Domain
import Testing
import Wire

@testable import Ingest

@Suite struct MediaFinderTests {
  private static let png = [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10] + (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
  private static let digits = AnyValue.bytes(png).jsonValue.stringValue ?? ""
  private static let trace = TraceID(high: 1, low: 2)

  private func take(_ text: String) -> (text: String?, files: [MediaFile]) {
    var files: [MediaFile] = []
    let rest = MediaFinder.taken(text, trace: Self.trace) { file in
      files.append(file)
      return MediaMark(file)
    }
    return (rest, files)
  }

  @Test(arguments: [
    ("{\"url\":\"data:image/png;base64,", "\"}"), ("{\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"", "\"}}"),
    ("{\\\"url\\\":\\\"data:image/png;base64,", "\\\"}"), ("before data:image/png;charset=x;base64,", " after"), ("", ""),
  ])
  func aFileIsTakenOutWhereverItStands(before: String, after: String) {
    let (text, files) = take(before + Self.digits + after)
    #expect(files.map(\.bytes) == [Self.png] && files.first?.type == "image/png")
    let start = before.hasSuffix("base64,") ? String(before[..<(before.range(of: "data:") ?? before.endIndex)]) : before
    #expect(text == start + (files.first.map { MediaMark($0).text } ?? "") + after)
  }

  @Test func escapedSlashesAndLineEndsAreNoDigits() {
    let escaped = Self.digits.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "\\/")
    let lines = stride(from: 0, to: Self.digits.count, by: 76).map { String(Self.digits.dropFirst($0).prefix(76)) }.joined(separator: "\\n")
    #expect(take("\"\(escaped)\"").files.map(\.bytes) == [Self.png])
    #expect(take("\"\(lines)\"").files.map(\.bytes) == [Self.png])
  }

  @Test func everyFileOfABodyIsTakenOnce() {
    let part = "{\"url\":\"data:image/png;base64,\(Self.digits)\"},"
    let (text, files) = take(part + "words between, " + part + part)
    #expect(files.count == 3 && Set(files).count == 1 && text?.contains("words between") == true && (text?.utf8.count ?? 0) < 600)
  }

  @Test func otherTextStays() {
    let words = String(repeating: "an ordinary sentence of words. ", count: 200)
    #expect(take(words).text == nil)
    #expect(take("\"" + String(repeating: "0123456789abcdef", count: 400) + "\"").text == nil)
    #expect(take("\"data:image/png;base64," + String(Self.digits.prefix(600)) + "\"").text == nil)
  }

  @Test func aMarkIsReadBack() {
    let mark = MediaMark(MediaFile(type: "image/png", bytes: Self.png, trace: Self.trace))
    #expect(MediaMark.pieces(of: "a\(mark.text)b@@@quipuMedia:x@@@") == [.text("a"), .mark(mark), .text("b@@@quipuMedia:"), .text("x@@@")])
    #expect(MediaMark("@@@quipuMedia:type=image/png|bytes=1|id=../../x@@@") == nil)
  }
}

extension String {
  fileprivate func range(of text: String) -> String.Index? {
    indices.first { self[$0...].hasPrefix(text) }
  }
}
