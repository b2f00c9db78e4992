import { described } from './description.ts'
import { listening, type Listening } from './listening.ts'
import type { Overlap } from './overlap.ts'
import { hopMs } from './spectrum.ts'

/** A recording that may be heard: PCM16 mono at 8 kHz. It is described once, so its samples must not change. */
export interface Reference {
  readonly name: string
  readonly pcm: Int16Array
}

/** A reference found in what was heard; times in ms from its start. */
export interface HeardReference {
  readonly name: string
  /** 0..1: how well it agrees where it is heard, less what contradicts it. */
  readonly confidence: number
  readonly fromMs: number
  readonly toMs: number
  /** Share of the reference's speech that was heard, 0..1: low when it was cut off. */
  readonly coverage: number
}

export interface Recognition {
  /** Absent when no reference is convincing, or two are equally so: what was heard stands in both. */
  readonly best?: HeardReference
  /** Every reference, the likeliest first. */
  readonly all: readonly { readonly name: string; readonly confidence: number }[]
}

interface Span {
  readonly fromMs: number
  readonly toMs: number
}

interface Candidate extends HeardReference {
  readonly matchedMs: number
  /** Where the whole reference lies, heard or not. */
  readonly laid: Span
}

const convincing = 0.7
/** Confidences this close do not decide: the reference of which more is heard does. */
const tie = 0.05
const enoughMs = 1000

/** What can be told of one sound. */
export interface Heard {
  /** Every reference heard, in order of time. What fits two references equally well is left out. */
  readonly transcript: readonly HeardReference[]
  readonly recognition: Recognition
}

/**
 * Which of `references` is heard: the one, or the strongest when there are several. PCM16 mono at 8 kHz.
 * The set is closed: of a greeting cut off early, its twin may be recognised when it is not itself among the references.
 * Two names for one recording can never be told apart, so neither is best.
 */
export function recognise(heard: Int16Array, references: readonly Reference[]): Recognition {
  return recognition(candidates(listening(heard), references))
}

/** Every reference heard, in order of time. What fits two references equally well is left out. */
export function transcript(heard: Int16Array, references: readonly Reference[]): readonly HeardReference[] {
  return listen(heard, references).transcript
}

/** `transcript` and `recognise` at once. */
export function listen(heard: Int16Array, references: readonly Reference[]): Heard {
  const ear = listening(heard)
  const first = candidates(ear, references)
  return { recognition: recognition(first), transcript: takeApart(ear, references, first) }
}

function recognition(candidates: readonly Candidate[]): Recognition {
  const ranked = rank(candidates)
  const all = ranked.map(({ name, confidence }) => ({ name, confidence }))
  const best = decided(ranked)
  return best === undefined ? { all } : { best, all }
}

/** Takes the likeliest reference out of what is heard, and looks again for those that lay over it, until none is convincing. */
function takeApart(
  ear: Listening,
  references: readonly Reference[],
  first: readonly Candidate[],
): readonly HeardReference[] {
  const found: HeardReference[] = []
  let open = first
  for (;;) {
    const ranked = rank(open)
    const taken = ranked[0]
    if (taken === undefined || taken.confidence < convincing) break
    const best = decided(ranked)
    if (best !== undefined) found.push(best)
    ear.silence(Math.floor(taken.fromMs / hopMs) - 1, Math.ceil(taken.toMs / hopMs))
    const stale = new Set(open.filter((other) => shared(taken, other.laid) > 0).map((other) => other.name))
    const again = candidates(
      ear,
      references.filter(({ name }) => stale.has(name)),
    )
    open = [...open.filter((other) => !stale.has(other.name)), ...again]
  }
  return found.sort((a, b) => a.fromMs - b.fromMs)
}

function candidates(ear: Listening, references: readonly Reference[]): Candidate[] {
  return references.map(({ name, pcm }) => {
    const reference = described(pcm)
    const found = ear.overlaps(reference).map((each) => candidate(name, reference.sound.frames, each))
    return rank(found)[0] ?? unheard(name)
  })
}

/** What sounds otherwise counts double against a reference, what is silent a tenth: a greeting may be cut off. */
function candidate(name: string, frames: number, found: Overlap): Candidate {
  const { lag, matched, contradicted, missing, similarity, fromMs, toMs } = found
  const sounding = matched + contradicted + missing
  const agreement = matched / Math.max(1, matched + 2 * contradicted + missing / 10)
  const matchedMs = matched * hopMs
  const length = Math.min(1, matchedMs / Math.max(1, Math.min(enoughMs, 0.8 * sounding * hopMs)))
  return {
    name,
    confidence: similarity * agreement * length,
    fromMs,
    toMs,
    coverage: matched / Math.max(1, sounding),
    matchedMs,
    laid: { fromMs: lag * hopMs, toMs: (lag + frames) * hopMs },
  }
}

function unheard(name: string): Candidate {
  const nowhere = { fromMs: 0, toMs: 0 }
  return { name, confidence: 0, ...nowhere, coverage: 0, matchedMs: 0, laid: nowhere }
}

function rank(list: readonly Candidate[]): readonly Candidate[] {
  const sorted = [...list].sort((a, b) => b.confidence - a.confidence)
  const contenders = sorted.filter(
    ({ confidence }) => confidence > 0 && confidence >= (sorted[0]?.confidence ?? 0) - tie,
  )
  return [...contenders.sort((a, b) => b.matchedMs - a.matchedMs), ...sorted.slice(contenders.length)]
}

function decided([first, ...others]: readonly Candidate[]): HeardReference | undefined {
  if (first === undefined || first.confidence < convincing) return undefined
  if (others.some((other) => equallyGood(first, other))) return undefined
  const { name, confidence, fromMs, toMs, coverage } = first
  return { name, confidence, fromMs, toMs, coverage }
}

function equallyGood(first: Candidate, other: Candidate): boolean {
  const close = other.confidence >= first.confidence - tie && other.matchedMs >= 0.97 * first.matchedMs
  return close && shared(first, other) >= 0.9 * (first.toMs - first.fromMs)
}

/** ms that two spans have in common. */
const shared = (a: Span, b: Span): number => Math.max(0, Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs))
