/** The content of x-ms-diagnostics: why Exchange refused a token. */
export interface Diagnostics {
  readonly code: number
  readonly reason: string
  readonly category: string
}

/**
 * Every refusal, in one table. `audience` and `tenant` are Microsoft's own, code and words; the codes from 2990001 on are a choice of this
 * lab, out of the way of Microsoft's, because those for the other faults are not published.
 */
const table = {
  audience: [2_000_003, "The audience claim value is invalid 'aud'.", 'invalid_resource'],
  tenant: [2_000_004, "The tenant for tenant guid '<x>' does not exist.", 'invalid_tenant'],
  malformed: [2_990_001, 'The token could not be read.', 'invalid_token'],
  algorithm: [2_990_002, 'The token is not signed by an accepted algorithm.', 'invalid_signature'],
  signature: [2_990_003, 'The token is not signed by a trusted issuer.', 'invalid_signature'],
  issuer: [2_990_004, "The issuer claim value is invalid 'iss'.", 'invalid_issuer'],
  expired: [2_990_005, 'The token has expired.', 'invalid_lifetime'],
  'not-yet-valid': [2_990_006, 'The token is not valid yet.', 'invalid_lifetime'],
  actor: [2_990_007, 'The issuer of the user token is not the application of its actor token.', 'invalid_issuer'],
  'application-missing': [2_990_008, "There is no partner application '<x>'.", 'invalid_client'],
  'application-disabled': [2_990_009, "The partner application '<x>' is disabled.", 'invalid_client'],
  'legacy-application': [
    2_990_010,
    "The partner application '<x>' needs SfBOnline, which is missing or disabled.",
    'invalid_client',
  ],
} as const

export type DiagnosticsName = keyof typeof table

/** @param about what stands in place of `<x>`; anything that could not stand in a header is left out */
export function diagnostics(name: DiagnosticsName, about = ''): Diagnostics {
  const [code, reason, category] = table[name]
  return { code, reason: reason.replace('<x>', () => about.replaceAll(/[^ !#-[\]-~]/g, '').slice(0, 100)), category }
}

/** The header's value, as in `2000003;reason="…";error_category="invalid_resource"`. */
export function writeDiagnostics({ code, reason, category }: Diagnostics): string {
  return `${code};reason="${reason}";error_category="${category}"`
}

export function readDiagnostics(value: string): Diagnostics | undefined {
  const match = /^(\d+);\s*reason="([^"]*)"(?:;\s*error_category="([^"]*)")?/.exec(value)
  return match === null ? undefined : { code: Number(match[1]), reason: match[2] ?? '', category: match[3] ?? '' }
}
