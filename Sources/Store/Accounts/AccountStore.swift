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
