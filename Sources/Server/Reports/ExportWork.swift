import Domain
import HTTPTypes
import Store

extension Backend {
  /// Asks for a file that is made in the background. *Errors:* `CostQueryRefusal` (before anything is stored), `ExportRefusal`.
  func beginExport(_ question: ReportQuestion, text: String, scope: AccessScope, by actor: String, organisation: Organisation) async throws
    -> Export
  {
    // Refused now rather than later.
    var request = question.request
    request.breakdown = []
    let period = try await allocations.run(request, scope: scope, organisation: organisation).period
    // Days have 23 to 25 hours.
    let days = Int(clamping: (period.range.durationMicroseconds + 43_200_000_000) / 86_400_000_000)
    return try await exports.begin(
      ExportRequest(question: text, fileName: question.fileName, mediaType: question.mediaType, days: days), scope: scope, by: actor)
  }

  /// Makes the files that wait.
  func makeExports() async throws {
    let files = ReportFiles(reports: allocations)
    while try await exports.work(describe: Self.exportFailure, { export, sink in
      guard let organisation = try await accounts.organisation(export.organisation) else {
        throw Failure.notFound("the organisation is gone")
      }
      let question = try ReportQuestion(
        QueryParameters(export.question), declared: try await declaredKeys.list(scope: export.scope), standard: .focus)
      try await files.write(question, scope: export.scope, organisation: organisation) { bytes, rows, day in
        try Task.checkCancellation()
        try await sink.write(bytes, rows: rows, day: day)
      }
    }) {}
  }

  /// nil for what trying again may cure.
  private static func exportFailure(_ error: any Error) -> String? {
    let failure = Failure(error)
    return failure.status == .serviceUnavailable ? nil : failure.message
  }
}
