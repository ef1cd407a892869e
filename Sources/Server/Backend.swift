import Domain
import Ingest
import Logging
import Postgres
import Pricing
import Store

/// What the routes and background services share: one value, built once at start.
struct Backend: Sendable {
  let settings: Settings
  let logger: Logger
  /// Address that people and SDKs use, without a slash at the end.
  let baseURL: String
  let pool: ConnectionPool
  let accounts: AccountStore
  let keys: KeyAuthenticator
  let admission: Admission
  let bodies: BodyReader
  let prices: PriceBook
  let directory: DirectoryCache
  let pipeline: IngestPipeline
  let requests: RequestLog
  let counters = Counters()
  let reports: CostReports
  let traces: TraceReader
  let fold: Fold
  let partitions: Partitions
  let assets: AssetFiles

  init(settings: Settings, database: Database, baseURL: String, logger: Logger) throws {
    self.settings = settings
    self.logger = logger
    self.baseURL = baseURL
    pool = database.pool
    accounts = AccountStore(pool: pool)
    keys = KeyAuthenticator(accounts)
    admission = Admission(limitBytes: settings.inFlightMaxBytes)
    bodies = BodyReader(admission: admission, maxBytes: settings.requestMaxBytes)
    prices = PriceBook(catalogue: try PriceCatalogue.bundled())
    directory = DirectoryCache(accounts)
    partitions = Partitions(pool: pool)
    let door = ObservationDoor(pool: pool, partitions: partitions)
    pipeline = IngestPipeline(commits: GroupCommit(door: door), prices: prices, directory: directory)
    requests = RequestLog(pool: pool, logger: logger)
    reports = CostReports(pool: pool)
    traces = TraceReader(pool: pool)
    fold = Fold(pool: pool)
    assets = AssetFiles(folder: settings.publicFolder)
  }

  /// What the service waits for before it can take traces; nil when ready.
  func waitsFor() async -> String? {
    do {
      _ = try await accounts.isEmpty()
      return nil
    } catch {
      return "the database"
    }
  }
}
