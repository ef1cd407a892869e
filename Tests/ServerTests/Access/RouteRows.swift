/// Every route and who may call it, as `quipu routes` prints them; sorted, those open to anybody first.
enum RouteRows {
  static let text = """
    GET /api/openapi.json open
    GET /api/public/health open
    POST /api/public/ingestion open
    GET /api/public/otel/v1/logs open
    POST /api/public/otel/v1/logs open
    GET /api/public/otel/v1/metrics open
    POST /api/public/otel/v1/metrics open
    GET /api/public/otel/v1/traces open
    POST /api/public/otel/v1/traces open
    GET /api/public/ready open
    POST /api/public/scores open
    GET /assets/** open
    GET /favicon.ico open
    GET /livez open
    GET /metrics open
    GET /otlp/v1/logs open
    POST /otlp/v1/logs open
    GET /otlp/v1/metrics open
    POST /otlp/v1/metrics open
    GET /otlp/v1/traces open
    POST /otlp/v1/traces open
    GET /readyz open
    GET /sign-in open
    POST /sign-in open
    GET /sign-in/code open
    POST /sign-in/code open
    GET /sign-in/with/:provider open
    GET /sign-in/with/:provider/callback open
    POST /sign-out open
    POST /theme open
    GET /v1/logs open
    POST /v1/logs open
    GET /v1/metrics open
    POST /v1/metrics open
    GET /v1/traces open
    POST /v1/traces open
    GET /welcome/:token open
    POST /welcome/:token open
    GET / permitted seeMoney
    GET /account member
    GET /account/break-glass member
    POST /account/break-glass member
    POST /account/linked member
    POST /account/password member
    GET /account/second-factor member
    POST /account/second-factor member
    POST /account/sessions member
    POST /api/public/media key ingest
    GET /api/public/projects key any
    GET /api/public/v2/prompts/** key any
    GET /api/v1/attribution-rules key admin editRules
    POST /api/v1/attribution-rules key admin editRules
    DELETE /api/v1/attribution-rules/:id key admin editRules
    PUT /api/v1/attribution-rules/:id key admin editRules
    POST /api/v1/attribution-rules/:id/move key admin editRules
    POST /api/v1/attribution-rules/preview key admin editRules
    GET /api/v1/audit key admin readAudit
    GET /api/v1/audit/head key admin readAudit
    GET /api/v1/content-rules/:project key admin manageContent
    PATCH /api/v1/content-rules/:project key admin manageContent
    POST /api/v1/content-rules/:project/preview key admin manageContent
    GET /api/v1/costs key admin,read,readMoney
    GET /api/v1/declared-keys key admin,read,readMoney
    POST /api/v1/declared-keys key admin manageContent
    GET /api/v1/exports key admin,read,readMoney
    POST /api/v1/exports key admin,read,readMoney
    DELETE /api/v1/exports/:export key admin,read,readMoney
    GET /api/v1/exports/:export key admin,read,readMoney
    GET /api/v1/exports/:export/file key admin,read,readMoney
    GET /api/v1/keys key admin manageKeys
    POST /api/v1/keys key admin manageKeys
    DELETE /api/v1/keys/:key key admin manageKeys
    GET /api/v1/keys/:key key admin manageKeys
    PATCH /api/v1/keys/:key key admin manageKeys
    POST /api/v1/keys/:key/rotate key admin manageKeys
    GET /api/v1/media/:id key read
    GET /api/v1/observations/:observation key admin,read
    GET /api/v1/observations/:observation/cost key admin,read
    GET /api/v1/prices key admin,read,readMoney
    POST /api/v1/prices key admin editPrices
    DELETE /api/v1/prices/:kind/:id key admin editPrices
    GET /api/v1/prices/export key admin,read,readMoney
    POST /api/v1/prices/import key admin editPrices
    GET /api/v1/prices/unpriced key admin,read,readMoney
    GET /api/v1/projects key admin manageData
    POST /api/v1/projects key admin manageData
    GET /api/v1/reattributions key admin editRules
    POST /api/v1/reattributions key admin editRules
    DELETE /api/v1/reattributions/:id key admin editRules
    GET /api/v1/reattributions/:id key admin editRules
    POST /api/v1/reattributions/dry-run key admin editRules
    GET /api/v1/reports/allocation key admin,read,readMoney
    GET /api/v1/repricings key admin editPrices
    POST /api/v1/repricings key admin editPrices
    DELETE /api/v1/repricings/:repricing key admin editPrices
    GET /api/v1/repricings/:repricing key admin editPrices
    GET /api/v1/sampling/:project key admin manageContent
    PUT /api/v1/sampling/:project key admin manageContent
    POST /api/v1/sampling/:project/end key admin manageContent
    PUT /api/v1/sampling/:project/noise key admin manageContent
    POST /api/v1/sampling/:project/preview key admin manageContent
    GET /api/v1/statements key admin seeMoney
    GET /api/v1/statements/:month key admin seeMoney
    POST /api/v1/statements/:month/close key admin editRules
    GET /api/v1/statements/:month/text key admin export
    GET /api/v1/teams key admin,read,readMoney
    POST /api/v1/teams key admin editTeams
    PATCH /api/v1/teams/:id key admin editTeams
    GET /api/v1/traces key admin,read
    GET /api/v1/traces/:trace key admin,read
    GET /api/v1/user-groups key admin editTeams
    POST /api/v1/user-groups key admin editTeams
    DELETE /api/v1/user-groups/:id key admin editTeams
    PATCH /api/v1/user-groups/:id key admin editTeams
    GET /api/v1/user-groups/:id/members key admin editTeams
    PUT /api/v1/user-groups/:id/members key admin editTeams
    PUT /api/v1/user-groups/members key admin editTeams
    GET /api/v1/what-if key admin,read,readMoney
    POST /api/v1/what-if key admin,read,readMoney
    GET /connect permitted seeRequests
    GET /costs permitted seeMoney
    GET /costs.csv permitted export
    GET /endpoints permitted seeMoney
    POST /endpoints/type permitted editTeams
    POST /endpoints/types permitted editTeams
    POST /endpoints/types/remove permitted editTeams
    GET /prices permitted seeMoney
    POST /prices/aliases permitted editPrices
    GET /prices/export permitted export
    GET /prices/import permitted editPrices
    POST /prices/import permitted editPrices
    POST /prices/listings permitted editPrices
    GET /prices/model permitted seeMoney
    GET /prices/new permitted editPrices
    POST /prices/remove permitted editPrices
    GET /prices/repricings permitted editPrices
    POST /prices/repricings permitted editPrices
    GET /prices/repricings/:repricing permitted editPrices
    GET /prices/repricings/new permitted editPrices
    POST /prices/switches permitted editPrices
    POST /prices/terms permitted editPrices
    GET /prices/unpriced permitted seeMoney
    GET /project/:project/media/:id permitted seeTraces
    GET /project/:project/traces/:trace permitted seeTraces
    GET /project/:project/traces/:trace/observations/:observation permitted seeTraces
    GET /reports permitted seeMoney
    GET /reports/allocation permitted seeMoney
    GET /reports/allocation/file permitted export
    GET /reports/exports permitted export
    POST /reports/exports permitted export
    GET /reports/exports/:export/file permitted export
    POST /reports/exports/remove permitted export
    GET /reports/pools permittedForAll seeMoney
    POST /reports/pools permitted editRules
    GET /reports/pools/:pool permitted editRules
    POST /reports/pools/end permitted editRules
    GET /reports/pools/new permitted editRules
    GET /reports/statements permitted seeMoney
    GET /reports/statements/:month permitted seeMoney
    POST /reports/statements/:month/close permitted editRules
    GET /reports/statements/:month/text permittedForAll export
    GET /settings member
    GET /settings/audit permitted readAudit
    GET /settings/audit/file permitted readAudit
    GET /settings/content permitted manageContent
    GET /settings/content/:project permitted manageContent
    POST /settings/content/:project permitted manageContent
    POST /settings/content/:project/preview permitted manageContent
    GET /settings/dimensions permitted editTeams
    POST /settings/dimensions permittedForAll manageContent
    GET /settings/groups permitted editTeams
    POST /settings/groups permitted editTeams
    POST /settings/groups/members permitted editTeams
    GET /settings/keys permitted manageKeys
    POST /settings/keys permitted manageKeys
    GET /settings/keys/:key permitted manageKeys
    POST /settings/keys/:key/change permitted manageKeys
    POST /settings/keys/:key/end-previous permitted manageKeys
    POST /settings/keys/:key/revoke permitted manageKeys
    POST /settings/keys/:key/rotate permitted manageKeys
    POST /settings/keys/:key/trust permitted manageKeys
    GET /settings/keys/new permitted manageKeys
    GET /settings/members permitted manageMembers
    POST /settings/members permitted manageMembers
    GET /settings/members/:member permitted manageMembers
    POST /settings/members/:member permitted manageMembers
    POST /settings/members/policy permitted manageMembers
    GET /settings/projects permitted manageData
    POST /settings/projects permitted manageData
    GET /settings/rules permitted editRules
    POST /settings/rules permitted editRules
    GET /settings/rules/:rule permitted editRules
    POST /settings/rules/change permitted editRules
    GET /settings/rules/new permitted editRules
    GET /settings/rules/rerun permitted editRules
    POST /settings/rules/rerun permitted editRules
    GET /settings/rules/rerun/:run permitted editRules
    POST /settings/rules/rerun/:run/stop permitted editRules
    GET /settings/rules/rerun/new permitted editRules
    GET /settings/sampling permitted manageContent
    GET /settings/sampling/:project permitted manageContent
    POST /settings/sampling/:project permitted manageContent
    POST /settings/sampling/:project/end permitted manageContent
    POST /settings/sampling/:project/noise permitted manageContent
    POST /settings/sampling/:project/preview permitted manageContent
    GET /settings/sign-in permitted manageMembers
    POST /settings/sign-in permitted manageMembers
    GET /settings/sign-in/:provider permitted manageMembers
    POST /settings/sign-in/:provider/link permitted manageMembers
    POST /settings/sign-in/:provider/remove permitted manageMembers
    GET /settings/sign-in/:provider/test permitted manageMembers
    GET /settings/sign-in/:provider/test/begin permitted manageMembers
    GET /settings/sign-in/new permitted manageMembers
    GET /settings/storage permitted manageData
    POST /settings/storage permitted manageData
    GET /settings/teams permitted editTeams
    POST /settings/teams permitted editTeams
    GET /settings/teams/:team permitted editTeams
    GET /settings/teams/new permitted editTeams
    GET /settings/users-data permitted manageData
    POST /settings/users-data permitted manageData
    GET /settings/users-data/:erasure/receipt permitted manageData
    GET /settings/users-data/export permitted manageData
    GET /teams permitted seeMoney
    GET /teams/:team permitted seeMoney
    GET /trace/:trace permitted seeTraces
    GET /traces permitted seeTraces
    GET /users permitted seeUserCost
    """
}
