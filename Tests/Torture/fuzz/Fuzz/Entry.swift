import Foundation

/// What libFuzzer calls. `QUIPU_FUZZ_TARGET` names the decoder; a trap, a sanitizer's finding or `Finding.report` ends the process, and
/// libFuzzer keeps the input.
private let target: FuzzTarget = {
  let name = ProcessInfo.processInfo.environment["QUIPU_FUZZ_TARGET"] ?? ""
  guard let target = FuzzTarget(rawValue: name) else {
    Finding.report("QUIPU_FUZZ_TARGET is \"\(name)\": expected one of \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
  }
  return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target.run(UnsafeRawBufferPointer(start: data, count: count))
  return 0
}

@_silgen_name("LLVMFuzzerMutate")
private func fuzzerMutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ countMax: Int) -> Int

/// Half of the changes are made to the message or document as a tree, so that they get past framing and lengths.
@_cdecl("LLVMFuzzerCustomMutator")
public func fuzzMutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ countMax: Int, _ seed: UInt32) -> Int {
  var random = SplitMix(state: UInt64(seed))
  let shape = target.shape
  if shape == .bytes || random.next() % 2 == 0 { return fuzzerMutate(data, count, countMax) }
  let input = Array(UnsafeBufferPointer(start: data, count: count))
  let changed = shape == .protobuf ? ProtobufTree.mutated(input, &random) : JSONTree.mutated(input, &random)
  guard let changed, changed.count <= countMax, changed != input else { return fuzzerMutate(data, count, countMax) }
  for (index, byte) in changed.enumerated() { data[index] = byte }
  return changed.count
}

/// libFuzzer's own changes to a piece of the input.
func mutatedPiece(_ piece: [UInt8]) -> [UInt8] {
  let room = piece.count + 32
  return [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
    guard let start = buffer.baseAddress else { return }
    for (index, byte) in piece.enumerated() { start[index] = byte }
    count = fuzzerMutate(start, piece.count, room)
  }
}

/// The same changes for the same seed, as libFuzzer demands.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

enum Finding {
  static func report(_ text: String) -> Never {
    FileHandle.standardError.write(Data("FINDING: \(text)\n".utf8))
    abort()
  }
}
