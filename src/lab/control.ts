import { z } from 'zod'
import { messageOf, PosternError, type ErrorCode } from '../kernel/errors.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../kernel/http.ts'
import { readMail } from '../mail/read.ts'
import { expectation } from './expectation.ts'
import type { Lab } from './face.ts'
import { follow } from './follow.ts'
import { automaticReplies } from './schema.ts'

/** The HTTP control face of a running lab: JSON in, JSON out; `GET /` lists what there is. */

const authorization = z.enum([
  'works',
  'application-disabled',
  'application-missing',
  'certificate-expired',
  'certificate-not-uploaded',
  'wrong-audience',
  'sfb-missing',
])
const smtpFault = z.strictObject({
  at: z.enum(['sender', 'recipient', 'message']).default('message'),
  reply: z
    .string()
    .regex(/^[45]\d\d(?: [45]\.\d{1,3}\.\d{1,3})?(?: .*)?$/, 'expected an SMTP reply such as "451 4.3.2 try later"'),
  times: z.int().min(1).default(1),
})

interface Route {
  readonly method: string
  readonly path: RegExp
  readonly text: string
  readonly answer: (lab: Lab, match: readonly string[], request: HttpRequest) => Promise<HttpResponse> | HttpResponse
}

const routes: readonly Route[] = [
  {
    method: 'GET',
    path: /^\/$/,
    text: 'GET / — this list',
    answer: () => json(200, { routes: routes.map((r) => r.text) }),
  },
  {
    method: 'GET',
    path: /^\/health$/,
    text: 'GET /health — 200 while the lab is up',
    answer: (lab) => json(200, { up: true, roles: lab.roles }),
  },
  {
    method: 'GET',
    path: /^\/mailboxes\/([^/]+)$/,
    text: 'GET /mailboxes/{number or address} — who it is, its automatic replies and its mails',
    answer: async (lab, [, name = '']) => {
      const mails = await lab.mails(name)
      const read = await Promise.all(mails.map(async (m) => ({ id: m.name, ...summary(await readMail(m.message)) })))
      return json(200, { ...lab.exchange.mailbox(name), mails: read })
    },
  },
  {
    method: 'GET',
    path: /^\/mailboxes\/([^/]+)\/mails\/([^/]+)$/,
    text: 'GET /mailboxes/{number or address}/mails/{id} — one mail as message/rfc822',
    answer: async (lab, [, name = '', id = '']) => {
      const mail = (await lab.mails(name)).find((m) => m.name === id)
      if (mail === undefined) return json(404, { error: `no mail ${id} in ${name}` })
      return { status: 200, headers: { 'content-type': 'message/rfc822' }, body: mail.message }
    },
  },
  {
    method: 'PUT',
    path: /^\/mailboxes\/([^/]+)\/automatic-replies$/,
    text: 'PUT /mailboxes/{number or address}/automatic-replies — "off", "on" or {"from": …, "to": …}',
    answer: (lab, [, name = ''], request) => {
      lab.setAutomaticReplies(name, body(request, automaticReplies))
      return json(200, lab.exchange.mailbox(name))
    },
  },
  {
    method: 'GET',
    path: /^\/applications$/,
    text: 'GET /applications — the partner applications of the exchange role',
    answer: (lab) =>
      json(
        200,
        lab.exchange.applications().map(({ keys, ...app }) => ({ ...app, keys: keys.length })),
      ),
  },
  {
    method: 'PATCH',
    path: /^\/applications\/([^/]+)$/,
    text: 'PATCH /applications/{id or name} — {"enabled": true|false, "present": true|false}',
    answer: (lab, [, name = ''], request) => {
      const change = body(request, z.strictObject({ enabled: z.boolean().optional(), present: z.boolean().optional() }))
      const { enabled, present } = change
      lab.exchange.setApplication(name, {
        ...(enabled === undefined ? {} : { enabled }),
        ...(present === undefined ? {} : { present }),
      })
      return json(200, { application: name, ...change })
    },
  },
  {
    method: 'PUT',
    path: /^\/authorization$/,
    text: `PUT /authorization — one of ${authorization.options.map((o) => `"${o}"`).join(', ')}`,
    answer: (lab, _, request) => {
      const state = body(request, authorization)
      lab.setAuthorization(state)
      return json(200, { authorization: state })
    },
  },
  {
    method: 'POST',
    path: /^\/faults\/smtp$/,
    text: 'POST /faults/smtp — {"at": "sender|recipient|message", "reply": "451 4.3.2 later", "times": 2}',
    answer: (lab, _, request) => {
      const fault = body(request, smtpFault)
      lab.injectSmtpFault(fault)
      return json(201, fault)
    },
  },
  {
    method: 'DELETE',
    path: /^\/faults\/smtp$/,
    text: 'DELETE /faults/smtp — no more faults',
    answer: (lab) => {
      lab.exchange.clearFaults()
      return json(200, {})
    },
  },
  {
    method: 'GET',
    path: /^\/events$/,
    text: 'GET /events — server-sent events: everything that happens from now on',
    answer: (lab) => ({
      status: 200,
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
      body: follow(lab),
    }),
  },
]

