import type { Bus } from '../../src/kernel/bus.ts'
import type { Happening, LabEvent } from '../../src/lab/events.ts'

type Of<T extends LabEvent['type']> = Extract<Happening, { type: T }>
type Wanted<T extends LabEvent['type']> = (event: Of<T>) => boolean

/** Everything that a bus says, and a way to wait for what it has not said yet. */
export class EventLog {
  readonly events: Happening[] = []
  readonly #waiting = new Set<(event: Happening) => void>()

  constructor(bus: Bus<LabEvent>) {
    bus.subscribe((event) => {
      this.events.push(event)
      for (const look of [...this.#waiting]) look(event)
    })
  }

  of<T extends LabEvent['type']>(type: T, wanted: Wanted<T> = () => true): readonly Of<T>[] {
    return this.events.filter((event): event is Of<T> => event.type === type).filter(wanted)
  }

  /** The first such event, whether it was said already or comes yet. */
  until<T extends LabEvent['type']>(type: T, wanted: Wanted<T> = () => true): Promise<Of<T>> {
    const [known] = this.of(type, wanted)
    if (known !== undefined) return Promise.resolve(known)
    return new Promise((resolve) => {
      const look = (event: Happening): void => {
        if (event.type !== type || !wanted(event as Of<T>)) return
        this.#waiting.delete(look)
        resolve(event as Of<T>)
      }
      this.#waiting.add(look)
    })
  }

  /** SIP messages that a station sent or received, by the beginning of their title and the method of their CSeq. */
  messages(station: string, direction: 'in' | 'out', title: string, method = ''): readonly Of<'sip.message'>[] {
    return this.of('sip.message', (m) => m.station === station && m.direction === direction && isOne(m, title, method))
  }

  /** The first such message, sent or received already or yet to come. */
  message(station: string, direction: 'in' | 'out', title: string, method = ''): Promise<Of<'sip.message'>> {
    return this.until(
      'sip.message',
      (m) => m.station === station && m.direction === direction && isOne(m, title, method),
    )
  }

  /** Media legs opened and not closed. */
  get openMedia(): readonly string[] {
    const closed = new Set(this.of('media.closed').map(({ station, media }) => `${station} ${media}`))
    return this.of('media.opened')
      .map(({ station, media }) => `${station} ${media}`)
      .filter((media) => !closed.has(media))
  }
}

const isOne = ({ title, cseq }: Of<'sip.message'>, start: string, method: string): boolean =>
  title.startsWith(start) && cseq.endsWith(method)
