import { formatAddress } from '../kernel/address.ts'
import type { Address } from '../kernel/address.ts'
import type { Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/errors.ts'
import type { DatagramSocket } from '../kernel/network.ts'
import type { Random } from '../kernel/random.ts'
import type { Store } from '../kernel/store.ts'
import { DigitSender } from './digit-sender.ts'
import type { MediaEvent } from './events.ts'
import type { MediaStream, MediaSummary, RecordOrder } from './face.ts'
import { Keyed } from './keyed.ts'
import type { Reply } from './messages.ts'
import { Player } from './player.ts'
import { Receiver } from './receiver.ts'
import type { ReceiverListener } from './receiver.ts'
import { Recorder } from './recorder.ts'
import { Rejections } from './rejections.ts'
import type { RtpPacket } from './rtp.ts'
import { allocate } from './slab.ts'
import { SrtpSender } from './srtp.ts'
import { tickSamples } from './ticker.ts'
import type { Ticking } from './ticker.ts'
import { ToneMeter } from './tone-meter.ts'
import { Transmitter } from './transmitter.ts'

/** Packets kept that come before the answer has been read: half a second. */
const maxEarly = 25
/** Ticks of sound that can wait to be played out: the room of the jitter buffer, about a second. */
const mostHeld = 52
const silence = new Int16Array(tickSamples)

export interface LegPorts {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly reply: Reply
}

/** One socket with all that is sent and received on it. Every method answers by `reply`. */
export class Leg implements Omit<Ticking, 'late'>, ReceiverListener {
  readonly #media: string
  readonly #socket: DatagramSocket
  readonly #ports: LegPorts
  readonly #rejections: Rejections
  readonly #transmitter: Transmitter
  readonly #srtp = new Keyed((key) => new SrtpSender(key))
  readonly #digits = new DigitSender()
  readonly #early: { readonly bytes: Uint8Array; readonly from: Address }[] = []
  #stream: MediaStream | undefined
  #receiver: Receiver | undefined
  #player: Player | undefined
  #recording: { readonly request: number; readonly recorder: Recorder } | undefined
  readonly #recorded = new Set<Promise<void>>()
  #peer: Leg | undefined
  readonly #tones = new ToneMeter()
  #sent = 0

  constructor(media: string, socket: DatagramSocket, ports: LegPorts) {
    this.#media = media
    this.#socket = socket
    this.#ports = ports
    this.#transmitter = new Transmitter(ports.random, (rtp) => this.#send(rtp))
    this.#rejections = new Rejections(ports.clock, (reason, count) =>
      this.#say({ type: 'media.rejected', media, reason, count }),
    )
  }

  connect(stream: MediaStream): void {
    try {
      this.#srtp.use(stream.sendKey)
      if (this.#receiver === undefined) this.#receiver = new Receiver(stream, this)
      else this.#receiver.configure(stream)
    } catch (failure) {
      this.#fail(`not connected: ${messageOf(failure)}`)
      return
    }
    this.#stream = stream
    this.#transmitter.configure(stream)
    this.#listen()
    for (const { bytes, from } of this.#early.splice(0)) this.#receiver.receive(bytes, from)
  }

  receive(bytes: Uint8Array, from: Address): void {
    if (this.#receiver !== undefined) this.#receiver.receive(bytes, from)
    else if (this.#early.length < maxEarly) this.#early.push({ bytes, from })
    else this.#rejections.add('before-connect')
  }

  play(request: number, pcm: Int16Array): void {
    this.stopPlaying()
    const player = new Player(pcm, (complete) => {
      this.#player = undefined
      this.#ports.reply({ type: 'played', media: this.#media, request, complete })
    })
    if (this.#peer === undefined) this.#player = player
    else player.stop()
  }

  stopPlaying(): void {
    this.#player?.stop()
  }

  sendDigits(request: number, digits: string): void {
    this.#digits.add(digits, () => this.#ports.reply({ type: 'digits-sent', media: this.#media, request }))
    if (this.#peer !== undefined) this.#refuseDigits('the leg is bridged')
  }

  record(request: number, order: RecordOrder): void {
    this.#recording?.recorder.end('stopped')
    const failed = (text: string): void => this.#fail(`recording ${order.name}: ${text}`)
    const recorder = new Recorder(order, { store: this.#ports.store, clock: this.#ports.clock, failed })
    this.#recording = { request, recorder }
    this.#listen()
    const told = recorder.finished.then((recorded) => {
      if (this.#recording?.recorder === recorder) this.#recording = undefined
      this.#listen()
      this.#recorded.delete(told)
      this.#say({ type: 'media.recorded', media: this.#media, name: order.name, end: recorded.end, ms: recorded.ms })
      this.#ports.reply({ type: 'recorded', media: this.#media, request, recorded })
    })
    this.#recorded.add(told)
  }

  stopRecording(request: number): void {
    if (this.#recording?.request === request) this.#endRecording('stopped')
  }

  /** What came before the end and waits to be played out belongs to the recording. */
  #endRecording(end: 'stopped' | 'closed'): void {
    this.#drain()
    this.#recording?.recorder.end(end)
  }

  #drain(): void {
    const playout = this.#receiver?.playout
    const recorder = this.#recording?.recorder
    if (playout === undefined || recorder === undefined) return
    for (let ticks = 0; ticks < mostHeld && playout.buffer.ahead > 0 && !recorder.over; ticks++) {
      recorder.push(playout.frame(this.#stream?.codec ?? 'PCMU'))
    }
  }

  bridge(other: Leg): void {
    if (other === this) return
    this.#join(other)
    other.#join(this)
  }

  tick(): void {
    this.#rejections.flush()
    if (this.#stream !== undefined && this.#peer === undefined) this.#transmit(this.#stream)
    const playout = this.#receiver?.playout
    if (this.#recording === undefined) playout?.pass()
    else this.#hear(playout?.frame(this.#stream?.codec ?? 'PCMU') ?? silence)
  }

  #hear(frame: Int16Array): void {
    this.#recording?.recorder.push(frame)
    const tone = this.#tones.push(frame)
    if (tone !== undefined) this.#ports.reply({ type: 'tone', media: this.#media, ...tone })
  }

  skip(ticks: number): void {
    this.#transmitter.skip(ticks)
    this.#player?.skip(ticks)
    for (let i = 0; i < ticks; i++) {
      this.#receiver?.playout.pass()
      this.#recording?.recorder.push(silence)
    }
  }

  /** Ends what goes on, waits for the disk, closes the socket. */
  async close(): Promise<void> {
    this.#part()
    this.stopPlaying()
    this.#digits.stop()
    this.#endRecording('closed')
    await Promise.all(this.#recorded)
    await this.#socket.close().catch((failure: unknown) => this.#fail(`closing: ${messageOf(failure)}`))
    this.#rejections.flush(true)
    const summary = this.#summary()
    this.#say({ type: 'media.closed', media: this.#media, ...summary })
    this.#ports.reply({ type: 'closed', media: this.#media, summary })
  }

  rejected(reason: Parameters<ReceiverListener['rejected']>[0]): void {
    this.#rejections.add(reason)
  }

  latched(source: Address): void {
    this.#say({ type: 'media.latched', media: this.#media, address: formatAddress(source) })
  }

  digit(digit: string): void {
    this.#say({ type: 'media.digit', media: this.#media, digit })
    this.#ports.reply({ type: 'digit', media: this.#media, digit })
    if (this.#recording?.recorder.stopsAt(digit) === true) {
      this.#drain()
      this.#recording.recorder.end('digit')
    }
  }

  relay(rtp: Uint8Array, packet: RtpPacket): void {
    const peer = this.#peer
    const from = this.#stream
    if (from === undefined || peer === undefined) return
    if (peer.#stream === undefined) this.#rejections.add('bridge-not-connected')
    else peer.#send(withPayloadType(rtp, packet, translated(packet.payloadType, from, peer.#stream)))
  }

  #transmit(stream: MediaStream): void {
    const step = this.#digits.next()
    if (step === undefined) this.#transmitter.audio(this.#player?.next())
    else if (step === 'pause') this.#transmitter.audio()
    else if (stream.telephoneEvent !== undefined) this.#transmitter.digit(step)
    else this.#refuseDigits('no telephone-event agreed')
  }

  #refuseDigits(why: string): void {
    this.#fail(`digits not sent: ${why}`)
    this.#digits.stop()
  }

  #send(rtp: Uint8Array): void {
    const target = this.#receiver?.target
    if (target === undefined) return
    this.#sent++
    this.#socket.send(this.#srtp.context?.protect(rtp) ?? rtp, target)
  }

  #join(other: Leg): void {
    if (this.#peer !== other) this.#part()
    this.#peer = other
    this.stopPlaying()
    this.#digits.stop()
    this.#listen()
  }

  #part(): void {
    const peer = this.#peer
    this.#peer = undefined
    this.#listen()
    if (peer !== undefined && peer.#peer === this) peer.#part()
  }

  #listen(): void {
    if (this.#receiver === undefined) return
    this.#receiver.relaying = this.#peer !== undefined
    this.#receiver.listening = this.#recording !== undefined
  }

  #summary(): MediaSummary {
    const { received, lost } = this.#receiver ?? { received: 0, lost: 0 }
    return { sent: this.#sent, received, lost, rejected: this.#rejections.total }
  }

  #fail(text: string): void {
    this.#say({ type: 'media.failed', media: this.#media, text })
  }

  #say(event: MediaEvent): void {
    this.#ports.reply({ type: 'event', event })
  }
}

/** The payload type that means on the other side what `payloadType` means on this one. */
function translated(payloadType: number, from: MediaStream, to: MediaStream): number {
  if (payloadType === from.payloadType) return to.payloadType
  return payloadType === from.telephoneEvent ? (to.telephoneEvent ?? payloadType) : payloadType
}

function withPayloadType(rtp: Uint8Array, packet: RtpPacket, payloadType: number): Uint8Array {
  if (packet.payloadType === payloadType) return rtp
  const copy = allocate(rtp.length)
  copy.set(rtp)
  copy[1] = (packet.marker ? 0x80 : 0) | payloadType
  return copy
}
