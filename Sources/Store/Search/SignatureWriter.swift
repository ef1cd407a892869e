import Domain
import Postgres

extension Connection {
  /// Part of the transaction that writes the blocks.
  func writeSignatures(of blocks: [PayloadBlock]) throws {
    let columns = [
      "block_id", "trace_id", "first_started_at", "last_started_at", "project_id", "inflated_bytes", "written_on",
      "retention_days", "continues", "signature",
    ]
    try copyIn(table: "payload_signatures", columns: columns) { w in
      for block in blocks {
        try w.row {
          $0.int64(block.id.rawValue)
          $0.uuid(block.key.trace.uuid)
          $0.timestamp(microseconds: block.started.lowerBound.microseconds)
          $0.timestamp(microseconds: block.started.upperBound.microseconds)
          $0.int32(block.key.project.rawValue)
          $0.int32(Int32(clamping: block.inflatedBytes))
          $0.date(days: block.id.writtenOn)
          $0.int16(block.storedClass)
          $0.bool(block.continues)
          $0.bytea(block.signature)
        }
      }
    }
  }
}
