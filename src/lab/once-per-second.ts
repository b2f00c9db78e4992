import type { Clock } from '../kernel/clock.ts'

/** Lets each text through at most once a second; what comes in between is left out. */
export function oncePerSecond(clock: Clock, say: (text: string) => void): (text: string) => void {
  const said = new Map<string, number>()
  return (text) => {
    const now = clock.now()
    for (const [old, at] of said) if (now - at >= 1000) said.delete(old)
    if (said.has(text)) return
    said.set(text, now)
    say(text)
  }
}
