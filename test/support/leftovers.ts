import { setImmediate } from 'node:timers/promises'

/** Sockets, servers, timers and workers that keep the process alive, by kind. */
function held(): Map<string, number> {
  const kinds = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) {
    if (kind !== 'Immediate') kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  return kinds
}

/** Asked before a test; the answer, asked after it, names what it left behind once the event loop has had its turns. */
export async function leftovers(): Promise<() => Promise<readonly string[]>> {
  await setImmediate()
  const before = held()
  const more = (): string[] =>
    [...held()].filter(([kind, count]) => count > (before.get(kind) ?? 0)).map(([kind, count]) => `${count} ${kind}`)
  return async () => {
    for (let turn = 0; turn < 500 && more().length > 0; turn++) await setImmediate()
    return more()
  }
}
