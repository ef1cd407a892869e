import Domain
import Testing

@testable import Exports

@Suite struct FocusFileTests {
  private func rows(_ charges: [Charge] = Samples.charges) -> [[String: String]] {
    var file = FocusFile(Samples.source)
    for charge in charges { file.append(charge) }
    return CSVReader.table(file.take())
  }

  @Test func mandatoryColumnsComeFirstAndOursLast() {
    let names = FocusFile.columnNames
    let mandatory = [
      "BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "BillingCurrency", "BillingAccountId", "BillingAccountName",
      "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory", "ChargeClass",
      "ChargeDescription", "InvoiceIssuerName", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName", "PricingQuantity",
      "PricingUnit",
    ]
    #expect(mandatory.allSatisfy(names.contains))
    #expect(Set(names).count == names.count)
    let firstOwn = names.firstIndex { $0.hasPrefix("x_") } ?? 0
    #expect(names[firstOwn...].allSatisfy { $0.hasPrefix("x_") })
  }

  @Test func mandatoryValuesAreNeverNull() {
    let nullable: Set = ["ChargeClass", "PricingQuantity", "PricingUnit", "BillingAccountName"]
    for row in rows() {
      for name in ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "BillingCurrency", "BillingAccountId", "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory", "ChargeDescription", "InvoiceIssuerName", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName"] where !nullable.contains(name) {
        #expect(row[name]?.isEmpty == false, "\(name)")
      }
    }
  }

  @Test func unitPriceTimesQuantityIsTheCost() {
    for row in rows() where row["PricingQuantity"] != "" {
      for (unit, cost) in [("ListUnitPrice", "ListCost"), ("ContractedUnitPrice", "ContractedCost")] {
        // Six digits after the point of one factor and six of the other are the twelve of the cost.
        let quantity = DecimalText.scaled(row["PricingQuantity"] ?? "", scaleDigits: 6)
        let price = DecimalText.scaled(row[unit] ?? "", scaleDigits: 12)
        let product = quantity.flatMap { q in price.map { q * $0 } }
        #expect(product == USD(decimal: row[cost] ?? "").map { $0.pico * 1_000_000 }, "\(row)")
      }
    }
  }

  @Test func usageAndPurchasesHaveQuantitiesAndPrices() {
    for row in rows() where row["ChargeClass"] == "" && row["ChargeCategory"] != "Adjustment" {
      for name in ["PricingQuantity", "PricingUnit", "ListUnitPrice", "ContractedUnitPrice", "SkuId", "SkuPriceId", "PricingCategory"] {
        #expect(row[name]?.isEmpty == false, "\(name)")
      }
      #expect(row["ListUnitPrice"]?.hasPrefix("-") == false)
    }
  }

  @Test func consumptionIsThereForUsageOnly() {
    for row in rows() where row["ChargeClass"] == "" {
      #expect((row["ConsumedQuantity"] == "") == (row["ChargeCategory"] != "Usage"))
      #expect((row["ConsumedQuantity"] == "") == (row["ConsumedUnit"] == ""))
    }
  }

  @Test func tokensArePricedByTheMillion() {
    let row = rows()[0]
    #expect(row["PricingQuantity"] == "1.234567")
    #expect(row["PricingUnit"] == "1000000 Tokens")
    #expect(row["ListUnitPrice"] == "0.15")
    #expect(row["ContractedUnitPrice"] == "0.1275")
    #expect(row["ConsumedQuantity"] == "1234567")
    #expect(row["ListCost"] == "0.18518505")
    #expect(row["SkuMeter"] == "Input Tokens")
    #expect(row["SkuId"] == "openai/gpt-4o-mini/Input Tokens")
  }

  @Test func costsAddUpToTheCharges() {
    let charges = Samples.charges
    let sum = rows().compactMap { USD(decimal: $0["EffectiveCost"] ?? "") }.reduce(USD.zero, +)
    #expect(sum == charges.map(\.amounts.effective).reduce(USD.zero, +))
  }

  @Test func everyDeclaredDimensionHasATagOfItsOwn() {
    func tags(_ keys: (key: String, label: String)...) -> [String] {
      FocusSource.extraTags(
        keys.enumerated().map { DeclaredKey(key: $1.key, place: $0 + 1, label: $1.label, declaredAt: Samples.generated) }
      ).map(\.name)
    }
    #expect(tags(("tier", "Customer tier"), ("t", "Tenant")) == ["Customer tier", "Tenant"])
    #expect(tags(("tier", "ENV"), ("t", "Tenant"), ("u", "tenant"), ("service", "Env")) == ["tier", "Tenant", "u", "extra4"])
    #expect(tags(("extra2", "cost_center"), ("env", "env")) == ["extra1", "extra2"])
  }

  @Test func teamsAreSubAccountsAndUnallocatedIsNone() {
    let all = rows()
    #expect(all[0]["SubAccountId"] == "team-1")
    #expect(all[0]["SubAccountType"] == "Team")
    #expect(all[4]["SubAccountId"] == "")
    #expect(all[4]["SubAccountName"] == "")
    #expect(all[4]["x_Team"] == "Unallocated")
  }

  @Test func numbersAreWrittenPlainly() {
    let decimals = ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "PricingQuantity", "ListUnitPrice", "ContractedUnitPrice", "ConsumedQuantity"]
    for row in rows() {
      for name in decimals { #expect(row[name]?.allSatisfy { "-0123456789.".contains($0) } == true) }
    }
  }

  @Test func unpricedUsageSaysThatItsPriceIsNone() {
    let row = rows()[3]
    #expect(row["x_CostStatus"] == "unpriced")
    #expect(row["ListUnitPrice"] == "0")
    #expect(row["ConsumedQuantity"] == "10")
  }

  @Test func costsSayHowTheyAreKnownAndHowFinalTheyAre() {
    let all = rows()
    #expect(all.map { $0["x_CostStatus"] } == ["priced", "priced", "priced", "unpriced", "priced", "priced", "stated", "stated", "allocated", "rounding", "priced"])
    #expect(all.allSatisfy { $0["x_StatementState"] == "closed" })
  }

  @Test func whatFitsNoPriceIsOneUnitAtItsCost() {
    let odd = rows()[5], stated = rows()[6]
    #expect(odd["PricingQuantity"] == "1" && odd["PricingUnit"] == "Units" && odd["ListUnitPrice"] == "1")
    #expect(odd["ConsumedQuantity"] == "3" && odd["ConsumedUnit"] == "Tokens")
    #expect(stated["PricingQuantity"] == "1" && stated["ListUnitPrice"] == "0.25" && stated["EffectiveCost"] == "0.5")
  }

  @Test func differencesAreAdjustmentsWithoutQuantities() {
    for row in [rows()[7], rows()[9]] {
      #expect(row["ChargeCategory"] == "Adjustment")
      #expect(row["PricingQuantity"] == "" && row["PricingCategory"] == "" && row["ConsumedQuantity"] == "")
    }
    #expect(rows()[9]["ChargeDescription"] == "Rounding to cents")
  }

  @Test func sharedCostsAreRecurringPurchasesWithTheirMethod() {
    let row = rows()[8]
    #expect(row["ChargeCategory"] == "Purchase" && row["ChargeFrequency"] == "Recurring")
    #expect(row["x_AllocationMethod"] == "EVEN" && row["x_AllocatedFrom"] == "GPU node")
    #expect(row["x_AllocationDriver"] == "1" && row["x_AllocationDriverTotal"] == "3")
    #expect(row["ConsumedQuantity"] == "")
  }

  @Test func correctionsHaveTheirClassAndMonth() {
    let row = rows()[10]
    #expect(row["ChargeClass"] == "Correction")
    #expect(row["x_CorrectedMonth"] == "2026-09")
    #expect(row["EffectiveCost"] == "-0.000003")
  }

  @Test func jsonColumnsAreFlatAndWhole() {
    let row = rows()[0]
    #expect(row["Tags"] == "{\"endpoint\":\"/summarise\",\"Customer tier\":\"gold\"}")
    #expect(row["SkuPriceDetails"] == "{\"x_Model\":\"gpt-4o-mini\"}")
    #expect(FlatJSON.cell([("a\"\\", "\u{1}ü")]) == .verbatim("{\"a\\\"\\\\\":\"\\u0001ü\"}"))
    #expect(FlatJSON.cell([("a", nil), ("b", "")]) == .empty)
  }

  @Test func periodsAreUTCAndHalfOpen() {
    let row = rows()[0]
    #expect(row["BillingPeriodStart"] == "2026-09-30T22:00:00Z")
    #expect(row["BillingPeriodEnd"] == "2026-10-31T23:00:00Z")
    #expect(row["ChargePeriodStart"] == "2026-09-30T22:00:00Z")
    #expect(row["ChargePeriodEnd"] == "2026-10-01T22:00:00Z")
  }

  @Test func makersAreToldFromTheirModels() {
    #expect(Vendor("aws").publisher(of: "anthropic.claude-sonnet-4") == "Anthropic")
    #expect(Vendor("openrouter").publisher(of: "meta-llama/llama-3.3-70b") == "Meta")
    #expect(Vendor("azure").publisher(of: "my-deployment") == "Microsoft")
    #expect(Vendor(nil).publisher(of: "x") == "Unknown")
    #expect(Vendor("house-llm").service == "house-llm")
  }

  @Test func hostileQuantitiesDoNotTrap() {
    let row = rows([Samples.charge(.usage(.input), .max, list: .max, contracted: .max)])[0]
    #expect(row["ConsumedQuantity"] == "9223372036854775807")
  }
}
