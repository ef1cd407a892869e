import Domain
import Ingest
import Logging
import NIOConcurrencyHelpers
import Postgres
import Pricing
import Store

/// What the routes and background services share: one value, built once at start.
struct Backend: Sendable {
  let settings: Settings
  let logger: Logger
  /// Address that people and SDKs use, with the base path and without a slash at the end.
  var baseURL: String { PublicAddress.current?.text ?? shownURL }
  private let shownURL: String
  let pool: ConnectionPool
  /// The private PostgreSQL, when this process runs it.
  let cluster: EmbeddedCluster?
  let accounts: AccountStore
  let keys: KeyAuthenticator
  let keyUses: KeyUses
  let admission: Admission
  let bodies: BodyReader
  let prices: PriceBookCache
  let priceStore: PriceStore
  let repricings: Repricings
  let teams: TeamStore
  let rules: RuleStore
  let declaredKeys: DeclaredKeyStore
  let userGroups: UserGroupStore
  let reattributions: Reattributions
  let directory: DirectoryCache
  let contentRules: ContentStore
  let media: MediaStore
  let sampling: SamplingStore
  let samplingReports: SamplingReports
  let content: ContentFilters
  let pipeline: IngestPipeline
  let requests: RequestLog
  let counters = Counters()
  let writes: WriteHealth
  let readiness = Readiness()
  let reports: CostReports
  let allocations: AllocationReports
  let statements: Statements
  let pools: PoolStore
  let exports: Exports
  let audit: AuditLog
  let storage: Storage
  let payloadClasses: PayloadClasses
  let erasures: Erasures
  let traces: TraceReader
  let fold: Fold
  let settling: SettleQueue
  let partitions: Partitions
  let assets: AssetFiles
  /// nil when no mail server is set.
  let mailer: Mailer?
  let signIns: SignInStore
  let members: MemberStore
  let identityProviders: OIDCClient

  init(settings: Settings, database: Database, baseURL: String, logger: Logger) throws {
    self.settings = settings
    self.logger = logger
    shownURL = baseURL
    pool = database.pool
    cluster = database.cluster
    accounts = AccountStore(pool: pool)
    keys = KeyAuthenticator(accounts)
    keyUses = KeyUses(KeyUseStore(pool: pool), KeyWindows(pool: pool), proxies: settings.proxies)
    writes = WriteHealth(logger: logger)
    admission = Admission(limitBytes: settings.inFlightMaxBytes)
    bodies = BodyReader(admission: admission, maxBytes: settings.requestMaxBytes)
    priceStore = PriceStore(pool: pool)
    prices = PriceBookCache(catalogue: try PriceCatalogue.bundled(), store: priceStore, accounts: accounts)
    directory = DirectoryCache(accounts)
    partitions = Partitions(pool: pool)
    let door = ObservationDoor(pool: pool, partitions: partitions)
    contentRules = ContentStore(pool: pool)
    media = MediaStore(pool: pool)
    sampling = SamplingStore(pool: pool)
    samplingReports = SamplingReports(pool: pool)
    content = ContentFilters(store: contentRules, media: media)
    pipeline = IngestPipeline(
      commits: GroupCommit(door: door, largeGroups: DecodingThreads.shared), prices: prices, directory: directory, content: content)
    repricings = Repricings(pool: pool, door: door)
    teams = TeamStore(pool: pool)
    rules = RuleStore(pool: pool, patterns: TextPattern.compile)
    declaredKeys = DeclaredKeyStore(pool: pool)
    userGroups = UserGroupStore(pool: pool)
    reattributions = Reattributions(pool: pool, door: door, patterns: TextPattern.compile)
    requests = RequestLog(pool: pool, logger: logger)
    reports = CostReports(pool: pool)
    allocations = AllocationReports(pool: pool)
    statements = Statements(pool: pool)
    pools = PoolStore(pool: pool)
    exports = Exports(pool: pool)
    audit = AuditLog(pool: pool)
    storage = Storage(pool: pool)
    payloadClasses = PayloadClasses(pool: pool, partitions: partitions)
    erasures = Erasures(pool: pool, door: door)
    traces = TraceReader(pool: pool)
    fold = Fold(pool: pool)
    settling = SettleQueue(pool: pool, door: door)
    assets = AssetFiles(folder: settings.publicFolder)
    mailer = Mailer(settings)
    signIns = SignInStore(pool: pool)
    members = MemberStore(pool: pool)
    identityProviders = OIDCClient(http: HTTPClient(rules: OutboundRules(settings), timeoutSeconds: 4))
  }

  /// Ages as the settings say, partitions for the days ahead, expired payloads dropped.
  func keepRetention() async throws {
    // First: writers remember for some seconds what was frozen before.
    try await AdmittedAge(pool: pool).remove()
    try await accounts.applyRetention(
      payloadDays: settings.payloadDays, observationMonths: Int32(clamping: settings.observationMonths))
    try await partitions.ensureAhead(now: Timestamp.now)
    _ = try await PayloadRetention(pool: pool).dropExpired(now: Timestamp.now)
    _ = try await exports.removeOld(now: Timestamp.now)
    while try await media.removeExpired() > 0 {}
    try await keepDiskBudget()
    while let day = try await ObservationAge(pool: pool).dropNext() {
      logger.notice("observations dropped by age", metadata: ["day": "\(day)"])
    }
    try await storage.count(now: Timestamp.now)
  }

  /// Payloads go before the disk is full; everything else stays.
  private func keepDiskBudget() async throws {
    guard let budget = settings.diskBudgetBytes else { return }
    let outcome = try await DiskBudget(pool: pool).enforce(maxBytes: budget, now: Timestamp.now)
    for day in outcome.droppedDays { logger.warning("payloads dropped for the disk budget", metadata: ["day": "\(day)"]) }
    if outcome.isOver { logger.error("the database is over the disk budget, and there are no older payloads to drop", metadata: ["bytes": "\(outcome.databaseBytes)"]) }
  }

  /// Settles the large traces that are due.
  func settleDue() async throws {
    while true {
      let (revisions, decide) = pipeline.decide()
      do {
        guard try await settling.settleDue(at: Timestamp.now, decidedBy: revisions, decide: decide) == SettleQueue.tracesMax else { return }
      } catch let stale as StaleDecision where !stale.isCatalogueOld {
        try await pipeline.refresh()
        return
      }
    }
  }

  /// What the service waits for before it can take traces; nil when ready.
  func waitsFor() async -> String? {
    if readiness.isStopping { return "nothing: the service is stopping" }
    if case .restarting(let reason) = cluster?.condition { return "the private PostgreSQL, which is started again: \(reason)" }
    do {
      let pool = pool
      let isReadOnly = try await Deadline.reading(.seconds(2)) { try await DatabaseChecks.isReadOnly(pool) }
      return isReadOnly ? "the database, which is read-only" : writes.problem
    } catch {
      return "the database"
    }
  }
}

/// Whether the service is on its way out.
final class Readiness: Sendable {
  private let state = NIOLockedValueBox(false)

  var isStopping: Bool { state.withLockedValue { $0 } }
  func stop() { state.withLockedValue { $0 = true } }
}
