import Domain
import HTML
import Testing

@testable import Pages

@Suite struct KeyPageTests {
  @Test func onlyThePageOfANewSecretShowsIt() {
    let secret = KeySamples.secret.secret
    for (name, html) in KeySamples.all { #expect(html.string.contains(secret) == (name == "key-secret"), "\(name)") }
  }

  @Test func textsOfOthersAreEscapedAndMarkupIsNot() {
    for (name, html) in KeySamples.all {
      #expect(!html.string.contains("&lt;span") && !html.string.contains("<desk>"), "\(name)")
    }
  }

  @Test func whoMayNotOpenWhatAKeyOpensIsOfferedNoNewSecret() {
    #expect(KeySamples.page(KeySamples.production).render().string.contains("/rotate"))
    #expect(!KeySamples.page(KeySamples.production, canOpen: false).render().string.contains("/rotate"))
  }

  @Test func limitsAreForWhoeverManagesTheProjectsKeys() {
    #expect(KeySamples.page(KeySamples.production).render().string.contains("name=\"requests\""))
    let bounded = KeySamples.page(KeySamples.production, canBound: false).render().string
    #expect(!bounded.contains("name=\"requests\"") && bounded.contains("name=\"expires\""))
  }

  @Test func aRevokedKeyHasNothingLeftToChange() {
    let page = KeySamples.page(KeySamples.revoked).render().string
    #expect(!page.contains("/revoke") && !page.contains("/rotate") && !page.contains("/change") && page.contains("by ada@meridian.example"))
  }

  @Test func scopesThatNobodyMayGiveHereAreNotOffered() {
    let form = KeySamples.form(rights: KeyRights(managesAll: false, scopes: [.ingest, .readMoney], teams: .all)).render().string
    #expect(form.contains("value=\"ingest\"") && form.contains("value=\"readMoney\""))
    #expect(!form.contains("value=\"read\"") && !form.contains("value=\"admin\""))
  }

  @Test(arguments: [
    ("GET /api/v1/costs", "read"), ("POST /api/public/otel/v1/traces", "sent"), ("POST /api/public/ingestion", "sent"),
    ("POST /api/v1/what-if", "asked"), ("POST /api/v1/keys", "changed"), ("DELETE /api/v1/prices/:kind/:id", "changed"),
  ]) func routesAreToldByWhatTheyDo(route: String, does: String) {
    #expect(KeyWords.does(route) == does)
  }
}
