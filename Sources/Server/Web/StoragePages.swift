import Domain
import Foundation
import Hummingbird
import Pages
import Store

/// What lies on the disk, and how long payloads of each project are kept.
struct StoragePages {
  let backend: Backend

  func show(_ request: Request, _ context: Context) async throws -> Response {
    .page(.ok, try await page(try WorkParts(request, context, backend)).render())
  }

  func change(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    do {
      guard let project = try form.id("project", as: ProjectID.self) else { throw Failure.badRequest("name a project") }
      if form.text("do") == "move" {
        try await backend.payloadClasses.move(project, scope: parts.scope, by: parts.actor)
      } else {
        try await backend.payloadClasses.choose(
          try Self.days(form.typed("days")), installation: backend.settings.payloadDays, for: project, scope: parts.scope, by: parts.actor)
      }
      return .seeOther(Route.storage)
    } catch {
      return .page(.badRequest, try await page(parts, problem: try PriceParts.sentence(error)).render())
    }
  }

  private func page(_ parts: WorkParts, problem: String? = nil) async throws -> StoragePage {
    StoragePage(
      work: parts.frame(problem, at: Route.storage, changing: .manageData), report: try await backend.storage.report(scope: parts.scope),
      moves: try await backend.payloadClasses.moves(scope: parts.scope), installationDays: backend.settings.payloadDays,
      budgetBytes: backend.settings.diskBudgetBytes, freeBytes: freeBytes)
  }

  /// Of the private cluster's disk; a database elsewhere is on a disk that is not seen from here.
  private var freeBytes: Int64? {
    guard backend.cluster != nil || backend.settings.databaseURL == nil else { return nil }
    let values = try? FileManager.default.attributesOfFileSystem(forPath: backend.settings.dataFolder)
    return (values?[.systemFreeSize] as? NSNumber)?.int64Value
  }

  /// nil: as the installation.
  private static func days(_ text: String) throws -> RetentionClass? {
    if text.isEmpty { return nil }
    guard let days = Int16(text).flatMap(RetentionClass.init(rawValue:)) else {
      throw Failure.badRequest("days is \"\(text)\": expected 7, 30, 90 or 400, or nothing")
    }
    return days
  }
}
