/// One environment variable: the only place that knows its name, default, accepted form and secrecy.
public struct Setting: Sendable {
  public let name: String
  /// Value used when the variable is absent; empty means "off" or "decided at start".
  public let standard: String
  /// Accepted form, for error messages and the example file.
  public let form: String
  public let about: String
  public let isSecret: Bool

  init(_ name: String, _ standard: String, form: String, secret: Bool = false, _ about: String) {
    self.name = name
    self.standard = standard
    self.form = form
    self.about = about
    self.isSecret = secret
  }
}

extension Setting {
  static let databaseURL = Setting(
    "DATABASE_URL", "", form: "postgres://user:password@host:port/database", secret: true,
    "PostgreSQL 15 to 18 to use. Empty: a private cluster in the data folder.")
  static let host = Setting("QUIPU_HOST", "127.0.0.1", form: "an address to listen on", "Address to listen on.")
  static let port = Setting("QUIPU_PORT", "8080", form: "a port, 1 to 65535", "Port to listen on.")
  static let baseURL = Setting(
    "QUIPU_BASE_URL", "", form: "http:// or https:// and a host",
    "Address that people and SDKs use. Empty: http:// and the address listened on. With https the session cookie is Secure.")
  static let basePath = Setting(
    "QUIPU_BASE_PATH", "", form: "empty or a path such as /quipu or /x/y",
    "Path beneath which the service stands, for a proxy that passes it on. Anything outside of it is 404.")
  static let proxies = Setting(
    "QUIPU_PROXIES", "0", form: "a number, 0 to 5",
    "Proxies of yours in front. Their X-Forwarded-For tells where a request comes from, and, unless QUIPU_BASE_URL is set, "
      + "X-Forwarded-Proto and X-Forwarded-Host the address that people use: they must set both themselves.")
  static let dataFolder = Setting("QUIPU_DATA", "data", form: "a folder", "Holds the private cluster and its lock.")
  static let shareFolder = Setting(
    "QUIPU_SHARE", "", form: "a folder with Migrations and Public",
    "Files that come with the program. Empty: beside the program, then the current folder.")
  static let runAs = Setting(
    "QUIPU_RUN_AS", "", form: "a user's name", "Whom the service becomes when root starts it. Empty: postgres, else nobody.")
  static let postgresBinaries = Setting(
    "QUIPU_POSTGRES_BIN", "", form: "a folder with initdb and postgres",
    "Programs of the private cluster. Empty: the newest under /usr/lib/postgresql.")
  static let databaseConnections = Setting(
    "QUIPU_DATABASE_CONNECTIONS", "10", form: "a number, 4 to 100", "Connections to PostgreSQL.")
  static let requestMaxMiB = Setting(
    "QUIPU_REQUEST_MAX_MIB", "64", form: "MiB, 1 to 512", "Largest request body, before and after inflating.")
  static let inFlightMaxMiB = Setting(
    "QUIPU_IN_FLIGHT_MAX_MIB", "96", form: "MiB, 8 to 4096",
    "Bytes of requests held at once (inflated); beyond it senders are asked to come back.")
  static let payloadDays = Setting(
    "QUIPU_PAYLOAD_DAYS", "90", form: "7, 30, 90 or 400", "Days that inputs, outputs and metadata are kept.")
  static let diskBudgetGiB = Setting(
    "QUIPU_DISK_BUDGET_GIB", "", form: "GiB, 1 to 1000000",
    "Size that the database is kept under: beyond it the oldest payloads are dropped, before anything else. Empty: none.")
  static let observationMonths = Setting(
    "QUIPU_OBSERVATION_MONTHS", "25", form: "months, 1 to 240", "Age that observations reach: older ones are refused, and whole days dropped once their sums are made.")
  static let timeZone = Setting(
    "QUIPU_TIME_ZONE", "UTC", form: "an IANA name such as Europe/Berlin",
    "Time zone of the organisation made at first start: its hours and days of money begin there.")
  static let logLevel = Setting(
    "QUIPU_LOG_LEVEL", "info", form: "trace, debug, info, notice, warning, error or critical", "Least severe level logged.")
  static let initEmail = Setting(
    "QUIPU_INIT_EMAIL", "owner@quipu.local", form: "an e-mail address", "Owner made at first start.")
  static let initPassword = Setting(
    "QUIPU_INIT_PASSWORD", "", form: "12 characters or more, none of the common ones", secret: true,
    "Owner's password at first start. Empty: one is made and printed once.")
  static let initPublicKey = Setting(
    "QUIPU_INIT_PUBLIC_KEY", "", form: "a public key such as pk-lf-…", "Preset of the first key pair.")
  static let initSecretKey = Setting(
    "QUIPU_INIT_SECRET_KEY", "", form: "a secret key, 16 characters or more", secret: true, "Preset of the first key pair.")
  static let smtpURL = Setting(
    "QUIPU_SMTP_URL", "", form: "smtp://user:password@host:587 or smtps://user:password@host:465, with %40 for an @ in the password and so on", secret: true,
    "Mail server for invitations and resets. smtp:// demands STARTTLS unless it is on this machine. Empty: links are shown, no mail is sent.")
  static let mailFrom = Setting(
    "QUIPU_MAIL_FROM", "", form: "an e-mail address", "Sender of mails; set together with QUIPU_SMTP_URL.")
  static let oidcSecret = Setting(
    "QUIPU_OIDC_SECRET", "", form: "a client secret", secret: true,
    "Client secret at the identity provider, for providers whose page says that it comes from here instead of the database.")
  static let authorities = Setting(
    "QUIPU_CA_FILE", "", form: "a readable file of one or more certificates in PEM form (-----BEGIN CERTIFICATE-----)",
    "Certificates of authorities of your own, trusted beside those of the system when mail servers and identity providers are asked. "
      + "A database has its own: sslrootcert in DATABASE_URL. Empty: the system's alone.")
  static let outboundProxy = Setting(
    "QUIPU_OUTBOUND_PROXY", "", form: "http:// or https://, a host and a port, as in http://proxy.example.com:3128", secret: true,
    "Proxy through which identity providers are asked, but for those on this machine. Empty: none; https_proxy and its like have no effect.")

  /// Every setting, in the order of the example file.
  public static let all: [Setting] = [
    databaseURL, host, port, baseURL, basePath, proxies, dataFolder, shareFolder, runAs, postgresBinaries, databaseConnections, requestMaxMiB,
    inFlightMaxMiB, payloadDays, diskBudgetGiB, observationMonths, timeZone, logLevel, initEmail, initPassword, initPublicKey, initSecretKey,
    smtpURL, mailFrom, oidcSecret, authorities, outboundProxy,
  ]
}

/// A setting that stops the start: name, value and accepted form.
public struct SettingsError: Error, CustomStringConvertible {
  public let name: String
  public let value: String
  public let form: String
  public var description: String { "\(name) is \"\(value)\": expected \(form)" }

  init(_ setting: Setting, _ value: String) {
    self.name = setting.name
    self.value = setting.isSecret && !value.isEmpty ? "(hidden)" : value
    self.form = setting.form
  }
}
