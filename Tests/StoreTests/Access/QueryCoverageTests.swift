import Foundation
import Testing

/// A new question to the store has to be asked by every kind of reader too.
@Suite struct QueryCoverageTests {
  private static let folders = ["Connect", "Costs", "Exports", "Reports", "Search", "Traces", "Users"]

  /// Asked with a scope, and where by every reader: in `TraceAccessTests` or `MoneyAccessTests`.
  private static let asked: Set<String> = [
    "AllocationReports.ownLinesNow", "AllocationReports.run", "AllocationReports+Charges.charges", "CostReports.run", "Exports.begin",
    "Exports.find", "Exports.list", "Exports.remove", "ObservationQuery.bodies", "ObservationQuery.run", "ObservationQuery.traceBodies",
    "PoolStore.list", "RequestList.run", "Statements.list", "Statements+Bridge.bridge", "Statements+Close.close", "TraceDetailQuery.find",
    "TraceDetailQuery.run", "TraceList.run", "TraceSearch.run", "UnpricedReport.run", "UserReport.run", "VisibleCalls.visible",
  ]

  /// With a scope, each with why no reader of it is asked here.
  private static let known: [String: String] = [
    "Exports.chunk": "the condition of find, in a subquery",
    "PoolStore.save": "refused to whoever does not see all money, in the one check that it shares with end",
    "PoolStore.end": "as save",
    "Statements.find": "made by the function that list uses",
    "Statements.setLateHours": "refused to whoever does not see all money",
    "Statements.lateHours": "a setting, no money",
    "Statements.verify": "whether a hash holds",
    "Statements.canonicalText": "refused to whoever does not see all money",
    "Statements+Bridge.correctionsWaiting": "nothing for whoever does not see all money",
  ]

  /// Of the service itself: no reader stands behind them.
  private static let service: Set<String> = [
    "Exports.removeOld", "Exports+Work.work", "ExportSink.write", "RequestList.removeOld", "RequestLog.record", "RequestLog.run",
    "RequestLog.flush", "UnpricedCalls.lastHours",
  ]

  private static func functions() throws -> [(name: String, hasScope: Bool)] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/Store")
    return try folders.flatMap { folder in
      try FileManager.default.contentsOfDirectory(at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil).flatMap { file in
        let text = try String(contentsOf: file, encoding: .utf8)
        return text.components(separatedBy: "public func ").dropFirst().map { rest in
          let signature = rest.prefix { $0 != "{" }
          let name = file.deletingPathExtension().lastPathComponent + "." + signature.prefix { $0 != "(" && $0 != "<" }
          return (name, signature.contains("scope: AccessScope"))
        }
      }
    }
  }

  @Test func everyQuestionIsAskedByEveryReader() throws {
    let found = try Self.functions()
    #expect(found.count > 25)
    for (name, hasScope) in found {
      #expect(
        hasScope ? Self.asked.contains(name) || Self.known[name] != nil : Self.service.contains(name),
        "\(name) takes \(hasScope ? "a scope and has no row in the tests of this folder" : "no scope and is not known as the service's own")")
    }
    let names = Set(found.map(\.name))
    #expect(Self.asked.union(Self.known.keys).subtracting(names).isEmpty)
  }
}
