import Domain

/// A list of users and their groups: comma, semicolon or tab between the columns, quotes as in RFC 4180, with or without a byte order
/// mark.
struct UserGroupList {
  static let linesMax = 200_000
  static let columnsMax = 100
  static let problemsMax = 1000

  private(set) var members: [(user: String, group: String)] = []
  private(set) var problems: [LineProblem] = []
  private(set) var problemCount = 0

  init(_ text: [UInt8]) throws {
    var bytes = text[...]
    let lines = bytes.count { $0 == 10 } + (bytes.last == 10 ? 0 : 1)
    if lines > Self.linesMax + 1 { throw Self.tooLong("\(lines - 1)") }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    var records = Records(bytes: bytes, separator: Self.separator(bytes))
    guard let first = records.next(), first.problem == nil, case let header = first.fields.map({ $0.lowercased() }),
      let user = header.firstIndex(where: { ["user", "user_id", "userid"].contains($0) }),
      let group = header.firstIndex(where: { ["group", "user_group", "group_name", "usergroup"].contains($0) })
    else { throw StructureError.invalid(field: "list", accepted: "a first line that names the columns user and group") }
    var lineOfUser: [String: Int] = [:]
    while let record = records.next() {
      if record.line > Self.linesMax + 1 { throw Self.tooLong("more") }
      if record.problem == nil, record.fields.allSatisfy(\.isEmpty) { continue }
      if let problem = record.problem ?? take(record, user, group, header.count, &lineOfUser) {
        problemCount += 1
        if problems.count < Self.problemsMax { problems.append(LineProblem(line: record.line, message: problem)) }
      }
    }
  }

  private static func tooLong(_ lines: String) -> StructureError {
    .invalid(field: "list", accepted: "at most \(linesMax) lines after the first; this one has \(lines)")
  }

  /// What is wrong with the line.
  private mutating func take(
    _ record: Records.Record, _ user: Int, _ group: Int, _ columns: Int, _ lineOfUser: inout [String: Int]
  ) -> String? {
    guard record.fields.count == columns else { return "it has \(record.fields.count) columns, the first line \(columns)" }
    let (id, name) = (record.fields[user], record.fields[group])
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
        let field = field(&record)
        if record.fields.count < UserGroupList.columnsMax {
          record.fields.append(field)
        } else {
          record.problem = "it has more than \(UserGroupList.columnsMax) columns"
        }
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
      let plain = rest.prefix { $0 != separator && $0 != 10 && $0 != 13 }
      text += plain
      rest = rest[plain.endIndex...]
      if let string = String(validating: text.trimmedBlanks, as: UTF8.self) { return string.trimmedRest }
      record.problem = "it is not UTF-8"
      return ""
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

extension [UInt8] {
  /// Without blanks of ASCII at the ends.
  fileprivate var trimmedBlanks: ArraySlice<UInt8> {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 9 || $0 == 10 || $0 == 13 }
    let start = drop(while: isBlank)
    return start[..<((start.lastIndex { !isBlank($0) }).map { $0 + 1 } ?? start.startIndex)]
  }
}

extension String {
  /// Only other blanks are worth the search.
  fileprivate var trimmedRest: String { utf8.allSatisfy { $0 < 0x80 } ? self : trimmedBlanks }
}
