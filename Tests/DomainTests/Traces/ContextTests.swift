import Testing

@testable import Domain

@Suite struct ContextTests {
  private func decision(_ change: (inout Observation) -> Void = { _ in }, _ trace: (inout TraceFacts) -> Void)
    -> Decision
  {
    settled([row(1).with(change)], trace)[0].decision
  }

  @Test func anObservationsOwnWordWinsOverTheTraces() {
    let own = decision({
      $0.facts.user = "u1"; $0.facts.session = "s1"; $0.facts.environment = "dev"
    }) {
      $0.user = "u2"
      $0.session = "s2"
      $0.environment = "prod"
    }
    #expect([own.user, own.session, own.environment] == ["u1", "s1", "dev"])
    let inherited = decision {
      $0.user = "u2"; $0.session = "s2"; $0.environment = "prod"
    }
    #expect([inherited.user, inherited.session, inherited.environment] == ["u2", "s2", "prod"])
    #expect(decision { _ in }.environment == "default")
  }

  @Test func aUserSaidOnAnEnclosingSpanCoversItsCalls() {
    let rows = [row(1, .agent).with { $0.facts.user = "inner" }, row(2, under: 1), row(3)]
    #expect(settled(rows) { $0.user = "outer" }.map(\.decision.user) == ["inner", "inner", "outer"])
  }

  @Test func endpointFollowsTheOrderOfEvidence() {
    func endpoint(own: String?, above: String?, trace: String?, server: String?, rootServer: String?, name: String?)
      -> String?
    {
      let rows = [
        row(1, .span).with {
          $0.facts.endpointHint = above; $0.facts.serverRoute = server
        }, row(2, under: 1, .span),
        row(3, under: 2).with { $0.facts.endpointHint = own },
      ]
      return settled(rows) {
        $0.endpointHint = trace; $0.serverRoute = rootServer; $0.name = name
      }[2].decision.endpoint
    }
    #expect(endpoint(own: "a", above: "b", trace: "c", server: "/d", rootServer: "/e", name: "f") == "a")
    #expect(endpoint(own: nil, above: "b", trace: "c", server: "/d", rootServer: "/e", name: "f") == "b")
    #expect(endpoint(own: nil, above: nil, trace: "c", server: "/d", rootServer: "/e", name: "f") == "c")
    #expect(endpoint(own: nil, above: nil, trace: nil, server: "/d", rootServer: "/e", name: "f") == "/d")
    #expect(endpoint(own: nil, above: nil, trace: nil, server: nil, rootServer: "/e", name: "f") == "/e")
    #expect(endpoint(own: nil, above: nil, trace: nil, server: nil, rootServer: nil, name: "f 1234567") == "f {id}")
    #expect(endpoint(own: nil, above: nil, trace: nil, server: nil, rootServer: nil, name: nil) == nil)
  }

  @Test func aRootServerSpanServesRowsCutOffFromIt() {
    let rows = [row(1, .span).with { $0.facts.serverRoute = "/chat" }, row(5, under: 77)]
    #expect(settled(rows)[1].decision.endpoint == "/chat")
  }

  @Test(arguments: [
    ("/users/123", "/users/{id}"), ("GET /users/7/posts/8?x=1", "GET /users/{id}/posts/{id}?x=1"),
    ("chat", "chat"), ("/v1/messages", "/v1/messages"), ("rag-pipeline", "rag-pipeline"), ("step 3", "step 3"),
    ("job 01a2037e-7162-734b-80f1-314faa69c6b1 done", "job {id} done"), ("/t/deadbeef01/x", "/t/{id}/x"),
    ("trace deadbeefcafe0123", "trace {id}"), ("order-20260801123", "order-{id}"), ("/Größe/42", "/Größe/{id}"),
    ("facade", "facade"), ("/defaced", "/defaced"), ("gpt-4o-2024-08-06", "gpt-4o-2024-08-06"),
  ]) func idsInNamesAreTemplated(name: String, endpoint: String) {
    #expect(EndpointName.template(name) == endpoint)
  }

  @Test func blankNamesAreNoEndpointAndLongOnesAreCut() {
    #expect(EndpointName.template(" \n") == nil)
    #expect(EndpointName.template(String(repeating: "é", count: 900))?.count == 200)
  }
}
