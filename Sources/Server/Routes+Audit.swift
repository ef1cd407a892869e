import Domain

/// Who did what.
extension Routes {
  static func audit(_ table: RouteTable, _ backend: Backend) {
    let audit = AuditPages(backend: backend)
    table.get("settings/audit", .permitted(.readAudit), use: audit.list)
    table.get("settings/audit/file", .permitted(.readAudit), use: audit.file)
  }

  static func auditAPI(_ table: RouteTable, _ backend: Backend) {
    let audit = AuditRoutes(backend: backend)
    table.get("api/v1/audit", .key([.admin], .readAudit), use: audit.list)
    table.get("api/v1/audit/head", .key([.admin], .readAudit), use: audit.head)
  }
}
