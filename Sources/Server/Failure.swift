import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Postgres
import Store
import Wire

/// What a handler throws when a request can't be served: the fact, for people, without a protocol's form. The form is given by the
/// route's `ErrorFormMiddleware`.
struct Failure: Error {
  var status: HTTPResponse.Status
  /// Machine-readable, snake_case.
  var code: String
  var message: String
  var retryAfterSeconds: Int?

  init(_ status: HTTPResponse.Status, _ code: String, _ message: String, retryAfterSeconds: Int? = nil) {
    self.status = status
    self.code = code
    self.message = message
    self.retryAfterSeconds = retryAfterSeconds
  }

  /// Code of what a member's role has no access to, whatever is there.
  static let closedDoor = "not_open"
  /// Code of what is closed to the maker of a key.
  static let makersDoor = "not_open_to_maker"

  static func badRequest(_ message: String) -> Failure { Failure(.badRequest, "bad_request", message) }
  static func forbidden(_ message: String) -> Failure { Failure(.forbidden, "forbidden", message) }
  static func notFound(_ message: String) -> Failure { Failure(.notFound, "not_found", message) }
  static func unauthorized(_ message: String) -> Failure { Failure(.unauthorized, "unauthorized", message) }
  static func tooLarge(_ message: String) -> Failure { Failure(.contentTooLarge, "too_large", message) }
  /// SDKs keep a batch on 503 and drop it on 500, so whatever a retry would cure comes here.
  static func busy(_ message: String, retryAfterSeconds: Int = 2) -> Failure {
    Failure(.serviceUnavailable, "unavailable", message, retryAfterSeconds: retryAfterSeconds)
  }

  /// The one place where inner errors get a status and a public message.
  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as WireError: self = error.kind == .tooLarge ? .tooLarge(error.message) : .badRequest(error.message)
    case let error as CostQueryRefusal: self = Failure(.badRequest, "not_answerable", error.message)
    case let error as AccountError: self = .badRequest(error.description)
    case let error as SamplingRefusal: self = .notFound(error.description)
    case let error as ReattributionRefusal: self = Failure(.conflict, "not_accepted", error.message)
    case let error as ExportRefusal: self = Failure(.conflict, "not_accepted", error.message)
    case let error as StatementRefusal: self = Failure(.conflict, "not_accepted", error.message)
    case let error as RepricingRefusal: self = Failure(.conflict, "not_accepted", error.message)
    case let error as PriceStoreError:
      if case .unknownEntry = error { self = .notFound(error.description) } else { self = .badRequest(error.description) }
    case let error as StructureError:
      self =
        switch error {
        case .unknown: .notFound(error.description)
        case .conflict: Failure(.conflict, "not_accepted", error.description)
        case .invalid: .badRequest(error.description)
        }
    case let error as StaleDecision: self = .busy(error.description)
    case let error as DatabaseError where error.isUnableToWrite:
      self = .busy("waiting for \(WriteHealth.problem(error)); nothing was stored, please send again", retryAfterSeconds: 10)
    case let error as DatabaseError where error.isTransient || error.isTimeout:
      self = .busy("the database did not answer in time; nothing was stored, please send again")
    // A fault of ours or of the database's setup. Still 503: SDKs keep the batch, and it is there when the fault is mended.
    case is DatabaseError:
      self = Failure(.serviceUnavailable, "database_error", "the database refused a statement; nothing was stored", retryAfterSeconds: 30)
    case is UnknownProject: self = .unauthorized("the project of this key is gone")
    case is DatabaseBusy, is TraceContention: self = .busy("the database is busy; nothing was stored, please send again")
    case is CancellationError: self = .busy("the service is stopping; nothing was stored, please send again", retryAfterSeconds: 1)
    // The sender went away or broke its own framing.
    case is HTTPParserError, is ChannelError: self = Failure(.badRequest, "incomplete", "the request did not arrive whole")
    case let error as HTTPError: self = Failure(error.status, "http_\(error.status.code)", error.body ?? error.status.reasonPhrase)
    default: self = Failure(.internalServerError, "internal", "something went wrong here; the request id leads to the log")
    }
  }

  /// Worth a line at error level.
  var isOurFault: Bool { status.code >= 500 && (status != .serviceUnavailable || code == "database_error") }
}
