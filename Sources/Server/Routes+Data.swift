import Domain
import Hummingbird

/// How long what is kept, and the data of end users.
extension Routes {
  static func data(_ table: RouteTable, _ backend: Backend) {
    let storage = StoragePages(backend: backend), erasures = ErasurePages(backend: backend)
    table.get("settings/storage", .permitted(.manageData), use: storage.show)
    table.post("settings/storage", .permitted(.manageData), use: storage.change)
    table.get("settings/users-data", .permitted(.manageData), use: erasures.list)
    table.post("settings/users-data", .permitted(.manageData), use: erasures.begin)
    table.get("settings/users-data/export", .permitted(.manageData), use: erasures.export)
    table.get("settings/users-data/:erasure/receipt", .permitted(.manageData), use: erasures.receipt)
  }
}