/** @throws never: what is wrong with a request is its answer. */
export function controlFace(lab: Lab): HttpHandler {
  return async (request) => {
    if (!fromHere(request)) return json(403, { error: 'a page of another site may not drive the lab' })
    const path = request.path.split('?')[0] ?? '/'
    const fitting = routes.filter((r) => r.path.test(path))
    const route = fitting.find((r) => r.method === request.method)
    if (fitting.length === 0) return json(404, { error: `nothing is at ${path}; GET / lists what there is` })
    if (route === undefined)
      return json(
        405,
        { error: `${request.method} does not go with ${path}` },
        { allow: fitting.map((r) => r.method).join(', ') },
      )
    try {
      const match = (route.path.exec(path) ?? []).map(unescape)
      return await route.answer(lab, match, request)
    } catch (thrown) {
      const code = thrown instanceof PosternError ? thrown.code : 'lab-broken'
      return json(statuses[code] ?? 500, { error: messageOf(thrown), code })
    }
  }
}

const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  'request-invalid': 400,
  'mailbox-unknown': 404,
  'application-unknown': 404,
}

/** A browser says where a page came from; only pages of this address may drive the lab. */
function fromHere({ headers }: HttpRequest): boolean {
  const { origin, host } = headers
  return origin === undefined || (origin === `http://${host ?? ''}` && literal.test(host ?? ''))
}

/** An address or localhost: a name could have been pointed here by the page that asks (DNS rebinding). */
const literal = /^(?:localhost|[\d.]+|\[[\da-f:]+\])(?::\d+)?$/i

/** One piece of a path: clients escape the `@` of an address, and the `+` of a number. @throws PosternError request-invalid */
function unescape(piece: string): string {
  try {
    return decodeURIComponent(piece)
  } catch {
    throw invalid(`"${piece}" is not escaped as a URL should be`)
  }
}

/** @throws PosternError request-invalid */
function body<S extends z.ZodType>(request: HttpRequest, schema: S): z.infer<S> {
  const checked = schema.safeParse(parsed(request.body), { error: expectation })
  if (checked.success) return checked.data
  throw invalid(checked.error.issues.map((i) => `${i.path.map(String).join('.')} ${i.message}`.trim()).join('; '))
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (thrown) {
    throw invalid(`the body is not JSON: ${messageOf(thrown)}`)
  }
}

const invalid = (text: string): PosternError => new PosternError('request-invalid', text)

function json(status: number, value: unknown, headers: Record<string, string> = {}): HttpResponse {
  const text = `${JSON.stringify(value, null, 2)}\n`
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: Buffer.from(text) }
}

function summary(mail: Awaited<ReturnType<typeof readMail>>): Record<string, unknown> {
  const { kind, subject, from, date, messageId, caller, callerName, callId, durationSeconds } = mail
  return { kind, subject, from, date, messageId, caller, callerName, callId, durationSeconds }
}
