// swift-tools-version:6.2
import PackageDescription

/// The flow is one-way: a target may import only what stands above it here (Sources/ARCHITECTURE.md, "Targets").
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "quipu",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "quipu", targets: ["quipu"])],
  dependencies: [
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
  ],
  targets: [
    // C libraries of Debian: libpq-dev, zlib1g-dev, libzstd-dev, libargon2-dev, libpcre2-dev, libssl-dev, libxlsxwriter-dev,
    // libcurl4-openssl-dev, libqrencode-dev.
    .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CXLSX", pkgConfig: "xlsxwriter", providers: [.apt(["libxlsxwriter-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
    // Connection, pool, COPY, migrator; nothing of our domain.
    .target(name: "Postgres", dependencies: ["CLibpq", .product(name: "Logging", package: "swift-log")], swiftSettings: strict),
    // The vocabulary.
    .target(name: "Domain", dependencies: ["CCrypto"], swiftSettings: strict),
    // Reads bytes in place: protobuf, JSON, gzip; no domain.
    .target(name: "Wire", dependencies: ["CZlib"], swiftSettings: strict),
    // Wire to observations, one file per convention; pure.
    .target(name: "Ingest", dependencies: ["Domain", "Wire"], exclude: ["Conventions/CONVENTIONS.md"], swiftSettings: strict),
    // The bytes of Pricing/Resources/prices.json: #embed takes no time, a Swift array literal of them minutes.
    .target(name: "CPrices"),
    // Price catalogue, model resolver, cost calculator; pure.
    .target(name: "Pricing", dependencies: ["CPCRE2", "CPrices", "Domain"], exclude: ["Resources"], swiftSettings: strict),
    // The only SQL.
    .target(name: "Store", dependencies: ["Domain", "Postgres", "CZstd", "CCrypto"], swiftSettings: strict),
    // Reports as files: CSV, XLSX, FOCUS; pure.
    .target(name: "Exports", dependencies: ["Domain", "CXLSX"], swiftSettings: strict),
    // Auto-escaping HTML interpolation.
    .target(name: "HTML", swiftSettings: strict),
    // Page structs and charts; renders without server or database.
    .target(name: "Pages", dependencies: ["Domain", "HTML"], swiftSettings: strict),
    // The only HTTP.
    .target(
      name: "Server",
      dependencies: [
        "Domain", "Wire", "Ingest", "Pricing", "Store", "Exports", "Postgres", "HTML", "Pages", "CArgon2", "CCrypto", "CCurl", "CQREncode",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "JWTKit", package: "jwt-kit"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ], swiftSettings: strict),
    // Subcommands, no logic.
    .executableTarget(
      name: "quipu",
      dependencies: ["Server", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: strict),
    // Tests mirror the targets; those that need PostgreSQL start one of their own.
    .target(
      name: "TestSupport", dependencies: ["Postgres", "Domain", "Store", .product(name: "Logging", package: "swift-log")],
      path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(name: "DomainTests", dependencies: ["Domain"], swiftSettings: strict),
    .testTarget(name: "WireTests", dependencies: ["Wire"], swiftSettings: strict),
    .testTarget(name: "IngestTests", dependencies: ["Ingest", "Domain", "Wire"], swiftSettings: strict),
    .testTarget(name: "PricingTests", dependencies: ["Pricing", "Domain"], exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "StoreTests", dependencies: ["Store", "Domain", "Postgres", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "ExportsTests", dependencies: ["Exports", "Domain"], swiftSettings: strict),
    .testTarget(name: "HTMLTests", dependencies: ["HTML"], swiftSettings: strict),
    .testTarget(name: "PagesTests", dependencies: ["Pages", "Domain", "HTML"], swiftSettings: strict),
    .testTarget(name: "ServerTests", dependencies: ["Server", "Domain", "Wire", "Pricing", "Store", "TestSupport", .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"), .product(name: "NIOCore", package: "swift-nio")],
      swiftSettings: strict),
    .testTarget(name: "GoldenTests", dependencies: ["Domain", "Wire", "Ingest", "Pricing"], path: "Tests/Golden", exclude: ["Cases", "README.md"], swiftSettings: strict),
    .testTarget(name: "HouseTests", swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
