import Glibc

/// A folder with `postgres` and `initdb` of one major version.
public struct PostgresBinaries: Sendable, Equatable {
  /// The folder.
  public let directory: String
  /// 15, 16 …
  public let majorVersion: Int

  /// The oldest major version that Quipu works with.
  public static let majorVersionMin = 15

  func path(_ program: String) -> String { directory + "/" + program }

  /// Debian's installed versions from 15 on, newest first.
  public static func installed(root: String = "/usr/lib/postgresql") -> [PostgresBinaries] {
    ((try? FileSystem.names(in: root)) ?? [])
      .compactMap { Int($0) }
      .filter { $0 >= majorVersionMin && access("\(root)/\($0)/bin/postgres", X_OK) == 0 }
      .sorted(by: >)
      .map { PostgresBinaries(directory: "\(root)/\($0)/bin", majorVersion: $0) }
  }

  /// The binaries in a folder; asks `postgres --version`.
  public static func at(_ directory: String) throws -> PostgresBinaries {
    let answer = try ChildProcess.capture(directory + "/postgres", ["--version"])
    // "postgres (PostgreSQL) 15.20 (Debian …)"
    let words = answer.output.split(separator: " ")
    guard answer.status == 0, words.count > 2, let major = words[2].split(separator: ".").first.flatMap({ Int($0) })
    else { throw ClusterError.noBinaries(directory) }
    guard major >= majorVersionMin else { throw ClusterError.binariesTooOld(directory, major) }
    return PostgresBinaries(directory: directory, majorVersion: major)
  }

  /// The folder that a setting names, else the version of the existing data, else the newest.
  static func choose(setting: String?, dataVersion: Int?, dataFolder: String) throws -> PostgresBinaries {
    let candidates = try setting.map { [try at($0)] } ?? installed()
    guard let newest = candidates.first else { throw ClusterError.noBinaries("/usr/lib/postgresql") }
    guard let dataVersion else { return newest }
    guard let match = candidates.first(where: { $0.majorVersion == dataVersion }) else {
      throw ClusterError.otherMajorVersion(data: dataVersion, binaries: newest, dataFolder: dataFolder)
    }
    return match
  }
}
