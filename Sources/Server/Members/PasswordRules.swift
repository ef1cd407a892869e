/// Which passwords are taken: long ones that a list of guesses does not begin with. Nothing is asked about kinds of characters
/// (NIST SP 800-63B §5.1.1.2).
enum PasswordRules {
  static let lengthMin = 12
  /// Longer ones would only cost time.
  static let lengthMax = 256

  /// Why it is not taken, one sentence; nil when it is.
  static func problem(_ password: String, email: String) -> String? {
    if password.count < lengthMin { return "The password has \(password.count) characters: expected \(lengthMin) or more." }
    if password.utf8.count > lengthMax { return "The password is over \(lengthMax) bytes." }
    if password.utf8.contains(0) { return "The password holds a character that can't be typed." }
    if isRepeated(plain(password)) || isRun(password.lowercased()) {
      return "The password repeats a pattern or follows the keyboard: expected words or characters that don't follow from each other."
    }
    // What is left without the words that everybody tries first must still be worth guessing.
    let letters = letters(of: password), rest = without(words + parts(of: email), letters)
    if rest.count < letters.count, Set(rest).count < 5 {
      return "The password is a common one, or made from the e-mail or this product's name: expected something nobody would guess."
    }
    return nil
  }

  private static let lookAlikes: [Character: Character] = ["0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i"]

  /// Of lists of leaked passwords, those of 12 characters and more are made of these.
  private static let words = [
    "password", "passwort", "passwd", "passphrase", "contrasena", "motdepasse", "welcome", "willkommen", "letmein", "changeme", "changeit", "change",
    "default", "secret", "geheim", "administrator", "admin", "root", "master", "superuser", "user", "login", "guest", "access", "test", "demo",
    "iloveyou", "loveyou", "sunshine", "princess", "football", "baseball", "basketball", "superman", "batman", "dragon", "monkey", "shadow", "michael",
    "jennifer", "liverpool", "chelsea", "arsenal", "starwars", "pokemon", "minecraft", "trustno", "whatever", "qwertyuiop", "qwerty", "azerty", "qwertz",
    "asdfghjkl", "asdfgh", "zxcvbnm", "zxcvbn", "yxcvbnm", "qazwsxedc", "qazwsx", "abcdef", "january", "february", "march", "april", "june", "july", "august",
    "september", "october", "november", "december", "winter", "spring", "summer", "autumn", "monday", "friday", "company", "database", "postgres",
    "openai", "anthropic", "langfuse", "quipu", "organisation", "organization",
  ].sorted { $0.count > $1.count }

  private static func plain(_ text: String) -> String { String(text.lowercased().map { lookAlikes[$0] ?? $0 }) }

  /// Without what people put before and after a word, signs that look like letters read as these.
  private static func letters(of password: String) -> String {
    let core = password.drop { !$0.isLetter }.reversed().drop { !$0.isLetter }.reversed()
    return plain(String(core)).filter(\.isLetter)
  }

  private static func parts(of email: String) -> [String] {
    email.split { !$0.isLetter }.map { plain(String($0)) }.filter { $0.count >= 3 }
  }

  private static func without(_ words: [String], _ text: String) -> String {
    words.reduce(text) { $0.replacing($1, with: "") }
  }

  /// Fewer than five different characters, or one short piece again and again.
  private static func isRepeated(_ text: String) -> Bool {
    let characters = Array(text)
    if Set(characters).count < 5 { return true }
    return (1...6).contains { length in
      characters.indices.allSatisfy { characters[$0] == characters[$0 % length] }
    }
  }

  /// Most characters follow the one before, in the alphabet or on the keyboard.
  private static func isRun(_ text: String) -> Bool {
    let characters = Array(text), rows = Self.rows
    let following = zip(characters, characters.dropFirst()).count { a, b in
      rows.contains { row in
        guard let i = row.firstIndex(of: a), let j = row.firstIndex(of: b) else { return false }
        return abs(i - j) <= 1
      }
    }
    return following * 3 > (characters.count - 1) * 2
  }

  private static let rows = ["abcdefghijklmnopqrstuvwxyz", "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn"].map(Array.init)
}
