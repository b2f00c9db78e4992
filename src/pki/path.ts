import { type Certificate, same } from './certificate.ts'

/** A leaf, the authorities above it, and an anchor last; a leaf that is itself an anchor stands alone. */
export type Path = readonly [leaf: Certificate, ...above: Certificate[]]

export interface Search {
  readonly paths: readonly Path[]
  /** The longest that ended in no anchor. */
  readonly deadEnd: Path
}

/** A hostile peer may send authorities that all claim to have issued one another. */
const limits = { length: 8, steps: 100 } as const

/** Every path by names, key identifiers and CA flags (RFC 5280 §6.1, RFC 4158); signatures and dates are not looked at. */
export function findPaths(leaf: Certificate, others: readonly Certificate[], anchors: readonly Certificate[]): Search {
  const paths: Path[] = []
  let deadEnd: Path = [leaf]
  let steps = 0

  const climb = (path: Path): void => {
    if (++steps > limits.steps) return
    const top = path.at(-1) ?? leaf
    if (anchors.some((anchor) => same(anchor, top))) {
      paths.push(path)
      return
    }
    if (path.length > deadEnd.length) deadEnd = path
    if (path.length === limits.length) return
    for (const issuer of [...anchors, ...others]) {
      if (mayIssue(issuer, path) && !path.some((one) => same(one, issuer))) climb([...path, issuer])
    }
  }

  climb([leaf])
  return { paths, deadEnd }
}

function mayIssue(issuer: Certificate, path: Path): boolean {
  const [leaf] = path
  const between = path.length - 1
  const { pathLength = between } = issuer
  return issuer.x509.ca && between <= pathLength && (path.at(-1) ?? leaf).x509.checkIssued(issuer.x509)
}
