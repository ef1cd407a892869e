import Foundation
import Hummingbird
import NIOCore

/// Bytes on disk that belong to nobody else and are gone with this object, whatever becomes of the process: the file has no name any
/// more. One task at a time.
final class TemporaryFile: @unchecked Sendable {
  static let pieceBytes = 1 << 18

  private let handle: FileHandle
  private(set) var count = 0

  /// Empty.
  init() throws {
    handle = try Self.inFolder { folder in
      let path = folder + "/file"
      guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
        throw CocoaError(.fileWriteUnknown)
      }
      return try FileHandle(forUpdating: URL(fileURLWithPath: path))
    }
  }

  /// As `write` leaves a file at the path it is given.
  init(writing write: (String) throws -> Void) throws {
    handle = try Self.inFolder { folder in
      try write(folder + "/file")
      return try FileHandle(forUpdating: URL(fileURLWithPath: folder + "/file"))
    }
    count = Int(try handle.seekToEnd())
  }

  deinit { try? handle.close() }

  private static func inFolder(_ work: (String) throws -> FileHandle) throws -> FileHandle {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("quipu-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try work(folder)
  }

  func append(_ bytes: [UInt8]) throws {
    try handle.write(contentsOf: Data(bytes))
    count += bytes.count
  }

  /// From the start, in pieces.
  func read(_ body: ([UInt8]) async throws -> Void) async throws {
    try handle.seek(toOffset: 0)
    while let piece = try handle.read(upToCount: Self.pieceBytes), !piece.isEmpty { try await body([UInt8](piece)) }
  }

  /// Sends it piece by piece.
  var body: ResponseBody {
    ResponseBody(contentLength: count) { [self] writer in
      var writer = writer
      try await read { try await writer.write(ByteBuffer(bytes: $0)) }
      try await writer.finish(nil)
    }
  }
}
