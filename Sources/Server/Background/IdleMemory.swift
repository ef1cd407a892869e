/// Gives memory back to the system while nothing is being stored: the allocator keeps what large bodies took.
enum IdleMemory {
  static func giveBack(_ admission: Admission) {
    if admission.inFlightBytes == 0 { _ = trim(0) }
  }
}

/// malloc_trim(3): the header that declares it is in no module.
@_silgen_name("malloc_trim") private func trim(_ pad: Int) -> Int32
