import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Pages

/// Files of `Public/`, read once at start and served from memory. Links carry a hash of the content, so browsers keep them for good.
struct AssetFiles: Sendable {
  private struct File {
    let bytes: ByteBuffer
    let type: String
    let hash: String
  }

  private let files: [String: File]

  init(folder: String) {
    var files: [String: File] = [:]
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    for name in names {
      guard let type = Self.type(name), let data = FileManager.default.contents(atPath: folder + "/" + name) else { continue }
      let hash = SHA256Digest.of(data).prefix(6).map { String($0, radix: 16) }.joined()
      files[name] = File(bytes: ByteBuffer(bytes: data), type: type, hash: hash)
    }
    self.files = files
  }

  /// Address of a file with its content's hash.
  func address(_ name: String) -> String { "/assets/\(name)?v=\(files[name]?.hash ?? "0")" }

  var links: Pages.Assets {
    Pages.Assets(css: address("css/quipu.css"), js: address("js/quipu.js"), icon: address("favicon.svg"))
  }

  func serve(_ request: Request, _ context: Context) async throws -> Response {
    try response(context.parameters.getCatchAll().joined(separator: "/"), request)
  }

  func favicon(_ request: Request, _ context: Context) async throws -> Response { try response("favicon.svg", request) }

  private func response(_ name: String, _ request: Request) throws -> Response {
    guard let file = files[name] else { throw Failure.notFound("no such file") }
    let tag = "\"\(file.hash)\""
    let headers: HTTPFields = [
      .contentType: file.type, .eTag: tag,
      .cacheControl: QueryParameters(request).text("v") == file.hash ? "public, max-age=31536000, immutable" : "no-cache",
    ]
    if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
    return Response(status: .ok, headers: headers, body: .init(byteBuffer: file.bytes))
  }

  private static func type(_ name: String) -> String? {
    switch name.split(separator: ".").last {
    case "css": "text/css; charset=utf-8"
    case "js": "text/javascript; charset=utf-8"
    case "svg": "image/svg+xml"
    case "png": "image/png"
    case "txt": "text/plain; charset=utf-8"
    default: nil
    }
  }
}
