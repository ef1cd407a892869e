import Wire

/// Dotted keys back into a document: `0.message.role` becomes `[{message: {role: …}}]`. Lists are made of the indexes
/// that occur, in order, so that a huge index costs nothing.
struct Unflatten {
  private final class Node {
    var value: JSONValue?
    var children: [String: Node] = [:]
    var order: [String] = []
  }
  private let root = Node()
  /// Deeper keys keep their rest as one name.
  private static let depthMax = 16

  mutating func add(_ path: Substring, _ value: JSONValue) {
    var node = root
    for name in path.split(separator: ".", maxSplits: Self.depthMax, omittingEmptySubsequences: false) {
      let key = String(name)
      if let child = node.children[key] {
        node = child
      } else {
        let child = Node()
        node.children[key] = child
        node.order.append(key)
        node = child
      }
    }
    node.value = value
  }

  var json: JSONValue { Self.json(root) }

  private static func json(_ node: Node) -> JSONValue {
    if node.order.isEmpty { return node.value ?? .null }
    let indexed = node.order.compactMap { key in Int(key).map { ($0, key) } }
    if indexed.count == node.order.count {
      return .array(indexed.sorted { $0 < $1 }.compactMap { node.children[$0.1].map(json) })
    }
    return .object(
      JSONObject(node.order.compactMap { key in node.children[key].map { JSONMember(key: key, value: json($0)) } }))
  }
}
