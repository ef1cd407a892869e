import ArgumentParser
import Server

struct Prices: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at prices, take them from files, see what has none.",
    subcommands: [List.self, Import.self, Export.self, Unpriced.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List your own prices, and the catalogue's models that fit.")
    @Argument(help: "Words that provider, id or name of a catalogue model has.")
    var words: [String] = []
    @Option(help: "Only models sold by this provider.")
    var provider: String?

    func run() async throws {
      try await Commands.listPrices(words: words.isEmpty ? nil : words.joined(separator: " "), provider: provider)
    }
  }

  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take own prices from a file; a dry run unless --apply is given.")
    @Argument(help: "The file.")
    var file: String
    @Option(help: "quipu, genai-prices, litellm or csv; without it the file is looked at.")
    var format: String?
    @Flag(help: "End own entries that the file lacks.")
    var replace = false
    @Flag(help: "Take them.")
    var apply = false

    func run() async throws { try await Commands.importPrices(path: file, format: format, replaces: replace, applies: apply) }
  }

  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print own prices as a file.")
    @Option(help: "quipu, genai-prices, litellm or csv.")
    var format = "quipu"

    func run() async throws { try await Commands.exportPrices(format: format) }
  }

  struct Unpriced: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List models and usage without a price.")
    @Option(help: "How many days back.")
    var days = 30

    func run() async throws { try await Commands.listUnpriced(days: days) }
  }
}

struct Reprice: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Decide booked calls again at today's prices; a dry run unless --apply is given.")
  @Option(help: "Start, a date or an ISO 8601 time.")
  var from: String
  @Option(help: "End, excluded; without it now.")
  var to: String?
  @Option(help: "A model, as booked or as sent; may be repeated. Without it all.")
  var model: [String] = []
  @Option(help: "Why; kept with the job and in the audit log.")
  var reason: String
  @Flag(help: "Change them.")
  var apply = false

  func run() async throws { try await Commands.reprice(from: from, to: to, models: model, reason: reason, applies: apply) }
}
