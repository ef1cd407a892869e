import Domain
import Hummingbird

/// Keys and projects, for people and for scripts.
extension Routes {
  static func keyPages(_ table: RouteTable, _ backend: Backend) {
    let keys = KeyPages(backend: backend), projects = ProjectPages(backend: backend)
    table.get("settings/keys", .permitted(.manageKeys), use: keys.list)
    table.post("settings/keys", .permitted(.manageKeys), use: keys.make)
    table.get("settings/keys/new", .permitted(.manageKeys), use: keys.new)
    table.get("settings/keys/:key", .permitted(.manageKeys), use: keys.key)
    table.post("settings/keys/:key/change", .permitted(.manageKeys), use: keys.change)
    table.post("settings/keys/:key/rotate", .permitted(.manageKeys), use: keys.rotate)
    table.post("settings/keys/:key/end-previous", .permitted(.manageKeys), use: keys.endPrevious)
    table.post("settings/keys/:key/revoke", .permitted(.manageKeys), use: keys.revoke)
    table.post("settings/keys/:key/trust", .permitted(.manageKeys), use: keys.trust)
    table.get("settings/projects", .permitted(.manageData), use: projects.list)
    table.post("settings/projects", .permitted(.manageData), use: projects.save)
  }

  static func keys(_ table: RouteTable, _ backend: Backend) {
    let keys = KeyRoutes(backend: backend)
    table.get("api/v1/keys", .key([.admin], .manageKeys), use: keys.list)
    table.post("api/v1/keys", .key([.admin], .manageKeys), use: keys.make)
    table.get("api/v1/keys/:key", .key([.admin], .manageKeys), use: keys.one)
    table.patch("api/v1/keys/:key", .key([.admin], .manageKeys), use: keys.change)
    table.post("api/v1/keys/:key/rotate", .key([.admin], .manageKeys), use: keys.rotate)
    table.delete("api/v1/keys/:key", .key([.admin], .manageKeys), use: keys.revoke)
    table.get("api/v1/projects", .key([.admin], .manageData), use: keys.projects)
    table.post("api/v1/projects", .key([.admin], .manageData), use: keys.makeProject)
  }
}
