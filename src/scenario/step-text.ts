import type { Step } from './schema.ts'

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const

/** A duration in the largest unit that leaves no fraction, as in `4 d` or `1500 ms`. */
export function durationText(ms: number): string {
  const [unit, length] = units.find(([, size]) => ms >= size && ms % size === 0) ?? ['ms', 1]
  return `${ms / length} ${unit}`
}

/** A step in one line, as a person would say it. */
export function stepText(step: Step): string {
  switch (step.verb) {
    case 'call':
      return `${step.value.name ?? step.value.from} calls ${step.value.to}`
    case 'refused':
      return `the call is refused with ${step.value}`
    case 'tone':
      return 'the tone is heard'
    case 'say':
      return typeof step.value === 'string'
        ? `the caller says ${step.value}`
        : `the caller says the first ${durationText(step.value.for)} of ${step.value.sound}`
    case 'press':
      return `the caller presses ${step.value}`
    case 'wait':
      return `${durationText(step.value)} pass`
    case 'until':
      return `it becomes ${step.value}`
    case 'hear':
      return `the caller hears ${step.value}`
    case 'hang-up':
      return 'the caller hangs up'
    case 'ended':
      return 'the other side ends the call'
    case 'mail':
      return `a ${step.value.kind} mail arrives for ${step.value.to}`
    case 'no-mail':
      return `no ${step.value.kind ?? ''} mail arrives for ${step.value.to}`.replace('  ', ' ')
    case 'no-more-mail':
      return `no more ${step.value.kind ?? ''} mail arrives for ${step.value.to}`.replace('  ', ' ')
    case 'kill':
      return `${step.value.role} is killed${step.value.power ? ', its power lost' : ''}`
    case 'start':
      return `${step.value} starts`
    case 'no-event':
      return `${step.value.station === undefined ? 'no station says' : `${step.value.station} never says`} ${step.value.type}`
    case 'event':
      return `${step.value.station ?? 'a station'} says ${step.value.type}`
  }
}
