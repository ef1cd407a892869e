import HTTPTypes
import Hummingbird
import NIOCore

/// The fields of a `multipart/form-data` body, as a browser sends a form with a file (RFC 7578). File names are not looked at.
struct FormData {
  private var fields: [String: [UInt8]] = [:]

  func bytes(_ name: String) -> [UInt8]? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }
  func text(_ name: String) -> String? { bytes(name).map { String(decoding: $0, as: UTF8.self) } }

  /// nil when the body is not of this form or ends before its last boundary.
  init?(_ body: [UInt8], contentType: String) {
    guard let boundary = Self.parameter("boundary", contentType), !boundary.isEmpty else { return nil }
    let mark = Array("--\(boundary)".utf8)
    guard var place = Self.find(mark, in: body, from: 0) else { return nil }
    while true {
      let start = place + mark.count
      guard start + 2 <= body.count else { return nil }
      if body[start] == UInt8(ascii: "-"), body[start + 1] == UInt8(ascii: "-") { return }
      guard let end = Self.find([13, 10] + mark, in: body, from: start) else { return nil }
      read(body[start..<end])
      place = end + 2
    }
  }

  /// A line end, headers, an empty line, the content.
  private mutating func read(_ part: ArraySlice<UInt8>) {
    let bytes = Array(part)
    guard let gap = Self.find([13, 10, 13, 10], in: bytes, from: 0) else { return }
    let head = String(decoding: bytes[..<gap], as: UTF8.self)
    for line in head.split(whereSeparator: \.isNewline) where line.lowercased().hasPrefix("content-disposition:") {
      guard let name = Self.parameter("name", String(line)) else { continue }
      fields[name] = Array(bytes[(gap + 4)...])
    }
  }

  /// `name="value"` or `name=value` in a header.
  private static func parameter(_ name: String, _ header: String) -> String? {
    for piece in header.split(separator: ";").dropFirst() {
      let trimmed = piece.drop { $0 == " " || $0 == "\t" }
      guard let equals = trimmed.firstIndex(of: "="), trimmed[..<equals].lowercased() == name else { continue }
      let value = trimmed[trimmed.index(after: equals)...].drop { $0 == "\"" }
      return String(value.prefix { $0 != "\"" && $0 != "\r" })
    }
    return nil
  }

  private static func find(_ needle: [UInt8], in body: [UInt8], from: Int) -> Int? {
    guard let first = needle.first, body.count >= needle.count, from >= 0 else { return nil }
    var i = from
    while i <= body.count - needle.count {
      guard let next = body[i...(body.count - needle.count)].firstIndex(of: first) else { return nil }
      if body[next..<(next + needle.count)].elementsEqual(needle) { return next }
      i = next + 1
    }
    return nil
  }
}

extension Request {
  /// Bytes of a file that a person uploads.
  static let fileMaxBytes = 24 << 20

  func bytes(upTo most: Int = Request.fileMaxBytes) async throws -> [UInt8] {
    guard let buffer = try? await body.collect(upTo: most) else {
      throw Failure.tooLarge("the file is over \(most >> 20) MiB, or did not arrive whole")
    }
    return Array(buffer.readableBytesView)
  }

  func formData() async throws -> FormData {
    guard let form = FormData(try await bytes(), contentType: headers[.contentType] ?? "") else {
      throw Failure.badRequest("the form did not arrive whole")
    }
    return form
  }
}
