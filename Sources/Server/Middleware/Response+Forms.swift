import Foundation
import HTML
import HTTPTypes
import Hummingbird
import NIOCore
import Pages
import Wire

extension Response {
  static func bytes(_ status: HTTPResponse.Status, _ type: String, _ bytes: some Collection<UInt8>) -> Response {
    Response(status: status, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  static func text(_ status: HTTPResponse.Status, _ text: String, type: String = "text/plain; charset=utf-8") -> Response {
    bytes(status, type, Array(text.utf8))
  }

  static func json(_ status: HTTPResponse.Status, _ value: some Encodable) -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else {
      return text(.internalServerError, "{\"code\":\"internal\",\"message\":\"the answer could not be written\"}", type: "application/json")
    }
    return bytes(status, "application/json", data)
  }

  static func json(_ status: HTTPResponse.Status, _ value: JSONValue) -> Response {
    text(status, JSON.serialise(value), type: "application/json")
  }

  static func otlp(_ encoding: OTLPEncoding, _ status: HTTPResponse.Status, _ body: [UInt8]) -> Response {
    bytes(status, encoding == .protobuf ? "application/x-protobuf" : "application/json", body)
  }

  static func page(_ status: HTTPResponse.Status, _ html: HTML) -> Response {
    var response = bytes(status, "text/html; charset=utf-8", BasePath.current.carried(markup: html.bytes))
    response.headers[.cacheControl] = "no-store"
    return response
  }

  /// A file to be kept under a name.
  static func download(_ name: String, _ type: String, _ text: String) -> Response {
    var response = Response.text(.ok, text, type: type)
    response.headers[.contentDisposition] = "attachment; filename=\"\(name)\""
    response.headers[.cacheControl] = "no-store"
    return response
  }

  static func seeOther(_ location: String) -> Response {
    Response(status: .seeOther, headers: [.location: location])
  }
}
