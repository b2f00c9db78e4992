/** Which greeting plays, as Cloud Voicemail decides it: facts 3.1. Two pure functions. */

/** The settings of facts 3.1 that decide; the names are Microsoft's, without `Oof` and `Enabled` around them. */
export interface GreetingSettings {
  /** VoicemailEnabled */
  readonly enabled: boolean
  /** OofGreetingEnabled: always, whatever Outlook says. */
  readonly oofAlways: boolean
  /** OofGreetingFollowAutomaticRepliesEnabled */
  readonly oofFollowsAutomaticReplies: boolean
}

export type GreetingKind = 'standard' | 'oof'

export interface GreetingChoice {
  readonly kind: GreetingKind
  readonly source: 'custom' | 'system'
  /** One clause: why this one. */
  readonly because: string
}

/** What is known of the mailbox's automatic replies: asked over EWS with OAuth. */
export type OofKnowledge =
  { readonly known: true; readonly active: boolean } | { readonly known: false; readonly text: string }

/**
 * Out of office or not. Where the authorization does not work the regular greeting plays, whichever setting asked
 * for the other (facts 3.1, last paragraph).
 */
export function oofActive(settings: GreetingSettings, oof: OofKnowledge): readonly [active: boolean, because: string] {
  if (!settings.oofAlways && !settings.oofFollowsAutomaticReplies) return [false, 'no out-of-office setting is on']
  if (!oof.known) return [false, `the out-of-office state is not known: ${oof.text}`]
  if (settings.oofAlways) return [true, 'OofGreetingEnabled is on']
  return oof.active ? [true, 'automatic replies are on'] : [false, 'automatic replies are off']
}

/** Whether the state has to be asked for at all. */
export const needsOof = (settings: GreetingSettings): boolean =>
  settings.oofAlways || settings.oofFollowsAutomaticReplies

/** What plays when the custom recording could not be fetched: the one fetched last, or the system prompt (facts 3.1: a lab choice). */
export type Fallback = 'cached' | 'system'

/** The source: a custom recording, or the system prompt where there is none or it may not be used. */
export function chooseGreeting(
  settings: GreetingSettings,
  oof: OofKnowledge,
  recorded: { readonly standard: boolean; readonly oof: boolean },
  fallback: Fallback,
): GreetingChoice {
  const [active, because] = oofActive(settings, oof)
  const kind: GreetingKind = active ? 'oof' : 'standard'
  const fetched = oof.known || !needsOof(settings) || fallback === 'cached'
  return { kind, source: recorded[kind] && fetched ? 'custom' : 'system', because }
}
