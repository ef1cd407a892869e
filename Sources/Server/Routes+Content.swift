import Domain
import Hummingbird

/// What projects keep of content, and files that were taken out of it.
extension Routes {
  static func contentPages(_ table: RouteTable, _ backend: Backend) {
    let content = ContentPages(backend: backend)
    table.get("settings/content", .permitted(.manageContent), use: content.list)
    table.get("settings/content/:project", .permitted(.manageContent), use: content.rules)
    table.post("settings/content/:project", .permitted(.manageContent), use: content.save)
    table.post("settings/content/:project/preview", .permitted(.manageContent), use: content.preview)
    table.get("project/:project/media/:id", .permitted(.seeTraces), use: content.media)
  }

  static func contentAPI(_ table: RouteTable, _ backend: Backend) {
    let content = ContentRoutes(backend: backend)
    table.get("api/v1/content-rules/:project", .key([.admin], .manageContent), use: content.rules)
    table.patch("api/v1/content-rules/:project", .key([.admin], .manageContent), use: content.change)
    table.post("api/v1/content-rules/:project/preview", .key([.admin], .manageContent), use: content.preview)
    table.get("api/v1/media/:id", .key([.read]), use: content.media)
  }
}
