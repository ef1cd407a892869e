import Domain
import Hummingbird

/// What projects keep of their traces.
extension Routes {
  static func samplingPages(_ table: RouteTable, _ backend: Backend) {
    let sampling = SamplingPages(backend: backend)
    table.get("settings/sampling", .permitted(.manageContent), use: sampling.list)
    table.get("settings/sampling/:project", .permitted(.manageContent), use: sampling.project)
    table.post("settings/sampling/:project", .permitted(.manageContent), use: sampling.save)
    table.post("settings/sampling/:project/preview", .permitted(.manageContent), use: sampling.preview)
    table.post("settings/sampling/:project/end", .permitted(.manageContent), use: sampling.end)
    table.post("settings/sampling/:project/noise", .permitted(.manageContent), use: sampling.noise)
  }

  static func samplingAPI(_ table: RouteTable, _ backend: Backend) {
    let sampling = SamplingRoutes(backend: backend)
    table.get("api/v1/sampling/:project", .key([.admin], .manageContent), use: sampling.settings)
    table.put("api/v1/sampling/:project", .key([.admin], .manageContent), use: sampling.save)
    table.post("api/v1/sampling/:project/preview", .key([.admin], .manageContent), use: sampling.preview)
    table.post("api/v1/sampling/:project/end", .key([.admin], .manageContent), use: sampling.end)
    table.put("api/v1/sampling/:project/noise", .key([.admin], .manageContent), use: sampling.noise)
  }
}
