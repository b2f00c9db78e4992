import type { Happening } from '../lab/events.ts'
import { seconds } from './html-text.ts'

/** What a station said between the messages; `bad` when something was refused or went wrong. */
export interface Note {
  readonly title: string
  readonly bad: boolean
}

const good = (title: string): Note => ({ title, bad: false })
const bad = (title: string): Note => ({ title, bad: true })

/** What is worth a note in a ladder: decisions, refusals, mail, and what a scenario set. */
export function noteOf(e: Happening): Note | undefined {
  switch (e.type) {
    case 'pbx.diverted':
      return good(`diverts ${e.extension}: ${e.reason}`)
    case 'sbc.bridged':
      return good(`media bridged, ${e.codec}${e.srtp ? ', SRTP' : ''}`)
    case 'pbx.refused':
    case 'sbc.refused':
    case 'voicemail.refused':
      return bad(`refuses, ${e.status}: ${e.text}`)
    case 'sip.malformed':
      return bad(`malformed message: ${e.reason}`)
    case 'sip.timeout':
      return bad(`${e.method} timed out`)
    case 'sip.transport-error':
      return bad(`${e.transport} failed: ${e.text}`)
    case 'media.failed':
      return bad(`media: ${e.text}`)
    case 'lab.set':
      return good(`set: ${e.what} ${e.value}`)
    case 'lab.broken':
      return bad(e.text)
    default:
      return tlsNote(e) ?? exchangeNote(e) ?? voicemailNote(e) ?? mailNote(e)
  }
}

function tlsNote(e: Happening): Note | undefined {
  switch (e.type) {
    case 'tls.refused':
      return bad(`refuses TLS: ${[e.reason, e.text].filter(Boolean).join(', ') || 'no reason given'}`)
    case 'tls.refused-by-peer':
      return bad(`refused by peer: ${e.text}`)
    case 'tls.handshake-failed':
      return bad(`TLS handshake failed: ${e.text}`)
    default:
      return undefined
  }
}

function exchangeNote(e: Happening): Note | undefined {
  switch (e.type) {
    case 'oauth.refused':
      return bad(`authorization refused by ${e.by}: ${e.status} ${e.diagnostics}`)
    case 'ews.oof':
      return good(`automatic replies: ${e.active ? 'on' : 'off'}`)
    case 'exchange.oof-set':
      return good(`automatic replies of ${e.mailbox} set: ${e.settings.state}`)
    case 'exchange.authorization-set':
      return good(`authorization set: ${e.setting}${e.application === undefined ? '' : ` (${e.application})`}`)
    case 'exchange.http': {
      // A 401 without diagnostics is the challenge that tells a client the realm: no refusal.
      const challenge = e.status === 401 && e.diagnostics === undefined
      const title = `${e.method} ${e.path} ${e.status}${e.diagnostics === undefined ? '' : `: ${e.diagnostics}`}`
      return e.status < 400 || challenge ? good(title) : bad(title)
    }
    default:
      return undefined
  }
}

function voicemailNote(e: Happening): Note | undefined {
  switch (e.type) {
    case 'voicemail.answered':
      return good(`answers for mailbox ${e.mailbox}`)
    case 'voicemail.greeting':
      return good(`greeting: ${e.choice.kind} (${e.choice.source}), ${e.choice.because}`)
    case 'voicemail.recording':
      return good('tone, then recording')
    case 'voicemail.recorded':
      return good(`recorded ${seconds(e.ms)}, ended by ${e.end}`)
    case 'voicemail.spooled':
      return good(`spooled: ${e.kind}${e.recovered ? ', recovered' : ''}`)
    case 'voicemail.kept':
      return bad(`recording kept for the next start: ${e.text}`)
    default:
      return undefined
  }
}

function mailNote(e: Happening): Note | undefined {
  switch (e.type) {
    case 'mail.attempt':
      return e.outcome === 'accepted'
        ? good(`mail, attempt ${e.attempt}: accepted`)
        : bad(`mail, attempt ${e.attempt}: ${e.outcome}, ${e.text}`)
    case 'mail.undeliverable':
      return bad(`undeliverable: ${e.text}`)
    case 'mail.set-aside':
      return bad(`spool file set aside: ${e.text}`)
    case 'mail.spool-failed':
      return bad(`spool failed: ${e.text}`)
    case 'exchange.mail': {
      if (e.outcome !== 'refused') return good(`mail ${e.outcome} to ${e.mailbox}`)
      const reply = e.reply === undefined ? '' : `: ${e.reply.code} ${e.reply.enhanced} ${e.reply.text}`
      return bad(`mail to ${e.mailbox} refused${reply}`)
    }
    default:
      return undefined
  }
}
