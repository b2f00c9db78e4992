import type { Clock } from '../kernel/clock.ts'
import { PosternError } from '../kernel/errors.ts'
import type { DiagnosticsName } from '../ews/oauth/diagnostics.ts'
import { readCertificate } from '../ews/oauth/certificate.ts'
import { principals } from '../ews/oauth/names.ts'

/** Everything right, or the one thing that is wrong. */
export type Authorization =
  | 'works'
  | 'application-disabled'
  | 'application-missing'
  | 'certificate-expired'
  | 'certificate-not-uploaded'
  | 'wrong-audience'
  | 'sfb-missing'

/** A key on a service principal: a certificate, good until `end` (wall ms) or its own end, whichever comes first. */
export interface ServicePrincipalKey {
  /** PEM. */
  readonly certificate: string
  readonly end?: number
}

/** A partner application in Exchange together with its service principal at the authorization server. */
export interface PartnerApplication {
  readonly name: string
  readonly appId: string
  readonly present: boolean
  readonly enabled: boolean
  readonly keys: readonly ServicePrincipalKey[]
}

export interface Applications {
  all(): readonly PartnerApplication[]
  /** @param application id or name. @throws PosternError application-unknown */
  set(
    application: string,
    change: Partial<Pick<PartnerApplication, 'present' | 'enabled' | 'keys'>>,
  ): PartnerApplication
  authorize(state: Authorization): void
  /** Host names that Exchange takes for its own in an audience. */
  hosts(): readonly string[]
  /** Why Exchange refuses an application whose token is good. */
  partnerFault(appId: string): DiagnosticsName | undefined
  /** Why the authorization server issues no token to an application. */
  keyFault(appId: string): string | undefined
}

interface ApplicationsOrder {
  readonly clock: Clock
  readonly host: string
  readonly authCertificate: string
  readonly needsSkypeForBusiness: boolean
}

const names = new Map<string, string>([
  [principals.cloudVoicemail, 'CloudVoicemail'],
  [principals.skypeForBusinessOnline, 'SfBOnline'],
  [principals.exchange, 'Exchange Online'],
  [principals.teamsScheduler, 'TeamsScheduler'],
])
const voicemail = principals.cloudVoicemail

export function createApplications({
  clock,
  host,
  authCertificate,
  needsSkypeForBusiness,
}: ApplicationsOrder): Applications {
  const applications = new Map<string, PartnerApplication>()
  let hosts = [host]

  const reset = (): void => {
    hosts = [host]
    for (const [appId, name] of names) {
      applications.set(appId, { name, appId, present: true, enabled: true, keys: [{ certificate: authCertificate }] })
    }
  }
  const set: Applications['set'] = (application, change) => {
    const wanted = application.toLowerCase()
    const found = [...applications.values()].find((a) => a.appId === wanted || a.name.toLowerCase() === wanted)
    if (found === undefined) {
      const known = [...names.values()].join(', ')
      throw new PosternError(
        'application-unknown',
        `No application "${application}": expected its id or one of ${known}`,
      )
    }
    const changed = { ...found, ...change }
    applications.set(found.appId, changed)
    return changed
  }
  const breaks: Readonly<Record<Authorization, () => unknown>> = {
    works: () => undefined,
    'application-disabled': () => set(voicemail, { enabled: false }),
    'application-missing': () => set(voicemail, { present: false }),
    'certificate-expired': () => set(voicemail, { keys: [{ certificate: authCertificate, end: clock.wall() }] }),
    'certificate-not-uploaded': () => set(voicemail, { keys: [] }),
    'wrong-audience': () => (hosts = [`other.${host}`]),
    'sfb-missing': () => set(principals.skypeForBusinessOnline, { present: false }),
  }
  const works = (appId: string): boolean => {
    const application = applications.get(appId)
    return application?.present === true && application.enabled
  }
  reset()
  return {
    all: () => [...applications.values()],
    set,
    authorize(state) {
      reset()
      breaks[state]()
    },
    hosts: () => hosts,
    partnerFault(appId) {
      if (applications.get(appId)?.present !== true) return 'application-missing'
      if (!works(appId)) return 'application-disabled'
      const legacy = appId === voicemail && needsSkypeForBusiness && !works(principals.skypeForBusinessOnline)
      return legacy ? 'legacy-application' : undefined
    },
    keyFault(appId) {
      const keys = applications.get(appId)?.keys ?? []
      if (keys.length === 0) return `No certificate is uploaded for ${appId}.`
      const current = keys.filter((key) => isSame(key.certificate, authCertificate))
      if (current.length === 0) return `No certificate of ${appId} is the current auth certificate.`
      return current.every((key) => endOf(key) <= clock.wall()) ? `The certificate of ${appId} has expired.` : undefined
    },
  }
}

const endOf = (key: ServicePrincipalKey): number =>
  Math.min(key.end ?? Infinity, readCertificate(key.certificate)?.notAfter ?? -Infinity)

function isSame(one: string, other: string): boolean {
  const der = readCertificate(one)?.der
  return der !== undefined && der === readCertificate(other)?.der
}
