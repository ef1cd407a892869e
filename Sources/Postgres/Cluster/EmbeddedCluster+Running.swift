extension EmbeddedCluster {
  /// The address of the cluster that a running service keeps in this data folder; nil when none runs.
  /// For commands beside the service.
  public static func runningURL(dataFolder: String) -> String? {
    let directory = dataFolder + "/postgres"
    guard let file = PostmasterFile(directory: directory), let sockets = file.socketFolder,
      file.isLive(directory: directory)
    else { return nil }
    return "host='\(sockets)' port=5432 user=quipu dbname=quipu"
  }
}
