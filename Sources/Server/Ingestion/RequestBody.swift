import HTTPTypes
import Hummingbird
import NIOCore
import Wire

/// Reads an ingest request's body: counted against admission while it arrives, inflated with a cap.
struct BodyReader: Sendable {
  let admission: Admission
  let maxBytes: Int
  private let timeLimit: Duration = .seconds(60)

  init(admission: Admission, maxBytes: Int) {
    self.admission = admission
    self.maxBytes = maxBytes
  }

  /// The inflated body, and the ticket that holds its room.
  /// - Parameter keyMaxBytes: what the sender's key allows, where it says.
  /// - Throws: `Failure` 413, 415, 503, or `WireError` for bad gzip.
  func read(_ request: Request, keyMaxBytes: Int32? = nil) async throws -> (body: [UInt8], ticket: Admission.Ticket, wireBytes: Int) {
    let encoding = (request.headers[.contentEncoding] ?? "identity").lowercased()
    guard ["identity", "gzip", "x-gzip", "deflate", ""].contains(encoding) else {
      throw Failure(.unsupportedMediaType, "unsupported_encoding", "Content-Encoding \(encoding.prefix(100)) is not supported; send gzip or identity")
    }
    let declared = request.headers[.contentLength].flatMap { Int($0) } ?? 0
    guard declared <= maxBytes else { throw tooLarge }
    let ticket = try admission.admit(bytes: 1024)
    let sent = try await collect(request, declared: declared, ticket: ticket)
    let isPlain = encoding == "identity" || encoding.isEmpty
    let body = isPlain ? sent : try await DecodingThreads.run(bytes: statedSize(sent)) { try inflate(sent, ticket) }
    if let most = keyMaxBytes, body.count > Int(most) {
      throw Failure.tooLarge("the body is \(body.count) bytes, and its key allows \(most); send smaller batches")
    }
    ticket.complete()
    return (body, ticket, sent.count)
  }

  /// Bytes are charged as they come, so that a slow sender holds no more than it sent; the whole body has a limit of time.
  private func collect(_ request: Request, declared: Int, ticket: Admission.Ticket) async throws -> [UInt8] {
    let deadline = ContinuousClock.now + timeLimit
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(declared, 1 << 20))
    for try await buffer in request.body {
      guard bytes.count + buffer.readableBytes <= maxBytes else { throw tooLarge }
      guard ContinuousClock.now < deadline else {
        throw Failure(.requestTimeout, "request_timeout", "the body took over \(Int(timeLimit.inSeconds)) s to arrive; send smaller batches")
      }
      try ticket.grow(by: buffer.readableBytes)
      bytes.append(contentsOf: buffer.readableBytesView)
    }
    return bytes
  }

  private func statedSize(_ sent: [UInt8]) -> Int { max(sent.count, sent.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }) }

  private func inflate(_ sent: [UInt8], _ ticket: Admission.Ticket) throws -> [UInt8] {
    do {
      // gzip ends with its inflated size; room is taken before the bytes are there.
      let room = min(statedSize(sent), maxBytes)
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
