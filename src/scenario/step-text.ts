import type { Step } from './schema.ts'

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
      return `the caller says ${step.value}`
    case 'press':
      return `the caller presses ${step.value}`
    case 'wait':
      return `${step.value} ms pass`
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
    case 'no-event':
      return `${step.value.station === undefined ? 'no station says' : `${step.value.station} never says`} ${step.value.type}`
    case 'event':
      return `${step.value.station ?? 'a station'} says ${step.value.type}`
  }
}
