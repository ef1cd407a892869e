import Domain
import HTTPTypes
import Hummingbird
import Store

extension Backend {
  /// A file that was taken out of a body, for whoever may read the project's content. What a browser could take for a document of this
  /// site comes as a download, and nothing in it may run.
  /// - Throws: `Failure` 404, also when the file is there but not for this reader.
  func mediaAnswer(_ id: String, project: ProjectID, scope: AccessScope) async throws -> Response {
    guard let sha256 = MediaID.bytes(id), let file = try await media.file(sha256, project: project, scope: scope) else {
      throw Failure.notFound("no such file, or it is not for you to read")
    }
    let isShown = MediaType.shown.contains(file.type)
    var response = Response.bytes(.ok, isShown ? file.type : "application/octet-stream", file.bytes)
    response.headers[.contentSecurityPolicy] = "default-src 'none'; sandbox"
    response.headers[.xContentTypeOptions] = "nosniff"
    response.headers[.contentDisposition] = isShown ? "inline" : "attachment; filename=\"\(id.prefix(16))\(Self.ending(file.type))\""
    // The name is the content's hash, but leave to read it can be withdrawn.
    response.headers[.cacheControl] = "private, max-age=300"
    return response
  }

  private static func ending(_ type: String) -> String {
    switch type {
    case "application/pdf": ".pdf"
    case "application/zip": ".zip"
    default: ".bin"
    }
  }
}
