import Domain
import Postgres

/// How the whole days of a range that make no whole month are read: a month's sums to date added and taken away, and the
/// days that these leave. Each project by what is summed of it.
///
/// Nothing here has a day that is marked, but for `added` days: whoever reads those leaves marked ones out and reads their
/// hours.
struct CostSpans: Sendable, Hashable {
  /// Days of a project from `from` to before `to`, since 1970-01-01.
  struct Days: Sendable, Hashable {
    var project: ProjectID
    var from: Int32
    var to: Int32
  }

  /// A project's sums from the first of the month to a day.
  struct ToDate: Sendable, Hashable {
    var project: ProjectID
    var day: Int32
  }

  /// The month that the range begins in, and the projects of which all of it is added.
  var headMonth: Int32
  var wholeHeads: [ProjectID] = []
  var added: [Days] = []
  var taken: [Days] = []
  var addedToDate: [ToDate] = []
  var takenToDate: [ToDate] = []

  /// Fewer days of a month's end are read as days.
  private static let headDaysMin: Int32 = 3
  /// Of fewer days, days are quicker.
  static let daysMin: Int32 = 4

  /// nil for a few days or none.
  static func read(_ frame: CostFrame, _ projects: [ProjectID], _ c: Connection) throws -> CostSpans? {
    guard frame.dayFrom < frame.dayTo, frame.dayTo &- frame.dayFrom >= daysMin, !projects.isEmpty else { return nil }
    let (first, end) = (PostgresValue.date(frame.dayFrom), PostgresValue.date(frame.dayTo))
    let tail = PostgresValue.date(max(frame.dayFrom, frame.monthTo))
    let sql: SQL = """
      select p.id, m.first, exists (select from months_to_sum s where s.project_id = p.id and s.month = m.first),
        (select max(day) from sums_to_date t where t.project_id = p.id and t.holds and t.day >= m.first and t.day < \(first)),
        (select max(day) from sums_to_date t where t.project_id = p.id and t.holds and t.day >= \(tail) and t.day < \(end))
      from unnest(\(projects)) p(id) cross join (select date_trunc('month', \(first)::timestamp)::date as first) m
      """
    let found = try c.query(sql.named("CostSpans")) { row in
      Summed(
        project: try row.id(0), headMonth: try row.dateDays(1), headIsMarked: try row.bool(2),
        head: try row.isNull(3) ? nil : row.dateDays(3), tail: try row.isNull(4) ? nil : row.dateDays(4))
    }
    guard let headMonth = found.first?.headMonth else { return nil }
    var spans = CostSpans(headMonth: headMonth)
    for project in found { spans.add(project, frame) }
    return spans
  }

  /// What is summed of a project.
  struct Summed: Sendable {
    var project: ProjectID
    var headMonth: Int32
    var headIsMarked: Bool
    /// Latest day that holds before the range, in its first month, and in the range, in its last.
    var head: Int32?
    var tail: Int32?
  }

  mutating func add(_ project: Summed, _ frame: CostFrame) {
    if frame.monthFrom > frame.monthTo {
      guard project.tail != nil else { return addDays(project.project, frame.dayFrom, frame.dayTo) }
      addTail(project, from: frame.dayFrom, to: frame.dayTo)
      take(project, to: frame.dayFrom)
    } else {
      addTail(project, from: max(frame.dayFrom, frame.monthTo), to: frame.dayTo)
      addHead(project, from: frame.dayFrom, to: frame.monthFrom)
    }
  }

  /// From the beginning of a month on, or in the month that `take` takes the beginning from.
  private mutating func addTail(_ project: Summed, from: Int32, to: Int32) {
    guard let day = project.tail else { return addDays(project.project, from, to) }
    addedToDate.append(ToDate(project: project.project, day: day))
    addDays(project.project, day + 1, to)
  }

  /// To the end of its month.
  private mutating func addHead(_ project: Summed, from: Int32, to: Int32) {
    guard !project.headIsMarked, project.head != nil, to - from >= Self.headDaysMin else {
      return addDays(project.project, from, to)
    }
    wholeHeads.append(project.project)
    take(project, to: from)
  }

  /// Takes away what is in the first month before the range.
  private mutating func take(_ project: Summed, to: Int32) {
    var from = headMonth
    if let day = project.head {
      takenToDate.append(ToDate(project: project.project, day: day))
      from = day + 1
    }
    if from < to { taken.append(Days(project: project.project, from: from, to: to)) }
  }

  private mutating func addDays(_ project: ProjectID, _ from: Int32, _ to: Int32) {
    if from < to { added.append(Days(project: project, from: from, to: to)) }
  }
}

extension [CostSpans.Days] {
  /// Rows of `table` of these days.
  func relation(_ table: CostSource) -> SQL {
    """
    (select d.* from unnest(\(map(\.project)), \(PostgresValue.dates(map(\.from))), \(PostgresValue.dates(map(\.to))))
        t(project_id, first, after)
      cross join lateral (select * from \(unescaped: table.rawValue) d
        where d.project_id = t.project_id and d.day >= t.first and d.day < t.after offset 0) d) days
    """
  }
}

extension [CostSpans.ToDate] {
  /// Rows of `table` of these days.
  func relation(_ table: CostSource) -> SQL {
    """
    (select d.* from unnest(\(map(\.project)), \(PostgresValue.dates(map(\.day)))) t(project_id, day)
      cross join lateral (select * from \(unescaped: table.rawValue) d
        where d.project_id = t.project_id and d.day = t.day offset 0) d) to_date
    """
  }
}
