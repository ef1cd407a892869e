import Glibc

extension EmbeddedCluster {
  /// The address of the cluster that a running service keeps in this data folder; nil when none runs.
  /// For commands beside the service.
  public static func runningURL(dataFolder: String) -> String? {
    guard let text = try? FileSystem.text(dataFolder + "/postgres/postmaster.pid") else { return nil }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 5, let process = pid_t(lines[0].filter(\.isNumber)), kill(process, 0) == 0 || errno == EPERM
    else { return nil }
    return "host='\(lines[4])' port=\(lines[3]) user=quipu dbname=quipu"
  }
}
