import Domain
import Exports
import Foundation
import HTTPTypes
import Store

/// Reports and monthly statements from the command line, beside a running service or alone.
extension Commands {
  /// What `quipu report allocation` is asked; texts as in the API.
  public struct ReportOptions: Sendable {
    public var month: String?
    public var from: String?
    public var to: String?
    public var format: String
    public var view: String?
    public var breakdown: String?
    /// "team=Search", as in the API.
    public var filters: [String]
    public var separator: String?
    public var decimal: String?
    public var hasByteOrderMark: Bool

    public init(
      month: String?, from: String?, to: String?, format: String, view: String?, breakdown: String?, filters: [String],
      separator: String?, decimal: String?, hasByteOrderMark: Bool
    ) {
      self.month = month
      self.from = from
      self.to = to
      self.format = format
      self.view = view
      self.breakdown = breakdown
      self.filters = filters
      self.separator = separator
      self.decimal = decimal
      self.hasByteOrderMark = hasByteOrderMark
    }

    func question(_ declared: [DeclaredKey]) throws -> ReportQuestion {
      let named: [(String, String?)] = [
        ("month", month), ("from", from), ("to", to), ("format", format), ("view", view), ("breakdown", breakdown),
        ("separator", separator), ("decimal", decimal), ("bom", hasByteOrderMark ? "1" : nil),
      ]
      let kept = try filters.map { text in
        guard let equals = text.firstIndex(of: "="), let dimension = CostNames(declared).dimension(String(text[..<equals])) else {
          let known = CostNames(declared).accepted.joined(separator: ", ")
          throw Stop("--filter is \"\(text)\": expected a dimension and a value such as team=Search; dimensions are \(known)")
        }
        return (name: dimension.rawValue, value: String(text[text.index(after: equals)...]))
      }
      return try ReportQuestion(
        QueryParameters(named.compactMap { name, value in value.map { (name: name, value: $0) } } + kept), declared: declared)
    }
  }

  /// To `output`, or to standard output; of any size, piece by piece.
  public static func writeReport(_ options: ReportOptions, to output: String?) async throws {
    try await withReports { backend, organisation, scope in
      let question = try options.question(try await backend.declaredKeys.list(scope: scope))
      let files = ReportFiles(reports: backend.allocations)
      guard let output else {
        try await files.write(question, scope: scope, organisation: organisation) { bytes, _, _ in
          try FileHandle.standardOutput.write(contentsOf: Data(bytes))
        }
        return
      }
      let path = absolute(output)
      // What is there stays until the new one is whole.
      let unfinished = path + ".part"
      guard FileManager.default.createFile(atPath: unfinished, contents: nil), let handle = FileHandle(forWritingAtPath: unfinished) else {
        throw Stop("\(output) can't be written (Quipu works as the user \(NSUserName()))")
      }
      do {
        try await files.write(question, scope: scope, organisation: organisation) { bytes, _, _ in try handle.write(contentsOf: Data(bytes)) }
        try handle.close()
      } catch {
        try? FileManager.default.removeItem(atPath: unfinished)
        throw error
      }
      guard rename(unfinished, path) == 0 else { throw Stop("\(output) can't be written") }
      Terminal.say("report        \(path)")
    }
  }

  public static func closeMonth(_ month: String, comment: String) async throws {
    try await withReports { backend, organisation, scope in
      while try await backend.fold.run() > 0 {}
      let closed = try await backend.statements.close(month, comment: comment, by: "command line", scope: scope, organisation: organisation)
      Terminal.say(line(closed))
    }
  }

  public static func listStatements() async throws {
    try await withReports { backend, organisation, scope in
      let statements = try await backend.statements.list(scope: scope, organisation: organisation)
      for statement in statements { Terminal.say(line(statement)) }
      if statements.isEmpty { Terminal.say("there are no months with calls yet") }
    }
  }

  private static func line(_ statement: Statement) -> String {
    var words = ["\(statement.period.month ?? statement.period.firstDay)", statement.state.rawValue]
    if let total = statement.total { words.append("\(Decimals.cents(total)) USD") }
    if let at = statement.closedAt { words.append("closed \(ISOTime.text(at)) by \(statement.closedBy ?? "unknown")") }
    if let sum = statement.sha256 { words.append("sha256 \(sum)") }
    if statement.state == .open || statement.state == .closing { words.append("can be closed from \(ISOTime.text(statement.closableFrom))") }
    if let comment = statement.comment, !comment.isEmpty { words.append(comment) }
    return words.joined(separator: "  ")
  }

  private static func withReports(_ work: @escaping @Sendable (Backend, Organisation, AccessScope) async throws -> Void) async throws {
    try await withDatabase(migrates: true) { database, settings, logger in
      let backend = try Backend(settings: settings, database: database, baseURL: settings.baseURL ?? "", logger: logger)
      let scope = try await everything(backend.accounts)
      guard let organisation = try await backend.accounts.organisation(scope.organisation) else { return }
      do { try await work(backend, organisation, scope) } catch let error as Stop { throw error } catch {
        let failure = Failure(error)
        throw failure.status.code < 500 ? Stop(failure.message) : error
      }
    }
  }
}
