import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { HttpResponse } from '../kernel/http.ts'

type Fail = (failure: unknown) => void

/**
 * Writes a response; resolves with the status once all of it is on its way, or once the client has gone. Never rejects: what cannot be
 * written is told to `fail`, and answered 500 where the head has not been sent.
 */
export async function respond(response: ServerResponse, answer: HttpResponse, fail: Fail): Promise<number | undefined> {
  if (!head(response, answer, fail)) {
    response.statusCode = 500
    response.end()
    return 500
  }
  if (answer.body instanceof Uint8Array) response.end(answer.body)
  else await stream(response, answer.body, fail)
  return answer.status
}

function head(response: ServerResponse, { status, headers }: HttpResponse, fail: Fail): boolean {
  try {
    for (const [name, value] of Object.entries(headers))
      response.setHeader(name, typeof value === 'string' ? value : [...value])
    if (!Number.isInteger(status) || status < 200 || status > 599)
      throw new RangeError(`${status} is not a final HTTP status`)
    response.statusCode = status
    return true
  } catch (failure) {
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    fail(failure)
    return false
  }
}

/** Piece by piece as it comes. When the client goes away the iterator is told to return; an async generator does so at its next `yield`. */
async function stream(response: ServerResponse, body: AsyncIterable<string>, fail: Fail): Promise<void> {
  const iterator = body[Symbol.asyncIterator]()
  const gone = new Promise<'gone'>((resolve) => response.once('close', () => resolve('gone')))
  try {
    response.flushHeaders()
    for (;;) {
      const next = await Promise.race([iterator.next(), gone])
      if (next === 'gone') break
      if (next.done === true) {
        response.end()
        return
      }
      if (!response.write(next.value)) await Promise.race([once(response, 'drain').catch(() => undefined), gone])
    }
    iterator.return?.().catch(fail)
  } catch (failure) {
    fail(failure)
    response.destroy()
  }
}
