/// Names of columns.
enum SnakeCase {
  /// "cacheWrite1hTokens" is "cache_write_1h_tokens", "extra1" stays.
  static func of(_ camel: String) -> String {
    let letters = Array(camel)
    var name = ""
    for (i, c) in letters.enumerated() {
      let isNumberWord = c.isNumber && i + 1 < letters.count && letters[i + 1].isLowercase
      if i > 0, c.isUppercase || isNumberWord { name += "_" }
      name += c.lowercased()
    }
    return name
  }

  /// Of a dimension: "userGroup" is "user_group", "metadata.tenant" "metadata_tenant".
  static func name(_ dimension: String) -> String {
    dimension.reduce(into: "") { $0 += $1.isLetter || $1.isNumber ? ($1.isUppercase ? "_" : "") + $1.lowercased() : "_" }
  }

  /// "userGroup" is "User group".
  static func title(_ camel: String) -> String {
    let words = of(camel).split(separator: "_").joined(separator: " ")
    return words.prefix(1).uppercased() + words.dropFirst()
  }
}
