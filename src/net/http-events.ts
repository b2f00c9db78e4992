import type { Address } from '../kernel/address.ts'

/** One HTTP exchange. The query is left out of paths: it may hold secrets. */
export type HttpEvent =
  | {
      readonly type: 'http.exchange'
      readonly side: 'server' | 'client'
      readonly remote: Address
      readonly method: string
      readonly path: string
      readonly status: number
      /** From the request's arrival, or its sending, to the response's head, in ms. */
      readonly ms: number
    }
  /** A request that could not be read, or a handler or a body that failed. */
  | {
      readonly type: 'http.failed'
      readonly side: 'server'
      readonly remote: Address
      readonly method?: string
      readonly path?: string
      readonly text: string
    }
