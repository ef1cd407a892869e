/// What a trace's rows mean together: the context each one inherits, and which rows are calls. A pure function of the
/// set of rows: their order, and the order they arrived in, change nothing (design §3.8).
public enum Settle {
  /// Fills the context (user, session, environment, endpoint) and the counting (`isCall`, `shadowedBy`, `shadowReason`)
  /// of every observation's decision; price and owner are left alone. Rows that have not arrived take no part and are
  /// never calls. Near-linear in the number of rows; cycles and missing parents are cut, never followed.
  public static func settle(_ snapshot: inout TraceSnapshot) {
    let tree = TraceTree(snapshot.observations)
    InheritedContext.fill(&snapshot, tree)
    var counter = CallCounter(tree)
    counter.count()
    for i in snapshot.observations.indices {
      snapshot.observations[i].decision.isCall = false
      snapshot.observations[i].decision.shadowedBy = nil
      snapshot.observations[i].decision.shadowReason = nil
    }
    for (i, row) in tree.rows.enumerated() {
      let shadow = counter.finalShadow(of: i)
      snapshot.observations[row.position].decision.isCall = row.isCandidate && shadow == nil
      snapshot.observations[row.position].decision.shadowedBy = shadow.map { tree.rows[$0.row].id }
      snapshot.observations[row.position].decision.shadowReason = shadow?.reason
    }
  }
}

extension Settle {
  /// Fills the context alone, as `settle` does: for deciding owners again where counting stays as it is.
  public static func context(_ snapshot: inout TraceSnapshot) {
    InheritedContext.fill(&snapshot, TraceTree(snapshot.observations))
  }
}

/// User, session, environment and endpoint of each row: its own word, else its nearest ancestor's, else the trace's. Ids in endpoints
/// become `{id}`, wherever they come from.
enum InheritedContext {
  private struct Inherited {
    var user: String?
    var session: String?
    var hint: String?
    var serverRoute: String?
  }

  static func fill(_ snapshot: inout TraceSnapshot, _ tree: TraceTree) {
    let trace = snapshot.facts
    let rootRoute = (trace.serverRoute ?? routeOfRoots(snapshot.observations, tree)).flatMap(EndpointName.template)
    let hinted = trace.endpointHint.flatMap(EndpointName.template)
    let named = trace.name.flatMap(EndpointName.template)
    var carried = [Inherited](repeating: Inherited(), count: tree.rows.count)
    for i in tree.topDown {
      let position = tree.rows[i].position
      let facts = snapshot.observations[position].facts
      let above = tree.parents[i].map { carried[$0] } ?? Inherited()
      let own = Inherited(
        user: facts.user ?? above.user, session: facts.session ?? above.session,
        hint: facts.endpointHint.flatMap(EndpointName.template) ?? above.hint,
        serverRoute: facts.serverRoute.flatMap(EndpointName.template) ?? above.serverRoute)
      carried[i] = own
      snapshot.observations[position].decision.user = own.user ?? trace.user
      snapshot.observations[position].decision.session = own.session ?? trace.session
      snapshot.observations[position].decision.environment = facts.environment ?? trace.environment ?? "default"
      snapshot.observations[position].decision.endpoint =
        own.hint ?? hinted ?? own.serverRoute ?? rootRoute ?? named
    }
  }

  private static func routeOfRoots(_ observations: [Observation], _ tree: TraceTree) -> String? {
    let roots = tree.rows.indices.filter { tree.parents[$0] == nil }
    return roots.lazy.compactMap { observations[tree.rows[$0].position].facts.serverRoute }.first
  }
}
