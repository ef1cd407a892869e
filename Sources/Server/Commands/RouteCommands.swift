import Domain
import HTTPTypes
import Logging
import Postgres

extension Commands {
  /// Prints every route and who may call it, one a line: method, path, access. Opens no database.
  public static func routes() throws {
    do {
      for row in try Routes.rows(Settings()) { Terminal.say(row.text) }
    } catch {
      throw Stop(error)
    }
  }
}

extension Routes {
  /// What a service with these settings registers. Opens no database.
  static func rows(_ settings: Settings) throws -> [RouteRow] {
    var logger = Logger(label: "quipu")
    logger.logLevel = .error
    // Opens nothing until it is asked.
    let pool = ConnectionPool(url: "", logger: logger)
    return rows(try Backend(settings: settings, database: Database(pool: pool, cluster: nil), baseURL: settings.shownURL, logger: logger))
  }
}

extension RouteRow {
  /// "GET /costs permitted seeMoney".
  var text: String { "\(method.rawValue) /\(path) \(access.text)" }
}

extension RouteAccess {
  /// A word, and what it is about: scopes of keys separated by commas ("any" for none), with the permission that the key's maker needs, or a
  /// permission.
  var text: String {
    switch self {
    case .open: "open"
    case .key(let scopes, let permission):
      "key " + (scopes.isEmpty ? "any" : scopes.map(\.rawValue).sorted().joined(separator: ",")) + (permission.map { " \($0.rawValue)" } ?? "")
    case .member: "member"
    case .permitted(let permission): "permitted \(permission.rawValue)"
    case .permittedForAll(let permission): "permittedForAll \(permission.rawValue)"
    }
  }
}
