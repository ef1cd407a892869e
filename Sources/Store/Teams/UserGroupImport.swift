import Domain
import Postgres

/// A line of an uploaded list that could not be taken.
public struct LineProblem: Sendable, Hashable {
  /// From 1, the header included.
  public var line: Int
  public var message: String
}

/// What became of an uploaded list of members.
public struct GroupImport: Sendable, Hashable {
  /// Users that were in no group or in another.
  public var changed = 0
  /// Users that were where the list says.
  public var unchanged = 0
  /// Names of groups that the list made.
  public var created: [String] = []
  /// Lines that were not taken; nothing else was lost by them. At most `UserGroupList.problemsMax` are told.
  public var problems: [LineProblem] = []
  public var problemCount = 0
}

extension UserGroupStore {
  /// Puts users into groups by a list with the columns `user` and `group`, making groups that are new. Users who are not in the list stay
  /// where they are. *Errors:* `StructureError` for a list without that header, or with more than `UserGroupList.linesMax` lines.
  public func importList(_ text: String, scope: AccessScope, by actor: String) async throws -> GroupImport {
    let list = try UserGroupList(text)
    return try await pool.transaction { c in
      let change = try StructureChange(scope, actor, c)
      var result = GroupImport(problems: list.problems, problemCount: list.problemCount)
      let known: SQL = "select name, id from user_groups where organisation_id = \(scope.organisation) and removed_at is null"
      var groups: [String: UserGroupID] = [:]
      try c.stream(known) { row in groups[try row.string(0)] = try row.id(1, as: UserGroupID.self) }
      var members: [(user: String, group: UserGroupID)] = []
      for (user, name) in list.members {
        let group: UserGroupID
        if let id = groups[name] {
          group = id
        } else {
          group = try Self.insert(name, nil, change).id
          groups[name] = group
          result.created.append(name)
        }
        members.append((user, group))
      }
      result.changed = try Self.put(members, change)
      result.unchanged = members.count - result.changed
      let detail: SQL = """
        jsonb_build_object('users', \(Int64(members.count))::bigint, 'changed', \(Int64(result.changed))::bigint,
          'lines_refused', \(Int64(result.problemCount))::bigint)
        """
      try change.audit("user group members imported", "user groups", detail: detail)
      return result
    }
  }
}

/// A list of users and their groups: comma, semicolon or tab between the columns, quotes as in RFC 4180, with or without a byte order
/// mark.
struct UserGroupList {
  static let linesMax = 1_000_000
  static let problemsMax = 1000

  private(set) var members: [(user: String, group: String)] = []
  private(set) var problems: [LineProblem] = []
  private(set) var problemCount = 0

  init(_ text: String) throws {
    var bytes = Array(text.utf8)[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    var records = Records(bytes: bytes, separator: Self.separator(bytes))
    guard let header = records.next()?.fields.map({ $0.trimmedBlanks.lowercased() }),
      let user = header.firstIndex(where: { ["user", "user_id", "userid"].contains($0) }),
      let group = header.firstIndex(where: { ["group", "user_group", "group_name", "usergroup"].contains($0) })
    else { throw StructureError.invalid(field: "list", accepted: "a first line that names the columns user and group") }
    var lineOfUser: [String: Int] = [:]
    while let record = records.next() {
      if record.line > Self.linesMax { throw StructureError.invalid(field: "list", accepted: "at most \(Self.linesMax) lines") }
      if record.fields.allSatisfy({ $0.trimmedBlanks.isEmpty }) { continue }
      if let problem = record.problem ?? take(record, user, group, header.count, &lineOfUser) {
        problemCount += 1
        if problems.count < Self.problemsMax { problems.append(LineProblem(line: record.line, message: problem)) }
      }
    }
  }

  /// What is wrong with the line.
  private mutating func take(
    _ record: Records.Record, _ user: Int, _ group: Int, _ columns: Int, _ lineOfUser: inout [String: Int]
  ) -> String? {
    guard record.fields.count == columns else { return "it has \(record.fields.count) columns, the first line \(columns)" }
    let (id, name) = (record.fields[user].trimmedBlanks, record.fields[group].trimmedBlanks)
    guard !id.isEmpty, id.utf8.count <= UserGroupStore.userBytesMax, id.isStorable else {
      return "the user is empty or longer than \(UserGroupStore.userBytesMax) bytes"
    }
    guard !name.isEmpty, name.utf8.count <= 200, name.isStorable else { return "the group is empty or longer than 200 bytes" }
    if let first = lineOfUser[id] { return "user \(id) is in line \(first) already, and is in one group only" }
    lineOfUser[id] = record.line
    members.append((id, name))
    return nil
  }

  /// Of the first line: whichever it has most of.
  private static func separator(_ bytes: ArraySlice<UInt8>) -> UInt8 {
    let line = bytes.prefix { $0 != 10 && $0 != 13 }
    let candidates: [UInt8] = [44, 59, 9]
    func count(_ byte: UInt8) -> Int { line.count { $0 == byte } }
    return candidates.max { count($0) < count($1) } ?? 44
  }

  /// Records one after the other.
  struct Records {
    struct Record {
      var line: Int
      var fields: [String] = []
      var problem: String?
    }
    private var rest: ArraySlice<UInt8>
    private let separator: UInt8
    private var line = 1

    init(bytes: ArraySlice<UInt8>, separator: UInt8) {
      rest = bytes
      self.separator = separator
    }

    mutating func next() -> Record? {
      if rest.isEmpty { return nil }
      var record = Record(line: line)
      while true {
        record.fields.append(field(&record))
        guard let byte = rest.popFirst() else { break }
        if byte == separator { continue }
        if byte == 13, rest.first == 10 { rest.removeFirst() }
        line += 1
        break
      }
      return record
    }

    /// Up to the separator or the end of the line.
    private mutating func field(_ record: inout Record) -> String {
      var text: [UInt8] = []
      if rest.first == 34 {
        rest.removeFirst()
        quoted(&text, &record)
      }
      while let byte = rest.first, byte != separator, byte != 10, byte != 13 {
        text.append(byte)
        rest.removeFirst()
      }
      return String(decoding: text, as: UTF8.self)
    }

    /// A quote that nothing ends is taken for one that ends with its line, so that it costs no other.
    private mutating func quoted(_ text: inout [UInt8], _ record: inout Record) {
      let start = rest
      let startLine = line
      while let byte = rest.popFirst() {
        if byte == 34 {
          guard rest.first == 34 else { return }
          rest.removeFirst()
        } else if byte == 10 {
          line += 1
        }
        text.append(byte)
      }
      rest = start
      line = startLine
      text = []
      record.problem = "a quote is opened and not closed"
    }
  }
}
