import Testing

@testable import Postgres

@Suite struct ServerAddressTests {
  @Test func thePasswordStaysOffTheCommandLine() throws {
    for url in ["postgres://ana:s3cret@db.example:5433/quipu?sslmode=require", "host=db.example port=5433 user=ana password=s3cret dbname=quipu sslmode=require"] {
      let address = try ServerAddress(url: url)
      #expect(!address.argument.contains("s3cret"))
      #expect(address.environment["PGPASSWORD"] == "s3cret")
      #expect(address.argument == "dbname='quipu' host='db.example' port='5433' sslmode='require' user='ana'")
      #expect(try ServerAddress(url: address.url).password == "s3cret")
    }
  }

  @Test func quotesAndBackslashesSurvive() throws {
    let address = try ServerAddress(url: #"host=/tmp/a\'b password='a\'b\\c d' dbname='my data'"#)
    #expect(address.password == #"a'b\c d"#)
    let again = try ServerAddress(url: address.database("it's").url)
    #expect(again.password == #"a'b\c d"# && again.argument == #"dbname='it\'s' host='/tmp/a\'b'"#)
  }

  @Test func whatLibpqCanNotReadIsRefusedWithItsReason() {
    let error = #expect(throws: BackupError.self) { try ServerAddress(url: "postgres://[bad") }
    #expect(error?.description.contains("the database's address cannot be read") == true)
  }
}
