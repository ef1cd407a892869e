import Domain
import Postgres

/// Organisations, teams, projects, keys, end users' groups, and the people who log in.
///
/// Functions that take an `AccessScope` see only its organisation, and only the teams and projects within its reach.
/// The others serve the steps before there is a scope: first start, sign-in, finding the key of a request.
public struct AccountStore: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }
}

/// Why an account could not be changed.
public enum AccountError: Error, Sendable, Hashable {
  case duplicateTeam(name: String)
  case duplicateProject(slug: String)
  /// The public key or the secret is in use already.
  case duplicateKey
  case duplicateMember(email: String)
  /// A team that doesn't exist in the organisation.
  case unknownTeam
  /// A project that doesn't exist or is out of reach.
  case unknownProject
  case unknownTimeZone(String)
  case unknownOrganisation
  /// A name or e-mail that is empty or not in the accepted form.
  case invalid(field: String, accepted: String)
}

extension AccountError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .duplicateTeam(let name): "There is a team \"\(name)\" already. Accepted: a name that no other team has."
    case .duplicateProject(let slug): "There is a project with the slug \"\(slug)\" already. Accepted: one that no other project has."
    case .duplicateKey: "This key pair is in use already. Accepted: one that is not."
    case .duplicateMember(let email): "There is a member \(email) already."
    case .unknownTeam: "There is no such team within reach."
    case .unknownProject: "There is no such project within reach."
    case .unknownTimeZone(let name): "\"\(name)\" is no time zone. Accepted: an IANA name such as Europe/Berlin."
    case .unknownOrganisation: "There is no such organisation."
    case .invalid(let field, let accepted): "\(field) is not in the accepted form: expected \(accepted)."
    }
  }
}

extension AccountError {
  /// A broken constraint as the fact it stands for; any other error as it is.
  static func naming<T>(_ facts: [String: AccountError], _ body: () throws -> T) throws -> T {
    do { return try body() } catch let error as DatabaseError {
      if let fact = error.constraint.flatMap({ facts[$0] }) { throw fact }
      throw error
    }
  }

  /// `text` without surrounding blanks, 1 to `most` characters.
  static func filled(_ text: String, _ field: String, most: Int = 200) throws -> String {
    let trimmed = text.trimmedBlanks
    guard !trimmed.isEmpty, trimmed.count <= most, trimmed.isStorable else {
      throw AccountError.invalid(field: field, accepted: "1 to \(most) characters")
    }
    return trimmed
  }
}

extension String {
  var trimmedBlanks: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}

extension AccessScope {
  /// Condition on a column of project ids.
  func projectCondition(_ column: String) -> SQL {
    switch projects {
    case .all: "true"
    case .only(let ids): "\(unescaped: column) = any(\(ids.sorted()))"
    }
  }

  /// Condition on a column of ids of projects whose traces may be listed.
  func traceCondition(_ column: String) -> SQL {
    switch traces {
    case .all: "true"
    case .only(let ids): "\(unescaped: column) = any(\(ids.sorted()))"
    }
  }

  /// Condition on a column of team ids.
  func teamCondition(_ column: String) -> SQL {
    switch teams {
    case .all: "true"
    case .only(let ids): "\(unescaped: column) = any(\(ids.sorted()))"
    }
  }
}
