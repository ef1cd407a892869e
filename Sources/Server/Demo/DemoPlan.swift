/// The invented company whose last two months `quipu demo` loads: who calls what, for whom, how often.
enum DemoPlan {
  /// A month, and the month before it to compare with.
  static let days = 60
  static let usersTotal = 300

  struct DemoTeam {
    let name: String
    let project: String
    let endpoints: [String]
    let costCentre: String
    let glAccount: String
    let owner: String
  }

  static let projects = ["storefront": "Storefront", "helpdesk": "Helpdesk"]

  static let teams = [
    DemoTeam(name: "Search", project: "storefront", endpoints: ["/search", "/recommend"], costCentre: "CC-410", glAccount: "6310", owner: "Nina Salas"),
    DemoTeam(name: "Growth", project: "storefront", endpoints: ["/summarise"], costCentre: "CC-420", glAccount: "6310", owner: "Tom Ferro"),
    DemoTeam(name: "Support", project: "helpdesk", endpoints: ["/chat", "/draft-reply"], costCentre: "CC-530", glAccount: "6320", owner: "Aiko Brandt"),
    DemoTeam(name: "Platform", project: "helpdesk", endpoints: ["/classify"], costCentre: "CC-100", glAccount: "6300", owner: "Sam Okoye"),
  ]

  /// Group and how many of ten users are in it; the last user of each ten is in none.
  static let groups: [(name: String, share: Int)] = [
    ("Free", 3), ("Pro", 3), ("Enterprise", 1), ("Trial", 1), ("Employees", 1),
  ]

  static func user(_ index: Int) -> String {
    let first = ["ana", "ben", "chen", "dina", "emre", "fatou", "goran", "hanna", "ivo", "june", "kofi", "lena"]
    let last = ["quispe", "okafor", "lindt", "mori", "silva", "novak", "haddad", "berg", "rossi", "dubois"]
    return "\(first[index % first.count]).\(last[(index / first.count) % last.count])\(index)@example.com"
  }

  static func group(ofUser index: Int) -> Int? {
    var left = index % 10
    for (place, group) in groups.enumerated() {
      if left < group.share { return place }
      left -= group.share
    }
    return nil
  }

  static let operations = [
    ("/summarise", "Content generation"), ("/chat", "Retrieval-augmented"), ("/classify", "Classification"),
    ("/draft-reply", "Complex reasoning"),
  ]

  /// The attribute that says for which customer a request was.
  static let customerKey = "customer"
  /// The companies that the users work for; a few are much larger than the others.
  static let customers = [
    "Andes Coffee", "Bluepeak", "Cordillera Bank", "Delta Freight", "Elmwood", "Faro Energy", "Grano", "Harbour & Sons", "Iris Clinics", "Juno Air",
  ]

  static func customer(ofUser index: Int) -> String { customers[(index * index + index / 7) % 23 % customers.count] }

  struct DemoModel {
    let provider: String
    let asked: String
    let served: String
  }

  static let gpt = DemoModel(provider: "openai", asked: "gpt-4o", served: "gpt-4o-2024-11-20")
  static let mini = DemoModel(provider: "openai", asked: "gpt-4o-mini", served: "gpt-4o-mini-2024-07-18")
  static let embedding = DemoModel(provider: "openai", asked: "text-embedding-3-small", served: "text-embedding-3-small")
  static let sonnet = DemoModel(provider: "anthropic", asked: "claude-sonnet-4-5", served: "claude-sonnet-4-5-20250929")
  static let haiku = DemoModel(provider: "anthropic", asked: "claude-haiku-4-5", served: "claude-haiku-4-5-20251001")
  static let pro = DemoModel(provider: "gcp.gemini", asked: "gemini-2.5-pro", served: "gemini-2.5-pro")
  static let flash = DemoModel(provider: "gcp.gemini", asked: "gemini-2.5-flash", served: "gemini-2.5-flash")
  static let mistral = DemoModel(provider: "mistral_ai", asked: "mistral-large-latest", served: "mistral-large-latest")
  /// Served from the company's own cluster: no catalogue knows its price.
  static let own = DemoModel(provider: "in-house", asked: "intent-tagger-7b", served: "intent-tagger-7b")
  /// A deployment: its name is the company's, so it has no price until somebody says which model it is.
  static let deployment = DemoModel(provider: "azure.ai.openai", asked: "triage-gpt-4o-mini", served: "triage-gpt-4o-mini")

  static let environments = ["production", "staging", "development"]

  /// Traces of one endpoint on an ordinary weekday.
  static func tracesPerDay(_ endpoint: String) -> Int {
    switch endpoint {
    case "/search": 70
    case "/recommend": 24
    case "/summarise": 30
    case "/chat": 60
    case "/draft-reply": 22
    default: 46
    }
  }

  /// Weight of each hour (UTC) of a working day.
  static let hourWeights = [1, 1, 1, 1, 2, 3, 6, 10, 14, 16, 16, 15, 13, 15, 16, 16, 14, 12, 9, 7, 5, 4, 3, 2]
}

/// SplitMix64: the same seed gives the same month on every machine.
struct DemoRandom: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
  mutating func isTrue(_ percent: Int) -> Bool { int(1...100) <= percent }
  mutating func pick<T>(_ items: [T]) -> T { items[int(0...items.count - 1)] }
}
