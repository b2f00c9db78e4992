/**
 * The functions of WebCrypto, each held until it is settled: from Node 24 on the end of their work on the thread pool is told to no
 * async hook. `hold` answers what lets go.
 */
export function heldSubtle(hold: () => () => void): Readonly<Record<string, unknown>> {
  const prototype = Object.getPrototypeOf(crypto.subtle) as object
  const functions = Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(
    ([name, { value }]: [string, PropertyDescriptor]): [string, unknown][] =>
      name === 'constructor' || typeof value !== 'function' ? [] : [[name, held(value as Call, hold)]],
  )
  return Object.fromEntries(functions)
}

type Call = (...args: unknown[]) => Promise<unknown>

function held(call: Call, hold: () => () => void): Call {
  return function (this: unknown, ...args) {
    const result = Reflect.apply(call, this, args)
    const letGo = hold()
    result.then(letGo, letGo)
    return result
  }
}
