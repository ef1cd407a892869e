/// What may follow a model's name without making it another model: dates, revisions, quantisation, "latest". Everything
/// else ("mini", "pro", "audio", a version number) is part of the name.
struct NameTail {
  /// Lower case, as sent.
  let bytes: [UInt8]
  /// As `bytes`, folded; same length.
  let folded: [UInt8]
  /// Nothing at or before this offset is cut off.
  let floor: Int

  enum Kind: String { case context, version, latest, quantisation, revision, date, preview }

  struct Cut {
    let at: Int
    let kind: Kind
  }

  /// The last piece before `end` that says nothing about the price; nil when there is none.
  func strict(before end: Int) -> Cut? {
    guard end > floor + 2 else { return nil }
    let cut = bracket(end) ?? snapshot(end) ?? word(end) ?? revision(end) ?? date(end).map { Cut(at: $0, kind: .date) }
    return cut.flatMap { $0.at > floor ? $0 : nil }
  }

  /// As `strict`, with what a family rule of the catalogue may also be followed by: "preview", builds ("-001").
  func loose(before end: Int) -> Cut? {
    if let cut = strict(before: end) { return cut }
    guard end > floor + 2, let at = looseStart(end), at > floor else { return nil }
    return Cut(at: at, kind: .preview)
  }

  /// "[1m]": Claude's long context is the same model, priced by the size of the prompt.
  private func bracket(_ end: Int) -> Cut? {
    guard bytes[end - 1] == UInt8(ascii: "]"), let open = bytes[..<end].lastIndex(of: UInt8(ascii: "[")), open > floor,
      end - open >= 4, bytes[end - 2] == UInt8(ascii: "m") || bytes[end - 2] == UInt8(ascii: "k"),
      bytes[(open + 1)..<(end - 2)].allSatisfy(isASCIIDigit)
    else { return nil }
    return Cut(at: isDelimiter(bytes[open - 1]) || bytes[open - 1] == 32 ? open - 1 : open, kind: .context)
  }

  /// "@20251101", "@001", "@latest", "@default"; but not "@2407", another Mistral Large than "@2411".
  private func snapshot(_ end: Int) -> Cut? {
    guard let at = bytes[..<end].lastIndex(of: UInt8(ascii: "@")), at > floor, at + 1 < end else { return nil }
    let tail = bytes[(at + 1)..<end]
    let isBuild = tail.count == 3 && tail.allSatisfy(isASCIIDigit)
    let isDay = tail.count > 6 && date(end) == at
    guard isBuild || isDay || isWord(tail, "latest") || isWord(tail, "default") else { return nil }
    return Cut(at: at, kind: .version)
  }

  private func word(_ end: Int) -> Cut? {
    guard let before = bytes[..<end].lastIndex(where: isDelimiter), before > floor else { return nil }
    let tail = bytes[(before + 1)..<end]
    if isWord(tail, "latest"), bytes[before] != UInt8(ascii: ".") { return Cut(at: before, kind: .latest) }
    return isQuantisation(tail) ? Cut(at: before, kind: .quantisation) : nil
  }

  /// Bedrock's "-v1:0", "-1:0", ":0", and "-v1"; a second version ("-v2") only where a date says that it is one of a snapshot.
  private func revision(_ end: Int) -> Cut? {
    let digits = digitCount(before: end)
    guard (1...2).contains(digits) else { return nil }
    let start = end - digits
    guard start > floor + 2 else { return nil }
    if bytes[start - 1] == UInt8(ascii: ":") {
      let colon = start - 1
      return numbered(before: colon, orOne: true).map { Cut(at: $0, kind: .revision) } ?? Cut(at: colon, kind: .revision)
    }
    return numbered(before: end, orOne: false).map { Cut(at: $0, kind: .revision) }
  }

  /// Where "-v1" begins that ends before `end`; with `orOne` also "-1".
  private func numbered(before end: Int, orOne: Bool) -> Int? {
    let digits = digitCount(before: end)
    let start = end - digits
    guard (1...2).contains(digits), start > floor + 2 else { return nil }
    let isOne = digits == 1 && bytes[start] == UInt8(ascii: "1")
    if orOne, isOne, folded[start - 1] == UInt8(ascii: "-") { return start - 1 }
    guard bytes[start - 1] == UInt8(ascii: "v"), folded[start - 2] == UInt8(ascii: "-") else { return nil }
    return isOne || date(start - 2) != nil ? start - 2 : nil
  }

