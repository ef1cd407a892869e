import HTTPTypes
import Hummingbird
import NIOCore
import Wire

/// Reads an ingest request's body: counted against admission while it arrives, inflated with a cap.
struct BodyReader: Sendable {
  let admission: Admission
  let maxBytes: Int

  /// The inflated body, and the ticket that holds its room.
  /// - Throws: `Failure` 413, 415, 503, or `WireError` for bad gzip.
  func read(_ request: Request) async throws -> (body: [UInt8], ticket: Admission.Ticket, wireBytes: Int) {
    let encoding = (request.headers[.contentEncoding] ?? "identity").lowercased()
    guard ["identity", "gzip", "x-gzip", "deflate", ""].contains(encoding) else {
      throw Failure(.unsupportedMediaType, "unsupported_encoding", "Content-Encoding \(encoding) is not supported; send gzip or identity")
    }
    let declared = request.headers[.contentLength].flatMap { Int($0) } ?? 0
    guard declared <= maxBytes else { throw tooLarge }
    let ticket = try admission.admit(bytes: max(declared, 1024))
    let sent = try await collect(request, declared: declared, ticket: ticket)
    if encoding == "identity" || encoding.isEmpty { return (sent, ticket, sent.count) }
    let inflated = try inflate(sent, ticket)
    return (inflated, ticket, sent.count)
  }

  private func collect(_ request: Request, declared: Int, ticket: Admission.Ticket) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(declared)
    var reserved = max(declared, 1024)
    for try await buffer in request.body {
      guard bytes.count + buffer.readableBytes <= maxBytes else { throw tooLarge }
      if bytes.count + buffer.readableBytes > reserved {
        try ticket.grow(by: buffer.readableBytes)
        reserved += buffer.readableBytes
      }
      bytes.append(contentsOf: buffer.readableBytesView)
    }
    return bytes
  }

  private func inflate(_ sent: [UInt8], _ ticket: Admission.Ticket) throws -> [UInt8] {
    do {
      // gzip ends with its inflated size; room is taken before the bytes are there.
      let stated = sent.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      let room = min(stated, maxBytes)
      try ticket.grow(by: room)
      let inflated = try sent.withUnsafeBytes { pointer throws(WireError) in try Gzip.inflate(pointer, limitBytes: maxBytes) }
      if inflated.count > room { try ticket.grow(by: inflated.count - room) }
      return inflated
    } catch let error as WireError where error.kind == .tooLarge {
      throw tooLarge
    }
  }

  private var tooLarge: Failure { .tooLarge("the body is over \(maxBytes >> 20) MiB; send smaller batches") }
}
