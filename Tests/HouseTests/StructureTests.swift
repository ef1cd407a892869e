import Foundation
import Testing

/// The tree's promises (Sources/ARCHITECTURE.md), as tests.
@Suite struct StructureTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func files(_ folder: String, suffix: String) -> [(name: String, text: String)] {
    let base = root.appendingPathComponent(folder).path
    let names = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(suffix) }.compactMap { name in
      (try? String(contentsOfFile: base + "/" + name, encoding: .utf8)).map { (folder + "/" + name, $0) }
    }
  }

  private static let sources = files("Sources", suffix: ".swift")

  @Test func sqlIsWrittenInStoreAndPostgresOnly() {
    let words = ["insert into ", "delete from ", "select count(", " from observations", " from traces ", "create table "]
    for file in Self.sources where !file.name.hasPrefix("Sources/Store/") && !file.name.hasPrefix("Sources/Postgres/") {
      for word in words { #expect(!file.text.lowercased().contains(word), "\(file.name) holds \"\(word)\"") }
    }
  }

  @Test func httpIsSpokenInServerOnly() {
    for file in Self.sources where !file.name.hasPrefix("Sources/Server/") {
      #expect(!file.text.contains("import Hummingbird"), "\(file.name)")
      #expect(!file.text.contains("import NIO"), "\(file.name)")
    }
  }

  /// Addresses of the service get the base path on their way out (Pages/Address/BasePath.swift), where they stand in these attributes.
  private static let addressed: Set = ["href", "src", "action", "formaction", "data-trace"]

  @Test func everyAddressGetsTheBasePath() throws {
    // In forms an address is a value: the service redirects to it, and its redirects are carried too. Examples and drawings lead nowhere.
    let accepted = Self.addressed.union(["value", "placeholder", "d"])
    let address = try Regex(#"([a-z-]+)=\\?"(?:/[^/ >]|\\\((?:url:|Route\.|path\)|assets\.|[a-z.]*address\.url))"#)
    var found = 0
    for file in Self.sources where file.name.hasPrefix("Sources/Pages/") || file.name.hasPrefix("Sources/Server/") {
      for match in file.text.matches(of: address) {
        found += 1
        let name = match.output[1].substring.map(String.init) ?? ""
        #expect(accepted.contains(name), "\(file.name): \(name) holds an address that BasePath.attributes does not name")
      }
    }
    #expect(found > 50, "the pattern finds addresses")
    let declared = Self.sources.first { $0.name == "Sources/Pages/Address/BasePath.swift" }?.text ?? ""
    #expect(declared.contains("[\(["href", "src", "action", "formaction", "data-trace"].map { "\"\($0)\"" }.joined(separator: ", "))]"))
  }

  @Test func markupLeavesByOneDoorAndScriptsMakeNoAddresses() throws {
    let writers = Self.sources.filter { $0.text.contains("\"text/html") }.map(\.name)
    #expect(writers == ["Sources/Server/Middleware/Response+Forms.swift"])
    for file in Self.files("Public", suffix: ".js") { #expect(file.text.firstMatch(of: try Regex("[\"'`]/[a-z]")) == nil, "\(file.name)") }
    for file in Self.files("Public", suffix: ".css") { #expect(!file.text.contains("url(/") && !file.text.contains("url(\"/"), "\(file.name)") }
  }

  @Test func nothingForcesWhatInputDecides() {
    for file in Self.sources {
      for word in ["try!", " as!", "fatalError(", "preconditionFailure("] {
        #expect(!file.text.contains(word), "\(file.name) holds \(word)")
      }
    }
  }

  @Test func observationsHaveOneDoor() {
    let verbs = ["insert into", "update", "delete from", "merge into", "copyin(table:"]
    let tables = ["observations", #""observations""#, #"\(unescaped: partitions.place.observations(day).name)"#]
    let writes = verbs.flatMap { verb in tables.map { "\(verb) \($0)" } }
    let writers = Self.sources.filter { file in writes.contains { file.text.lowercased().contains($0) } }.map(\.name)
    #expect(!writers.isEmpty)
    #expect(Set(writers.map { ($0 as NSString).deletingLastPathComponent }) == ["Sources/Store/Ingestion"], "\(writers)")
  }

  @Test func migrationsAreNumberedWithoutGaps() {
    let numbers = Self.files("Migrations", suffix: ".sql").map { String($0.name.dropFirst("Migrations/".count).prefix(4)) }.sorted()
    #expect(!numbers.isEmpty)
    let wanted: [String] = (1...numbers.count).map { number in String("000\(number)".suffix(4)) }
    #expect(numbers == wanted)
  }

  @Test func releasedStatesOfTheDatabaseAreKeptWithWhatWasSaidOfThem() throws {
    let folder = Self.root.appendingPathComponent("Tests/Fixtures/migrations").path
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    let states = names.filter { $0.hasSuffix(".dump") }.map { String($0.dropLast(5)) }
    let newest = Self.files("Migrations", suffix: ".sql").count
    #expect(states.contains("0006"), "the first release")
    for state in states {
      #expect(names.contains(state + ".json"))
      let number = Int(state) ?? Int.max
      #expect(number <= newest, "\(state) is of a migration that is not there")
    }
  }

  @Test func linksInTheDocumentsLead() {
    let documents = ["README.md", "Sources/ARCHITECTURE.md", "Migrations/README.md"]
    for document in documents {
      let url = Self.root.appendingPathComponent(document)
      guard let text = try? String(contentsOf: url, encoding: .utf8) else {
        Issue.record("\(document) is missing")
        continue
      }
      for part in text.components(separatedBy: "](").dropFirst() {
        let target = part.prefix { $0 != ")" && $0 != "#" }
        if target.isEmpty || target.contains("://") { continue }
        let path = url.deletingLastPathComponent().appendingPathComponent(String(target)).path
        #expect(FileManager.default.fileExists(atPath: path), "\(document) links to \(target)")
      }
    }
  }

  @Test func theTopLevelHoldsOnlyWhatItShould() throws {
    let allowed: Set = ["Package.swift", "Sources", "Tests", "Migrations", "Public", "deploy", "README.md", "LICENSE", "data", "Package.resolved"]
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.root.path).filter { !$0.hasPrefix(".") }
    #expect(Set(names).subtracting(allowed).isEmpty)
  }
}