  // MARK: Dates

  /// Where "-20250929", "-2025-09-29", "-08-2024", "-250615" or "-0613" begins that ends before `end`. Four digits that are no
  /// month and day ("-2411", "-4096") are part of the name.
  func date(_ end: Int) -> Int? {
    if let at = pattern("-####-##-##", end), isYear(at + 1), isDay(at + 6, at + 9) { return at }
    if let at = pattern("-########", end), isYear(at + 1), isDay(at + 5, at + 7) { return at }
    if let at = pattern("-##-####", end), isYear(at + 4), isDay(at + 1, nil) { return at }
    if let at = pattern("-######", end), (23...39).contains(two(at + 1)), isDay(at + 3, at + 5) { return at }
    if let at = pattern("-####", end), isDay(at + 1, at + 3) { return at }
    return nil
  }

  private func pattern(_ text: StaticString, _ end: Int) -> Int? {
    let count = text.utf8CodeUnitCount
    let start = end - count
    guard start > floor else { return nil }
    for i in 0..<count {
      let wanted = text.utf8Start[i]
      guard wanted == UInt8(ascii: "#") ? isASCIIDigit(folded[start + i]) : folded[start + i] == wanted else { return nil }
    }
    return start
  }

  private func two(_ i: Int) -> Int { Int(folded[i] - 48) * 10 + Int(folded[i + 1] - 48) }
  private func isYear(_ i: Int) -> Bool { two(i) == 20 && (18...39).contains(two(i + 2)) }
  private func isDay(_ month: Int, _ day: Int?) -> Bool {
    (1...12).contains(two(month)) && day.map { (1...31).contains(two($0)) } ?? true
  }

  // MARK: Looser

  private func looseStart(_ end: Int) -> Int? {
    if let at = pattern("-##-##", end), isDay(at + 1, at + 4) { return at }
    if let at = pattern("-00#", end) ?? pattern("-v#", end) { return at }
    guard let before = folded[..<end].lastIndex(of: UInt8(ascii: "-")), before > floor else { return nil }
    let tail = folded[(before + 1)..<end]
    return Self.looseWords.contains { isWord(tail, $0) } ? before : nil
  }
  private static let looseWords: [StaticString] = ["preview", "exp", "experimental", "beta", "stable", "customtools"]

  private func digitCount(before end: Int) -> Int { bytes[..<end].reversed().prefix(while: isASCIIDigit).count }
}

private func isDelimiter(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "."), UInt8(ascii: "/"): true
  default: false
  }
}

func isASCIIDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

func isWord(_ bytes: ArraySlice<UInt8>, _ word: StaticString) -> Bool {
  bytes.count == word.utf8CodeUnitCount
    && bytes.elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
}

/// "fp8", "awq", "gguf", "int4", "4bit", "q4_k_m", "iq3_xs", "w8a8".
private func isQuantisation(_ word: ArraySlice<UInt8>) -> Bool {
  guard (2...8).contains(word.count), let first = word.first else { return false }
  if first == UInt8(ascii: "q") || first == UInt8(ascii: "i") {
    let rest = first == UInt8(ascii: "i") ? word.dropFirst() : word
    if rest.first == UInt8(ascii: "q"), let digit = rest.dropFirst().first, isASCIIDigit(digit),
      rest.dropFirst(2).first.map({ $0 == UInt8(ascii: "_") }) ?? true
    {
      return true
    }
  }
  return quantisations.contains(String(decoding: word, as: UTF8.self))
}

private let quantisations: Set<String> = [
  "fp4", "fp6", "fp8", "fp16", "fp32", "bf16", "f16", "f32", "nf4", "nvfp4", "mxfp4", "mxfp8", "int2", "int3", "int4", "int5",
  "int6", "int8", "2bit", "3bit", "4bit", "5bit", "6bit", "8bit", "16bit", "awq", "gptq", "gguf", "ggml", "exl2", "exl3",
  "mlx", "bnb", "w4a16", "w8a16", "w8a8", "w4a8",
]
