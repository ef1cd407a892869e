/// Prompts and answers of the demo, filled with a few varying words.
enum DemoTexts {
  static let products = ["alpaca scarf", "trail shoes", "enamel mug", "rain shell", "desk lamp", "travel kettle", "wool blanket"]
  static let problems = ["a late parcel", "a double charge", "a broken zip", "a wrong size", "a lost password", "a missing invoice"]

  static func system(_ endpoint: String) -> String {
    switch endpoint {
    case "/chat": "You help customers of a small outdoor shop. Answer briefly, cite the policy you used, and offer to hand over to a person."
    case "/draft-reply": "You draft replies for support staff. Keep the customer's language, never promise refunds above 50 USD, and list open questions."
    case "/summarise": "Summarise the reviews in three bullet points: what people like, what they dislike, who it is for."
    case "/recommend": "Suggest three products that go with the basket. Explain each in one sentence."
    case "/search": "Rewrite the search query for a product index. Return JSON with fields query, filters and synonyms."
    default: "Classify the message into one of: delivery, payment, return, product, account, other. Return JSON."
    }
  }

  static func question(_ endpoint: String, _ random: inout DemoRandom) -> String {
    let product = random.pick(products), problem = random.pick(problems)
    switch endpoint {
    case "/chat": return "Hello, I have \(problem) with my \(product), order \(random.int(10_000...99_999)). What can I do?"
    case "/draft-reply": return "Ticket \(random.int(1_000...9_999)): the customer writes about \(problem) (\(product)). Draft a reply."
    case "/summarise": return "\(random.int(40...400)) reviews of the \(product) follow."
    case "/recommend": return "Basket: \(product), \(random.pick(products))."
    case "/search": return "\(product) for \(random.pick(["winter", "a gift", "children", "travelling light", "small flats"]))"
    default: return "There is \(problem) with the \(product) I bought last week."
    }
  }

  static func answer(_ endpoint: String, _ random: inout DemoRandom) -> String {
    let product = random.pick(products)
    switch endpoint {
    case "/chat":
      return "I am sorry about that. Your order is with the carrier and should arrive within \(random.int(1...4)) days (delivery policy, section 2). "
        + "If it does not, I can send another \(product) or refund it. Shall I hand this over to a colleague?"
    case "/draft-reply":
      return "Dear customer,\n\nthank you for writing. We have looked into it and will send a new \(product) today.\n\nOpen: is the address still right?"
    case "/summarise":
      return "- Liked: the \(product) is light and well made.\n- Disliked: sizes run small.\n- For: people who travel often."
    case "/recommend": return "1. \(product): fits the colours.\n2. enamel mug: a small extra.\n3. wool blanket: for the season."
    case "/search": return #"{"query":"\#(product)","filters":{"inStock":true},"synonyms":["\#(random.pick(products))"]}"#
    default: return #"{"label":"\#(random.pick(["delivery", "payment", "return", "product", "account"]))","confidence":0.\#(random.int(61...99))}"#
    }
  }
}
