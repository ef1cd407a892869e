import Domain
import Postgres

/// A file to be made.
public struct ExportRequest: Sendable, Hashable {
  /// What is asked, in the form of a query string: whoever makes the file reads it again.
  public var question: String
  public var fileName: String
  public var mediaType: String
  /// Days that it is about, for the progress.
  public var days: Int

  public init(question: String, fileName: String, mediaType: String, days: Int) {
    self.question = question
    self.fileName = fileName
    self.mediaType = mediaType
    self.days = days
  }
}

/// A file that was asked for, and how far it is.
public struct Export: Sendable, Hashable {
  public enum State: String, Sendable, Hashable { case waiting, running, finished, failed }

  public var id: ExportID
  public var organisation: OrganisationID
  public var question: String
  public var fileName: String
  public var mediaType: String
  /// Of who asked: the file holds no more.
  public var scope: AccessScope
  public var createdAt: Timestamp
  public var createdBy: String
  public var attempts: Int16
  public var daysTotal: Int
  public var daysDone: Int
  public var rows: Int64
  public var bytes: Int64
  public var chunks: Int32
  public var finishedAt: Timestamp?
  public var failure: String?

  public var state: State {
    if failure != nil { return .failed }
    if finishedAt != nil { return .finished }
    return attempts > 0 ? .running : .waiting
  }
  /// From then on it is gone.
  public var keptUntil: Timestamp { createdAt.adding(seconds: Self.keptSeconds) }
  static let keptSeconds: Int64 = 7 * 86_400
}

/// Why a file can't be asked for now, and what can.
public struct ExportRefusal: Error, Sendable, Hashable {
  public var message: String
}

extension Export {
  static let select: SQL = """
    select id, organisation_id, question, file_name, media_type, project_ids, team_ids, created_at, created_by, attempts,
      days_total, days_done, rows_done, bytes_done, chunks, finished_at, failed, trace_project_ids, content_project_ids, users
    from exports
    """

  init(row: Row) throws {
    let organisation: OrganisationID = try row.id(1)
    self.init(
      id: try row.id(0), organisation: organisation, question: try row.string(2), fileName: try row.string(3),
      mediaType: try row.string(4),
      scope: AccessScope(
        organisation: organisation, teams: .stored(try row.int32sOrNil(6)), projects: .stored(try row.int32sOrNil(5)),
        traces: .stored(try row.int32sOrNil(17)), content: .stored(try row.int32sOrNil(18)),
        users: AccessScope.UserNaming(rawValue: try row.string(19)) ?? .hidden),
      createdAt: try row.timestamp(7), createdBy: try row.string(8), attempts: try row.int16(9), daysTotal: try row.int(10),
      daysDone: try row.int(11), rows: try row.int64(12), bytes: try row.int64(13), chunks: try row.int32(14),
      finishedAt: try row.timestampOrNil(15), failure: try row.stringOrNil(16))
    // Files are of money; where users of traces are named is not kept with them.
    scope.usersNamed = .none
  }
}

extension AccessScope {
  /// Files that hold no more than this reader may see: they are of money, and may name users.
  var exportCondition: SQL {
    let mayProjects: SQL =
      switch projects {
      case .all: "true"
      case .only(let ids): "project_ids <@ \(ids.map(\.rawValue).sorted())"
      }
    let mayTeams: SQL =
      switch teams {
      // The money of teams lies in other projects too.
      case .all: projects == .all ? "true" : "team_ids is null"
      case .only(let ids): "team_ids <@ \(ids.map(\.rawValue).sorted())"
      }
    let mayUsers: [AccessScope.UserNaming] =
      switch users {
      case .shown: [.shown, .pseudonyms, .hidden]
      case .pseudonyms: [.pseudonyms, .hidden]
      case .hidden: [.hidden]
      }
    return "organisation_id = \(organisation) and \(mayProjects) and \(mayTeams) and users = any(\(mayUsers.map(\.rawValue)))"
  }
}

extension AccessScope.Reach where ID: RowID {
  /// For a column where NULL is all.
  var stored: [Int32]? {
    switch self {
    case .all: nil
    case .only(let ids): ids.map(\.rawValue).sorted()
    }
  }

  static func stored(_ ids: [Int32]?) -> Self { ids.map { .only(Set($0.map { ID($0) })) } ?? .all }
}

extension ExportID: PostgresEncodable {}
