import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// What no route can see of a connection: an upload that asks first is told to go on, broken framing is answered with its reason, and a
/// sender that goes on long after its answer is cut off.
final class ConnectionRules: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// An honest sender of a body that was refused for its size still gets to read the answer.
  private static let lingerLimit = TimeAmount.seconds(20)

  private let bodyMaxBytes: Int
  private let onMalformed: @Sendable () -> Void
  /// Requests whose answer is not complete. Answers come in the order of requests, so the one being read is answered when it is 0.
  private var unanswered = 0
  private var isReading = false
  private var unwantedBytes = 0
  private var cutOff: Scheduled<Void>?

  /// - Parameters:
  ///   - bodyMaxBytes: of a request as sent; so many more are read and dropped after the answer.
  ///   - onMalformed: called when bytes came that are no request.
  init(bodyMaxBytes: Int, onMalformed: @escaping @Sendable () -> Void) {
    self.bodyMaxBytes = bodyMaxBytes
    self.onMalformed = onMalformed
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let request):
      (isReading, unwantedBytes) = (true, 0)
      unanswered += 1
      if unanswered == 1, isAskingToGoOn(request) {
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
      }
    case .body(let bytes):
      if unanswered == 0 { unwantedBytes += bytes.readableBytes }
      if unwantedBytes > bodyMaxBytes { context.close(promise: nil) }
    case .end:
      isReading = false
      cutOff?.cancel()
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) {
      unanswered -= 1
      if unanswered == 0, isReading {
        let channel = context.channel
        cutOff = context.eventLoop.scheduleTask(in: Self.lingerLimit) { channel.close(promise: nil) }
      }
    }
    context.write(data, promise: promise)
  }

  func channelInactive(context: ChannelHandlerContext) {
    cutOff?.cancel()
    context.fireChannelInactive()
  }

  /// Only between requests: within one its route answers, and knows more.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard error is HTTPParserError, unanswered == 0, !isReading else { return context.fireErrorCaught(error) }
    onMalformed()
    let text = ByteBuffer(string: "This is no HTTP request that can be read: \(error).\n")
    let fields: HTTPFields = [
      .contentType: "text/plain; charset=utf-8", .contentLength: String(text.readableBytes), .connection: "close",
    ]
    context.write(wrapOutboundOut(.head(HTTPResponse(status: .badRequest, headerFields: fields))), promise: nil)
    context.write(wrapOutboundOut(.body(text)), promise: nil)
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
  }

  /// With a body that will be refused for its length the refusal is the better answer.
  private func isAskingToGoOn(_ request: HTTPRequest) -> Bool {
    guard let asked = request.headerFields[Self.expect], asked.lowercased() == "100-continue" else { return false }
    return request.headerFields[.contentLength].flatMap { Int($0) }.map { $0 > 0 && $0 <= bodyMaxBytes } ?? true
  }

  private static let expect = HTTPField.Name("Expect") ?? .server
}

@available(*, unavailable)
extension ConnectionRules: Sendable {}
